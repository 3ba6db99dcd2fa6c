//! Canonical records: the entities and their fields (`docs/ARCHITECTURE.md`, canonical records).

use serde::{Deserialize, Serialize};

use crate::TableId;

mod fields;
mod schema;

/// One kind of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entity {
    /// A product.
    Products,
    /// A supplier and what it offers.
    Suppliers,
    /// A store, warehouse or distribution centre.
    Locations,
    /// A customer.
    Customers,
    /// A price in force.
    PricingLists,
    /// Stock of a product at a location.
    Inventory,
    /// A sales document with its lines and their updates.
    SalesOrders,
    /// A purchase order with its lines.
    PurchaseOrders,
    /// A receipt of goods with its lines.
    ReceivingOrders,
    /// A store's request to its source, with its lines.
    StoreOrders,
    /// Goods between locations, with lines.
    TransferOrders,
    /// A day of the market for a product.
    ProductMarketObservations,
    /// A day of the market for a category.
    CategoryMarketObservations,
    /// A day of a product in the web shop.
    ProductWebAnalytics,
    /// A day of a location in the web shop.
    LocationWebAnalytics,
    /// A day of advertisements for a product.
    ProductSocialAds,
    /// A day of advertisements for a category.
    CategorySocialAds,
    /// A rate of exchange, shared by all tenants.
    CurrencyRates,
    /// A day's weather in a city, shared by all tenants.
    Weather,
    /// A write in the UI: how a product takes part in planning.
    ProductSettings,
    /// A write in the UI: how a category takes part in planning.
    CategorySettings,
    /// A write in the UI: how a supplier takes part in planning.
    SupplierSettings,
    /// A write in the UI: how a location takes part in planning.
    LocationSettings,
    /// A write in the UI: how targets of stock are found.
    InventoryStrategies,
    /// A write in the UI: which location supplies which.
    LocationRelationships,
    /// A write in the UI: what is set for the tenant as a whole.
    ClientSettings,
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
    /// A rate of exchange, ten decimals, above zero.
    Factor,
    /// A number whose last digits don't matter.
    Real,
    /// An integer of 32 bits, not negative.
    Count,
    /// Yes or no.
    Bool,
    /// ISO 4217.
    Currency,
    /// A language: `en`, `pt-BR`.
    Language,
    /// A list of labels.
    Labels,
    /// Texts by name: `{"colour": "red"}`.
    Attributes,
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

