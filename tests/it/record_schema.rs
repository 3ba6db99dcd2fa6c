//! The published JSON Schema of canonical records: it is what the code gives, every record that the
//! simulator delivers fits it, and it refuses nothing that transform takes.

mod checker;

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result};
use catwing_domain::{Entity, Field, FieldType, tenant_file::TenantFile};
use catwing_simulator::{History, Settings};
use catwing_transform::{Mapping, Whole, transform};
use serde_json::{Value, json};

use self::checker::refusals;

fn delivered() -> impl Iterator<Item = Entity> {
    Entity::ALL
        .iter()
        .copied()
        .filter(|entity| entity.is_delivered())
}

#[test]
fn published_schemas_are_those_of_the_code() -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/schema");
    let mut names = Vec::new();
    for entity in delivered() {
        let path = folder.join(format!("{}.json", entity.name()));
        let published = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let made = serde_json::to_string_pretty(&entity.json_schema())? + "\n";
        assert!(
            published == made,
            "{} is stale: cargo xtask schema",
            path.display()
        );
        names.push(format!("{}.json", entity.name()));
    }
    names.sort();
    let mut published = Vec::new();
    for entry in fs::read_dir(&folder)? {
        published.push(entry?.file_name().to_string_lossy().into_owned());
    }
    published.sort();
    assert_eq!(published, names);
    Ok(())
}

/// What transform makes of records of an entity.
fn transformed(entity: Entity, records: &[Value]) -> Result<Whole> {
    let shared = matches!(entity, Entity::CurrencyRates | Entity::Weather);
    let client = if shared { "CW-GLOBAL" } else { "CW-000200" };
    let file = TenantFile::parse(&format!(
        "client = \"{client}\"\nname = \"n\"\ntime_zone = \"UTC\"\nbase_currency = \"EUR\"\n\
         [datasets.d]\nnumber = 1\n[datasets.d.feeds.{}]\n",
        entity.name()
    ))?;
    let mapping = Mapping::compile(&file).map_err(|mistakes| anyhow::anyhow!("{mistakes:?}"))?;
    let bytes = serde_json::to_vec(records)?;
    Ok(transform(
        &mapping,
        "2026-02-24".parse()?,
        &[("d.json".parse()?, &bytes)],
    )?)
}

#[test]
fn records_of_the_simulator_fit_and_those_that_do_not_are_refused_by_transform() -> Result<()> {
    let settings = Settings {
        days: 6,
        products: 60,
        locations: 5,
        documents_a_day: 40,
        customers: 60,
        ..Settings::demo("CW-000200".parse()?, 3)
    };
    let mut fitting: BTreeMap<&str, usize> = BTreeMap::new();
    let mut refused = 0;
    for day in History::new(settings) {
        for file in day.files {
            let entity = Entity::named(file.dataset.name()).context("an entity")?;
            let schema = entity.json_schema();
            let Ok(records) = serde_json::from_slice::<Vec<Value>>(&file.bytes) else {
                continue;
            };
            for record in records {
                let wrong = refusals(&schema, &record)?;
                if wrong.is_empty() {
                    *fitting.entry(entity.name()).or_default() += 1;
                    continue;
                }
                refused += 1;
                let whole = transformed(entity, std::slice::from_ref(&record))?;
                assert_eq!(whole.output.units.len(), 0, "{wrong:?} of {record}");
            }
        }
    }
    assert!(
        fitting.len() == 12 && fitting.values().sum::<usize>() > 2_000,
        "{fitting:?}"
    );
    assert!(
        refused > 0,
        "the simulator is as untidy as real sources are"
    );
    Ok(())
}

/// A value of a type, as records of an entity need it.
fn right(field: &Field) -> Value {
    match field.ty {
        FieldType::Word(words) => words.first().copied().into(),
        FieldType::Date => "2026-02-24".into(),
        FieldType::Instant => "2026-02-24T10:00:00Z".into(),
        FieldType::Money | FieldType::Quantity | FieldType::Factor | FieldType::Count => 1.into(),
        FieldType::Rate | FieldType::Real => json!(0.5),
        FieldType::Bool => true.into(),
        FieldType::Currency if field.name == "to_currency" => "USD".into(),
        FieldType::Currency => "EUR".into(),
        FieldType::Language => "en".into(),
        FieldType::Labels => json!(["a"]),
        FieldType::Attributes => json!({ "a": "b" }),
        FieldType::Record(fields) => required(fields),
        FieldType::List(fields) => json!([required(fields)]),
        // Records that name two of a kind mean two.
        FieldType::Text(_) | FieldType::Identifier | FieldType::Label => field.name.into(),
    }
}

/// A record with all that is required, and the product that a sales line needs.
fn required(fields: &[Field]) -> Value {
    let needed = |field: &&Field| field.required || field.name == "product_external_id";
    let pairs = fields.iter().filter(needed);
    pairs
        .map(|field| (field.name.to_owned(), right(field)))
        .collect()
}

