//! The natural keys of records: one field or several, with the day and the scope where those stand in.

use std::borrow::Cow;

use catwing_domain::{DomainError, Entity, KEY_BYTES_MAX, RowKey, Rule};
use jiff::civil::Date;

use crate::{
    canonical::{Fields, Problems},
    parents::Parents,
};

/// As many bytes as a day has in a key.
pub(crate) const DAY: &str = "2026-02-24";

/// What a part of a natural key is.
enum Part {
    /// A text that must be there.
    Text(&'static str),
    /// A text that may be absent.
    OptionalText(&'static str),
    /// A date that must be there.
    Date(&'static str),
    /// A date; the business day where it is absent.
    Day(&'static str),
    /// What the record's object is complete for.
    Scope,
}

/// A record's natural key, in the order of its table's columns.
pub(crate) struct NaturalKey<'c>(Vec<Option<Cow<'c, str>>>);

impl<'c> NaturalKey<'c> {
    /// The key of a record, if all of it can be read.
    pub(crate) fn of(
        entity: Entity,
        record: Fields<'c, '_>,
        (day, scope): (Date, &'c str),
        problems: &Problems,
    ) -> Option<Self> {
        let text = |field: &str| record.text(field).map(|text| Some(Cow::Borrowed(text)));
        let date = |date: Date| Some(Some(Cow::Owned(date.to_string())));
        let part = |part: &Part| match part {
            Part::Text(field) => text(field),
            Part::Date(field) => record.date(field).and_then(date),
            Part::Scope => Some(Some(Cow::Borrowed(scope))),
            // What is there and can't be read is not absent.
            Part::OptionalText(field) | Part::Day(field) if problems.tells_of(field) => None,
            Part::OptionalText(field) => Some(text(field).flatten()),
            Part::Day(field) => date(record.date(field).unwrap_or(day)),
        };
        parts(entity)
            .iter()
            .map(part)
            .collect::<Option<_>>()
            .map(Self)
    }

    /// The key of the record's own row.
    pub(crate) fn row(&self, entity: Entity, parents: &Parents) -> Result<RowKey, DomainError> {
        let parts: Vec<_> = self.0.iter().map(Option::as_deref).collect();
        parents.key(entity.table(), &parts)
    }

    /// For a person, and for quarantine.
    pub(crate) fn shown(&self) -> String {
        let parts: Vec<_> = self.0.iter().flatten().map(Cow::as_ref).collect();
        parts.join(" / ")
    }

    /// Tells of a key that is longer than a key may be.
    pub(crate) fn check(&self, entity: Entity, problems: &mut Problems) {
        let texts = self.0.iter().flatten().map(Cow::as_ref);
        let field = match parts(entity).first() {
            Some(Part::Text(field)) => *field,
            _ => "",
        };
        check_length(field, texts, problems);
    }
}

/// Tells of a key of several parts that is longer than a key may be.
pub(crate) fn check_length<'t>(
    field: impl std::fmt::Display,
    parts: impl IntoIterator<Item = &'t str>,
    problems: &mut Problems,
) {
    let parts: Vec<_> = parts.into_iter().collect();
    let bytes: usize = parts.iter().map(|part| part.len()).sum();
    if bytes > KEY_BYTES_MAX {
        let message =
            format!("makes a key of {bytes} bytes; {KEY_BYTES_MAX} are admitted in all its parts");
        problems.add(Rule::Limit, field, Some(&parts.join(" / ")), message);
    }
}

fn parts(entity: Entity) -> &'static [Part] {
    use Part::{Date, Day, OptionalText, Scope, Text};
    match entity {
        Entity::PricingLists => &[
            Text("product_external_id"),
            OptionalText("location_external_id"),
            Text("price_kind"),
            Date("from_date"),
        ],
        Entity::Inventory => &[
            Text("product_external_id"),
            Text("location_external_id"),
            Day("snapshot_date"),
            Scope,
        ],
        Entity::ProductMarketObservations => &[
            Text("product_external_id"),
            Text("market_data_source"),
            Day("observation_date"),
        ],
        Entity::CategoryMarketObservations => &[
            Text("category_external_id"),
            Text("market_data_source"),
            Day("observation_date"),
        ],
        Entity::ProductWebAnalytics => &[Text("product_external_id"), Day("analytics_date")],
        Entity::LocationWebAnalytics => &[Text("location_external_id"), Day("analytics_date")],
        Entity::ProductSocialAds => &[
            Text("product_external_id"),
            Text("social_ad_platform"),
            Day("ad_date"),
        ],
        Entity::CategorySocialAds => &[
            Text("category_external_id"),
            Text("social_ad_platform"),
            Day("ad_date"),
        ],
        Entity::CurrencyRates => &[
            Text("from_currency"),
            Text("to_currency"),
            Date("effective_date"),
        ],
        Entity::Weather => &[
            Text("city"),
            OptionalText("country"),
            Day("observation_date"),
        ],
        Entity::ProductSettings => &[Text("product_external_id"), Text("event_id")],
        Entity::CategorySettings => &[Text("category_external_id"), Text("event_id")],
        Entity::SupplierSettings => &[Text("supplier_external_id"), Text("event_id")],
        Entity::LocationSettings => &[Text("location_external_id"), Text("event_id")],
        Entity::InventoryStrategies => &[
            Text("location_external_id"),
            OptionalText("product_external_id"),
            Text("event_id"),
        ],
        Entity::LocationRelationships => &[
            Text("parent_external_id"),
            Text("child_external_id"),
            Text("type"),
            Text("event_id"),
        ],
        Entity::ClientSettings => &[Text("event_id")],
        Entity::Products
        | Entity::Suppliers
        | Entity::Locations
        | Entity::Customers
        | Entity::SalesOrders
        | Entity::PurchaseOrders
        | Entity::ReceivingOrders
        | Entity::StoreOrders
        | Entity::TransferOrders => &[Text("external_id")],
    }
}
