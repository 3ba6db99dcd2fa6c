//! No CHECK of the database may be the first to see a value: for every CHECK of a table that
//! transform writes, the rule of transform that comes before it. A new CHECK fails here until it
//! has one.

use std::{collections::BTreeSet, fs, path::Path};

use catwing_domain::TableId;

use catwing_transform::{Mapping, Whole};

use crate::fixture::{canonical, cases, column, deliver, problems, shared};

/// Every CHECK of every table that transform writes, beside those that all of them have: table,
/// condition, and a record of a file in which a value (in the place of `@`; a length is one more
/// than is admitted) is refused, with what is said. Where a value is made by transform itself, the
/// rows of a rich delivery are looked at instead.
const CHECKS: &str = r##"
product_category_types | octet_length(name) <= 256 | products | {"external_id": "P", "name": "p", "category": {"external_id": "C", "type": "@"}} | 256 bytes | longer than the 256 bytes that such a word may have
product_statuses | octet_length(name) <= 256 | products | {"external_id": "P", "name": "p", "status": "@"} | 256 bytes | longer than the 256 bytes that such a word may have
genders | octet_length(name) <= 256 | products | {"external_id": "P", "name": "p", "gender": "@"} | 256 bytes | longer than the 256 bytes that such a word may have
price_tiers | octet_length(name) <= 256 | products | {"external_id": "P", "name": "p", "price_tier": "@"} | 256 bytes | longer than the 256 bytes that such a word may have
customer_types | octet_length(name) <= 256 | customers | {"external_id": "C", "type": "@"} | 256 bytes | longer than the 256 bytes that such a word may have
location_types | octet_length(name) <= 256 | locations | {"external_id": "L", "name": "l", "type": "@"} | 256 bytes | longer than the 256 bytes that such a word may have
location_statuses | octet_length(name) <= 256 | locations | {"external_id": "L", "name": "l", "type": "store", "status": "@"} | 256 bytes | longer than the 256 bytes that such a word may have
sales_order_types | octet_length(name) <= 256 | sales_orders | {"external_id": "1", "order_date": "2026-02-24", "location_external_id": "S", "type": "@"} | 256 bytes | is not one of sale, return, adjustment
sales_order_statuses | octet_length(name) <= 256 | sales_orders | {"external_id": "1", "order_date": "2026-02-24", "location_external_id": "S", "status": "@"} | 256 bytes | longer than the 256 bytes that such a word may have
sales_channels | octet_length(name) <= 256 | sales_orders | {"external_id": "1", "order_date": "2026-02-24", "location_external_id": "S", "channel": "@"} | 256 bytes | longer than the 256 bytes that such a word may have
sales_order_line_update_types | octet_length(name) <= 256 | sales_orders | {"external_id": "1", "order_date": "2026-02-24", "location_external_id": "S", "lines": [{"product_external_id": "P", "qty": 1, "unit_price": 1, "updates": [{"type": "@", "date": "2026-03-01", "qty_delta": 1, "value_delta": 1}]}]} | 256 bytes | longer than the 256 bytes that such a word may have
brands | octet_length(name) <= 256 | products | {"external_id": "P", "name": "p", "brand": "@"} | 256 bytes | longer than the 256 bytes that such a word may have
brands | char_length(country_of_origin) <= 1000 | products | {"external_id": "P", "name": "p", "brand": "b", "brand_country": "@"} | 1000 characters | longer than 1000 characters
product_categories | octet_length(external_id) <= 256 | products | {"external_id": "P", "name": "p", "category": {"external_id": "@"}} | 256 bytes | longer than the 256 bytes that a key may have
product_categories | char_length(name) <= 1000 | products | {"external_id": "P", "name": "p", "category": {"external_id": "C", "name": "@"}} | 1000 characters | longer than 1000 characters
product_categories | declared_active or not is_active | made | - | - | -
products | octet_length(external_id) <= 256 | products | {"external_id": "@", "name": "p"} | 246 bytes | makes a key of 257 bytes
products | char_length(product_sku) <= 1000 | products | {"external_id": "P", "name": "p", "sku": "@"} | 1000 characters | longer than 1000 characters
products | char_length(product_vendor_sku) <= 1000 | products | {"external_id": "P", "name": "p", "vendor_sku": "@"} | 1000 characters | longer than 1000 characters
products | char_length(product_name) <= 1000 | products | {"external_id": "P", "name": "@"} | 1000 characters | longer than 1000 characters
products | product_kind in ('goods', 'service') | products | {"external_id": "P", "name": "p", "kind": "@"} | food | is not one of goods, service
products | declared_active or not is_active | made | - | - | -
locations | octet_length(external_id) <= 256 | locations | {"external_id": "@", "name": "l", "type": "store"} | 256 bytes | longer than the 256 bytes that a key may have
locations | char_length(location_name) <= 1000 | locations | {"external_id": "L", "name": "@", "type": "store"} | 1000 characters | longer than 1000 characters
locations | char_length(city) <= 1000 | locations | {"external_id": "L", "name": "l", "type": "store", "city": "@"} | 256 bytes | makes a key of 257 bytes
locations | char_length(country) <= 1000 | locations | {"external_id": "L", "name": "l", "type": "store", "country": "@"} | 1000 characters | longer than 1000 characters
locations | declared_active or not is_active | made | - | - | -
customers | octet_length(external_id) <= 256 | customers | {"external_id": "@"} | 256 bytes | longer than the 256 bytes that a key may have
customers | char_length(customer_name) <= 1000 | customers | {"external_id": "C", "name": "@"} | 1000 characters | longer than 1000 characters
customers | char_length(city) <= 1000 | customers | {"external_id": "C", "city": "@"} | 256 bytes | makes a key of 257 bytes
customers | char_length(country) <= 1000 | customers | {"external_id": "C", "country": "@"} | 1000 characters | longer than 1000 characters
customers | declared_active or not is_active | made | - | - | -
sales_orders | octet_length(external_id) <= 256 | sales_orders | {"external_id": "@", "order_date": "2026-02-24", "location_external_id": "S"} | 236 bytes | longer than the 236 bytes
sales_order_lines | line_no >= 0 | sales_orders | {"external_id": "1", "order_date": "2026-02-24", "location_external_id": "S", "lines": [{"product_external_id": "P", "qty": 1, "unit_price": 1, "line_no": "@"}]} | -1 | is not a whole number from 0 to 2147483647
sales_order_lines | char_length(external_id) <= 1000 | sales_orders | {"external_id": "1", "order_date": "2026-02-24", "location_external_id": "S", "lines": [{"product_external_id": "P", "qty": 1, "unit_price": 1, "external_id": "@"}]} | 1000 characters | longer than the 256 bytes that a key may have
sales_order_lines | discount_rate between 0 and 1 | sales_orders | {"external_id": "1", "order_date": "2026-02-24", "location_external_id": "S", "lines": [{"product_external_id": "P", "qty": 1, "unit_price": 1, "discount_rate": "@"}]} | 1.000001 | is not a rate from 0 to 1
sales_order_line_updates | update_no >= 0 | made | - | - | -
sales_order_line_updates | char_length(external_id) <= 1000 | sales_orders | {"external_id": "1", "order_date": "2026-02-24", "location_external_id": "S", "lines": [{"product_external_id": "P", "qty": 1, "unit_price": 1, "updates": [{"external_id": "@", "type": "t", "date": "2026-03-01", "qty_delta": 1, "value_delta": 1}]}]} | 1000 characters | longer than the 256 bytes that a key may have
supplier_statuses | octet_length(name) <= 256 | suppliers | {"external_id": "S", "name": "s", "status": "@"} | 256 bytes | longer than the 256 bytes that such a word may have
image_types | octet_length(name) <= 256 | products | {"external_id": "P", "name": "p", "images": [{"s3_key": "k", "type": "@"}]} | 256 bytes | longer than the 256 bytes that such a word may have
location_relationship_types | octet_length(name) <= 256 | locations | {"external_id": "L", "name": "l", "type": "store", "relationships": [{"parent_external_id": "D", "type": "@"}]} | 254 bytes | makes a key of 257 bytes
purchase_order_statuses | octet_length(name) <= 256 | purchase_orders | {"external_id": "1", "supplier_external_id": "S", "location_external_id": "L", "order_date": "2026-02-24", "status": "@"} | 256 bytes | longer than the 256 bytes that such a word may have
receiving_order_statuses | octet_length(name) <= 256 | receiving_orders | {"external_id": "1", "location_external_id": "L", "received_date": "2026-02-24", "status": "@"} | 256 bytes | longer than the 256 bytes that such a word may have
store_order_statuses | octet_length(name) <= 256 | store_orders | {"external_id": "1", "location_external_id": "L", "source_location_external_id": "D", "order_date": "2026-02-24", "status": "@"} | 256 bytes | longer than the 256 bytes that such a word may have
transfer_order_statuses | octet_length(name) <= 256 | transfer_orders | {"external_id": "1", "from_location_external_id": "D", "to_location_external_id": "L", "ship_date": "2026-02-24", "status": "@"} | 256 bytes | longer than the 256 bytes that such a word may have
market_data_sources | octet_length(name) <= 256 | market_data | {"product_external_id": "P", "market_data_source": "@"} | 245 bytes | makes a key of 257 bytes
social_ad_platforms | octet_length(name) <= 256 | social_ads | {"product_external_id": "P", "social_ad_platform": "@", "impressions": 1, "clicks": 1, "conversions": 1, "spend": 1} | 245 bytes | makes a key of 257 bytes
suppliers | octet_length(external_id) <= 256 | suppliers | {"external_id": "@", "name": "s"} | 246 bytes | makes a key of 257 bytes
suppliers | char_length(supplier_name) <= 1000 | suppliers | {"external_id": "S", "name": "@"} | 1000 characters | longer than 1000 characters
suppliers | char_length(country) <= 1000 | suppliers | {"external_id": "S", "name": "s", "country": "@"} | 1000 characters | longer than 1000 characters
suppliers | declared_active or not is_active | made | - | - | -
x_supplier_products | unit_cost >= 0 | suppliers | {"external_id": "S", "name": "s", "products": [{"product_external_id": "P", "unit_cost": "@"}]} | -0.01 | is negative
x_supplier_products | char_length(supplier_sku) <= 1000 | suppliers | {"external_id": "S", "name": "s", "products": [{"product_external_id": "P", "unit_cost": 1, "supplier_sku": "@"}]} | 1000 characters | longer than 1000 characters
x_supplier_products | package_qty > 0 | suppliers | {"external_id": "S", "name": "s", "products": [{"product_external_id": "P", "unit_cost": 1, "package_qty": "@"}]} | 0 | is a package of nothing
x_supplier_products | min_order_qty >= 0 | suppliers | {"external_id": "S", "name": "s", "products": [{"product_external_id": "P", "unit_cost": 1, "min_order_qty": "@"}]} | -1 | is not a whole number from 0 to 2147483647
x_supplier_products | lead_time_days >= 0 | suppliers | {"external_id": "S", "name": "s", "products": [{"product_external_id": "P", "unit_cost": 1, "lead_time_days": "@"}]} | -1 | is not a whole number from 0 to 2147483647
product_attributes | octet_length(attribute_name) <= 256 | products | {"external_id": "P", "name": "p", "attributes": {"@": "v"}} | 255 bytes | makes a key of 257 bytes
product_attributes | char_length(attribute_value) <= 1000 | products | {"external_id": "P", "name": "p", "attributes": {"a": "@"}} | 1000 characters | longer than 1000 characters
product_images | octet_length(s3_key) <= 256 | products | {"external_id": "P", "name": "p", "images": [{"s3_key": "@"}]} | 255 bytes | makes a key of 257 bytes
product_translations | octet_length(field_name) <= 256 | products | {"external_id": "P", "name": "p", "translations": [{"language": "bg", "field": "@", "value": "v"}]} | 253 bytes | makes a key of 257 bytes
product_translations | char_length(value) <= 1000 | products | {"external_id": "P", "name": "p", "translations": [{"language": "bg", "field": "name", "value": "@"}]} | 1000 characters | longer than 1000 characters
location_relationships | priority >= 0 | locations | {"external_id": "L", "name": "l", "type": "store", "relationships": [{"parent_external_id": "D", "type": "supplies", "priority": "@"}]} | -1 | is not a whole number from 0 to 2147483647
location_relationships | lead_time_days >= 0 | locations | {"external_id": "L", "name": "l", "type": "store", "relationships": [{"parent_external_id": "D", "type": "supplies", "lead_time_days": "@"}]} | -1 | is not a whole number from 0 to 2147483647
supplier_price_list_lines | unit_cost >= 0 | suppliers | {"external_id": "S", "name": "s", "products": [{"product_external_id": "P", "unit_cost": "@"}]} | -1 | is negative
product_cost_records | unit_cost >= 0 | products | {"external_id": "P", "name": "p", "cost": "@"} | -0.0001 | is negative
products | declared_cost >= 0 | products | {"external_id": "P", "name": "p", "cost": "@"} | -1 | is negative
products | declared_price >= 0 | products | {"external_id": "P", "name": "p", "price": "@"} | -1 | is negative
price_kinds | octet_length(name) <= 256 | pricing_lists | {"product_external_id": "P", "price_kind": "@", "price": 1, "from_date": "2026-02-24"} | 245 bytes | makes a key of 257 bytes
price_kinds | rank >= 0 | pricing_lists | {"product_external_id": "P", "price_kind": "regular", "price": 1, "from_date": "2026-02-24", "rank": "@"} | -1 | is not a whole number from 0 to 2147483647
pricing_lists | price >= 0 | pricing_lists | {"product_external_id": "P", "price_kind": "regular", "price": "@", "from_date": "2026-02-24"} | -1 | is negative
pricing_lists | declared_active or not is_active | made | - | - | -
pricing_lists | from_date <= thru_date | pricing_lists | {"product_external_id": "P", "price_kind": "regular", "price": 1, "from_date": "2026-02-24", "thru_date": "@"} | 2026-02-23 | is before from_date, 2026-02-24
inventory_quantities | octet_length(scope) <= 1000 | made | - | - | -
purchase_orders | octet_length(external_id) <= 256 | purchase_orders | {"external_id": "@", "supplier_external_id": "S", "location_external_id": "L", "order_date": "2026-02-24"} | 246 bytes | longer than the 246 bytes
purchase_orders | source_rank < 3 or (supplier_id is not null and location_id is not null | made | - | - | -
purchase_order_lines | line_no >= 0 | purchase_orders | {"external_id": "1", "supplier_external_id": "S", "location_external_id": "L", "order_date": "2026-02-24", "lines": [{"product_external_id": "P", "qty": 1, "unit_cost": 1, "line_no": "@"}]} | -1 | is not a whole number from 0 to 2147483647
purchase_order_lines | char_length(external_id) <= 1000 | purchase_orders | {"external_id": "1", "supplier_external_id": "S", "location_external_id": "L", "order_date": "2026-02-24", "lines": [{"product_external_id": "P", "qty": 1, "unit_cost": 1, "external_id": "@"}]} | 1000 characters | longer than the 256 bytes that a key may have
purchase_order_lines | ordered_qty >= 0 | purchase_orders | {"external_id": "1", "supplier_external_id": "S", "location_external_id": "L", "order_date": "2026-02-24", "lines": [{"product_external_id": "P", "qty": "@", "unit_cost": 1}]} | -1 | is negative
purchase_order_lines | unit_cost >= 0 | purchase_orders | {"external_id": "1", "supplier_external_id": "S", "location_external_id": "L", "order_date": "2026-02-24", "lines": [{"product_external_id": "P", "qty": 1, "unit_cost": "@"}]} | -1 | is negative
receiving_orders | octet_length(external_id) <= 256 | receiving_orders | {"external_id": "@", "location_external_id": "L", "received_date": "2026-02-24"} | 246 bytes | longer than the 246 bytes
receiving_order_lines | line_no >= 0 | receiving_orders | {"external_id": "1", "location_external_id": "L", "received_date": "2026-02-24", "lines": [{"product_external_id": "P", "qty_received": 1, "line_no": "@"}]} | -1 | is not a whole number from 0 to 2147483647
receiving_order_lines | char_length(external_id) <= 1000 | receiving_orders | {"external_id": "1", "location_external_id": "L", "received_date": "2026-02-24", "lines": [{"product_external_id": "P", "qty_received": 1, "external_id": "@"}]} | 1000 characters | longer than the 256 bytes that a key may have
receiving_order_lines | purchase_order_line_no >= 0 | receiving_orders | {"external_id": "1", "location_external_id": "L", "received_date": "2026-02-24", "lines": [{"product_external_id": "P", "qty_received": 1, "purchase_order_line_no": "@"}]} | -1 | is not a whole number from 0 to 2147483647
receiving_order_lines | rejected_qty >= 0 | receiving_orders | {"external_id": "1", "location_external_id": "L", "received_date": "2026-02-24", "lines": [{"product_external_id": "P", "qty_received": 1, "qty_rejected": "@"}]} | -0.001 | is negative
store_orders | octet_length(external_id) <= 256 | store_orders | {"external_id": "@", "location_external_id": "L", "source_location_external_id": "D", "order_date": "2026-02-24"} | 246 bytes | longer than the 246 bytes
store_orders | source_rank < 3 or (location_id is not null | made | - | - | -
store_order_lines | line_no >= 0 | store_orders | {"external_id": "1", "location_external_id": "L", "source_location_external_id": "D", "order_date": "2026-02-24", "lines": [{"product_external_id": "P", "qty": 1, "line_no": "@"}]} | -1 | is not a whole number from 0 to 2147483647
store_order_lines | char_length(external_id) <= 1000 | store_orders | {"external_id": "1", "location_external_id": "L", "source_location_external_id": "D", "order_date": "2026-02-24", "lines": [{"product_external_id": "P", "qty": 1, "external_id": "@"}]} | 1000 characters | longer than the 256 bytes that a key may have
store_order_lines | requested_qty >= 0 | store_orders | {"external_id": "1", "location_external_id": "L", "source_location_external_id": "D", "order_date": "2026-02-24", "lines": [{"product_external_id": "P", "qty": "@"}]} | -1 | is negative
store_order_lines | allocated_qty >= 0 | store_orders | {"external_id": "1", "location_external_id": "L", "source_location_external_id": "D", "order_date": "2026-02-24", "lines": [{"product_external_id": "P", "qty": 1, "qty_fulfilled": "@"}]} | -1 | is negative
transfer_orders | octet_length(external_id) <= 256 | transfer_orders | {"external_id": "@", "from_location_external_id": "D", "to_location_external_id": "L", "ship_date": "2026-02-24"} | 246 bytes | longer than the 246 bytes
transfer_order_lines | line_no >= 0 | transfer_orders | {"external_id": "1", "from_location_external_id": "D", "to_location_external_id": "L", "ship_date": "2026-02-24", "lines": [{"product_external_id": "P", "qty_shipped": 1, "line_no": "@"}]} | -1 | is not a whole number from 0 to 2147483647
transfer_order_lines | char_length(external_id) <= 1000 | transfer_orders | {"external_id": "1", "from_location_external_id": "D", "to_location_external_id": "L", "ship_date": "2026-02-24", "lines": [{"product_external_id": "P", "qty_shipped": 1, "external_id": "@"}]} | 1000 characters | longer than the 256 bytes that a key may have
transfer_order_lines | shipped_qty >= 0 | transfer_orders | {"external_id": "1", "from_location_external_id": "D", "to_location_external_id": "L", "ship_date": "2026-02-24", "lines": [{"product_external_id": "P", "qty_shipped": "@"}]} | -1 | is negative
transfer_order_lines | received_qty >= 0 | transfer_orders | {"external_id": "1", "from_location_external_id": "D", "to_location_external_id": "L", "ship_date": "2026-02-24", "lines": [{"product_external_id": "P", "qty_shipped": 1, "qty_received": "@"}]} | -1 | is negative
product_market_observations | market_price >= 0 | market_data | {"product_external_id": "P", "market_data_source": "m", "market_price": "@"} | -1 | is negative
product_market_observations | search_interest between 0 and 100 | market_data | {"product_external_id": "P", "market_data_source": "m", "search_interest": "@"} | 100.1 | is not a number from 0 to 100
category_market_observations | demand_index >= 0 | market_data | {"category_external_id": "C", "market_data_source": "m", "demand_index": "@"} | -0.1 | is not a number from 0 on
category_market_observations | avg_market_price >= 0 | market_data | {"category_external_id": "C", "market_data_source": "m", "avg_market_price": "@"} | -1 | is negative
product_web_analytics_daily | sessions >= 0 | analytics | {"product_external_id": "X", "sessions": "@", "page_views": 1, "add_to_carts": 1, "purchases": 1} | -1 | is not a whole number from 0 to 2147483647
product_web_analytics_daily | page_views >= 0 | analytics | {"product_external_id": "X", "sessions": 1, "page_views": "@", "add_to_carts": 1, "purchases": 1} | -1 | is not a whole number from 0 to 2147483647
product_web_analytics_daily | add_to_carts >= 0 | analytics | {"product_external_id": "X", "sessions": 1, "page_views": 1, "add_to_carts": "@", "purchases": 1} | -1 | is not a whole number from 0 to 2147483647
product_web_analytics_daily | purchases >= 0 | analytics | {"product_external_id": "X", "sessions": 1, "page_views": 1, "add_to_carts": 1, "purchases": "@"} | -1 | is not a whole number from 0 to 2147483647
product_web_analytics_daily | conversion_rate between 0 and 1 | analytics | {"product_external_id": "X", "sessions": 1, "page_views": 1, "add_to_carts": 1, "purchases": 1, "conversion_rate": "@"} | 1.01 | is not a number from 0 to 1
location_web_analytics_daily | sessions >= 0 | analytics | {"location_external_id": "X", "sessions": "@", "page_views": 1, "add_to_carts": 1, "purchases": 1} | -1 | is not a whole number from 0 to 2147483647
location_web_analytics_daily | page_views >= 0 | analytics | {"location_external_id": "X", "sessions": 1, "page_views": "@", "add_to_carts": 1, "purchases": 1} | -1 | is not a whole number from 0 to 2147483647
location_web_analytics_daily | add_to_carts >= 0 | analytics | {"location_external_id": "X", "sessions": 1, "page_views": 1, "add_to_carts": "@", "purchases": 1} | -1 | is not a whole number from 0 to 2147483647
location_web_analytics_daily | purchases >= 0 | analytics | {"location_external_id": "X", "sessions": 1, "page_views": 1, "add_to_carts": 1, "purchases": "@"} | -1 | is not a whole number from 0 to 2147483647
location_web_analytics_daily | conversion_rate between 0 and 1 | analytics | {"location_external_id": "X", "sessions": 1, "page_views": 1, "add_to_carts": 1, "purchases": 1, "conversion_rate": "@"} | 1.01 | is not a number from 0 to 1
product_social_ad_daily | impressions >= 0 | social_ads | {"product_external_id": "X", "social_ad_platform": "a", "impressions": "@", "clicks": 1, "conversions": 1, "spend": 1} | -1 | is not a whole number from 0 to 2147483647
product_social_ad_daily | clicks >= 0 | social_ads | {"product_external_id": "X", "social_ad_platform": "a", "impressions": 1, "clicks": "@", "conversions": 1, "spend": 1} | -1 | is not a whole number from 0 to 2147483647
product_social_ad_daily | conversions >= 0 | social_ads | {"product_external_id": "X", "social_ad_platform": "a", "impressions": 1, "clicks": 1, "conversions": "@", "spend": 1} | -1 | is not a whole number from 0 to 2147483647
product_social_ad_daily | spend >= 0 | social_ads | {"product_external_id": "X", "social_ad_platform": "a", "impressions": 1, "clicks": 1, "conversions": 1, "spend": "@"} | -1 | is negative
category_social_ad_daily | impressions >= 0 | social_ads | {"category_external_id": "X", "social_ad_platform": "a", "impressions": "@", "clicks": 1, "conversions": 1, "spend": 1} | -1 | is not a whole number from 0 to 2147483647
category_social_ad_daily | clicks >= 0 | social_ads | {"category_external_id": "X", "social_ad_platform": "a", "impressions": 1, "clicks": "@", "conversions": 1, "spend": 1} | -1 | is not a whole number from 0 to 2147483647
category_social_ad_daily | conversions >= 0 | social_ads | {"category_external_id": "X", "social_ad_platform": "a", "impressions": 1, "clicks": 1, "conversions": "@", "spend": 1} | -1 | is not a whole number from 0 to 2147483647
category_social_ad_daily | spend >= 0 | social_ads | {"category_external_id": "X", "social_ad_platform": "a", "impressions": 1, "clicks": 1, "conversions": 1, "spend": "@"} | -1 | is negative
currency_rates | rate > 0 | currency_rates | {"from_currency": "USD", "to_currency": "EUR", "rate": "@", "effective_date": "2026-02-24"} | 0 | is not above zero, as a rate of exchange is
currency_rates | from_currency_id <> to_currency_id | currency_rates | {"from_currency": "USD", "to_currency": "@", "rate": 1, "effective_date": "2026-02-24"} | USD | is from_currency too
product_settings | first_order_qty >= 0 | ui_events | {"event_id": "e", "table": "product_settings", "key": {"product": "P"}, "fields": {"enabled_for_processing": true, "first_order_qty": "@"}, "user": "a\u0040b.c", "at": "2026-02-24T10:00:00Z"} | -1 | is not a whole number from 0 to 2147483647
product_settings | package_qty > 0 | ui_events | {"event_id": "e", "table": "product_settings", "key": {"product": "P"}, "fields": {"enabled_for_processing": true, "package_qty": "@"}, "user": "a\u0040b.c", "at": "2026-02-24T10:00:00Z"} | 0 | is not a whole number from 1 on
product_settings | min_inv_qty >= 0 | ui_events | {"event_id": "e", "table": "product_settings", "key": {"product": "P"}, "fields": {"enabled_for_processing": true, "min_inv_qty": "@"}, "user": "a\u0040b.c", "at": "2026-02-24T10:00:00Z"} | -1 | is not a whole number from 0 to 2147483647
product_settings | octet_length(event_id) <= 256 | ui_events | {"event_id": "@", "table": "product_settings", "key": {"product": "P"}, "fields": {"enabled_for_processing": true}, "user": "a\u0040b.c", "at": "2026-02-24T10:00:00Z"} | 255 bytes | makes a key of 257 bytes
category_settings | target_service_level > 0 and target_service_level < 1 | ui_events | {"event_id": "e", "table": "category_settings", "key": {"category": "C"}, "fields": {"enabled_for_processing": true, "target_service_level": "@"}, "user": "a\u0040b.c", "at": "2026-02-24T10:00:00Z"} | 1 | is not a share between 0 and 1, both left out
category_settings | octet_length(event_id) <= 256 | ui_events | {"event_id": "@", "table": "category_settings", "key": {"category": "C"}, "fields": {"enabled_for_processing": true}, "user": "a\u0040b.c", "at": "2026-02-24T10:00:00Z"} | 255 bytes | makes a key of 257 bytes
supplier_settings | lead_time_days between 0 and 3650 | ui_events | {"event_id": "e", "table": "supplier_settings", "key": {"supplier": "S"}, "fields": {"enabled_for_processing": true, "lead_time_days": "@"}, "user": "a\u0040b.c", "at": "2026-02-24T10:00:00Z"} | 3651 | is not a whole number from 0 to 3650
supplier_settings | reorder_time_days between 0 and 3650 | ui_events | {"event_id": "e", "table": "supplier_settings", "key": {"supplier": "S"}, "fields": {"enabled_for_processing": true, "reorder_time_days": "@"}, "user": "a\u0040b.c", "at": "2026-02-24T10:00:00Z"} | 3651 | is not a whole number from 0 to 3650
supplier_settings | min_order_value >= 0 | ui_events | {"event_id": "e", "table": "supplier_settings", "key": {"supplier": "S"}, "fields": {"enabled_for_processing": true, "min_order_value": "@"}, "user": "a\u0040b.c", "at": "2026-02-24T10:00:00Z"} | -1 | is negative
supplier_settings | (min_order_value is null) = (currency_id is null) | made | - | - | -
supplier_settings | octet_length(event_id) <= 256 | ui_events | {"event_id": "@", "table": "supplier_settings", "key": {"supplier": "S"}, "fields": {"enabled_for_processing": true}, "user": "a\u0040b.c", "at": "2026-02-24T10:00:00Z"} | 255 bytes | makes a key of 257 bytes
location_settings | capacity_qty >= 0 | ui_events | {"event_id": "e", "table": "location_settings", "key": {"location": "L"}, "fields": {"enabled_for_processing": true, "capacity_qty": "@"}, "user": "a\u0040b.c", "at": "2026-02-24T10:00:00Z"} | -1 | is not a whole number from 0 to 2147483647
location_settings | review_period_days between 1 and 366 | ui_events | {"event_id": "e", "table": "location_settings", "key": {"location": "L"}, "fields": {"enabled_for_processing": true, "review_period_days": "@"}, "user": "a\u0040b.c", "at": "2026-02-24T10:00:00Z"} | 367 | is not a whole number from 1 to 366
location_settings | octet_length(event_id) <= 256 | ui_events | {"event_id": "@", "table": "location_settings", "key": {"location": "L"}, "fields": {"enabled_for_processing": true}, "user": "a\u0040b.c", "at": "2026-02-24T10:00:00Z"} | 255 bytes | makes a key of 257 bytes
inventory_strategies | jsonb_typeof(parameters) = 'object' | made | - | - | -
inventory_strategies | octet_length(event_id) <= 256 | ui_events | {"event_id": "@", "table": "inventory_strategies", "key": {"location": "L"}, "fields": {"strategy_type": "store: reorder point"}, "user": "a\u0040b.c", "at": "2026-02-24T10:00:00Z"} | 255 bytes | makes a key of 257 bytes
client_settings | octet_length(event_id) <= 256 | ui_events | {"event_id": "@", "table": "client_config", "key": {}, "fields": {"base_currency": "USD"}, "user": "a\u0040b.c", "at": "2026-02-24T10:00:00Z"} | 256 bytes | longer than the 256 bytes that a key may have
location_relationships | octet_length(event_id) <= 256 | ui_events | {"event_id": "@", "table": "location_relationships", "key": {"parent": "D", "child": "L", "type": "supplies"}, "fields": {}, "user": "a\u0040b.c", "at": "2026-02-24T10:00:00Z"} | 246 bytes | makes a key of 257 bytes
location_relationships | parent_location_id <> child_location_id | locations | {"external_id": "L", "name": "l", "type": "store", "relationships": [{"parent_external_id": "@", "type": "supplies"}]} | L | is the location itself: it does not supply itself
location_relationships | (event_id is null) = (user_id is null) and (event_id is null) = (created_at is null) | made | - | - | -
location_translations | octet_length(field_name) <= 256 | locations | {"external_id": "P", "name": "p", "type": "store", "translations": [{"language": "bg", "field": "@", "value": "v"}]} | 253 bytes | makes a key of 257 bytes
location_translations | char_length(value) <= 1000 | locations | {"external_id": "P", "name": "p", "type": "store", "translations": [{"language": "bg", "field": "name", "value": "@"}]} | 1000 characters | longer than 1000 characters
supplier_translations | octet_length(field_name) <= 256 | suppliers | {"external_id": "P", "name": "p", "translations": [{"language": "bg", "field": "@", "value": "v"}]} | 253 bytes | makes a key of 257 bytes
supplier_translations | char_length(value) <= 1000 | suppliers | {"external_id": "P", "name": "p", "translations": [{"language": "bg", "field": "name", "value": "@"}]} | 1000 characters | longer than 1000 characters
weather_observations | temperature_max between -100 and 70 | weather | {"city": "Sofia", "temperature_max": "@"} | 71 | is not a number from -100 to 70
weather_observations | temperature_min between -100 and 70 | weather | {"city": "Sofia", "temperature_min": "@"} | 71 | is not a number from -100 to 70
weather_observations | temperature_mean between -100 and 70 | weather | {"city": "Sofia", "temperature_mean": "@"} | 71 | is not a number from -100 to 70
weather_observations | apparent_temperature_max between -100 and 70 | weather | {"city": "Sofia", "apparent_temperature_max": "@"} | 71 | is not a number from -100 to 70
weather_observations | apparent_temperature_min between -100 and 70 | weather | {"city": "Sofia", "apparent_temperature_min": "@"} | 71 | is not a number from -100 to 70
weather_observations | apparent_temperature_mean between -100 and 70 | weather | {"city": "Sofia", "apparent_temperature_mean": "@"} | 71 | is not a number from -100 to 70
weather_observations | precipitation_sum >= 0 | weather | {"city": "Sofia", "precipitation_sum": "@"} | -0.1 | is not a number from 0 on
weather_observations | rain_sum >= 0 | weather | {"city": "Sofia", "rain_sum": "@"} | -0.1 | is not a number from 0 on
weather_observations | snowfall_sum >= 0 | weather | {"city": "Sofia", "snowfall_sum": "@"} | -0.1 | is not a number from 0 on
weather_observations | windspeed_max >= 0 | weather | {"city": "Sofia", "windspeed_max": "@"} | -0.1 | is not a number from 0 on
weather_observations | windgusts_max >= 0 | weather | {"city": "Sofia", "windgusts_max": "@"} | -0.1 | is not a number from 0 on
weather_observations | shortwave_radiation_sum >= 0 | weather | {"city": "Sofia", "shortwave_radiation_sum": "@"} | -0.1 | is not a number from 0 on
weather_observations | precipitation_hours between 0 and 25 | weather | {"city": "Sofia", "precipitation_hours": "@"} | 26 | is not a number from 0 to 25
weather_observations | wind_direction_dominant between 0 and 360 | weather | {"city": "Sofia", "wind_direction_dominant": "@"} | 361 | is not a number from 0 to 360
weather_observations | weather_code between 0 and 99 | weather | {"city": "Sofia", "weather_code": "@"} | 100 | is not a whole number from 0 to 99
product_categories | parent_category_id <> id | products | {"external_id": "P", "name": "p", "category": {"external_id": "C", "parent_external_id": "@"}} | C | is the category itself
products | (declared_cost is null and declared_price is null) = (declared_currency_id is null) | made | - | - | -
products | (cost is null) = (cost_currency_id is null) | made | - | - | -
products | (price is null) = (currency_id is null) | made | - | - | -
products | cost >= 0 | products | {"external_id": "P", "name": "p", "cost": "@"} | -0.0001 | is negative
products | price >= 0 | products | {"external_id": "P", "name": "p", "price": "@"} | -0.0001 | is negative
product_cost_records | (unit_cost is null) = (currency_id is null) | made | - | - | -
product_market_observations | (market_price is null) = (currency_id is null) | made | - | - | -
category_market_observations | (avg_market_price is null) = (currency_id is null) | made | - | - | -
receiving_order_lines | unit_cost >= 0 | made | - | - | -
locations | opened_date <= closed_date | locations | {"external_id": "L", "name": "l", "type": "store", "opened_on": "2026-02-24", "closed_on": "@"} | 2026-02-23 | is before opened_on
purchase_orders | order_date <= closed_date | purchase_orders | {"external_id": "1", "supplier_external_id": "S", "location_external_id": "L", "order_date": "2026-02-24", "closed_date": "@"} | 2026-02-23 | is before order_date
transfer_orders | shipped_date <= received_date | transfer_orders | {"external_id": "1", "from_location_external_id": "D", "to_location_external_id": "L", "ship_date": "2026-02-24", "received_date": "@"} | 2026-02-23 | is before ship_date
transfer_orders | from_location_id <> to_location_id | transfer_orders | {"external_id": "1", "from_location_external_id": "D", "to_location_external_id": "@", "ship_date": "2026-02-24"} | D | is from_location_external_id too
store_orders | location_id <> source_location_id | store_orders | {"external_id": "1", "location_external_id": "L", "source_location_external_id": "@", "order_date": "2026-02-24"} | L | is location_external_id too
inventory_strategies | not jsonb_path_exists(parameters, 'strict $.* ? (@.type() != "number")', '{}', true) | made | - | - | -
weather_observations | temperature_min <= temperature_max | weather | {"city": "Sofia", "temperature_min": 4, "temperature_max": "@"} | 3.5 | is below temperature_min
weather_observations | apparent_temperature_min <= apparent_temperature_max | weather | {"city": "Sofia", "apparent_temperature_min": 4, "apparent_temperature_max": "@"} | 3.5 | is below apparent_temperature_min
"##;

/// What every table of the kind has: transform makes these values itself.
const OF_ALL: &[&str] = &["id >= 0", "raw_position > 0", "source_rank between 0 and 3"];

/// The CHECKs of a migration as table and condition.
fn checks_of(sql: &str) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    let mut table = String::new();
    for statement in sql.lines() {
        let begins = statement.strip_prefix("create table ");
        if let Some(rest) = begins.or_else(|| statement.strip_prefix("alter table ")) {
            let name = rest.split(' ').next().unwrap_or_default();
            table = name.trim_start_matches("cw_global.").to_owned();
        }
        let Some((_, rest)) = statement.split_once("check (") else {
            continue;
        };
        let mut depth = 1;
        let end = rest.find(|c| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            depth == 0
        });
        // One over several lines is told by its first one.
        let condition = &rest[..end.unwrap_or(rest.len())];
        found.insert((table.clone(), condition.to_owned()));
    }
    found
}

