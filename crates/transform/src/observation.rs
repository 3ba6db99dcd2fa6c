//! What markets, web shops and advertisement networks say of a day; and rates of exchange.

use catwing_domain::{DomainError, Entity, Output, RowKey, Rule, TableId};

use crate::{
    accepted::{self, Accepted},
    canonical::{Fields, Problems},
    category, city,
    field_path::FieldPath,
    location,
    parents::Parents,
    product, range,
};

/// Checks the rules between fields; what it finds goes to `problems`.
pub(crate) fn check(record: Fields<'_, '_>, problems: &mut Problems) {
    let money = ["market_price", "avg_market_price", "spend"];
    range::not_negative(record, FieldPath::Record, &money, problems);
    range::within(record, "search_interest", (0.0, Some(100.0)), problems);
    range::within(record, "demand_index", (0.0, None), problems);
    range::within(record, "conversion_rate", (0.0, Some(1.0)), problems);
}

/// What the weather can be, by canonical field.
const WEATHER_RANGES: &[(&str, (f64, Option<f64>))] = &[
    ("temperature_max", (-100.0, Some(70.0))),
    ("temperature_min", (-100.0, Some(70.0))),
    ("temperature_mean", (-100.0, Some(70.0))),
    ("apparent_temperature_max", (-100.0, Some(70.0))),
    ("apparent_temperature_min", (-100.0, Some(70.0))),
    ("apparent_temperature_mean", (-100.0, Some(70.0))),
    ("precipitation_sum", (0.0, None)),
    ("rain_sum", (0.0, None)),
    ("snowfall_sum", (0.0, None)),
    ("precipitation_hours", (0.0, Some(25.0))),
    ("windspeed_max", (0.0, None)),
    ("windgusts_max", (0.0, None)),
    ("wind_direction_dominant", (0.0, Some(360.0))),
    ("shortwave_radiation_sum", (0.0, None)),
];
/// Greatest code of the weather that the WMO knows.
const WEATHER_CODE_MAX: i32 = 99;

/// Checks a day's weather.
pub(crate) fn check_weather(record: Fields<'_, '_>, problems: &mut Problems) {
    city::check(record, FieldPath::Record, problems);
    for (field, range) in WEATHER_RANGES {
        range::within(record, field, *range, problems);
    }
    range::not_below(record, "temperature_min", "temperature_max", problems);
    range::not_below(
        record,
        "apparent_temperature_min",
        "apparent_temperature_max",
        problems,
    );
    range::count_within(
        record,
        "weather_code",
        (0, Some(WEATHER_CODE_MAX)),
        problems,
    );
}

/// Writes a day's weather and the city that it is of.
pub(crate) fn weather(accepted: &Accepted<'_, '_>, output: &mut Output) -> Result<(), DomainError> {
    let record = accepted.record;
    let city = city::of(record, output)?;
    let row = output.rows(TableId::WeatherObservations).row();
    let row = row.key(accepted.key).key_or_null(city);
    let row = row.date(accepted.day_in("observation_date"));
    let measured = WEATHER_RANGES.iter().map(|(field, _)| record.real(field));
    let row = measured.fold(row, |row, real| row.real_or_null(real));
    let row = row.int_or_null(record.count("weather_code"));
    row.version(accepted.version);
    Ok(())
}

/// Checks a rate of exchange.
pub(crate) fn check_rate(record: Fields<'_, '_>, problems: &mut Problems) {
    let (from, to) = (record.text("from_currency"), record.text("to_currency"));
    if from.is_some() && from == to {
        let message = "is from_currency too: a rate is between two currencies";
        problems.add(Rule::Consistency, "to_currency", to, message);
    }
}

/// Writes an observation and what it refers to.
pub(crate) fn own(
    entity: Entity,
    accepted: &Accepted<'_, '_>,
    parents: &mut Parents,
    output: &mut Output,
) -> Result<(), DomainError> {
    let subject = subject(accepted, parents)?;
    match entity {
        Entity::ProductMarketObservations | Entity::CategoryMarketObservations => {
            market(entity, accepted, subject, parents, output)
        }
        Entity::ProductWebAnalytics | Entity::LocationWebAnalytics => {
            web_shop(entity.table(), accepted, subject, output);
            Ok(())
        }
        _ => advertisements(entity.table(), accepted, subject, parents, output),
    }
}

