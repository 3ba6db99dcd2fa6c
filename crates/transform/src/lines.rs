//! What the lines of all documents have in common: their numbers, keys and versions.

use std::collections::BTreeSet;

use catwing_domain::{DomainError, KEY_BYTES_MAX, Money, Quantity, RowKey, Rule, TableId, Version};
use rust_decimal::Decimal;

use crate::{
    accepted::Accepted,
    canonical::{Fields, Problems},
    field_path::FieldPath,
    item,
    parents::Parents,
};

/// Bytes that a line's number adds to its document's key.
pub(crate) const NUMBER_BYTES_MAX: usize = 10;

/// A line of an accepted document.
pub(crate) struct Line<'c, 'r> {
    pub(crate) record: Fields<'c, 'r>,
    pub(crate) line_no: i32,
    pub(crate) key: RowKey,
    /// Its own source row stands in it where it has one.
    pub(crate) version: Version,
}

/// The lines of an accepted document, in its order.
pub(crate) fn of<'c, 'r>(
    document: &Accepted<'c, 'r>,
    table: TableId,
    parents: &Parents,
) -> Result<Vec<Line<'c, 'r>>, DomainError> {
    let external_id = document.record.text("external_id");
    let line = |(index, record): (usize, Fields<'c, 'r>)| {
        let line_no = number(record, index);
        let key = parents.key(table, &[external_id, Some(&line_no.to_string())])?;
        let version = document.line_version(index);
        Ok(Line {
            record,
            line_no,
            key,
            version,
        })
    };
    let records = document.record.list("lines").enumerate();
    records.map(line).collect()
}

/// A line's number as delivered, else its ordinal.
pub(crate) fn number(line: Fields<'_, '_>, index: usize) -> i32 {
    line.count("line_no").unwrap_or_else(|| ordinal(index))
}

/// A list's positions are counted from 1; a list never has more elements than fit.
pub(crate) fn ordinal(index: usize) -> i32 {
    i32::try_from(index + 1).unwrap_or(i32::MAX)
}

/// Checks a document's key, which must leave room for the numbers of its lines.
pub(crate) fn check_key(record: Fields<'_, '_>, number_bytes: usize, problems: &mut Problems) {
    let bytes_max = KEY_BYTES_MAX - number_bytes;
    let key = record.text("external_id");
    if let Some(key) = key.filter(|key| key.len() > bytes_max) {
        let message = format!(
            "is longer than the {bytes_max} bytes that a document's key may have beside its line numbers"
        );
        problems.add(Rule::Limit, "external_id", Some(key), message);
    }
}

/// The numbers of a document's lines: either all have one or none, and each stands once.
#[derive(Default)]
pub(crate) struct LineNumbers {
    seen: BTreeSet<i32>,
    lines: usize,
    repeated: bool,
}

impl LineNumbers {
    /// Checks the number of the next line.
    pub(crate) fn check(
        &mut self,
        line: Fields<'_, '_>,
        at: FieldPath<'_>,
        problems: &mut Problems,
    ) {
        self.lines += 1;
        let Some(number) = line.count("line_no") else {
            return;
        };
        if !self.seen.insert(number) {
            self.repeated = true;
            let at = at.field("line_no");
            let message = "is the number of an earlier line of the document";
            problems.add(Rule::Repeated, at, Some(&number.to_string()), message);
        }
    }

    /// Checks the numbers as a whole.
    pub(crate) fn end(self, problems: &mut Problems) {
        let (numbered, lines) = (self.seen.len(), self.lines);
        if numbered > 0 && numbered != lines && !self.repeated {
            let message =
                format!("{numbered} of {lines} lines have a line_no: either all have one or none");
            problems.add(Rule::Consistency, "lines", None, message);
        }
    }
}

/// Checks the lines of a document: its key, their numbers, and each line by itself.
pub(crate) fn check(
    record: Fields<'_, '_>,
    problems: &mut Problems,
    mut each: impl FnMut(Fields<'_, '_>, FieldPath<'_>, &mut Problems),
) {
    check_key(record, NUMBER_BYTES_MAX, problems);
    let (list, mut numbers) = (FieldPath::Record.field("lines"), LineNumbers::default());
    for (index, line) in record.list("lines").enumerate() {
        let at = list.element(index);
        numbers.check(line, at, problems);
        each(line, at, problems);
    }
    numbers.end(problems);
}

/// What a quantity comes to, exact before it is rounded to four decimals.
pub(crate) fn value(qty: Quantity, price: Money) -> Result<Decimal, DomainError> {
    let exact = qty.decimal().checked_mul(price.decimal());
    exact.ok_or_else(|| DomainError::Number {
        value: format!("{qty} x {price}"),
        what: "money",
    })
}

/// Tells of a value that was worked out and does not fit.
pub(crate) fn tell_misfit(at: FieldPath<'_>, error: &DomainError, problems: &mut Problems) {
    let value = match error {
        DomainError::Number { value, .. } => Some(value.as_str()),
        _ => None,
    };
    problems.add(Rule::Range, at, value, item::misfit(error));
}
