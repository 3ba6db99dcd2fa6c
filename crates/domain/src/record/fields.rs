//! The canonical fields of every entity: what a mapping produces and what transform takes.

use super::{Field, FieldType};

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
/// The rows of `inventory_strategy_types`, which migrations fill in.
const STRATEGY_TYPES: &[&str] = &[
    "store: reorder point",
    "store: periodic review",
    "store: order up to",
    "store: make to order",
    "warehouse: reorder point",
    "warehouse: periodic review",
    "warehouse: echelon base stock",
    "warehouse: cross-dock",
];
/// What people set in the UI, as its writes name it.
const SETTING_TABLES: &[&str] = &[
    "product_settings",
    "category_settings",
    "supplier_settings",
    "location_settings",
    "location_relationships",
    "inventory_strategies",
    "client_config",
];
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

const IMAGE: &[Field] = &[
    must("s3_key", FieldType::Identifier),
    may("type", FieldType::Label),
];
const TRANSLATION: &[Field] = &[
    must("language", FieldType::Language),
    must("field", FieldType::Label),
    must("value", NAME),
];
const OFFER: &[Field] = &[
    must("product_external_id", FieldType::Identifier),
    must("unit_cost", FieldType::Money),
    may("currency", FieldType::Currency),
    may("supplier_sku", NAME),
    may("package_qty", FieldType::Count),
    may("min_order_qty", FieldType::Count),
    may("lead_time_days", FieldType::Count),
    may("is_default", FieldType::Bool),
];
const RELATIONSHIP: &[Field] = &[
    must("parent_external_id", FieldType::Identifier),
    must("type", FieldType::Label),
    may("priority", FieldType::Count),
    may("lead_time_days", FieldType::Count),
];
const PURCHASE_LINE: &[Field] = &[
    may("line_no", FieldType::Count),
    may("external_id", FieldType::Identifier),
    must("product_external_id", FieldType::Identifier),
    must("qty", FieldType::Quantity),
    must("unit_cost", FieldType::Money),
    may("expected_date", FieldType::Date),
];
const RECEIVING_LINE: &[Field] = &[
    may("line_no", FieldType::Count),
    may("external_id", FieldType::Identifier),
    may("purchase_order_line_no", FieldType::Count),
    must("product_external_id", FieldType::Identifier),
    must("qty_received", FieldType::Quantity),
    may("qty_rejected", FieldType::Quantity),
];
const STORE_LINE: &[Field] = &[
    may("line_no", FieldType::Count),
    may("external_id", FieldType::Identifier),
    must("product_external_id", FieldType::Identifier),
    must("qty", FieldType::Quantity),
    may("qty_fulfilled", FieldType::Quantity),
];
const TRANSFER_LINE: &[Field] = &[
    may("line_no", FieldType::Count),
    may("external_id", FieldType::Identifier),
    must("product_external_id", FieldType::Identifier),
    must("qty_shipped", FieldType::Quantity),
    may("qty_received", FieldType::Quantity),
];

