//! Wrong records, as real sources send them.

use serde_json::{Value, json};

use crate::document::Document;

/// How a record is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dirt {
    NoLocation,
    QuantityInWords,
    LineTwice,
    NegativeSale,
    NoSuchDay,
}

impl Dirt {
    pub(crate) const ALL: [Self; 5] = [
        Self::NoLocation,
        Self::QuantityInWords,
        Self::LineTwice,
        Self::NegativeSale,
        Self::NoSuchDay,
    ];

    /// The reason as the totals name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NoLocation => "a document without a location",
            Self::QuantityInWords => "a quantity in words",
            Self::LineTwice => "a line number that comes twice",
            Self::NegativeSale => "a negative quantity in a sale",
            Self::NoSuchDay => "a day that does not exist",
        }
    }

    /// The record of a good sale, made wrong.
    pub(crate) fn spoil(self, sale: &Document) -> Value {
        let mut record = sale.to_json();
        record["external_id"] = format!("X{}", sale.external_id).into();
        match self {
            Self::NoLocation => record["location_external_id"] = Value::Null,
            Self::QuantityInWords => record["lines"][0]["qty"] = "two".into(),
            Self::LineTwice => {
                let line = record["lines"][0].clone();
                record["lines"] = json!([line, line]);
            }
            Self::NegativeSale => record["lines"][0]["qty"] = (-1).into(),
            Self::NoSuchDay => record["order_date"] = "2026-02-30".into(),
        }
        record
    }
}
