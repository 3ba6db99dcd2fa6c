//! Countries, currencies and languages as their standards list them, and the migration that writes
//! them into `cw_global`.
//!
//! The lists come from crates that follow the maintenance agencies of ISO 3166-1, ISO 4217 and
//! ISO 639, so that no name or code is typed by hand; which edition is meant stands in `Cargo.lock`.

mod folder;

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use catwing_domain::RowKey;
use iso_currency::Currency;

pub use folder::{Outcome, check, write};

/// What the source of symbols has where a currency has none.
const NO_SYMBOL: &str = "\u{a4}";
/// How the source of currencies marks those that ISO 4217 has withdrawn.
const WITHDRAWN: &str = "historic";

/// A table of `cw_global` and the rows that it is seeded with.
#[derive(Clone, Debug)]
pub struct ReferenceTable {
    /// Its name in `cw_global`.
    pub name: &'static str,
    /// The column of the natural key, which row keys are computed of.
    pub key_column: &'static str,
    /// All other columns beside `id`.
    pub columns: &'static [&'static str],
    /// Natural key to the values of the other columns, in the order of the key.
    pub rows: BTreeMap<String, Vec<Option<String>>>,
}

impl ReferenceTable {
    /// The `id` of the row with a natural key, as transform computes it.
    ///
    /// # Errors
    /// For a natural key that is too long.
    pub fn id(&self, natural_key: &str) -> Result<i64> {
        let key = RowKey::of_shared(self.name, &[Some(natural_key)])
            .with_context(|| format!("{natural_key:?} can't be a key of {}", self.name))?;
        Ok(key.bits())
    }
}

/// The three tables with all their rows.
///
/// # Errors
/// Where a source lists one natural key twice, or a currency without a name.
pub fn tables() -> Result<[ReferenceTable; 3]> {
    Ok([countries()?, currencies()?, languages()?])
}

/// All of ISO 3166-1, by English short name.
fn countries() -> Result<ReferenceTable> {
    let all = rust_iso3166::ALL.iter().map(|country| {
        let codes = [country.alpha2, country.alpha3];
        (country.name, codes.map(|code| Some(code.to_owned())).into())
    });
    Ok(ReferenceTable {
        name: "countries",
        key_column: "name",
        columns: &["iso_code_2", "iso_code_3"],
        rows: unique("countries", all)?,
    })
}

/// What ISO 4217 lists for money now, and of what it has withdrawn those codes that documents of
/// the last years still name. Metals, units of account and codes for tests are no money.
fn currencies() -> Result<ReferenceTable> {
    let listed = rust_iso4217::ALL_CODES.iter().filter_map(|listed| {
        let known = Currency::from_code(listed.code);
        let is_money = match known {
            Some(currency) => !currency.is_special(),
            None => listed.code_type != WITHDRAWN,
        };
        is_money.then(|| {
            let symbol = known.map(|currency| currency.symbol().to_string());
            let symbol = symbol.filter(|symbol| symbol != NO_SYMBOL && symbol != listed.code);
            let name = listed.name.trim().to_owned();
            (listed.code, vec![Some(name), symbol])
        })
    });
    Ok(ReferenceTable {
        name: "currencies",
        key_column: "code",
        columns: &["name", "symbol"],
        rows: unique("currencies", listed)?,
    })
}

/// All of ISO 639-1, which are the two-letter tags of BCP 47. What ISO 639-3 adds in brackets tells
/// a language from others that have no such tag, as in "Modern Greek (1453-)".
fn languages() -> Result<ReferenceTable> {
    let tagged = isolang::languages().filter_map(|language| {
        let name = language.to_name();
        let name = name.split_once(" (").map_or(name, |(name, _)| name);
        Some((language.to_639_1()?, vec![Some(name.to_owned())]))
    });
    Ok(ReferenceTable {
        name: "languages",
        key_column: "code",
        columns: &["name"],
        rows: unique("languages", tagged)?,
    })
}

fn unique(
    table: &str,
    rows: impl Iterator<Item = (&'static str, Vec<Option<String>>)>,
) -> Result<BTreeMap<String, Vec<Option<String>>>> {
    let mut unique = BTreeMap::new();
    for (key, values) in rows {
        if unique.insert(key.to_owned(), values).is_some() {
            bail!(
                "the source of {table} lists {key:?} twice: report it there, and stay with the version before"
            );
        }
    }
    Ok(unique)
}
