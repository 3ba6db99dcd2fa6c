//! Goods on their way between locations.

use catwing_domain::BusinessDay;
use serde::Serialize;

use crate::{calendar::Moment, masters::Masters};

/// A transfer.
#[derive(Clone, Debug)]
pub(crate) struct Transfer {
    pub external_id: String,
    /// The store's request that it answers, where there is one.
    pub store_order: Option<String>,
    pub from: u16,
    pub to: u16,
    pub ship_date: BusinessDay,
    pub received_date: Option<BusinessDay>,
    pub updated_at: Moment,
    pub lines: Vec<TransferLine>,
}

/// A line.
#[derive(Clone, Debug)]
pub(crate) struct TransferLine {
    pub product: u32,
    pub shipped: i64,
    /// Unknown while it is on its way.
    pub received: Option<i64>,
}

#[derive(Serialize)]
struct LineRecord<'a> {
    line_no: u32,
    product_external_id: &'a str,
    qty_shipped: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    qty_received: Option<i64>,
}

#[derive(Serialize)]
pub(crate) struct TransferRecord<'a> {
    external_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    store_order_external_id: Option<&'a str>,
    from_location_external_id: &'a str,
    to_location_external_id: &'a str,
    ship_date: BusinessDay,
    #[serde(skip_serializing_if = "Option::is_none")]
    received_date: Option<BusinessDay>,
    status: &'static str,
    updated_at: Moment,
    lines: Vec<LineRecord<'a>>,
}

impl Transfer {
    /// The canonical record.
    pub(crate) fn record<'a>(&'a self, masters: &'a Masters) -> TransferRecord<'a> {
        let line = |(line_no, line): (u32, &'a TransferLine)| LineRecord {
            line_no,
            product_external_id: masters.product_code(line.product),
            qty_shipped: line.shipped,
            qty_received: line.received,
        };
        TransferRecord {
            external_id: &self.external_id,
            store_order_external_id: self.store_order.as_deref(),
            from_location_external_id: masters.location_code(self.from),
            to_location_external_id: masters.location_code(self.to),
            ship_date: self.ship_date,
            received_date: self.received_date,
            status: match self.received_date {
                Some(_) => "received",
                None => "in transit",
            },
            updated_at: self.updated_at,
            lines: (1..).zip(&self.lines).map(line).collect(),
        }
    }
}
