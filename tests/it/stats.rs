//! Statistics, by examples that are computed by hand; every one must also be what a rebuild finds.

mod property;
mod purchases;
mod rates;
mod refreshing;
mod sales;
mod shop;
mod stock;