#[test]
fn every_check_of_a_table_that_transform_writes_has_its_rule() {
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/src");
    let mut in_database = BTreeSet::new();
    for schema in ["tenant", "global"] {
        for entry in fs::read_dir(migrations.join(schema)).unwrap() {
            let sql = entry.unwrap().path().join("up.sql");
            in_database.extend(checks_of(&fs::read_to_string(sql).unwrap()));
        }
    }
    let written: BTreeSet<_> = written().map(TableId::name).collect();
    in_database.retain(|(table, check)| {
        written.contains(table.as_str()) && !OF_ALL.contains(&check.as_str())
    });
    let pair = |[table, check, ..]: [&str; 6]| (table.to_owned(), check.to_owned());
    assert_eq!(in_database, cases(CHECKS).map(pair).collect());
}

/// What steps, sheets and the UI will say: no record feeds these tables yet.
const OTHERS_WRITE: &[TableId] = &[
    TableId::ProductCategoryTranslations,
    TableId::SupplierAvailableProducts,
    TableId::ProductBehaviors,
    TableId::LocationBehaviors,
    TableId::SupplierBehaviors,
    TableId::CategoryBehaviors,
    TableId::MlModelRuns,
    TableId::DemandForecasts,
    TableId::DemandForecastProducts,
    TableId::EmbeddingModels,
    TableId::ProductEmbeddings,
    TableId::Assortments,
    TableId::XAssortmentProducts,
    TableId::InventoryTargets,
    TableId::InventoryStrategySimulations,
    TableId::PoRecommendations,
    TableId::ToRecommendations,
    TableId::AssortmentRecommendations,
    TableId::RecommendationOutcomes,
    TableId::UpliftMeasurements,
];

