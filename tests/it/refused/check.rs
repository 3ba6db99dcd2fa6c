//! Columns that are never null, and checks.

use anyhow::Result;
use serde_json::{Value, json};

use crate::refused::{
    catalogue::{Constraint, Kind, Table},
    probe::{Prober, Refusal},
    row::{Row, Stored},
    written::{self, Samples},
};

/// Tries null in each column that is never null.
pub async fn try_not_null(table: &Table, stored: &Stored, prober: &mut Prober<'_>) -> Result<()> {
    for column in table.columns.iter().filter(|column| column.not_null) {
        let mut row = stored.full(table).clone();
        row.insert(column.name.clone(), Value::Null);
        let refusal = Refusal {
            sqlstate: "23502".to_owned(),
            table: table.name.clone(),
            by: column.name.clone(),
        };
        let why = "nulls where there must be a value";
        prober.refuse((table, &row), &refusal, why).await?;
    }
    Ok(())
}

/// Tries what each check refuses, and what it has to admit at its limits.
pub async fn try_checks(table: &Table, stored: &Stored, prober: &mut Prober<'_>) -> Result<()> {
    for check in table.of_kind(Kind::Check) {
        let refusal = table.refusal(check);
        let tries = tries_of(table, check, stored);
        assert!(
            !tries.refused.is_empty(),
            "{} of {} has no probe: write one for {}",
            check.name,
            table.name,
            check.condition
        );
        for (row, why) in &tries.refused {
            prober.refuse((table, row), &refusal, why).await?;
        }
        for row in &tries.overflowing {
            prober.overflow(table, row).await?;
        }
        for row in &tries.admitted {
            prober.admit(table, row, check).await?;
        }
    }
    Ok(())
}

/// Stores what looks wrong and is not: returns, stock that is booked ahead, the scope of everything.
pub async fn try_unusual(table: &Table, stored: &Stored, prober: &mut Prober<'_>) -> Result<()> {
    for patch in written::unusual(table) {
        prober
            .run("savepoint unusual; set local session_replication_role = replica")
            .await?;
        prober.store(table, &patched(table, stored, &patch)).await?;
        prober.run("rollback to savepoint unusual").await?;
        prober.admitted += 1;
    }
    Ok(())
}

