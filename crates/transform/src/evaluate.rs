//! Evaluation of expressions and conditions over one record: values in, a value or a reason out.

use std::{borrow::Cow, cmp::Ordering};

use catwing_domain::{DayZone, Rule};
use jiff::Timestamp;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::{
    condition::{Condition, Test},
    expression::{Constant, Expression, Operator, Origin, Pick},
    lookup::{LookupPlan, Lookups},
    number::{self, checked},
    source::{Path, View},
    step::{Otherwise, Step, TimeShape},
    value::{Broken, Value, compare, decimal, empty, shown},
};

/// What evaluation needs beside the record.
#[derive(Clone, Copy)]
pub(crate) struct Evaluator<'m> {
    pub(crate) paths: &'m [Path],
    pub(crate) zone: &'m DayZone,
    pub(crate) plans: &'m [LookupPlan],
    pub(crate) lookups: &'m Lookups,
}

impl<'m> Evaluator<'m> {
    /// The value of an expression in view of a record.
    pub(crate) fn value<'r>(
        &self,
        expression: &'r Expression,
        view: &View<'_, 'r>,
    ) -> Result<Value<'r>, Broken> {
        if expression.pick != Pick::First && !view.lines.is_empty() {
            return self.picked(expression, view);
        }
        self.single(expression, view)
    }

    fn single<'r>(
        &self,
        expression: &'r Expression,
        view: &View<'_, 'r>,
    ) -> Result<Value<'r>, Broken> {
        if let Some(when) = &expression.when
            && !self.holds(when, view)?
        {
            return Ok(Value::Null);
        }
        let mut value = self.origin(&expression.origin, view)?;
        for step in &expression.steps {
            if empty(&value) {
                break;
            }
            value = self.step(step, value)?;
        }
        match &expression.default {
            Some(constant) if empty(&value) => Ok(constant_value(constant)),
            _ => Ok(value),
        }
    }

    /// The greatest or least value over a document's lines; lines without one do not count.
    fn picked<'r>(
        &self,
        expression: &'r Expression,
        view: &View<'_, 'r>,
    ) -> Result<Value<'r>, Broken> {
        let wanted = if expression.pick == Pick::Greatest {
            Ordering::Greater
        } else {
            Ordering::Less
        };
        let mut best = Value::Null;
        for line in view.lines {
            let line = view.within(*line);
            let value = self.single(expression, &line)?;
            if !empty(&value) && (empty(&best) || compare(&value, &best) == Some(wanted)) {
                best = value;
            }
        }
        Ok(best)
    }

    fn origin<'r>(&self, origin: &'r Origin, view: &View<'_, 'r>) -> Result<Value<'r>, Broken> {
        match origin {
            Origin::Path { id, up } => {
                let Some(view) = view.outward(*up) else {
                    return Ok(Value::Null);
                };
                Ok(view.record.find(self.paths, *id).value())
            }
            Origin::LookedUp(looked_up) => looked_up.value(self, view),
            Origin::Constant(constant) => Ok(constant_value(constant)),
            Origin::FirstOf(expressions) => {
                for expression in expressions {
                    let value = self.single(expression, view)?;
                    if !empty(&value) {
                        return Ok(value);
                    }
                }
                Ok(Value::Null)
            }
            Origin::Join(expressions, separator) => self.joined(expressions, separator, view),
            Origin::Arithmetic(operator, expressions) => {
                self.computed(*operator, expressions, view)
            }
        }
    }

    fn joined<'r>(
        &self,
        parts: &'r [Expression],
        separator: &str,
        view: &View<'_, 'r>,
    ) -> Result<Value<'r>, Broken> {
        let mut texts = Vec::with_capacity(parts.len());
        for part in parts {
            let value = simple(self.single(part, view)?)?;
            if !empty(&value) {
                texts.push(shown(&value));
            }
        }
        Ok(if texts.is_empty() {
            Value::Null
        } else {
            Value::Text(Cow::Owned(texts.join(separator)))
        })
    }

    /// Arithmetic over decimals; where one operand is absent, so is the result.
    fn computed<'r>(
        &self,
        operator: Operator,
        parts: &'r [Expression],
        view: &View<'_, 'r>,
    ) -> Result<Value<'r>, Broken> {
        let mut result: Option<Decimal> = None;
        for part in parts {
            let value = self.single(part, view)?;
            if empty(&value) {
                return Ok(Value::Null);
            }
            let operand = decimal(&value)?;
            result = Some(match (result, operator) {
                (None, _) => operand,
                (Some(left), Operator::Add) => checked(left.checked_add(operand), &value)?,
                (Some(left), Operator::Subtract) => checked(left.checked_sub(operand), &value)?,
                (Some(left), Operator::Multiply) => checked(left.checked_mul(operand), &value)?,
                (Some(left), Operator::Divide) => checked(left.checked_div(operand), &value)?,
            });
        }
        Ok(result.map_or(Value::Null, Value::Decimal))
    }

    fn step<'r>(&self, step: &'r Step, value: Value<'r>) -> Result<Value<'r>, Broken> {
        if let Step::Round(places) = step {
            let rounded = decimal(&value)?
                .round_dp_with_strategy(*places, RoundingStrategy::MidpointAwayFromZero);
            return Ok(Value::Decimal(rounded));
        }
        let text = match simple(value)? {
            Value::Text(text) | Value::Number(text) => text,
            Value::Decimal(number) => Cow::Owned(number.to_string()),
            Value::Bool(value) => Cow::Borrowed(if value { "true" } else { "false" }),
            other => return Ok(other),
        };
        Ok(match step {
            Step::Null(texts) if texts.iter().any(|null| *null == text) => Value::Null,
            Step::Null(_) => Value::Text(text),
            Step::Trim => Value::Text(trimmed(text)),
            Step::Strip(pattern) => match pattern.replace_all(&text, "") {
                Cow::Borrowed(_) => Value::Text(text),
                Cow::Owned(stripped) => Value::Text(Cow::Owned(stripped)),
            },
            Step::Extract(pattern) => {
                let group = pattern.captures(&text).and_then(|found| found.get(1));
                group.map_or(Value::Null, |group| {
                    Value::Text(Cow::Owned(group.as_str().to_owned()))
                })
            }
            Step::Lower => Value::Text(Cow::Owned(text.to_lowercase())),
            Step::Upper => Value::Text(Cow::Owned(text.to_uppercase())),
            Step::Words(words, otherwise) => match (words.get(text.as_ref()), otherwise) {
                (Some(word), _) | (None, Otherwise::Word(word)) => Value::Text(Cow::Borrowed(word)),
                (None, Otherwise::Keep) => Value::Text(text),
                (None, Otherwise::Refuse) => {
                    let message = "is not in the mapping's list of words: add it, or set otherwise"
                        .to_owned();
                    return Err(Broken {
                        rule: Rule::Type,
                        value: text.into_owned(),
                        message,
                    });
                }
            },
            Step::Number(shape) => Value::Decimal(number::shaped(&text, shape)?),
            Step::Round(_) => Value::Text(text),
            Step::Date(shapes) => self.date(&text, shapes)?,
            Step::Instant(shapes) => self.instant(&text, shapes)?,
        })
    }

    fn date<'r>(&self, text: &str, shapes: &[TimeShape]) -> Result<Value<'r>, Broken> {
        for shape in shapes {
            let date = match shape {
                // A format with an offset says an instant, and the day is the tenant's own then.
                TimeShape::Format(format) => {
                    let parsed = jiff::fmt::strtime::parse(format, text).ok();
                    parsed.and_then(|parsed| match parsed.to_timestamp() {
                        Ok(at) => Some(at.to_zoned(self.zone.zone().clone()).date()),
                        Err(_) => parsed.to_date().ok(),
                    })
                }
                _ => self
                    .moment(text, shape)
                    .map(|at| at.to_zoned(self.zone.zone().clone()).date()),
            };
            if let Some(date) = date {
                return Ok(Value::Date(date));
            }
        }
        Err(not_in_format(text, "a date", shapes))
    }

    fn instant<'r>(&self, text: &str, shapes: &[TimeShape]) -> Result<Value<'r>, Broken> {
        for shape in shapes {
            if let Some(at) = self.moment(text, shape) {
                return Ok(Value::Instant(at));
            }
        }
        Err(not_in_format(text, "an instant", shapes))
    }

    fn moment(&self, text: &str, shape: &TimeShape) -> Option<Timestamp> {
        match shape {
            TimeShape::Rfc3339 => text.parse().ok(),
            TimeShape::UnixSeconds => Timestamp::from_second(text.parse().ok()?).ok(),
            TimeShape::UnixMilliseconds => Timestamp::from_millisecond(text.parse().ok()?).ok(),
            TimeShape::Format(format) => {
                let parsed = jiff::fmt::strtime::parse(format, text).ok()?;
                // A format with an offset says the instant itself; without one the tenant's time is meant.
                parsed.to_timestamp().ok().or_else(|| {
                    let local = parsed.to_datetime().ok()?;
                    Some(
                        self.zone
                            .zone()
                            .to_ambiguous_zoned(local)
                            .compatible()
                            .ok()?
                            .timestamp(),
                    )
                })
            }
        }
    }

    /// Whether a condition holds in view of a record.
    pub(crate) fn holds(&self, condition: &Condition, view: &View<'_, '_>) -> Result<bool, Broken> {
        match condition {
            Condition::All(list) => {
                for inner in list {
                    if !self.holds(inner, view)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Condition::Any(list) => {
                for inner in list {
                    if self.holds(inner, view)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Condition::Not(inner) => Ok(!self.holds(inner, view)?),
            Condition::EveryLine(inner) => {
                Ok(self.lines_that_hold(inner, view)? == view.lines.len())
            }
            Condition::SomeLine(inner) => Ok(self.lines_that_hold(inner, view)? > 0),
            Condition::Test(expression, test) => {
                let value = self.value(expression, view)?;
                match test {
                    Test::Empty(_) => tested(&value, test),
                    _ => tested(&simple(value)?, test),
                }
            }
        }
    }

    fn lines_that_hold(&self, condition: &Condition, view: &View<'_, '_>) -> Result<usize, Broken> {
        let mut holding = 0;
        for line in view.lines {
            let line = view.within(*line);
            holding += usize::from(self.holds(condition, &line)?);
        }
        Ok(holding)
    }
}

/// A value that is neither list nor record, of which nothing could be asked.
fn simple(value: Value<'_>) -> Result<Value<'_>, Broken> {
    match value {
        Value::Composite => Err(Broken {
            rule: Rule::Type,
            value: shown(&value),
            message: "is not a single value".to_owned(),
        }),
        value => Ok(value),
    }
}

fn tested(value: &Value<'_>, test: &Test) -> Result<bool, Broken> {
    let ordered = |constant: &Constant| -> Result<Option<Ordering>, Broken> {
        if empty(value) {
            return Ok(None);
        }
        match constant {
            Constant::Number(number) => Ok(Some(decimal(value)?.cmp(number))),
            Constant::Text(text) => Ok(Some(shown(value).as_str().cmp(text))),
            Constant::Bool(wanted) => Ok(Some(shown(value).as_str().cmp(if *wanted {
                "true"
            } else {
                "false"
            }))),
        }
    };
    Ok(match test {
        Test::Empty(wanted) => empty(value) == *wanted,
        Test::Equal(constant) => ordered(constant)? == Some(Ordering::Equal),
        Test::NotEqual(constant) => ordered(constant)? != Some(Ordering::Equal),
        Test::Less(constant) => ordered(constant)? == Some(Ordering::Less),
        Test::LessOrEqual(constant) => {
            matches!(ordered(constant)?, Some(Ordering::Less | Ordering::Equal))
        }
        Test::Greater(constant) => ordered(constant)? == Some(Ordering::Greater),
        Test::GreaterOrEqual(constant) => matches!(
            ordered(constant)?,
            Some(Ordering::Greater | Ordering::Equal)
        ),
        Test::OneOf(constants) => {
            for constant in constants {
                if ordered(constant)? == Some(Ordering::Equal) {
                    return Ok(true);
                }
            }
            false
        }
        Test::StartsWith(text) => shown(value).starts_with(text.as_str()),
        Test::EndsWith(text) => shown(value).ends_with(text.as_str()),
        Test::Matches(pattern) => pattern.is_match(&shown(value)),
    })
}

fn not_in_format(text: &str, what: &str, shapes: &[TimeShape]) -> Broken {
    let written = |shape: &TimeShape| match shape {
        TimeShape::Rfc3339 => "RFC 3339".to_owned(),
        TimeShape::UnixSeconds => "seconds since 1970".to_owned(),
        TimeShape::UnixMilliseconds => "milliseconds since 1970".to_owned(),
        TimeShape::Format(format) => format!("{format:?}"),
    };
    let formats: Vec<_> = shapes.iter().map(written).collect();
    Broken {
        rule: Rule::Type,
        value: text.to_owned(),
        message: format!("is not {what} in the form {}", formats.join(" or ")),
    }
}

pub(crate) fn constant_value(constant: &Constant) -> Value<'_> {
    match constant {
        Constant::Text(text) => Value::Text(Cow::Borrowed(text)),
        Constant::Number(number) => Value::Decimal(*number),
        Constant::Bool(value) => Value::Bool(*value),
    }
}

fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}