/// The tables whose rows have a lineage, and that a record feeds.
fn written() -> impl Iterator<Item = TableId> {
    let tables = TableId::ALL.iter().copied();
    let tables = tables.filter(|table| !OTHERS_WRITE.contains(table));
    tables.filter(|table| table.table().position("source_version").is_some())
}

#[test]
fn a_value_that_a_check_would_refuse_is_refused_before() {
    for [table, check, dataset, record, value, message] in cases(CHECKS) {
        if dataset == "made" {
            continue;
        }
        let (bad, good) = match value.split_once(' ') {
            Some((most, "bytes")) => text("b", most),
            Some((most, "characters")) => text("\u{44f}", most),
            _ => (value.to_owned(), None),
        };
        let file = format!("{dataset}.json");
        let told = |value: &str| {
            let bytes = format!("[{}]", record.replace('@', value));
            problems(&deliver(&mapping_of(dataset), &file, bytes))
        };
        let refused = told(&bad);
        assert_eq!(refused.len(), 1, "{table} {check}: {refused:?}");
        assert!(refused[0].contains(message), "{table} {check}: {refused:?}");
        // The longest that is admitted is admitted, where the rule is about length alone.
        if let Some(good) = good.filter(|_| message.starts_with("longer")) {
            let stricter = check.contains("char_length") && message.contains("bytes");
            assert_eq!(told(&good).is_empty(), !stricter, "{table} {check}");
        }
    }
}