pub(super) const PRODUCT: &[Field] = &[
    must("external_id", FieldType::Identifier),
    may("sku", NAME),
    may("vendor_sku", NAME),
    must("name", NAME),
    may("kind", KINDS),
    may("brand", FieldType::Label),
    may("brand_country", NAME),
    may("category", FieldType::Record(CATEGORY)),
    may("supplier_external_id", FieldType::Identifier),
    may("cost", FieldType::Money),
    may("price", FieldType::Money),
    may("currency", FieldType::Currency),
    may("birth_date", FieldType::Date),
    may("gender", FieldType::Label),
    may("status", FieldType::Label),
    may("price_tier", FieldType::Label),
    may("attributes", FieldType::Attributes),
    may("images", FieldType::List(IMAGE)),
    may("translations", FieldType::List(TRANSLATION)),
    may("is_active", FieldType::Bool),
    may("updated_at", FieldType::Instant),
];
pub(super) const LOCATION: &[Field] = &[
    must("external_id", FieldType::Identifier),
    must("name", NAME),
    must("type", FieldType::Label),
    may("status", FieldType::Label),
    may("city", NAME),
    may("country", NAME),
    may("opened_on", FieldType::Date),
    may("closed_on", FieldType::Date),
    may("relationships", FieldType::List(RELATIONSHIP)),
    may("translations", FieldType::List(TRANSLATION)),
    may("is_active", FieldType::Bool),
    may("updated_at", FieldType::Instant),
];
pub(super) const CUSTOMER_RECORD: &[Field] = &[
    must("external_id", FieldType::Identifier),
    may("name", NAME),
    may("type", FieldType::Label),
    may("city", NAME),
    may("country", NAME),
    may("is_active", FieldType::Bool),
    may("updated_at", FieldType::Instant),
];
pub(super) const SALES_ORDER: &[Field] = &[
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

pub(super) const SUPPLIER: &[Field] = &[
    must("external_id", FieldType::Identifier),
    must("name", NAME),
    may("status", FieldType::Label),
    may("city", NAME),
    may("country", NAME),
    may("currency", FieldType::Currency),
    may("direct_shipment", FieldType::Bool),
    may("brands", FieldType::Labels),
    may("products", FieldType::List(OFFER)),
    may("translations", FieldType::List(TRANSLATION)),
    may("is_active", FieldType::Bool),
    may("updated_at", FieldType::Instant),
];
pub(super) const PRICE: &[Field] = &[
    must("product_external_id", FieldType::Identifier),
    must("price_kind", FieldType::Label),
    may("rank", FieldType::Count),
    must("price", FieldType::Money),
    may("currency", FieldType::Currency),
    must("from_date", FieldType::Date),
    may("thru_date", FieldType::Date),
    may("location_external_id", FieldType::Identifier),
    may("is_active", FieldType::Bool),
    may("updated_at", FieldType::Instant),
];
pub(super) const INVENTORY: &[Field] = &[
    must("product_external_id", FieldType::Identifier),
    must("location_external_id", FieldType::Identifier),
    must("on_hand_qty", FieldType::Quantity),
    may("reserved_qty", FieldType::Quantity),
    may("in_transit_qty", FieldType::Quantity),
    may("snapshot_date", FieldType::Date),
];
pub(super) const PURCHASE_ORDER: &[Field] = &[
    must("external_id", FieldType::Identifier),
    must("supplier_external_id", FieldType::Identifier),
    must("location_external_id", FieldType::Identifier),
    must("order_date", FieldType::Date),
    may("expected_date", FieldType::Date),
    may("closed_date", FieldType::Date),
    may("status", FieldType::Label),
    may("currency", FieldType::Currency),
    may("lines", FieldType::List(PURCHASE_LINE)),
    may("updated_at", FieldType::Instant),
];
pub(super) const RECEIVING_ORDER: &[Field] = &[
    must("external_id", FieldType::Identifier),
    may("purchase_order_external_id", FieldType::Identifier),
    must("location_external_id", FieldType::Identifier),
    must("received_date", FieldType::Date),
    may("status", FieldType::Label),
    may("lines", FieldType::List(RECEIVING_LINE)),
    may("updated_at", FieldType::Instant),
];
pub(super) const STORE_ORDER: &[Field] = &[
    must("external_id", FieldType::Identifier),
    must("location_external_id", FieldType::Identifier),
    must("source_location_external_id", FieldType::Identifier),
    must("order_date", FieldType::Date),
    may("requested_date", FieldType::Date),
    may("status", FieldType::Label),
    may("lines", FieldType::List(STORE_LINE)),
    may("updated_at", FieldType::Instant),
];
pub(super) const TRANSFER_ORDER: &[Field] = &[
    must("external_id", FieldType::Identifier),
    may("store_order_external_id", FieldType::Identifier),
    must("from_location_external_id", FieldType::Identifier),
    must("to_location_external_id", FieldType::Identifier),
    must("ship_date", FieldType::Date),
    may("received_date", FieldType::Date),
    may("status", FieldType::Label),
    may("lines", FieldType::List(TRANSFER_LINE)),
    may("updated_at", FieldType::Instant),
];
pub(super) const PRODUCT_MARKET: &[Field] = &[
    must("product_external_id", FieldType::Identifier),
    must("market_data_source", FieldType::Label),
    may("observation_date", FieldType::Date),
    may("market_price", FieldType::Money),
    may("currency", FieldType::Currency),
    may("search_interest", FieldType::Real),
    may("is_in_stock", FieldType::Bool),
    may("updated_at", FieldType::Instant),
];
pub(super) const CATEGORY_MARKET: &[Field] = &[
    must("category_external_id", FieldType::Identifier),
    must("market_data_source", FieldType::Label),
    may("observation_date", FieldType::Date),
    may("demand_index", FieldType::Real),
    may("avg_market_price", FieldType::Money),
    may("currency", FieldType::Currency),
    may("updated_at", FieldType::Instant),
];
pub(super) const PRODUCT_WEB: &[Field] = &[
    must("product_external_id", FieldType::Identifier),
    may("analytics_date", FieldType::Date),
    must("sessions", FieldType::Count),
    must("page_views", FieldType::Count),
    must("add_to_carts", FieldType::Count),
    must("purchases", FieldType::Count),
    may("conversion_rate", FieldType::Real),
    may("updated_at", FieldType::Instant),
];
pub(super) const LOCATION_WEB: &[Field] = &[
    must("location_external_id", FieldType::Identifier),
    may("analytics_date", FieldType::Date),
    must("sessions", FieldType::Count),
    must("page_views", FieldType::Count),
    must("add_to_carts", FieldType::Count),
    must("purchases", FieldType::Count),
    may("conversion_rate", FieldType::Real),
    may("updated_at", FieldType::Instant),
];
pub(super) const PRODUCT_ADS: &[Field] = &[
    must("product_external_id", FieldType::Identifier),
    must("social_ad_platform", FieldType::Label),
    may("ad_date", FieldType::Date),
    must("impressions", FieldType::Count),
    must("clicks", FieldType::Count),
    must("conversions", FieldType::Count),
    must("spend", FieldType::Money),
    may("currency", FieldType::Currency),
    may("updated_at", FieldType::Instant),
];
pub(super) const CATEGORY_ADS: &[Field] = &[
    must("category_external_id", FieldType::Identifier),
    must("social_ad_platform", FieldType::Label),
    may("ad_date", FieldType::Date),
    must("impressions", FieldType::Count),
    must("clicks", FieldType::Count),
    must("conversions", FieldType::Count),
    must("spend", FieldType::Money),
    may("currency", FieldType::Currency),
    may("updated_at", FieldType::Instant),
];
pub(super) const CURRENCY_RATE: &[Field] = &[
    must("from_currency", FieldType::Currency),
    must("to_currency", FieldType::Currency),
    must("rate", FieldType::Factor),
    must("effective_date", FieldType::Date),
    may("updated_at", FieldType::Instant),
];
pub(super) const WEATHER: &[Field] = &[
    must("city", NAME),
    may("country", NAME),
    may("observation_date", FieldType::Date),
    may("temperature_max", FieldType::Real),
    may("temperature_min", FieldType::Real),
    may("temperature_mean", FieldType::Real),
    may("apparent_temperature_max", FieldType::Real),
    may("apparent_temperature_min", FieldType::Real),
    may("apparent_temperature_mean", FieldType::Real),
    may("precipitation_sum", FieldType::Real),
    may("rain_sum", FieldType::Real),
    may("snowfall_sum", FieldType::Real),
    may("precipitation_hours", FieldType::Real),
    may("windspeed_max", FieldType::Real),
    may("windgusts_max", FieldType::Real),
    may("wind_direction_dominant", FieldType::Real),
    may("shortwave_radiation_sum", FieldType::Real),
    may("weather_code", FieldType::Count),
    may("updated_at", FieldType::Instant),
];
pub(super) const PRODUCT_SETTING: &[Field] = &[
    must("event_id", FieldType::Identifier),
    must("product_external_id", FieldType::Identifier),
    must("enabled_for_processing", FieldType::Bool),
    may("first_order_qty", FieldType::Count),
    may("package_qty", FieldType::Count),
    may("min_inv_qty", FieldType::Count),
    must("user", FieldType::Identifier),
    must("updated_at", FieldType::Instant),
];
pub(super) const CATEGORY_SETTING: &[Field] = &[
    must("event_id", FieldType::Identifier),
    must("category_external_id", FieldType::Identifier),
    must("enabled_for_processing", FieldType::Bool),
    may("target_service_level", FieldType::Real),
    must("user", FieldType::Identifier),
    must("updated_at", FieldType::Instant),
];
pub(super) const SUPPLIER_SETTING: &[Field] = &[
    must("event_id", FieldType::Identifier),
    must("supplier_external_id", FieldType::Identifier),
    must("enabled_for_processing", FieldType::Bool),
    may("lead_time_days", FieldType::Count),
    may("reorder_time_days", FieldType::Count),
    may("min_order_value", FieldType::Money),
    may("currency", FieldType::Currency),
    must("user", FieldType::Identifier),
    must("updated_at", FieldType::Instant),
];
pub(super) const LOCATION_SETTING: &[Field] = &[
    must("event_id", FieldType::Identifier),
    must("location_external_id", FieldType::Identifier),
    must("enabled_for_processing", FieldType::Bool),
    may("capacity_qty", FieldType::Count),
    may("review_period_days", FieldType::Count),
    must("user", FieldType::Identifier),
    must("updated_at", FieldType::Instant),
];
pub(super) const INVENTORY_STRATEGY: &[Field] = &[
    must("event_id", FieldType::Identifier),
    must("location_external_id", FieldType::Identifier),
    may("product_external_id", FieldType::Identifier),
    must("strategy_type", FieldType::Word(STRATEGY_TYPES)),
    may("parameters", FieldType::Attributes),
    must("user", FieldType::Identifier),
    must("updated_at", FieldType::Instant),
];
pub(super) const LOCATION_RELATIONSHIP: &[Field] = &[
    must("event_id", FieldType::Identifier),
    must("parent_external_id", FieldType::Identifier),
    must("child_external_id", FieldType::Identifier),
    must("type", FieldType::Label),
    may("priority", FieldType::Count),
    may("lead_time_days", FieldType::Count),
    may("is_active", FieldType::Bool),
    must("user", FieldType::Identifier),
    must("updated_at", FieldType::Instant),
];
pub(super) const CLIENT_SETTING: &[Field] = &[
    must("table", FieldType::Word(SETTING_TABLES)),
    must("event_id", FieldType::Identifier),
    must("base_currency", FieldType::Currency),
    must("user", FieldType::Identifier),
    must("updated_at", FieldType::Instant),
];
