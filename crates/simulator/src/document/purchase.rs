//! Purchase orders.

use catwing_domain::BusinessDay;
use serde::Serialize;

use crate::{amount::Cents, calendar::Moment, market::Currency, masters::Masters};

/// How far a purchase order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PurchaseStatus {
    Draft,
    Sent,
    #[serde(rename = "partially received")]
    PartiallyReceived,
    Received,
    Cancelled,
}

/// A purchase order.
#[derive(Clone, Debug)]
pub(crate) struct Purchase {
    pub external_id: String,
    pub supplier: u32,
    pub location: u16,
    pub order_date: BusinessDay,
    pub expected_date: Option<BusinessDay>,
    pub status: PurchaseStatus,
    pub currency: Currency,
    /// The end that the buyer declared; only of received ones.
    pub closed_date: Option<BusinessDay>,
    pub updated_at: Moment,
    pub lines: Vec<PurchaseLine>,
}

/// A line.
#[derive(Clone, Debug)]
pub(crate) struct PurchaseLine {
    pub product: u32,
    pub qty: i64,
    pub unit_cost: Cents,
    pub expected_date: Option<BusinessDay>,
    /// Pieces that the supplier has still to send.
    pub to_come: i64,
    /// Pieces received, as the receipts' lines tell it.
    pub received: i64,
}

#[derive(Serialize)]
struct LineRecord<'a> {
    line_no: u32,
    external_id: String,
    product_external_id: &'a str,
    qty: i64,
    unit_cost: Cents,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_date: Option<BusinessDay>,
}

#[derive(Serialize)]
pub(crate) struct PurchaseRecord<'a> {
    external_id: &'a str,
    supplier_external_id: &'a str,
    location_external_id: &'a str,
    order_date: BusinessDay,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_date: Option<BusinessDay>,
    status: PurchaseStatus,
    currency: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_date: Option<BusinessDay>,
    updated_at: Moment,
    lines: Vec<LineRecord<'a>>,
}

impl Purchase {
    /// Whether more of it may come.
    pub(crate) fn is_open(&self) -> bool {
        matches!(
            self.status,
            PurchaseStatus::Sent | PurchaseStatus::PartiallyReceived
        )
    }

    /// The canonical record.
    pub(crate) fn record<'a>(&'a self, masters: &'a Masters, base: &'a str) -> PurchaseRecord<'a> {
        let line = |(line_no, line): (u32, &'a PurchaseLine)| LineRecord {
            line_no,
            external_id: format!("{}-{line_no}", self.external_id),
            product_external_id: masters.product_code(line.product),
            qty: line.qty,
            unit_cost: line.unit_cost,
            expected_date: line.expected_date,
        };
        PurchaseRecord {
            external_id: &self.external_id,
            supplier_external_id: masters.supplier_code(self.supplier),
            location_external_id: masters.location_code(self.location),
            order_date: self.order_date,
            expected_date: self.expected_date,
            status: self.status,
            currency: self.currency.code(base),
            closed_date: self.closed_date,
            updated_at: self.updated_at,
            lines: (1..).zip(&self.lines).map(line).collect(),
        }
    }
}
