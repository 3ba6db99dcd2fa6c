//! Targets that read single values, files of our own and names.

use std::{fmt::Debug, sync::LazyLock};

use catwing_domain::{
    BusinessDay, Cell, DatasetName, ObjectName, TableId, TenantId, manifest::Entry,
    tenant_file::TenantFile,
};
use catwing_ingest::NamePattern;
use catwing_ml_export::ExportManifest;
use catwing_recovery::{
    backup::Sidecar,
    digest::{RowSum, TenantDigest},
    drill::DrillReport,
};
use catwing_transform::{Mapping, transform};
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::{Serialize, de::DeserializeOwned};

use super::input::{day, delivered, mapping};

/// Characters of a value that are tried: longer ones are what other targets are for.
const VALUE_CHARS_MAX: usize = 200;

static CANONICAL: LazyLock<Mapping> = LazyLock::new(|| {
    mapping("[datasets.inventory]\nnumber = 1\n[datasets.customers]\nnumber = 2\n")
});
static GROUPED: LazyLock<Mapping> = LazyLock::new(|| {
    mapping(
        "[datasets.inventory]\nnumber = 1\n[datasets.inventory.feeds.inventory.fields]\n\
         product_external_id = \"product_external_id\"\nlocation_external_id = \"location_external_id\"\n\
         on_hand_qty = { path = \"on_hand_qty\", number = { decimal = \",\", group = \".\" }, round = 3 }\n",
    )
});

fn value(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    (text.chars().count() <= VALUE_CHARS_MAX).then_some(text)
}

/// The cells of a column of the one record that was taken.
fn taken<T>(
    mapping: &Mapping,
    file: &str,
    record: &serde_json::Value,
    table: TableId,
    column: &str,
    read: fn(Cell<'_>) -> Option<T>,
) -> Option<T> {
    let document = format!("[{record}]");
    let outcome = delivered(mapping, file, document.as_bytes());
    assert_eq!(outcome.taken() + outcome.rejects.len(), 1, "one record");
    let name = file.parse().expect("an object's name");
    let whole = transform(mapping, day(), &[(name, document.as_bytes())])
        .expect("rejects say what is wrong");
    let position = table.table().position(column).expect("a column");
    let rows = whole.output.rows.get(&table)?;
    let cell = Iterator::nth(&mut rows.iter().next()?, position)?;
    read(cell)
}

fn stock(value: serde_json::Value) -> serde_json::Value {
    serde_json::json!({ "product_external_id": "P", "location_external_id": "L", "on_hand_qty": value })
}

fn quantity(cell: Cell<'_>) -> Option<Decimal> {
    match cell {
        Cell::Quantity(value) => Some(value.decimal()),
        _ => None,
    }
}

/// A number that is taken is what its digits say, to the last one.
pub(super) fn number(bytes: &[u8]) {
    let Some(text) = value(bytes) else { return };
    let table = TableId::InventoryQuantities;
    let quantity = taken(
        &CANONICAL,
        "inventory.json",
        &stock(text.into()),
        table,
        "on_hand_qty",
        quantity,
    );
    if let Some(quantity) = quantity {
        let (digits, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let scientific = format!("{}e{exponent}", digits.trim_start_matches('+'));
        let meant = meant(&scientific);
        assert!(
            meant.is_none_or(|meant| meant == quantity),
            "{text} is taken as {quantity}, and is {meant:?}"
        );
        assert!(
            text.contains(|c: char| c.is_ascii_digit()),
            "{text} is taken as {quantity}"
        );
    }
}

/// What digits and a power of ten say, by integers alone; none where that takes more than they hold.
fn meant(scientific: &str) -> Option<Decimal> {
    let (digits, exponent) = scientific.split_once('e')?;
    let exponent: i32 = exponent.parse().ok()?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let units: i128 = format!("{whole}{fraction}").parse().ok()?;
    let scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
    if scale <= 0 {
        let power = 10_i128.checked_pow(u32::try_from(-scale).ok()?)?;
        return Decimal::try_from_i128_with_scale(units.checked_mul(power)?, 0).ok();
    }
    Decimal::try_from_i128_with_scale(units, u32::try_from(scale).ok()?).ok()
}

/// A number with groups is the same one without them.
pub(super) fn grouped_number(bytes: &[u8]) {
    let Some(text) = value(bytes) else { return };
    let table = TableId::InventoryQuantities;
    let column = "on_hand_qty";
    let of = |text: &str| {
        taken(
            &GROUPED,
            "inventory.json",
            &stock(text.into()),
            table,
            column,
            quantity,
        )
    };
    if let Some(quantity) = of(text) {
        assert_eq!(of(&text.replace('.', "")), Some(quantity), "{text}");
    }
}

/// A date that is taken is written as it was.
pub(super) fn date(bytes: &[u8]) {
    let Some(text) = value(bytes) else { return };
    let mut record = stock(1.into());
    record["snapshot_date"] = text.into();
    let read = |cell: Cell<'_>| match cell {
        Cell::Date(days) => Some(days),
        _ => None,
    };
    let days = taken(
        &CANONICAL,
        "inventory.json",
        &record,
        TableId::InventoryQuantities,
        "snapshot_date",
        read,
    );
    if let Some(days) = days.filter(|_| !text.is_empty()) {
        let date: Date = text.parse().expect("what is taken for a date is one");
        let since = date
            .since(Date::constant(1970, 1, 1))
            .expect("days between dates");
        assert_eq!((since.get_days(), date.to_string().as_str()), (days, text));
    }
}

/// An instant that is taken is the one that RFC 3339 means, to the microsecond, or the end of the day
/// where it lies far behind.
pub(super) fn instant(bytes: &[u8]) {
    let Some(text) = value(bytes) else { return };
    let record = serde_json::json!({ "external_id": "C", "updated_at": text });
    let read = |cell: Cell<'_>| match cell {
        Cell::Instant(at) => Some(at),
        _ => None,
    };
    let at = taken(
        &CANONICAL,
        "customers.json",
        &record,
        TableId::Customers,
        "source_version",
        read,
    );
    if let Some(at) = at.filter(|_| !text.is_empty()) {
        let meant: Timestamp = text.parse().expect("what is taken for an instant is one");
        assert!(at <= meant.as_microsecond(), "{text} is taken as {at}");
    }
}

