//! Receipts of goods.

use catwing_domain::BusinessDay;
use serde::Serialize;

use crate::{calendar::Moment, masters::Masters};

/// A receipt.
#[derive(Clone, Debug)]
pub(crate) struct Receipt {
    pub external_id: String,
    /// The number of its purchase order; samples have none.
    pub purchase: Option<String>,
    pub location: u16,
    pub received_date: BusinessDay,
    pub is_cancelled: bool,
    pub updated_at: Moment,
    pub lines: Vec<ReceiptLine>,
}

/// A line.
#[derive(Clone, Debug)]
pub(crate) struct ReceiptLine {
    /// The number of the order's line; where it is missing, the product tells.
    pub purchase_line_no: Option<u32>,
    pub product: u32,
    /// Pieces that were put into stock.
    pub qty: i64,
    /// Pieces that were sent back, beside those.
    pub rejected: i64,
}

#[derive(Serialize)]
struct LineRecord<'a> {
    line_no: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    purchase_order_line_no: Option<u32>,
    product_external_id: &'a str,
    qty_received: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    qty_rejected: Option<i64>,
}

#[derive(Serialize)]
pub(crate) struct ReceiptRecord<'a> {
    external_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    purchase_order_external_id: Option<&'a str>,
    location_external_id: &'a str,
    received_date: BusinessDay,
    status: &'static str,
    updated_at: Moment,
    lines: Vec<LineRecord<'a>>,
}

impl Receipt {
    /// The canonical record.
    pub(crate) fn record<'a>(&'a self, masters: &'a Masters) -> ReceiptRecord<'a> {
        let line = |(line_no, line): (u32, &'a ReceiptLine)| LineRecord {
            line_no,
            purchase_order_line_no: line.purchase_line_no,
            product_external_id: masters.product_code(line.product),
            qty_received: line.qty,
            qty_rejected: Some(line.rejected).filter(|rejected| *rejected > 0),
        };
        ReceiptRecord {
            external_id: &self.external_id,
            purchase_order_external_id: self.purchase.as_deref(),
            location_external_id: masters.location_code(self.location),
            received_date: self.received_date,
            status: if self.is_cancelled {
                "cancelled"
            } else {
                "posted"
            },
            updated_at: self.updated_at,
            lines: (1..).zip(&self.lines).map(line).collect(),
        }
    }
}
