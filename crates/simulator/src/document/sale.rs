//! Sales documents.

use catwing_domain::BusinessDay;
use serde::Serialize;

use crate::{
    amount::{Cents, Micros},
    calendar::Moment,
    market::Currency,
    masters::{Masters, customer_code},
    stock::Flow,
};

/// A sale, a return or a write-off that is booked as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SaleKind {
    Sale,
    Return,
    Adjustment,
}

/// A sales document.
#[derive(Clone, Debug)]
pub(crate) struct Sale {
    pub external_id: String,
    pub kind: SaleKind,
    pub order_date: BusinessDay,
    pub location: u16,
    pub channel: &'static str,
    pub status: &'static str,
    pub currency: Currency,
    pub customer: Option<u32>,
    pub requested_date: Option<BusinessDay>,
    pub shipped_date: Option<BusinessDay>,
    pub freight: Option<Cents>,
    /// Later times are greater.
    pub updated_at: Moment,
    /// Whether its lines say their numbers; else they are counted as they stand.
    pub is_numbered: bool,
    pub lines: Vec<SaleLine>,
}

/// A line.
#[derive(Clone, Debug)]
pub(crate) struct SaleLine {
    pub product: u32,
    pub qty: i64,
    pub price: Cents,
    pub discount: Discount,
    pub updates: Vec<Update>,
}

/// What is taken off a line's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Discount {
    None,
    Percent(i64),
    Value(Cents),
}

/// A later change of a line: goods that came back.
#[derive(Clone, Debug)]
pub(crate) struct Update {
    pub date: BusinessDay,
    pub qty_delta: i64,
    pub value_delta: Cents,
}

#[derive(Serialize)]
struct CustomerRecord<'a> {
    external_id: String,
    name: &'a str,
}

#[derive(Serialize)]
struct ProductRecord<'a> {
    external_id: &'a str,
    name: &'static str,
    kind: &'static str,
}

#[derive(Serialize)]
struct UpdateRecord {
    r#type: &'static str,
    date: BusinessDay,
    qty_delta: i64,
    value_delta: Cents,
}

#[derive(Serialize)]
struct LineRecord<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    line_no: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_external_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product: Option<ProductRecord<'a>>,
    qty: i64,
    unit_price: Cents,
    #[serde(skip_serializing_if = "Option::is_none")]
    discount_value: Option<Cents>,
    #[serde(skip_serializing_if = "Option::is_none")]
    discount_rate: Option<Micros>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    updates: Vec<UpdateRecord>,
}

#[derive(Serialize)]
pub(crate) struct SaleRecord<'a> {
    external_id: &'a str,
    r#type: SaleKind,
    order_date: BusinessDay,
    location_external_id: &'a str,
    channel: &'static str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<CustomerRecord<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    requested_date: Option<BusinessDay>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shipped_date: Option<BusinessDay>,
    #[serde(skip_serializing_if = "Option::is_none")]
    freight_value: Option<Cents>,
    updated_at: Moment,
    lines: Vec<LineRecord<'a>>,
}

impl SaleKind {
    /// The word in records and totals.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Sale => "sale",
            Self::Return => "return",
            Self::Adjustment => "adjustment",
        }
    }
}

impl SaleLine {
    /// Quantity times price less discount, in the four decimals of money.
    pub(crate) fn value_units(&self) -> i64 {
        let gross = self.qty * self.price.0;
        match self.discount {
            Discount::None => gross * 100,
            Discount::Percent(percent) => gross * (100 - percent),
            Discount::Value(value) => (gross - value.0) * 100,
        }
    }

    fn record<'a>(&'a self, number: Option<u32>, masters: &'a Masters) -> LineRecord<'a> {
        let code = masters.product_code(self.product);
        let is_service = self.product == masters.shipping();
        let update = |update: &Update| UpdateRecord {
            r#type: "return",
            date: update.date,
            qty_delta: update.qty_delta,
            value_delta: update.value_delta,
        };
        LineRecord {
            line_no: number,
            product_external_id: (!is_service).then_some(code),
            product: is_service.then_some(ProductRecord {
                external_id: code,
                name: "Shipping",
                kind: "service",
            }),
            qty: self.qty,
            unit_price: self.price,
            discount_value: match self.discount {
                Discount::Value(value) => Some(value),
                _ => None,
            },
            discount_rate: match self.discount {
                Discount::Percent(percent) => Some(Micros(percent * 10_000)),
                _ => None,
            },
            updates: self.updates.iter().map(update).collect(),
        }
    }
}

impl Sale {
    pub(crate) fn is_cancelled(&self) -> bool {
        self.status == "cancelled"
    }

    /// What the document does to the stock. A write-off has a negative quantity and takes goods away.
    pub(crate) fn flows(&self, masters: &Masters) -> Vec<Flow> {
        if self.is_cancelled() {
            return Vec::new();
        }
        let goods = |line: &&SaleLine| line.product != masters.shipping();
        let flow = |line: &SaleLine| {
            let sold: i64 = line.qty + line.updates.iter().map(|one| one.qty_delta).sum::<i64>();
            let is_write_off = self.kind == SaleKind::Adjustment;
            Flow {
                location: self.location,
                product: line.product,
                qty: if is_write_off { sold } else { -sold },
            }
        };
        self.lines.iter().filter(goods).map(flow).collect()
    }

    /// The canonical record.
    pub(crate) fn record<'a>(&'a self, masters: &'a Masters, base: &'a str) -> SaleRecord<'a> {
        let line = |(number, line): (u32, &'a SaleLine)| {
            line.record(self.is_numbered.then_some(number), masters)
        };
        let customer = |customer: u32| CustomerRecord {
            external_id: customer_code(customer),
            name: masters.customer_name(customer),
        };
        SaleRecord {
            external_id: &self.external_id,
            r#type: self.kind,
            order_date: self.order_date,
            location_external_id: masters.location_code(self.location),
            channel: self.channel,
            status: self.status,
            currency: Some(self.currency.code(base)).filter(|_| self.is_numbered),
            customer: self.customer.map(customer),
            requested_date: self.requested_date,
            shipped_date: self.shipped_date,
            freight_value: self.freight,
            updated_at: self.updated_at,
            lines: (1..).zip(&self.lines).map(line).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Discount, SaleLine};
    use crate::amount::Cents;

    #[test]
    fn a_line_is_worth_quantity_times_price_less_discount() {
        let mut line = SaleLine {
            product: 0,
            qty: 3,
            price: Cents(1_999),
            discount: Discount::Percent(10),
            updates: Vec::new(),
        };
        // 3 x 19.99 x 0.9 = 53.973
        assert_eq!(line.value_units(), 539_730);
        line.discount = Discount::Value(Cents(97));
        assert_eq!(line.value_units(), 590_000);
    }
}