/// Writes a rate of exchange and the currencies that it is between.
pub(crate) fn rate(accepted: &Accepted<'_, '_>, output: &mut Output) -> Result<(), DomainError> {
    let record = accepted.record;
    let from = record.text("from_currency").unwrap_or_default();
    let from = accepted::currency(from, output)?;
    let to = record.text("to_currency").unwrap_or_default();
    let to = accepted::currency(to, output)?;
    output
        .rows(TableId::CurrencyRates)
        .row()
        .key(accepted.key)
        .key(from)
        .key(to)
        .date_or_null(record.date("effective_date"))
        .factor(record.factor("rate").unwrap_or_default())
        .version(accepted.version);
    Ok(())
}

/// The product, category or location that is observed.
fn subject(accepted: &Accepted<'_, '_>, parents: &mut Parents) -> Result<RowKey, DomainError> {
    let (record, version) = (accepted.record, accepted.version);
    if let Some(product) = record.text("product_external_id") {
        return product::referenced(product, version, parents);
    }
    if let Some(category) = record.text("category_external_id") {
        return category::referenced(category, version, parents);
    }
    let location = record.text("location_external_id").unwrap_or_default();
    location::referenced(location, version, parents)
}

fn market(
    entity: Entity,
    accepted: &Accepted<'_, '_>,
    subject: RowKey,
    parents: &mut Parents,
    output: &mut Output,
) -> Result<(), DomainError> {
    let (record, version) = (accepted.record, accepted.version);
    let feed = record.text("market_data_source").unwrap_or_default();
    let feed = parents.word(TableId::MarketDataSources, feed, version)?;
    let day = accepted.day_in("observation_date");
    let price = record
        .money("market_price")
        .or_else(|| record.money("avg_market_price"));
    let currency = accepted.currency_of(price, output)?;
    let row = output.rows(entity.table()).row();
    let row = row.key(accepted.key).key(subject).key(feed).date(day);
    if entity == Entity::ProductMarketObservations {
        row.money_or_null(price)
            .key_or_null(currency)
            .real_or_null(record.real("search_interest"))
            .bool_or_null(record.bool("is_in_stock"))
            .version(version);
    } else {
        row.real_or_null(record.real("demand_index"))
            .money_or_null(price)
            .key_or_null(currency)
            .version(version);
    }
    Ok(())
}

fn web_shop(table: TableId, accepted: &Accepted<'_, '_>, subject: RowKey, output: &mut Output) {
    let record = accepted.record;
    let count = |field| record.count(field).unwrap_or_default();
    output
        .rows(table)
        .row()
        .key(accepted.key)
        .key(subject)
        .date(accepted.day_in("analytics_date"))
        .int(count("sessions"))
        .int(count("page_views"))
        .int(count("add_to_carts"))
        .int(count("purchases"))
        .real_or_null(record.real("conversion_rate"))
        .version(accepted.version);
}

fn advertisements(
    table: TableId,
    accepted: &Accepted<'_, '_>,
    subject: RowKey,
    parents: &mut Parents,
    output: &mut Output,
) -> Result<(), DomainError> {
    let (record, version) = (accepted.record, accepted.version);
    let platform = record.text("social_ad_platform").unwrap_or_default();
    let platform = parents.word(TableId::SocialAdPlatforms, platform, version)?;
    let currency = accepted.currency(output)?;
    let count = |field| record.count(field).unwrap_or_default();
    output
        .rows(table)
        .row()
        .key(accepted.key)
        .key(subject)
        .key(platform)
        .date(accepted.day_in("ad_date"))
        .int(count("impressions"))
        .int(count("clicks"))
        .int(count("conversions"))
        .money(record.money("spend").unwrap_or_default())
        .key(currency)
        .version(version);
    Ok(())
}