/// Rows that tell what a check does.
#[derive(Default)]
struct Tries {
    refused: Vec<(Row, &'static str)>,
    admitted: Vec<Row>,
    /// Refused by the type before any check.
    overflowing: Vec<Row>,
}

fn tries_of(table: &Table, check: &Constraint, stored: &Stored) -> Tries {
    let mut tries = Tries::default();
    if check.name.ends_with("_finite_check") {
        unlimited(table, check, stored, &mut tries);
        return tries;
    }
    if check.name.ends_with("_filled_check") {
        for column in &check.columns {
            let row = with(stored, table, column, json!(""));
            tries.refused.push((row, "empty texts"));
        }
        return tries;
    }
    if let Some(written) = written::of(check) {
        let patched = |patch: &Row| patched(table, stored, patch);
        let refused = written.refused.iter();
        tries.refused = refused
            .map(|patch| (patched(patch), "facts that contradict each other"))
            .collect();
        tries.admitted = written.admitted.iter().map(patched).collect();
        return tries;
    }
    let [column] = check.columns.as_slice() else {
        return tries;
    };
    let Some((samples, why)) = samples_of(check, column, &table.column(column).ty) else {
        return tries;
    };
    let row = |value: &Value| with(stored, table, column, value.clone());
    tries.refused = samples
        .refused
        .iter()
        .map(|value| (row(value), why))
        .collect();
    tries.admitted = samples.admitted.iter().map(row).collect();
    tries
}

/// The full row with other values in some columns.
fn patched(table: &Table, stored: &Stored, patch: &Row) -> Row {
    let mut row = stored.full(table).clone();
    for (name, value) in patch {
        let column = table.column(name);
        row.insert(column.name.clone(), value.clone());
    }
    row
}

fn with(stored: &Stored, table: &Table, column: &str, value: Value) -> Row {
    let mut row = stored.with(table, &[column.to_owned()]).clone();
    row.insert(column.to_owned(), value);
    row
}

/// What is no number and no day, in each column of the check by itself.
fn unlimited(table: &Table, check: &Constraint, stored: &Stored, tries: &mut Tries) {
    for column in &check.columns {
        let ty = table.column(column).ty.as_str();
        let not_a_number = ty == "double precision" || ty.starts_with("numeric");
        for value in ["NaN", "infinity", "-infinity"] {
            if value == "NaN" && !not_a_number {
                continue;
            }
            let row = with(stored, table, column, json!(value));
            // A numeric type with a precision holds no infinity.
            if value != "NaN" && ty.starts_with("numeric") {
                tries.overflowing.push(row);
            } else {
                tries.refused.push((row, "what is no number and no day"));
            }
        }
    }
}

/// Values of one column that a check in a form that is known refuses and admits.
fn samples_of(check: &Constraint, column: &str, ty: &str) -> Option<(Samples, &'static str)> {
    let condition = check.condition.as_str();
    if let Some(words) = check.words() {
        let mut refused = vec![json!("nonsense"), json!("")];
        refused.extend(words.iter().map(|word| json!(word.to_uppercase())));
        let admitted = words.iter().map(|word| json!(word)).collect();
        return Some((Samples { refused, admitted }, "words that are none"));
    }
    if let Some((_, pattern)) = condition.split_once(" ~ '") {
        let samples = written::of_pattern(pattern.strip_suffix("'::text)")?)?;
        return Some((samples, "texts of another form"));
    }
    if let Some((_, kind)) = condition.split_once("jsonb_typeof(") {
        let kind = kind.split('\'').nth(1)?;
        let every = [json!({}), json!([]), json!(1), json!("x"), json!(true)];
        let called = |value: &Value| match value {
            Value::Object(_) => "object",
            Value::Array(_) => "array",
            _ => "scalar",
        };
        let (admitted, refused) = every.into_iter().partition(|value| called(value) == kind);
        return Some((Samples { refused, admitted }, "JSON of another form"));
    }
    bounds(condition, column, ty)
}

/// Samples on both sides of each bound of a condition such as `(a >= 0) AND (a <= 100)`.
fn bounds(condition: &str, column: &str, ty: &str) -> Option<(Samples, &'static str)> {
    let mut plain = condition.to_owned();
    for noise in [
        "::double precision",
        "::numeric",
        "::bigint",
        "::integer",
        "(",
        ")",
        "'",
    ] {
        let with = if noise == "(" { " " } else { "" };
        plain = plain.replace(noise, with);
    }
    let (mut samples, mut why) = (Samples::default(), "numbers out of range");
    for clause in plain.split(" AND ") {
        let words: Vec<_> = clause.split_whitespace().collect();
        let (measure, operator, bound) = match *words.as_slice() {
            [of, operator, bound] if of == column => (None, operator, bound),
            [measure, of, "<=", bound] if of == column => (Some(measure), "<=", bound),
            _ => return None,
        };
        let bound: f64 = bound.parse().ok()?;
        let (refused, admitted) = match measure {
            Some(measure) => {
                why = "texts that are too long";
                lengths(measure, bound)?
            }
            None => around(operator, bound, ty)?,
        };
        samples.refused.push(refused);
        samples.admitted.push(admitted);
    }
    Some((samples, why))
}

/// The text that is too long by one, and the longest that is admitted: letters of two bytes tell bytes
/// from characters.
fn lengths(measure: &str, most: f64) -> Option<(Value, Value)> {
    let most = format!("{most}").parse::<usize>().ok()?;
    let text = match measure {
        "char_length" => |length: usize| "\u{e9}".repeat(length),
        "octet_length" => |length: usize| "\u{e9}".repeat(length / 2) + &"x".repeat(length % 2),
        _ => return None,
    };
    Some((json!(text(most + 1)), json!(text(most))))
}

/// The number nearest to a bound that is refused, and the nearest that is admitted.
fn around(operator: &str, bound: f64, ty: &str) -> Option<(Value, Value)> {
    let step = match ty {
        "bigint" | "integer" | "smallint" => 1.0,
        "double precision" => 1e-9,
        numeric => {
            let scale = numeric.strip_prefix("numeric(")?.strip_suffix(')')?;
            10_f64.powi(-scale.split_once(',')?.1.parse().ok()?)
        }
    };
    let (refused, admitted) = match operator {
        ">=" => (bound - step, bound),
        "<=" => (bound + step, bound),
        ">" => (bound, bound + step),
        "<" => (bound, bound - step),
        _ => return None,
    };
    // As text, which every type reads exactly.
    let written = |number: f64| json!(format!("{number:.10}"));
    let whole = |number: f64| json!(format!("{number}"));
    Some(if step < 1.0 {
        (written(refused), written(admitted))
    } else {
        (whole(refused), whole(admitted))
    })
}