/// A file that is read is written and read again the same, and its mapping says the same mistakes.
pub(super) fn tenant_file(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Ok(file) = TenantFile::parse(text) else {
        return;
    };
    let written = toml_text(&file);
    let again = TenantFile::parse(&written).unwrap_or_else(|error| panic!("{error}\n{written}"));
    assert_eq!(format!("{file:?}"), format!("{again:?}"));
    for name in [
        "products.json",
        "2026-02-24.csv",
        text.lines().next().unwrap_or_default(),
    ] {
        let dataset = file.dataset_of_file(name);
        assert!(dataset.is_none_or(|dataset| file.datasets.contains_key(dataset)));
    }
    match (Mapping::compile(&file), Mapping::compile(&again)) {
        (Ok(mapping), Ok(_)) => {
            for dataset in file.datasets.keys() {
                assert!(mapping.maps(dataset));
            }
        }
        (Err(mistakes), Err(same)) => {
            assert_eq!(mistakes, same);
            assert!(
                !mistakes.is_empty() && mistakes.iter().all(|mistake| !mistake.message.is_empty())
            );
        }
        (one, other) => panic!(
            "a mapping depends on how it is written: {:?} {:?}",
            one.err(),
            other.err()
        ),
    }
}

fn toml_text(file: &TenantFile) -> String {
    toml::to_string(file).expect("a tenant's file is written as TOML")
}

