//! Queries of products, customers and what people set; of shared data too.

use super::{Query, query};

pub(super) const PRODUCTS: &[Query] = &[
    query(
        "product_by_number",
        "step 3, UI: search",
        "select * from products where external_id = $1",
        "'P001234'",
        &["products_natural_key"],
    ),
    query(
        "products_by_sku",
        "UI: search",
        "select * from products where left(product_sku, 64) like $1 order by product_sku limit 20",
        "'SKU-00123%'",
        &["products_product_sku_idx"],
    ),
    query(
        "products_by_vendor_sku",
        "UI: search",
        "select * from products where left(product_vendor_sku, 64) like $1 limit 20",
        "'V20978%'",
        &["products_product_vendor_sku_idx"],
    ),
    query(
        "products_by_words",
        "UI: search",
        "select * from products
         where to_tsvector('simple', product_name) @@ to_tsquery('simple', $1) limit 20",
        "'lin:* & 123:*'",
        &["products_words_idx"],
    ),
    query(
        "products_page",
        "UI: products, page by page",
        "select * from products where external_id > $1 order by external_id limit 50",
        "'P010000'",
        &["products_natural_key"],
    ),
    query(
        "products_of_brand",
        "step 6, UI: brand",
        "select * from products where brand_id = $1 and is_active",
        "42",
        &["products_brand_id_idx"],
    ),
    query(
        "products_of_category",
        "step 5, UI: category",
        "select * from products where product_category_id = $1 and is_active",
        "42",
        &["products_product_category_id_idx"],
    ),
    query(
        "products_of_supplier",
        "step 12, UI: supplier",
        "select * from products where supplier_id = $1 and is_active",
        "42",
        &["products_supplier_id_idx"],
    ),
    query(
        "attributes_of_product",
        "UI: product",
        "select attribute_name, attribute_value from product_attributes where product_id = $1",
        "1234",
        &["product_attributes_natural_key"],
    ),
    query(
        "images_of_product",
        "UI: product",
        "select s3_key from product_images where product_id = $1",
        "1234",
        &["product_images_natural_key"],
    ),
    query(
        "texts_of_product",
        "UI: product",
        "select field_name, language_id, value from product_translations where product_id = $1",
        "1234",
        &["product_translations_natural_key"],
    ),
    query(
        "assortments_of_product",
        "step 6, UI: product",
        "select assortment_id, is_confirmed from x_assortment_products where product_id = $1",
        "700",
        &["x_assortment_products_product_id_idx"],
    ),
    query(
        "products_of_assortment",
        "steps 6 and 11, UI: assortment",
        "select product_id, is_confirmed from x_assortment_products where assortment_id = $1",
        "42",
        &["x_assortment_products_natural_key"],
    ),
    query(
        "customer_by_number",
        "step 3, UI: search",
        "select * from customers where external_id = $1",
        "'K4711'",
        &["customers_natural_key"],
    ),
    query(
        "customers_by_words",
        "UI: search",
        "select * from customers
         where to_tsvector('simple', customer_name) @@ to_tsquery('simple', $1) limit 20",
        "'ma:* & person471:*'",
        &["customers_words_idx"],
    ),
];

pub(super) const SETTINGS: &[Query] = &[
    query(
        "product_setting_in_force",
        "steps 5 to 12, UI: product",
        "select * from product_settings where product_id = $1
         order by created_at desc, event_id collate \"C\" desc limit 1",
        "1234",
        &["product_settings_newest_idx"],
    ),
    query(
        "product_setting_as_of",
        "a run of an earlier day, UI: history of a product",
        "select * from product_settings where product_id = $1 and created_at < $2
         order by created_at desc, event_id collate \"C\" desc limit 1",
        "1234, '2025-01-01'",
        &["product_settings_newest_idx"],
    ),
    query(
        "products_set_since",
        "what the next run has to do again, UI: changes",
        "select * from product_settings where created_at >= $1 order by created_at",
        "'2025-12-28'",
        &["product_settings_created_at_idx"],
    ),
    query(
        "category_setting_in_force",
        "steps 5 to 12, UI: category",
        "select * from category_settings where product_category_id = $1
         order by created_at desc, event_id collate \"C\" desc limit 1",
        "42",
        &["category_settings_newest_idx"],
    ),
    query(
        "supplier_setting_in_force",
        "steps 5 to 12, UI: supplier",
        "select * from supplier_settings where supplier_id = $1
         order by created_at desc, event_id collate \"C\" desc limit 1",
        "42",
        &["supplier_settings_newest_idx"],
    ),
    query(
        "location_setting_in_force",
        "steps 5 to 12, UI: location",
        "select * from location_settings where location_id = $1
         order by created_at desc, event_id collate \"C\" desc limit 1",
        "42",
        &["location_settings_newest_idx"],
    ),
    query(
        "strategy_in_force",
        "step 11, UI: location",
        "select * from inventory_strategies where location_id = $1 and product_id = $2
         order by created_at desc, event_id collate \"C\" desc limit 1",
        "42, 17",
        &["inventory_strategies_newest_idx"],
    ),
    query(
        "strategies_set_since",
        "what the next run has to do again, UI: changes",
        "select * from inventory_strategies where created_at >= $1 order by created_at",
        "'2025-10-20'",
        &["inventory_strategies_created_at_idx"],
    ),
    query(
        "sources_of_location",
        "steps 5 and 7 to 12, UI: location",
        "select parent_location_id, priority, lead_time_days from location_relationships
         where child_location_id = $1",
        "77",
        &["location_relationships_child_location_id_idx"],
    ),
];

pub(super) const SHARED: &[Query] = &[
    query(
        "weather_of_city",
        "step 9, UI: location",
        "select observation_date, temperature_mean from cw_global.weather_observations
         where city_id = $1 and observation_date between $2 and $3",
        "42, '2025-11-01', '2025-11-30'",
        &["weather_observations_natural_key"],
    ),
    query(
        "city_by_name",
        "step 3",
        "select id from cw_global.cities where name = $1 and country = $2",
        "'City 42', 'BG'",
        &["cities_natural_key"],
    ),
    query(
        "rate_in_force",
        "steps 8 and 9",
        "select rate from cw_global.currency_rates
         where from_currency_id = $1 and to_currency_id = $2 and effective_date <= $3
         order by effective_date desc limit 1",
        "5, 1, '2025-06-30'",
        &["currency_rates_natural_key"],
    ),
    query(
        "person_by_email",
        "step 3, UI: login",
        "select * from cw_global.users where email = $1",
        "'person4711@example.com'",
        &["users_natural_key"],
    ),
    query(
        "people_of_client",
        "what a tenant may see of people, UI: who did what",
        "select u.email from cw_global.x_user_clients as c
         join cw_global.users as u on u.id = c.user_id where c.client_id = $1",
        "'CW-000042'",
        &["x_user_clients_client_id_idx", "users_pkey"],
    ),
];
