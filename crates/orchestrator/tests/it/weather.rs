//! Weather and cities: shared data, told by the shared tenant, found from every tenant's places.

use crate::command::{CLIENT, Home, text};

const DAY: &str = "2026-01-05";
const SHARED: &str = r#"
client = "CW-GLOBAL"
name = "Shared"
time_zone = "Europe/Berlin"
base_currency = "EUR"
[datasets.weather]
number = 1
"#;
const SHOP: &str = r#"
client = "CW-000500"
name = "Shop"
time_zone = "Europe/Berlin"
base_currency = "EUR"
[datasets.locations]
number = 1
"#;

fn import(home: &Home, client: &str, name: &str, content: &str) {
    let file = home.file(&format!("in/{client}/{name}"), content);
    let arguments = [
        "raw",
        "import",
        text(&file),
        "--client",
        client,
        "--date",
        DAY,
    ];
    let said = home.run(&arguments);
    assert_eq!(said.code, 0, "{said:?}");
    home.json(&["backfill", "--client", client]);
}

fn query(home: &Home, sql: &str) -> String {
    let said = home.run(&["db", "psql", "--", "-Atc", sql]);
    assert_eq!(said.code, 0, "{said:?}");
    said.out.trim().replace('\n', " / ")
}

#[test]
fn the_weather_of_a_place_is_found_by_its_city() {
    let home = Home::new();
    for (name, file) in [("shared.toml", SHARED), ("shop.toml", SHOP)] {
        let file = home.file(name, file);
        let said = home.run(&["tenant", "add", text(&file)]);
        assert_eq!(said.code, 0, "{said:?}");
    }
    import(
        &home,
        CLIENT,
        "locations.json",
        r#"[{"external_id": "S1", "name": "Shop", "type": "store", "city": "Sofia", "country": "BG",
             "translations": [{"language": "bg", "field": "name", "value": "Магазин"}]},
            {"external_id": "S2", "name": "Other", "type": "store", "city": "Sofia"}]"#,
    );
    import(
        &home,
        "CW-GLOBAL",
        "weather.json",
        r#"[{"city": "Sofia", "country": "BG", "temperature_max": 7.5, "temperature_min": -1, "weather_code": 3},
            {"city": "Sofia", "country": "BG", "observation_date": "2026-01-04", "precipitation_sum": 0.4},
            {"city": "Sofia", "country": "BG", "observation_date": "2026-01-03", "temperature_max": 90}]"#,
    );
    assert_eq!(
        query(
            &home,
            "select l.external_id, c.country, w.observation_date, w.temperature_max, w.precipitation_sum
             from cw_500.locations as l join cw_global.cities as c on c.id = l.city_id
             left join cw_global.weather_observations as w on w.city_id = c.id order by 1, 3"
        ),
        "S1|BG|2026-01-04||0.4 / S1|BG|2026-01-05|7.5| / S2||||",
        "a city without its country is another one"
    );
    assert_eq!(
        query(&home, "select value from cw_500.location_translations"),
        "Магазин"
    );
    let refused = home.json(&["quarantine", "list", "--client", "CW-GLOBAL"]);
    assert_eq!(refused["total"], 1);
    assert_eq!(refused["reasons"][0]["field"], "temperature_max");

    // The digest of what is shared holds the weather, and no city, which tenants add in any order.
    let digest = home.json(&["digest", "--client", "CW-GLOBAL"]);
    assert_eq!(digest["tables"]["weather_observations"]["rows"], 2);
    assert!(digest["tables"]["cities"].is_null());
}
