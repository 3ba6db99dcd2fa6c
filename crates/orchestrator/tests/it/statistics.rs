//! `catwing stats`: from deliveries to the tables that the UI reads.

use crate::command::{CLIENT, Home, document, text};

const DAY: &str = "2026-01-05";

fn rows(home: &Home, table: &str) -> String {
    let query = format!(
        "select coalesce(location_id > 0, false), period_start, trim_scale(total_qty), trim_scale(total_value), product_count
         from cw_500_stats.{table} order by 1, 2"
    );
    let said = home.run(&["db", "psql", "--", "-Atc", &query]);
    assert_eq!(said.code, 0, "{said:?}");
    said.out.trim().replace('\n', " / ")
}

#[test]
fn statistics_follow_deliveries_and_a_dropped_schema_is_made_again() {
    let home = Home::after_a_sale(DAY);
    home.json(&["stats", "refresh", "--all"]);
    assert_eq!(
        rows(&home, "weekly_sales_values"),
        "f|2026-01-05|3|7.5|1 / t|2026-01-05|3|7.5|1"
    );

    // The document is delivered once more, moved to the next day and corrected.
    let later = "2026-01-06";
    home.import(
        later,
        "sales_orders.json",
        &format!("[{}]", document("A", later, 4)),
    );
    home.json(&["backfill", "--client", CLIENT]);
    home.json(&["stats", "refresh", "--client", CLIENT]);
    assert_eq!(
        rows(&home, "daily_sales_values"),
        "f|2026-01-06|4|10|1 / t|2026-01-06|4|10|1"
    );
    let again = &home.json(&["stats", "refresh", "--client", CLIENT])["tenants"][0];
    assert_eq!(
        (&again["client"], &again["is_whole"]),
        (&CLIENT.into(), &false.into())
    );
    assert_eq!(
        again["tables"].as_object().map(serde_json::Map::len),
        Some(0)
    );

    let digest = |name: &str| {
        let said = home.run(&["digest", "--client", CLIENT, "--days", "--json"]);
        home.file(name, &said.out)
    };
    let before = digest("before.json");
    let dropped = home.run(&["db", "psql", "--", "-c", "drop schema cw_500_stats cascade"]);
    assert_eq!(dropped.code, 0, "{dropped:?}");
    let refused = home.run(&["stats", "refresh", "--client", CLIENT]);
    assert!(
        refused.code == 2
            && refused
                .err
                .contains("catwing stats rebuild --client CW-000500"),
        "{refused:?}"
    );
    let rebuilt = &home.json(&["stats", "rebuild", "--client", CLIENT])["tenants"][0];
    assert_eq!(rebuilt["tables"]["daily_sales_values"]["inserted"], 2);
    let after = digest("after.json");
    let equal = home.run(&["digest", "diff", text(&before), text(&after)]);
    assert_eq!((equal.code, equal.out.trim()), (0, "equal"), "{equal:?}");
    let shown = home.run(&["stats", "rebuild", "--client", CLIENT]);
    assert!(
        shown.out.contains("everything, days of sales 1") && shown.out.contains("0 rows changed"),
        "{shown:?}"
    );
}

#[test]
fn a_value_without_a_rate_fails_and_is_named() {
    let home = Home::new();
    home.add_tenant();
    let foreign = document("A", DAY, 1).replacen('{', r#"{"currency":"USD","#, 1);
    home.import(DAY, "sales_orders.json", &format!("[{foreign}]"));
    home.run(&["backfill", "--client", CLIENT]);
    for arguments in [
        ["stats", "refresh", "--all"].as_slice(),
        &["stats", "rebuild", "--client", CLIENT],
    ] {
        let said = home.run(arguments);
        assert_eq!(said.code, 1, "{said:?}");
        assert!(
            said.err.contains("values of 2026-01-05 in USD") && said.err.contains("currency_rates"),
            "{said:?}"
        );
    }
    for wrong in [
        ["stats", "refresh"].as_slice(),
        &["stats", "refresh", "--all", "--client", CLIENT],
        &["stats", "rebuild", "--client", "CW-000999"],
    ] {
        let said = home.run(wrong);
        assert_eq!(said.code, 2, "{said:?}");
    }
}
