//! Requests of stores to their source.

use catwing_domain::BusinessDay;
use serde::Serialize;

use crate::{calendar::Moment, masters::Masters};

/// A store's request.
#[derive(Clone, Debug)]
pub(crate) struct StoreOrder {
    pub external_id: String,
    pub store: u16,
    pub source: u16,
    pub order_date: BusinessDay,
    pub requested_date: Option<BusinessDay>,
    /// `open`, `fulfilled` or `cancelled`.
    pub status: &'static str,
    pub updated_at: Moment,
    pub lines: Vec<StoreOrderLine>,
}

/// A line.
#[derive(Clone, Debug)]
pub(crate) struct StoreOrderLine {
    pub product: u32,
    pub qty: i64,
    /// Pieces that the source has set aside for it.
    pub reserved: i64,
    /// Pieces that were sent; unknown while it is open.
    pub fulfilled: Option<i64>,
}

#[derive(Serialize)]
struct LineRecord<'a> {
    line_no: u32,
    product_external_id: &'a str,
    qty: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    qty_fulfilled: Option<i64>,
}

#[derive(Serialize)]
pub(crate) struct StoreOrderRecord<'a> {
    external_id: &'a str,
    location_external_id: &'a str,
    source_location_external_id: &'a str,
    order_date: BusinessDay,
    #[serde(skip_serializing_if = "Option::is_none")]
    requested_date: Option<BusinessDay>,
    status: &'static str,
    updated_at: Moment,
    lines: Vec<LineRecord<'a>>,
}

impl StoreOrder {
    /// The canonical record.
    pub(crate) fn record<'a>(&'a self, masters: &'a Masters) -> StoreOrderRecord<'a> {
        let line = |(line_no, line): (u32, &'a StoreOrderLine)| LineRecord {
            line_no,
            product_external_id: masters.product_code(line.product),
            qty: line.qty,
            qty_fulfilled: line.fulfilled,
        };
        StoreOrderRecord {
            external_id: &self.external_id,
            location_external_id: masters.location_code(self.store),
            source_location_external_id: masters.location_code(self.source),
            order_date: self.order_date,
            requested_date: self.requested_date,
            status: self.status,
            updated_at: self.updated_at,
            lines: (1..).zip(&self.lines).map(line).collect(),
        }
    }
}
