//! A checker of the part of JSON Schema (draft 2020-12) that our schemas use. A keyword that it does not
//! know is an error, so that nothing of a schema is passed over.

use anyhow::{Context, Result, bail};
use regex::Regex;
use serde_json::{Map, Value};

/// Why a schema refuses a value; nothing where it fits.
pub fn refusals(schema: &Value, value: &Value) -> Result<Vec<String>> {
    let mut told = Vec::new();
    check(schema, value, "", &mut told)?;
    Ok(told)
}

fn check(schema: &Value, value: &Value, at: &str, told: &mut Vec<String>) -> Result<()> {
    let keywords = schema.as_object().context("a schema is an object")?;
    for (keyword, of) in keywords {
        let fits = match keyword.as_str() {
            "$schema" | "$id" | "title" | "description" | "format" => true,
            "type" => is_of_types(of, value)?,
            "enum" => of.as_array().context("enum is a list")?.contains(value),
            "anyOf" => fits_any(of, value)?,
            "required" => has_all(of, value)?,
            "properties" => {
                properties(of, value, at, told)?;
                true
            }
            "additionalProperties" => {
                each_property(of, value, at, told)?;
                true
            }
            "items" => {
                items(of, value, at, told)?;
                true
            }
            "maxItems" => value
                .as_array()
                .is_none_or(|list| list.len() as u64 <= of.as_u64().unwrap_or(0)),
            "minLength" | "maxLength" | "pattern" => text(keyword, of, value)?,
            "minimum" | "maximum" | "exclusiveMinimum" => number(keyword, of, value)?,
            _ => bail!("the checker does not know the keyword {keyword}"),
        };
        if !fits {
            told.push(format!("{at}: {value} breaks {keyword}: {of}"));
        }
    }
    Ok(())
}

fn is_of_types(types: &Value, value: &Value) -> Result<bool> {
    let one = |name: &Value| {
        Ok(match name.as_str().context("a type is a name")? {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "number" => value.is_number(),
            // A number without a fraction is an integer, however it is written.
            "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
            "boolean" => value.is_boolean(),
            "null" => value.is_null(),
            other => bail!("there is no type {other}"),
        })
    };
    match types {
        Value::Array(names) => names
            .iter()
            .try_fold(false, |any, name| Ok(any | one(name)?)),
        name => one(name),
    }
}

fn fits_any(schemas: &Value, value: &Value) -> Result<bool> {
    let schemas = schemas.as_array().context("anyOf is a list")?;
    let fits = |schema| -> Result<bool> { Ok(refusals(schema, value)?.is_empty()) };
    schemas
        .iter()
        .try_fold(false, |any, schema| Ok(any | fits(schema)?))
}

fn has_all(names: &Value, value: &Value) -> Result<bool> {
    let names = names.as_array().context("required is a list")?;
    let has = |record: &Map<String, Value>| {
        names
            .iter()
            .all(|name| name.as_str().is_some_and(|name| record.contains_key(name)))
    };
    Ok(value.as_object().is_none_or(has))
}

fn properties(of: &Value, value: &Value, at: &str, told: &mut Vec<String>) -> Result<()> {
    for (name, schema) in of.as_object().context("properties are an object")? {
        if let Some(value) = value.get(name) {
            check(schema, value, &format!("{at}/{name}"), told)?;
        }
    }
    Ok(())
}

fn each_property(schema: &Value, value: &Value, at: &str, told: &mut Vec<String>) -> Result<()> {
    for (name, value) in value.as_object().into_iter().flatten() {
        check(schema, value, &format!("{at}/{name}"), told)?;
    }
    Ok(())
}

fn items(schema: &Value, value: &Value, at: &str, told: &mut Vec<String>) -> Result<()> {
    for (index, value) in value.as_array().into_iter().flatten().enumerate() {
        check(schema, value, &format!("{at}/{index}"), told)?;
    }
    Ok(())
}

/// These say nothing of what is no text.
fn text(keyword: &str, of: &Value, value: &Value) -> Result<bool> {
    let Some(text) = value.as_str() else {
        return Ok(true);
    };
    let chars = text.chars().count() as u64;
    Ok(match keyword {
        "minLength" => chars >= of.as_u64().context("a length")?,
        "maxLength" => chars <= of.as_u64().context("a length")?,
        _ => {
            // ECMA 262 writes characters by four digits, this crate in braces.
            let pattern = of
                .as_str()
                .context("a pattern is a text")?
                .replace("\\u0000", "\\x00");
            Regex::new(&pattern)?.is_match(text)
        }
    })
}

/// These say nothing of what is no number.
fn number(keyword: &str, of: &Value, value: &Value) -> Result<bool> {
    let bound = of.as_f64().context("a bound is a number")?;
    Ok(value.as_f64().is_none_or(|number| match keyword {
        "minimum" => number >= bound,
        "maximum" => number <= bound,
        _ => number > bound,
    }))
}