fn mapping_of(dataset: &str) -> Mapping {
    if ["currency_rates", "weather"].contains(&dataset) {
        return shared();
    }
    canonical()
}

/// A text that is one too long, and one that is not.
fn text(letter: &str, most: &str) -> (String, Option<String>) {
    let most = most.parse().unwrap();
    (letter.repeat(most + 1), Some(letter.repeat(most)))
}

/// Records that fill every table that transform writes.
const RICH: &str = r##"
products | {"external_id": "P", "name": "p", "is_active": false, "brand": "b", "status": "s", "gender": "g", "price_tier": "t", "category": {"external_id": "C", "type": "y", "parent_external_id": "D"}, "supplier_external_id": "S", "cost": 1, "price": 2, "attributes": {"a": "v"}, "images": [{"s3_key": "k", "type": "main"}], "translations": [{"language": "bg", "field": "name", "value": "v"}]}
customers | {"external_id": "C", "type": "x", "is_active": false}
locations | {"external_id": "L", "name": "l", "type": "store", "status": "open", "relationships": [{"parent_external_id": "D", "type": "supplies"}], "translations": [{"language": "bg", "field": "name", "value": "v"}]}
suppliers | {"external_id": "S", "name": "s", "status": "ok", "brands": ["b"], "products": [{"product_external_id": "P", "unit_cost": 1}], "translations": [{"language": "bg", "field": "name", "value": "v"}], "is_active": false}
pricing_lists | {"product_external_id": "P", "price_kind": "regular", "price": 1, "from_date": "2026-02-24", "is_active": false}
inventory | {"product_external_id": "P", "location_external_id": "L", "on_hand_qty": 1}
sales_orders | {"external_id": "1", "order_date": "2026-02-24", "location_external_id": "S", "customer": {"external_id": "C", "type": "x"}, "channel": "c", "status": "s", "lines": [{"product_external_id": "P", "qty": 1, "unit_price": 1, "updates": [{"type": "t", "date": "2026-03-01", "qty_delta": 1, "value_delta": 1}]}]}
purchase_orders | {"external_id": "1", "supplier_external_id": "S", "location_external_id": "L", "order_date": "2026-02-24", "status": "s", "lines": [{"product_external_id": "P", "qty": 1, "unit_cost": 1}]}
receiving_orders | {"external_id": "1", "purchase_order_external_id": "2", "location_external_id": "L", "received_date": "2026-02-24", "status": "s", "lines": [{"product_external_id": "P", "qty_received": 1}]}
store_orders | {"external_id": "1", "location_external_id": "L", "source_location_external_id": "D", "order_date": "2026-02-24", "status": "s", "lines": [{"product_external_id": "P", "qty": 1}]}
transfer_orders | {"external_id": "1", "store_order_external_id": "2", "from_location_external_id": "D", "to_location_external_id": "L", "ship_date": "2026-02-24", "status": "s", "lines": [{"product_external_id": "P", "qty_shipped": 1}]}
market_data | {"product_external_id": "P", "market_data_source": "m"}, {"category_external_id": "C", "market_data_source": "m"}
analytics | {"product_external_id": "P", "sessions": 1, "page_views": 1, "add_to_carts": 1, "purchases": 1}, {"location_external_id": "L", "sessions": 1, "page_views": 1, "add_to_carts": 1, "purchases": 1}
social_ads | {"product_external_id": "P", "social_ad_platform": "a", "impressions": 1, "clicks": 1, "conversions": 1, "spend": 1}, {"category_external_id": "C", "social_ad_platform": "a", "impressions": 1, "clicks": 1, "conversions": 1, "spend": 1}
currency_rates | {"from_currency": "USD", "to_currency": "EUR", "rate": "0.85", "effective_date": "2026-02-24"}
weather | {"city": "Sofia", "country": "BG", "temperature_max": 7.5, "weather_code": 3}
ui_events | {"event_id": "e", "table": "product_settings", "key": {"product": "P"}, "fields": {"enabled_for_processing": true, "package_qty": 6}, "user": "a\u0040b.c", "at": "2026-02-24T10:00:00Z"}, {"event_id": "e", "table": "category_settings", "key": {"category": "C"}, "fields": {"enabled_for_processing": true}, "user": "a\u0040b.c", "at": "2026-02-24T10:00:00Z"}, {"event_id": "e", "table": "supplier_settings", "key": {"supplier": "S"}, "fields": {"enabled_for_processing": true, "min_order_value": 100}, "user": "a\u0040b.c", "at": "2026-02-24T10:00:00Z"}, {"event_id": "e", "table": "location_settings", "key": {"location": "L"}, "fields": {"enabled_for_processing": true}, "user": "a\u0040b.c", "at": "2026-02-24T10:00:00Z"}, {"event_id": "e", "table": "inventory_strategies", "key": {"location": "L", "product": "P"}, "fields": {"strategy_type": "store: reorder point", "parameters": {"z": "1.5", "a": 2}}, "user": "a\u0040b.c", "at": "2026-02-24T10:00:00Z"}, {"event_id": "e", "table": "location_relationships", "key": {"parent": "D", "child": "L", "type": "supplies"}, "fields": {"priority": 1}, "user": "a\u0040b.c", "at": "2026-02-24T10:00:00Z"}, {"event_id": "e", "table": "client_config", "key": {}, "fields": {"base_currency": "USD"}, "user": "a\u0040b.c", "at": "2026-02-24T10:00:00Z"}
"##;