/// Values that are wrong for a type, whatever the field.
fn wrong(ty: FieldType) -> Vec<Value> {
    match ty {
        FieldType::Text(chars) => vec![
            json!(["a"]),
            true.into(),
            "n".repeat(chars + 1).into(),
            "a\0b".into(),
        ],
        FieldType::Identifier => vec![
            json!({}),
            false.into(),
            "k".repeat(257).into(),
            "a\0b".into(),
        ],
        FieldType::Label => vec![json!(["a"]), true.into(), "w".repeat(257).into()],
        FieldType::Word(_) => vec!["every".into(), 1.into()],
        FieldType::Date => vec![
            20_260_224.into(),
            "24.02.2026".into(),
            "1899-12-31".into(),
            "2026-13-01".into(),
            "2200-01-01".into(),
        ],
        FieldType::Instant => vec![
            1.into(),
            "2026-02-24T10:00:00".into(),
            "yesterday".into(),
            "1899-12-31T00:00:00Z".into(),
        ],
        FieldType::Money | FieldType::Quantity | FieldType::Rate | FieldType::Real => {
            vec![
                "many".into(),
                "1,5".into(),
                "1.".into(),
                true.into(),
                json!([1]),
            ]
        }
        FieldType::Factor => vec![0.into(), (-1).into(), "rate".into()],
        FieldType::Count => vec![
            (-1).into(),
            json!(1.5),
            2_147_483_648_u64.into(),
            "few".into(),
        ],
        FieldType::Bool => vec!["maybe".into(), 1.into()],
        FieldType::Currency => vec!["eur".into(), "EURO".into(), 978.into()],
        FieldType::Language => vec!["English".into(), "e".into(), "en_GB".into()],
        FieldType::Labels => vec!["a".into(), json!([["a"]]), json!(["w".repeat(257)])],
        FieldType::Attributes => vec!["a".into(), json!(["a"]), json!({ "a": ["b"] })],
        FieldType::Record(fields) => {
            let mut all = vec!["a".into(), json!(["a"])];
            all.extend(within(fields));
            all
        }
        FieldType::List(fields) => {
            let mut all = vec!["a".into(), json!({}), json!(["a"])];
            all.extend(within(fields).into_iter().map(|record| json!([record])));
            all
        }
    }
}

/// Records of which one field is wrong, or required and absent.
fn within(fields: &[Field]) -> Vec<Value> {
    let mut all = Vec::new();
    for field in fields {
        let mut values = wrong(field.ty);
        if field.required {
            values.extend([Value::Null, "".into()]);
            let mut without = required(fields);
            if let Some(record) = without.as_object_mut() {
                record.remove(field.name);
                // Of a record without anything nobody can say that something is missing.
                if !record.is_empty() {
                    all.push(without);
                }
            }
        }
        for value in values {
            let mut record = required(fields);
            let alone = value.is_null() || value == "";
            record[field.name] = value;
            if !alone || record.as_object().is_some_and(|record| record.len() > 1) {
                all.push(record);
            }
        }
    }
    all
}

#[test]
fn wrong_records_are_refused_by_schema_and_transform_alike() -> Result<()> {
    let mut count = 0;
    for entity in delivered() {
        let schema = entity.json_schema();
        let good = required(entity.fields());
        assert_eq!(refusals(&schema, &good)?, [""; 0], "{entity:?} {good}");
        let whole = transformed(entity, std::slice::from_ref(&good))?;
        assert_eq!(
            whole.output.units.len(),
            1,
            "{entity:?} {good}: {:?}",
            whole.output.rejects
        );
        let records = within(entity.fields());
        for record in &records {
            let wrong = refusals(&schema, record)?;
            assert!(!wrong.is_empty(), "{entity:?}: the schema admits {record}");
        }
        let whole = transformed(entity, &records)?;
        let refused: Vec<_> = whole
            .output
            .rejects
            .iter()
            .map(|reject| reject.ordinal)
            .collect();
        let taken: Vec<_> = (0..records.len())
            .filter(|at| !refused.contains(&(*at as u64)))
            .map(|at| &records[at])
            .collect();
        assert!(taken.is_empty(), "{entity:?}: transform takes {taken:?}");
        count += records.len();
    }
    assert!(count > 500, "{count}");
    Ok(())
}

#[test]
fn every_field_may_be_there_and_what_is_optional_may_be_nothing() -> Result<()> {
    for entity in delivered() {
        let schema = entity.json_schema();
        let all: Value = entity
            .fields()
            .iter()
            .map(|field| (field.name.to_owned(), right(field)))
            .collect();
        assert_eq!(refusals(&schema, &all)?, [""; 0], "{entity:?} {all}");
        let mut nothing = required(entity.fields());
        for field in entity
            .fields()
            .iter()
            .filter(|field| !field.required && field.name != "product_external_id")
        {
            nothing[field.name] = Value::Null;
        }
        nothing["of_another_version"] = json!({ "a": [1] });
        assert_eq!(
            refusals(&schema, &nothing)?,
            [""; 0],
            "{entity:?} {nothing}"
        );
        let whole = transformed(entity, &[nothing])?;
        assert_eq!(
            whole.output.units.len(),
            1,
            "{entity:?}: {:?}",
            whole.output.rejects
        );
    }
    Ok(())
}
