//! Tenants, deliveries and rows in the short form that tests need.

use catwing_domain::{
    Cell, DriftField, DriftSeen, ObjectName, Reject, TableId,
    manifest::{Completeness, RawObject, Sha256Hash, SourceFacts},
    tenant_file::TenantFile,
};
use catwing_transform::{Mapping, Whole, transform};
use jiff::{Timestamp, ToSpan, civil::Date};

/// The business day of every delivery that names no other.
pub const DAY: &str = "2026-02-24";

/// A tenant's file with these datasets.
pub fn tenant(datasets: &str) -> String {
    format!(
        "client = \"CW-000200\"\nname = \"Corner shop\"\ntime_zone = \"Europe/Sofia\"\nbase_currency = \"EUR\"\n{datasets}"
    )
}

/// The compiled mapping of a tenant with these datasets.
pub fn mapping(datasets: &str) -> Mapping {
    let file = TenantFile::parse(&tenant(datasets)).unwrap();
    Mapping::compile(&file).unwrap_or_else(|mistakes| {
        let told: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
        panic!("{}", told.join("\n"))
    })
}

/// Objects as the manifest's entry of their delivery describes them.
pub fn described<T: AsRef<[u8]>>(mapping: &Mapping, objects: &[(&str, T)]) -> Vec<RawObject> {
    let one = |(name, bytes): &(&str, T)| {
        let name: ObjectName = name.parse().unwrap();
        let bytes = bytes.as_ref();
        RawObject {
            key: name.key("CW-000200".parse().unwrap(), DAY.parse().unwrap()),
            dataset: name.dataset.clone(),
            revision: name.revision,
            page: name.page,
            size_bytes: bytes.len() as u64,
            sha256: Sha256Hash::of(bytes),
            version_id: None,
            record_count: None,
            completeness: mapping
                .completeness(&name.dataset)
                .unwrap_or(Completeness::Delta),
            source: SourceFacts::default(),
        }
    };
    objects.iter().map(one).collect()
}

/// Delivers one object of the dataset that its name begins with.
pub fn deliver(mapping: &Mapping, name: &str, bytes: impl AsRef<[u8]>) -> Whole {
    let objects = [(name.parse().unwrap(), bytes.as_ref())];
    transform(mapping, DAY.parse().unwrap(), &objects).unwrap()
}

/// A sales mapping over rows `doc,day,sku,pieces,price` with these changes to its fields.
pub fn sales_rows(format: &str, fields: &str) -> Mapping {
    mapping(&format!(
        r#"
        [datasets.sales]
        number = 20
        format = {format}
        [datasets.sales.feeds.sales_orders]
        document = "doc"
        [datasets.sales.feeds.sales_orders.fields]
        external_id = "doc"
        order_date = "day"
        location_external_id = {{ value = "S1" }}
        lines = {{ rows = true, fields = {{ product_external_id = "sku", qty = "pieces", unit_price = "price" }} }}
        {fields}
        "#
    ))
}

/// A mapping for canonical JSON of every entity, products and customers as snapshots.
pub fn canonical() -> Mapping {
    mapping(
        r#"
        [datasets.products]
        number = 1
        completeness = "snapshot"
        [datasets.locations]
        number = 2
        [datasets.customers]
        number = 3
        completeness = "snapshot"
        [datasets.suppliers]
        number = 4
        completeness = "snapshot"
        [datasets.pricing_lists]
        number = 5
        completeness = "snapshot"
        [datasets.inventory]
        number = 6
        completeness = "snapshot"
        [datasets.sales_orders]
        number = 20
        [datasets.purchase_orders]
        number = 21
        [datasets.receiving_orders]
        number = 22
        [datasets.store_orders]
        number = 23
        [datasets.transfer_orders]
        number = 24
        [datasets.market_data]
        number = 30
        [datasets.analytics]
        number = 31
        [datasets.social_ads]
        number = 32
        "#,
    )
}

/// The mapping of what tenants share.
pub fn shared() -> Mapping {
    let file = tenant("[datasets.currency_rates]\nnumber = 1\n[datasets.weather]\nnumber = 2\n");
    let file = TenantFile::parse(&file.replace("CW-000200", "CW-GLOBAL")).unwrap();
    Mapping::compile(&file).unwrap()
}

/// The cells of a column, in the order of rows, as text; null is `-`.
pub fn column(whole: &Whole, table: TableId, name: &str) -> Vec<String> {
    let position = table.table().position(name).unwrap();
    let Some(rows) = whole.output.rows.get(&table) else {
        return Vec::new();
    };
    rows.iter()
        .map(|mut row| shown(row.nth(position).unwrap()))
        .collect()
}

/// Every problem as `rule field "value" message`, reject by reject.
pub fn problems(whole: &Whole) -> Vec<String> {
    let told = |reject: &Reject| {
        reject
            .problems
            .iter()
            .map(|problem| {
                let field = problem.field.as_deref().unwrap_or("-");
                let value = problem.value.as_deref();
                let value = value.map_or("-".to_owned(), |value| format!("{value:?}"));
                format!(
                    "{} {field} {value} {}",
                    problem.rule.name(),
                    problem.message
                )
            })
            .collect::<Vec<_>>()
    };
    whole.output.rejects.iter().flat_map(told).collect()
}

/// The drift of a delivery as `entity kind path object:ordinal records`, by kind and path.
pub fn drifted(whole: &Whole) -> Vec<String> {
    let told = |(field, seen): (&DriftField, &DriftSeen)| {
        format!(
            "{} {} {} {}:{} {}",
            field.entity.name(),
            field.kind.name(),
            field.path,
            seen.object,
            seen.ordinal,
            seen.records
        )
    };
    let mut told: Vec<_> = whole.summary.drift.iter().map(told).collect();
    told.sort();
    told
}

/// A cell as text.
pub fn shown(cell: Cell<'_>) -> String {
    match cell {
        Cell::Null => "-".to_owned(),
        Cell::Key(key) => key.to_string(),
        Cell::Text(text) => text.to_owned(),
        Cell::Int(value) => value.to_string(),
        Cell::Small(value) => value.to_string(),
        Cell::Bool(value) => value.to_string(),
        Cell::Date(days) => Date::constant(1970, 1, 1)
            .saturating_add(i64::from(days).days())
            .to_string(),
        Cell::Instant(at) => Timestamp::from_microsecond(at).unwrap().to_string(),
        Cell::Money(value) => value.to_string(),
        Cell::Quantity(value) => value.to_string(),
        Cell::Rate(value) => value.to_string(),
        Cell::Factor(value) => value.to_string(),
        Cell::Real(value) => value.number().to_string(),
    }
}

/// The cases of a table, one a line: cells between ` | `, and sentences after `# `.
pub fn cases<const CELLS: usize>(table: &str) -> impl Iterator<Item = [&str; CELLS]> {
    let lines = table.lines();
    let cases = lines.filter(|line| !line.is_empty() && !line.starts_with("# "));
    assert!(cases.clone().count() > 0, "a table without cases");
    cases.map(|line| {
        let cells: Vec<_> = line.split(" | ").collect();
        cells
            .try_into()
            .unwrap_or_else(|cells| panic!("not {CELLS} cells: {cells:?}"))
    })
}