/// Whether a header of a document's own record has all that only an inferred one may lack.
fn whole_where_own(whole: &Whole, table: TableId) -> bool {
    let known: &[&str] = match table {
        TableId::PurchaseOrders => &[
            "supplier_id",
            "location_id",
            "order_date",
            "total_value",
            "currency_id",
        ],
        TableId::StoreOrders => &["location_id", "source_location_id", "order_date"],
        _ => return true,
    };
    let ranks = column(whole, table, "source_rank");
    known.iter().all(|name| {
        let cells = column(whole, table, name);
        ranks
            .iter()
            .zip(&cells)
            .all(|(rank, cell)| rank != "3" || cell != "-")
    })
}

#[test]
fn what_transform_makes_itself_never_breaks_a_check() {
    let mut seen = BTreeSet::new();
    for [dataset, record] in cases(RICH) {
        let file = format!("{dataset}.json");
        let whole = deliver(&mapping_of(dataset), &file, format!("[{record}]"));
        assert_eq!(problems(&whole), [""; 0], "{record}");
        for table in whole.output.rows.keys() {
            seen.insert(*table);
            let numbers = |name: &str| {
                let there = table.table().position(name).is_some();
                let cells = if there {
                    column(&whole, *table, name)
                } else {
                    Vec::new()
                };
                cells.into_iter().map(|cell| cell.parse::<i64>().unwrap())
            };
            assert!(numbers("id").all(|id| id >= 0));
            assert!(numbers("raw_position").all(|position| position > 0));
            assert!(numbers("source_rank").all(|rank| (0..=3).contains(&rank)));
            assert!(numbers("update_no").all(|number| number >= 0));
            if table.table().position("scope").is_some() {
                let scopes = column(&whole, *table, "scope");
                assert!(scopes.iter().all(|scope| scope.len() <= 1_000));
            }
            assert!(whole_where_own(&whole, *table));
            if table.table().has_presence() {
                let active = column(&whole, *table, "is_active");
                assert_eq!(active, column(&whole, *table, "declared_active"));
            }
        }
    }
    assert_eq!(seen, written().collect());
}
