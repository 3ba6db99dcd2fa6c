//! Canonical records: the entities and their fields (`docs/ARCHITECTURE.md`, canonical records).

use serde::{Deserialize, Serialize};

use crate::TableId;

/// One kind of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entity {
    /// A product.
    Products,
    /// A store, warehouse or distribution centre.
    Locations,
    /// A customer.
    Customers,
    /// A sales document with its lines and their updates.
    SalesOrders,
}

/// The type of a canonical field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// Text of at most this many characters.
    Text(usize),
    /// Text that is a natural key, as delivered.
    Identifier,
    /// A free word that names a row of a lookup: a natural key too, but trimmed.
    Label,
    /// One of these words.
    Word(&'static [&'static str]),
    /// `YYYY-MM-DD`.
    Date,
    /// RFC 3339 with zone.
    Instant,
    /// Money, four decimals.
    Money,
    /// A quantity, three decimals.
    Quantity,
    /// A rate, six decimals.
    Rate,
    /// An integer of 32 bits, not negative.
    Count,
    /// Yes or no.
    Bool,
    /// ISO 4217.
    Currency,
    /// One nested record.
    Record(&'static [Field]),
    /// A list of nested records.
    List(&'static [Field]),
}

/// One canonical field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub ty: FieldType,
    /// Whether a record without it is refused.
    pub required: bool,
}

const fn must(name: &'static str, ty: FieldType) -> Field {
    Field {
        name,
        ty,
        required: true,
    }
}

const fn may(name: &'static str, ty: FieldType) -> Field {
    Field {
        name,
        ty,
        required: false,
    }
}

/// Characters that names and free words may have.
const TEXT_CHARS_MAX: usize = 1_000;
const NAME: FieldType = FieldType::Text(TEXT_CHARS_MAX);
const KINDS: FieldType = FieldType::Word(&["goods", "service"]);

const CATEGORY: &[Field] = &[
    must("external_id", FieldType::Identifier),
    may("name", NAME),
    may("type", FieldType::Label),
    may("parent_external_id", FieldType::Identifier),
];
const CUSTOMER: &[Field] = &[
    must("external_id", FieldType::Identifier),
    may("name", NAME),
    may("type", FieldType::Label),
    may("city", NAME),
    may("country", NAME),
];
const LINE_PRODUCT: &[Field] = &[
    must("external_id", FieldType::Identifier),
    may("name", NAME),
    may("kind", KINDS),
];
const UPDATE: &[Field] = &[
    may("external_id", FieldType::Identifier),
    must("type", FieldType::Label),
    must("date", FieldType::Date),
    must("qty_delta", FieldType::Quantity),
    must("value_delta", FieldType::Money),
];
const SALES_LINE: &[Field] = &[
    may("line_no", FieldType::Count),
    may("external_id", FieldType::Identifier),
    may("product_external_id", FieldType::Identifier),
    may("product", FieldType::Record(LINE_PRODUCT)),
    must("qty", FieldType::Quantity),
    must("unit_price", FieldType::Money),
    may("discount_value", FieldType::Money),
    may("discount_rate", FieldType::Rate),
    may("updates", FieldType::List(UPDATE)),
];

const PRODUCT: &[Field] = &[
    must("external_id", FieldType::Identifier),
    may("sku", NAME),
    may("vendor_sku", NAME),
    must("name", NAME),
    may("kind", KINDS),
    may("brand", FieldType::Label),
    may("brand_country", NAME),
    may("category", FieldType::Record(CATEGORY)),
    may("birth_date", FieldType::Date),
    may("gender", FieldType::Label),
    may("status", FieldType::Label),
    may("price_tier", FieldType::Label),
    may("is_active", FieldType::Bool),
    may("updated_at", FieldType::Instant),
];
const LOCATION: &[Field] = &[
    must("external_id", FieldType::Identifier),
    must("name", NAME),
    must("type", FieldType::Label),
    may("status", FieldType::Label),
    may("city", NAME),
    may("country", NAME),
    may("opened_on", FieldType::Date),
    may("closed_on", FieldType::Date),
    may("is_active", FieldType::Bool),
    may("updated_at", FieldType::Instant),
];
const CUSTOMER_RECORD: &[Field] = &[
    must("external_id", FieldType::Identifier),
    may("name", NAME),
    may("type", FieldType::Label),
    may("city", NAME),
    may("country", NAME),
    may("is_active", FieldType::Bool),
    may("updated_at", FieldType::Instant),
];
const SALES_ORDER: &[Field] = &[
    must("external_id", FieldType::Identifier),
    may("type", FieldType::Word(&["sale", "return", "adjustment"])),
    must("order_date", FieldType::Date),
    must("location_external_id", FieldType::Identifier),
    may("channel", FieldType::Label),
    may("status", FieldType::Label),
    may("currency", FieldType::Currency),
    may("customer", FieldType::Record(CUSTOMER)),
    may("requested_date", FieldType::Date),
    may("shipped_date", FieldType::Date),
    may("freight_value", FieldType::Money),
    may("updated_at", FieldType::Instant),
    may("lines", FieldType::List(SALES_LINE)),
];

impl Entity {
    /// Every entity.
    pub const ALL: &'static [Entity] = &[
        Self::Products,
        Self::Locations,
        Self::Customers,
        Self::SalesOrders,
    ];

    /// The name in mappings, raw files and quarantine.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.table().name()
    }

    /// The entity with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|entity| entity.name() == name)
    }

    /// The table that a record's own row goes to.
    #[must_use]
    pub fn table(self) -> TableId {
        match self {
            Self::Products => TableId::Products,
            Self::Locations => TableId::Locations,
            Self::Customers => TableId::Customers,
            Self::SalesOrders => TableId::SalesOrders,
        }
    }

    /// Its canonical fields.
    #[must_use]
    pub fn fields(self) -> &'static [Field] {
        match self {
            Self::Products => PRODUCT,
            Self::Locations => LOCATION,
            Self::Customers => CUSTOMER_RECORD,
            Self::SalesOrders => SALES_ORDER,
        }
    }
}