/// The bytes are an expression: where it compiles, records can be read with it.
pub(super) fn expression(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let file = format!(
        "client = \"CW-000200\"\nname = \"n\"\ntime_zone = \"UTC\"\nbase_currency = \"EUR\"\n\
         [datasets.customers]\nnumber = 1\n[datasets.customers.feeds.customers.fields]\nexternal_id = \"a\"\nname = {text}"
    );
    let Ok(file) = TenantFile::parse(&file) else {
        return;
    };
    let Ok(mapping) = Mapping::compile(&file) else {
        return;
    };
    let records = r#"[{"a": "1", "b": " 7,50 ", "c": true, "d": {"e": ["x"]}, "at": "2026-02-24"}, {"a": 2}, {"a": null, "b": 1e9}]"#;
    delivered(&mapping, "customers.json", records.as_bytes());
}

/// A name has one spelling.
pub(super) fn names(bytes: &[u8]) {
    let Some(text) = value(bytes) else { return };
    spelled::<ObjectName>(text);
    spelled::<DatasetName>(text);
    spelled::<TenantId>(text);
    spelled::<BusinessDay>(text);
    spelled::<RowSum>(text);
}

fn spelled<T: std::str::FromStr + std::fmt::Display>(text: &str) {
    if let Ok(name) = text.parse::<T>() {
        assert_eq!(name.to_string(), text);
    }
}

/// Patterns of file names, of imports and of datasets: the first line is the pattern, the rest a name.
pub(super) fn file_pattern(bytes: &[u8]) {
    let Some(text) = value(bytes) else { return };
    let (pattern, name) = text.split_once('\n').unwrap_or((text, ""));
    if let Ok(compiled) = pattern.parse::<NamePattern>() {
        assert_eq!(compiled.to_string(), pattern);
    }
    let file = "client = \"CW-000200\"\nname = \"n\"\ntime_zone = \"UTC\"\nbase_currency = \"EUR\"\n[datasets.d]\nnumber = 1\n";
    let mut file = TenantFile::parse(file).expect("a tenant's file");
    let matches = |file: &TenantFile| file.dataset_of_file(name).is_some();
    for dataset in file.datasets.values_mut() {
        dataset.files = vec![pattern.to_owned()];
    }
    let found = matches(&file);
    assert_eq!(found, fits(pattern, name), "{pattern:?} {name:?}");
    if !pattern.contains('*') {
        assert_eq!(found, pattern == name);
    }
}

/// Whether a name fits a pattern, by the parts between its stars: the first where the name begins, the
/// last where it ends, the others one behind another.
fn fits(pattern: &str, name: &str) -> bool {
    let parts: Vec<_> = pattern.split('*').collect();
    let [first, middle @ .., last] = parts.as_slice() else {
        return pattern == name;
    };
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    for part in middle {
        let Some((_, behind)) = rest.split_once(part) else {
            return false;
        };
        rest = behind;
    }
    rest.ends_with(last)
}

/// An entry of the manifest is written as it was read, and its bytes are those that the chain hashes.
pub(super) fn manifest_entry(bytes: &[u8]) {
    let Ok(entry) = Entry::from_bytes(bytes) else {
        return;
    };
    let written = entry.to_bytes().expect("an entry is written");
    let again = Entry::from_bytes(&written).expect("an entry is read back");
    assert_eq!(again, entry);
    assert_eq!(again.to_bytes().expect("an entry is written"), written);
    assert!(entry.body.objects().len() <= bytes.len());
}

/// The sidecar of a backup, and the digests in it.
pub(super) fn sidecar(bytes: &[u8]) {
    same_again::<Sidecar>(bytes);
    same_again::<TenantDigest>(bytes);
}

/// Other documents that the archive and exports keep.
pub(super) fn reports(bytes: &[u8]) {
    same_again::<DrillReport>(bytes);
    same_again::<ExportManifest>(bytes);
}

fn same_again<T: Serialize + DeserializeOwned + PartialEq + Debug>(bytes: &[u8]) {
    if let Ok(read) = serde_json::from_slice::<T>(bytes) {
        let written = serde_json::to_vec(&read).expect("what was read is written");
        assert_eq!(
            serde_json::from_slice::<T>(&written).expect("and read again"),
            read
        );
    }
}
