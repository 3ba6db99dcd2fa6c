//! JSON Schema of canonical records, out of the descriptions by which they are read.

use serde_json::{Map, Value, json};

use super::{Entity, Field, FieldType};
use crate::KEY_BYTES_MAX;

/// The dialect of the schemas.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
/// Elements that a list of a record may have.
const LIST_MAX: usize = 100_000;
/// Text without the NUL character.
const TEXT: &str = "^[^\\u0000]*$";
/// The same with something else than spaces in it.
const NAME: &str = "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$";
/// A decimal number in a text.
const DECIMAL: &str = "^[+-]?([0-9]+(\\.[0-9]+)?|\\.[0-9]+)([eE][+-]?[0-9]+)?$";
/// A day of the years 1900 to 2199.
const DATE: &str = "^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$";
/// An instant of these years, with its zone.
const INSTANT: &str = "^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)";
/// A language tag.
const LANGUAGE: &str = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$";
/// Bytes that a language tag may have.
const LANGUAGE_BYTES_MAX: usize = 35;

impl Entity {
    /// The JSON Schema (draft 2020-12) of the entity's canonical records. What it refuses is refused by
    /// transform too; transform also knows rules between fields, keys by their bytes, and decimals
    /// by their digits. Fields that it does not name are admitted: the tenant's contract decides.
    ///
    /// ```
    /// use catwing_domain::Entity;
    ///
    /// let schema = Entity::Products.json_schema();
    /// assert_eq!(schema["required"], serde_json::json!(["external_id", "name"]));
    /// ```
    #[must_use]
    pub fn json_schema(self) -> Value {
        let mut schema = Map::new();
        schema.insert("$schema".to_owned(), DIALECT.into());
        schema.insert(
            "$id".to_owned(),
            format!("urn:catwing:record:{}", self.name()).into(),
        );
        schema.insert(
            "title".to_owned(),
            format!("A record of {}", self.name()).into(),
        );
        schema.extend(record(self.fields()));
        schema.into()
    }

    /// Whether sources deliver its records; what people set in the UI is written by us alone.
    #[must_use]
    pub fn is_delivered(self) -> bool {
        self.fields().iter().all(|field| field.name != "event_id")
    }
}

fn record(fields: &[Field]) -> Map<String, Value> {
    let properties: Map<_, _> = fields
        .iter()
        .map(|field| (field.name.to_owned(), property(field)))
        .collect();
    let required: Vec<_> = fields
        .iter()
        .filter(|field| field.required)
        .map(|field| field.name)
        .collect();
    let mut schema = Map::new();
    schema.insert("type".to_owned(), "object".into());
    schema.insert("properties".to_owned(), properties.into());
    if !required.is_empty() {
        schema.insert("required".to_owned(), required.into());
    }
    schema
}

/// An empty text is no value, as null is: only what is required can't be one.
fn property(field: &Field) -> Value {
    let schema = value(field.ty, field.required);
    let nothing = match field.ty {
        _ if field.required => return schema,
        FieldType::Record(_) | FieldType::List(_) | FieldType::Labels | FieldType::Attributes => {
            json!({ "type": "null" })
        }
        _ => json!({ "enum": [null, ""] }),
    };
    json!({ "anyOf": [schema, nothing] })
}

fn value(ty: FieldType, required: bool) -> Value {
    match ty {
        FieldType::Identifier => json!({
            "type": ["string", "number"], "minLength": 1, "maxLength": KEY_BYTES_MAX, "pattern": TEXT,
        }),
        FieldType::Label => named(KEY_BYTES_MAX, required),
        FieldType::Text(chars) => named(chars, required),
        FieldType::Word(words) => json!({ "enum": words }),
        FieldType::Date => json!({ "type": "string", "format": "date", "pattern": DATE }),
        FieldType::Instant => json!({ "type": "string", "pattern": INSTANT }),
        FieldType::Money => decimal("money: at most four decimals and 14 digits before them"),
        FieldType::Quantity => {
            decimal("a quantity: at most three decimals and 12 digits before them")
        }
        FieldType::Rate => decimal("a rate: at most six decimals and 3 digits before them"),
        FieldType::Factor => json!({
            "type": ["number", "string"], "exclusiveMinimum": 0, "pattern": DECIMAL,
            "description": "a rate of exchange above zero: at most ten decimals",
        }),
        FieldType::Real => decimal("a number"),
        FieldType::Count => json!({
            "type": ["integer", "string"], "minimum": 0, "maximum": i32::MAX, "pattern": DECIMAL,
            "description": "a whole number that is not negative",
        }),
        FieldType::Bool => json!({ "enum": [true, false, "true", "false"] }),
        FieldType::Currency => json!({ "type": "string", "pattern": "^[A-Z]{3}$" }),
        FieldType::Language => json!({
            "type": "string", "maxLength": LANGUAGE_BYTES_MAX, "pattern": LANGUAGE,
        }),
        FieldType::Labels => json!({
            "type": "array",
            "items": { "anyOf": [named(KEY_BYTES_MAX, false), { "type": "null" }] },
        }),
        FieldType::Attributes => json!({
            "type": "object",
            "additionalProperties": { "type": ["string", "number", "boolean", "null"], "pattern": TEXT },
        }),
        FieldType::Record(fields) => record(fields).into(),
        FieldType::List(fields) => json!({
            "type": "array", "maxItems": LIST_MAX, "items": record(fields),
        }),
    }
}

fn named(chars: usize, required: bool) -> Value {
    let pattern = if required { NAME } else { TEXT };
    json!({ "type": ["string", "number"], "maxLength": chars, "pattern": pattern })
}

/// A number, or its text: what reads JSON numbers as floats loses nothing then.
fn decimal(description: &str) -> Value {
    json!({ "type": ["number", "string"], "pattern": DECIMAL, "description": description })
}
