//! Wrong records, as real sources send them.

use crate::{Dataset, sheet::Sheet};

/// Days between one wrong record and the next.
const PAUSE_DAYS: u16 = 2;

/// A way in which a record is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dirt {
    pub dataset: Dataset,
    /// The reason as the totals name it.
    pub reason: &'static str,
    edit: Edit,
    /// Whether a true record is sent wrong, instead of a wrong one beside the true ones.
    is_in_place: bool,
}

/// What is done to a good record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edit {
    /// The first value of a field becomes another one.
    Set(&'static str, &'static str),
    /// The first line of a sale loses goods.
    NegativeSale,
    /// The second line has the number of the first.
    LineTwice,
}

const fn wrong(dataset: Dataset, reason: &'static str, edit: Edit) -> Dirt {
    Dirt {
        dataset,
        reason,
        edit,
        is_in_place: false,
    }
}

const SALE_WITHOUT_LOCATION: Dirt = wrong(
    Dataset::SalesOrders,
    "a sale without a location",
    Edit::Set("location_external_id", "null"),
);

/// One a time, in this order, and again from the first.
const ALL: [Dirt; 15] = [
    SALE_WITHOUT_LOCATION,
    wrong(
        Dataset::Inventory,
        "a stock that is no number",
        Edit::Set("on_hand_qty", "\"n/a\""),
    ),
    wrong(
        Dataset::SalesOrders,
        "a quantity in words",
        Edit::Set("qty", "\"two\""),
    ),
    Dirt {
        is_in_place: true,
        ..wrong(
            Dataset::Products,
            "a product without a name",
            Edit::Set("name", "null"),
        )
    },
    wrong(
        Dataset::PurchaseOrders,
        "a purchase order line number that comes twice",
        Edit::LineTwice,
    ),
    wrong(
        Dataset::SalesOrders,
        "a negative quantity in a sale",
        Edit::NegativeSale,
    ),
    wrong(
        Dataset::ReceivingOrders,
        "a receipt of no day",
        Edit::Set("received_date", "\"soon\""),
    ),
    wrong(
        Dataset::PricingLists,
        "a price in words",
        Edit::Set("price", "\"free\""),
    ),
    wrong(
        Dataset::SalesOrders,
        "a line number that comes twice",
        Edit::LineTwice,
    ),
    Dirt {
        is_in_place: true,
        ..wrong(
            Dataset::Suppliers,
            "a unit cost in words",
            Edit::Set("unit_cost", "\"ask\""),
        )
    },
    wrong(
        Dataset::TransferOrders,
        "a transfer from nowhere",
        Edit::Set("from_location_external_id", "null"),
    ),
    wrong(
        Dataset::SalesOrders,
        "a day that does not exist",
        Edit::Set("order_date", "\"2026-02-30\""),
    ),
    wrong(
        Dataset::Products,
        "a product without a key",
        Edit::Set("external_id", "null"),
    ),
    wrong(
        Dataset::StoreOrders,
        "a quantity that is missing",
        Edit::Set("qty", "null"),
    ),
    wrong(
        Dataset::SalesOrders,
        "a currency that does not exist",
        Edit::Set("currency", "\"EURO\""),
    ),
];

impl Dirt {
    /// What is wrong on a day.
    pub(crate) fn of(day: u16) -> Option<Self> {
        let is_due = day % PAUSE_DAYS == 1;
        let turn = usize::from(day / PAUSE_DAYS) % ALL.len();
        ALL.get(turn).copied().filter(|_| is_due)
    }

    /// How a sale is first sent wrong that comes right later.
    pub(crate) fn first_try() -> Self {
        SALE_WITHOUT_LOCATION
    }

    /// Whether nobody can tell which row the record is of.
    pub(crate) fn hides_the_key(self) -> bool {
        matches!(self.edit, Edit::Set("external_id", _))
    }

    /// Spoils one of a sheet's records; `false` where none can be.
    pub(crate) fn spoil_one(self, sheet: &mut Sheet) -> bool {
        if self.is_in_place {
            let Some(last) = sheet.pop() else {
                return false;
            };
            let spoiled = self.spoil(&last);
            sheet.push_text(spoiled.as_deref().unwrap_or(&last));
            return spoiled.is_some();
        }
        let spoiled = sheet.records().rev().find_map(|record| self.spoil(record));
        if let Some(spoiled) = &spoiled {
            // A key of its own: it must stand for no document.
            let key = "{\"external_id\":\"";
            match spoiled.strip_prefix(key) {
                Some(rest) => sheet.push_text(&format!("{key}X{rest}")),
                None => sheet.push_text(spoiled),
            }
        }
        spoiled.is_some()
    }

    /// The record of a good one, made wrong.
    pub(crate) fn spoil(self, record: &str) -> Option<String> {
        match self.edit {
            Edit::Set(field, value) => set(record, field, value),
            Edit::NegativeSale if record.contains("\"type\":\"sale\"") => set(record, "qty", "-1"),
            Edit::NegativeSale => None,
            Edit::LineTwice => {
                let second = "\"line_no\":2,";
                record
                    .contains(second)
                    .then(|| record.replacen(second, "\"line_no\":1,", 1))
            }
        }
    }
}

/// Gives the first field of this name another value. Its value must be a number, a text without
/// escapes, or a word.
fn set(record: &str, field: &str, value: &str) -> Option<String> {
    let name = format!("\"{field}\":");
    let (before, rest) = record.split_once(&name)?;
    let end = match rest.strip_prefix('"') {
        Some(text) => text.find('"')? + 2,
        None => rest.find([',', '}'])?,
    };
    let after = rest.get(end..)?;
    Some(format!("{before}{name}{value}{after}"))
}

#[cfg(test)]
mod tests {
    use super::{ALL, Dirt, set};

    #[test]
    fn a_value_is_set_where_it_first_stands() {
        let record = r#"{"a":"x, y","qty":3,"lines":[{"qty":4}]}"#;
        let expected = r#"{"a":"x, y","qty":"two","lines":[{"qty":4}]}"#;
        assert_eq!(set(record, "qty", "\"two\"").as_deref(), Some(expected));
        let expected = r#"{"a":null,"qty":3,"lines":[{"qty":4}]}"#;
        assert_eq!(set(record, "a", "null").as_deref(), Some(expected));
        assert_eq!(set(record, "b", "null"), None);
    }

    #[test]
    fn every_second_day_has_another_wrong_record() {
        assert_eq!(Dirt::of(0), None);
        assert_eq!(Dirt::of(1), Some(ALL[0]));
        assert_eq!(Dirt::of(3), Some(ALL[1]));
        assert_eq!(Dirt::of(31), Some(ALL[0]));
    }
}
