//! `weather_observations`: weather of a city and day, shared by all tenants.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "cw_global", table_name = "weather_observations")]
pub struct Model {
    /// Key of the table and (city, observation_date): 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// City.
    pub city_id: i64,
    /// Day, in the time zone of the city.
    pub observation_date: Date,
    /// Highest temperature of the day, degrees Celsius; null where it was not measured.
    pub temperature_max: Option<f64>,
    /// Lowest temperature of the day, degrees Celsius; null where it was not measured.
    pub temperature_min: Option<f64>,
    /// Average temperature of the day, degrees Celsius; null where it was not measured.
    pub temperature_mean: Option<f64>,
    /// Highest temperature of the day as people feel it, degrees Celsius; null where it was not
    /// measured.
    pub apparent_temperature_max: Option<f64>,
    /// Lowest temperature of the day as people feel it, degrees Celsius; null where it was not
    /// measured.
    pub apparent_temperature_min: Option<f64>,
    /// Average temperature of the day as people feel it, degrees Celsius; null where it was not
    /// measured.
    pub apparent_temperature_mean: Option<f64>,
    /// Rain, showers and snow, millimetres; null where it was not measured.
    pub precipitation_sum: Option<f64>,
    /// Rain, millimetres; null where it was not measured.
    pub rain_sum: Option<f64>,
    /// Snow, centimetres; null where it was not measured.
    pub snowfall_sum: Option<f64>,
    /// Hours with precipitation; null where it was not measured.
    pub precipitation_hours: Option<f64>,
    /// Greatest speed of wind, kilometres an hour; null where it was not measured.
    pub windspeed_max: Option<f64>,
    /// Greatest speed of gusts, kilometres an hour; null where it was not measured.
    pub windgusts_max: Option<f64>,
    /// Direction that the wind mostly came from, degrees; null where it was not measured.
    pub wind_direction_dominant: Option<f64>,
    /// Radiation of the sun, megajoules a square metre; null where it was not measured.
    pub shortwave_radiation_sum: Option<f64>,
    /// WMO code of the gravest weather of the day; null where it was not observed.
    pub weather_code: Option<i32>,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `city_id` names.
    #[sea_orm(belongs_to, from = "city_id", to = "id")]
    pub city: BelongsTo<super::cities::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