impl Entity {
    /// Every entity.
    pub const ALL: &'static [Entity] = &[
        Self::Products,
        Self::Suppliers,
        Self::Locations,
        Self::Customers,
        Self::PricingLists,
        Self::Inventory,
        Self::SalesOrders,
        Self::PurchaseOrders,
        Self::ReceivingOrders,
        Self::StoreOrders,
        Self::TransferOrders,
        Self::ProductMarketObservations,
        Self::CategoryMarketObservations,
        Self::ProductWebAnalytics,
        Self::LocationWebAnalytics,
        Self::ProductSocialAds,
        Self::CategorySocialAds,
        Self::CurrencyRates,
        Self::Weather,
        Self::ProductSettings,
        Self::CategorySettings,
        Self::SupplierSettings,
        Self::LocationSettings,
        Self::InventoryStrategies,
        Self::LocationRelationships,
        Self::ClientSettings,
    ];

    /// The name in mappings, raw files and quarantine.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Inventory => "inventory",
            Self::Weather => "weather",
            Self::ProductWebAnalytics => "product_web_analytics",
            Self::LocationWebAnalytics => "location_web_analytics",
            Self::ProductSocialAds => "product_social_ads",
            Self::CategorySocialAds => "category_social_ads",
            _ => self.table().name(),
        }
    }

    /// The entity with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|entity| entity.name() == name)
    }

    /// What a dataset of this name feeds where its mapping does not say: each entity with the field
    /// that tells its records from the others', where there are several.
    #[must_use]
    pub fn of_dataset(name: &str) -> Vec<(Self, Option<&'static str>)> {
        const PRODUCT: Option<&str> = Some("product_external_id");
        const CATEGORY: Option<&str> = Some("category_external_id");
        const LOCATION: Option<&str> = Some("location_external_id");
        match name {
            "market_data" => vec![
                (Self::ProductMarketObservations, PRODUCT),
                (Self::CategoryMarketObservations, CATEGORY),
            ],
            "analytics" => vec![
                (Self::ProductWebAnalytics, PRODUCT),
                (Self::LocationWebAnalytics, LOCATION),
            ],
            "social_ads" => vec![
                (Self::ProductSocialAds, PRODUCT),
                (Self::CategorySocialAds, CATEGORY),
            ],
            name => Self::named(name)
                .map(|entity| (entity, None))
                .into_iter()
                .collect(),
        }
    }

    /// The table that a record's own row goes to.
    #[must_use]
    pub fn table(self) -> TableId {
        match self {
            Self::Products => TableId::Products,
            Self::Suppliers => TableId::Suppliers,
            Self::Locations => TableId::Locations,
            Self::Customers => TableId::Customers,
            Self::PricingLists => TableId::PricingLists,
            Self::Inventory => TableId::InventoryQuantities,
            Self::SalesOrders => TableId::SalesOrders,
            Self::PurchaseOrders => TableId::PurchaseOrders,
            Self::ReceivingOrders => TableId::ReceivingOrders,
            Self::StoreOrders => TableId::StoreOrders,
            Self::TransferOrders => TableId::TransferOrders,
            Self::ProductMarketObservations => TableId::ProductMarketObservations,
            Self::CategoryMarketObservations => TableId::CategoryMarketObservations,
            Self::ProductWebAnalytics => TableId::ProductWebAnalyticsDaily,
            Self::LocationWebAnalytics => TableId::LocationWebAnalyticsDaily,
            Self::ProductSocialAds => TableId::ProductSocialAdDaily,
            Self::CategorySocialAds => TableId::CategorySocialAdDaily,
            Self::CurrencyRates => TableId::CurrencyRates,
            Self::Weather => TableId::WeatherObservations,
            Self::ProductSettings => TableId::ProductSettings,
            Self::CategorySettings => TableId::CategorySettings,
            Self::SupplierSettings => TableId::SupplierSettings,
            Self::LocationSettings => TableId::LocationSettings,
            Self::InventoryStrategies => TableId::InventoryStrategies,
            Self::LocationRelationships => TableId::LocationRelationships,
            Self::ClientSettings => TableId::ClientSettings,
        }
    }

    /// Its canonical fields.
    #[must_use]
    pub fn fields(self) -> &'static [Field] {
        match self {
            Self::Products => fields::PRODUCT,
            Self::Suppliers => fields::SUPPLIER,
            Self::Locations => fields::LOCATION,
            Self::Customers => fields::CUSTOMER_RECORD,
            Self::PricingLists => fields::PRICE,
            Self::Inventory => fields::INVENTORY,
            Self::SalesOrders => fields::SALES_ORDER,
            Self::PurchaseOrders => fields::PURCHASE_ORDER,
            Self::ReceivingOrders => fields::RECEIVING_ORDER,
            Self::StoreOrders => fields::STORE_ORDER,
            Self::TransferOrders => fields::TRANSFER_ORDER,
            Self::ProductMarketObservations => fields::PRODUCT_MARKET,
            Self::CategoryMarketObservations => fields::CATEGORY_MARKET,
            Self::ProductWebAnalytics => fields::PRODUCT_WEB,
            Self::LocationWebAnalytics => fields::LOCATION_WEB,
            Self::ProductSocialAds => fields::PRODUCT_ADS,
            Self::CategorySocialAds => fields::CATEGORY_ADS,
            Self::CurrencyRates => fields::CURRENCY_RATE,
            Self::Weather => fields::WEATHER,
            Self::ProductSettings => fields::PRODUCT_SETTING,
            Self::CategorySettings => fields::CATEGORY_SETTING,
            Self::SupplierSettings => fields::SUPPLIER_SETTING,
            Self::LocationSettings => fields::LOCATION_SETTING,
            Self::InventoryStrategies => fields::INVENTORY_STRATEGY,
            Self::LocationRelationships => fields::LOCATION_RELATIONSHIP,
            Self::ClientSettings => fields::CLIENT_SETTING,
        }
    }
}
