//! Facts of a day: stock, observations and rates.

use catwing_domain::{DaySet, TableId};
use catwing_transform::Whole;

use crate::{
    fixture::{DAY, column, deliver, mapping},
    masters::{accepted, delivered, key},
};

/// The days of which a delivery holds the whole stock, all of one position.
fn days(whole: &Whole) -> Vec<String> {
    let sets: Vec<&DaySet> = whole.output.inventory_sets.iter().collect();
    assert!(
        sets.windows(2)
            .all(|pair| pair[0].position == pair[1].position)
    );
    assert!(
        sets.iter()
            .all(|set| set.position == set.position.of_delivery())
    );
    sets.iter().map(|set| set.day.to_string()).collect()
}

#[test]
fn a_complete_delivery_of_stock_is_a_set_of_its_days() {
    let stock = |fields: &str| {
        format!(
            r#"{{"product_external_id": "P", "location_external_id": "L", "on_hand_qty": "-1.5"{fields}}}"#
        )
    };
    let today = accepted("inventory", &stock(""));
    assert_eq!(days(&today), [DAY]);
    let stock_key = key(
        TableId::InventoryQuantities,
        &[Some("P"), Some("L"), Some(DAY), Some("")],
    );
    assert_eq!(
        column(&today, TableId::InventoryQuantities, "id"),
        [stock_key]
    );
    assert!(today.output.present.is_empty() && today.presence.is_empty());
    // Nothing is in stock where a complete delivery is empty.
    assert_eq!(days(&accepted("inventory", "")), [DAY]);
    // Another day's stock says nothing of the business day's.
    let earlier = stock(r#", "snapshot_date": "2026-02-20""#);
    assert_eq!(days(&accepted("inventory", &earlier)), ["2026-02-20"]);
    let both = format!("{}, {earlier}", stock(""));
    assert_eq!(days(&accepted("inventory", &both)), ["2026-02-20", DAY]);
    // What is refused says nothing of any day.
    assert_eq!(
        days(&delivered("inventory", r#"{"product_external_id": "P"}"#)),
        [""; 0]
    );
    // A delta is never complete; a snapshot is complete for its scope.
    for (completeness, scope, expected) in [("delta", "", 0), ("snapshot", "north", 1)] {
        let scoped = format!(
            "[datasets.inventory]\nnumber = 6\ncompleteness = \"{completeness}\"\nscope = \"{scope}\""
        );
        let whole = deliver(
            &mapping(&scoped),
            "inventory.json",
            format!("[{}]", stock("")),
        );
        assert_eq!(whole.output.inventory_sets.len(), expected);
        assert!(
            whole
                .output
                .inventory_sets
                .iter()
                .all(|set| set.scope == scope)
        );
        assert_eq!(
            column(&whole, TableId::InventoryQuantities, "scope"),
            [scope]
        );
    }
}

#[test]
fn observations_are_of_the_business_day_where_they_name_none() {
    let whole = accepted(
        "market_data",
        r#"{"product_external_id": "P", "market_data_source": "m", "market_price": 2, "search_interest": 50.5, "is_in_stock": true},
           {"category_external_id": "C", "market_data_source": "m", "observation_date": "2026-02-20", "demand_index": "0.10"}"#,
    );
    let one = |name| column(&whole, TableId::ProductMarketObservations, name);
    assert_eq!(
        (one("observation_date"), one("search_interest")),
        (vec![DAY.to_owned()], vec!["50.5".to_owned()])
    );
    let parts = [Some("P"), Some("m"), Some(DAY)];
    assert_eq!(one("id"), [key(TableId::ProductMarketObservations, &parts)]);
    let other = |name| column(&whole, TableId::CategoryMarketObservations, name);
    assert_eq!(
        (other("observation_date"), other("demand_index")),
        (vec!["2026-02-20".to_owned()], vec!["0.1".to_owned()])
    );
    // Without a price there is no currency.
    assert_eq!(other("currency_id"), ["-"]);
    assert_ne!(one("currency_id"), ["-"]);
    assert_eq!(
        column(&whole, TableId::ProductCategories, "source_rank"),
        ["0"]
    );
    let counts: Vec<_> = whole
        .summary
        .counts
        .values()
        .map(|c| (c.source_rows, c.records_read, c.rows_skipped))
        .collect();
    assert_eq!(counts, [(2, 1, 1), (2, 1, 1)]);
    let whole = accepted(
        "social_ads",
        r#"{"product_external_id": "P", "social_ad_platform": "f", "impressions": 3, "clicks": 2, "conversions": 1, "spend": "0.5", "currency": "USD"}"#,
    );
    assert_eq!(
        column(&whole, TableId::ProductSocialAdDaily, "spend"),
        ["0.5000"]
    );
    assert_eq!(column(&whole, TableId::SocialAdPlatforms, "name"), ["f"]);
    assert!(whole.output.currencies.contains_key("USD"));
    let whole = accepted(
        "analytics",
        r#"{"location_external_id": "L", "sessions": 4, "page_views": 3, "add_to_carts": 2, "purchases": 1, "conversion_rate": 0.25}"#,
    );
    assert_eq!(
        column(
            &whole,
            TableId::LocationWebAnalyticsDaily,
            "conversion_rate"
        ),
        ["0.25"]
    );
}

#[test]
fn a_rate_of_exchange_is_kept_to_ten_decimals() {
    let whole = accepted(
        "currency_rates",
        r#"{"from_currency": "USD", "to_currency": "EUR", "rate": "0.8512345678", "effective_date": "2026-02-24"}"#,
    );
    assert_eq!(
        column(&whole, TableId::CurrencyRates, "rate"),
        ["0.8512345678"]
    );
    let parts = [Some("USD"), Some("EUR"), Some(DAY)];
    assert_eq!(
        column(&whole, TableId::CurrencyRates, "id"),
        [key(TableId::CurrencyRates, &parts)]
    );
    assert_eq!(whole.output.currencies.len(), 2);
}
