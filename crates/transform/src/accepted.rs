//! An accepted record with all that its rows are made of beside its own fields.

use catwing_domain::{DomainError, Output, RawPosition, RowKey, RowWriter, TableId, Version};
use jiff::civil::Date;

use crate::{canonical::Fields, record_plan::RecordPlan};

/// An accepted record on its way into rows.
#[derive(Clone, Copy)]
pub(crate) struct Accepted<'c, 'r> {
    pub(crate) record: Fields<'c, 'r>,
    /// How the mapping has the record's fields.
    pub(crate) plan: &'c RecordPlan,
    /// The record's own row.
    pub(crate) key: RowKey,
    pub(crate) version: Version,
    /// The business day of the delivery.
    pub(crate) day: Date,
    /// The day of the record's version in the tenant's zone, at most its business day.
    pub(crate) version_day: Date,
    /// What the record's object is complete for.
    pub(crate) scope: &'c str,
    pub(crate) base_currency: &'c str,
    /// The position of each line that is a source row of its own; of the others, none.
    pub(crate) line_positions: &'c [RawPosition],
}

impl<'c> Accepted<'c, '_> {
    /// The version of one of the record's lines, which may be a source row of its own.
    pub(crate) fn line_version(&self, index: usize) -> Version {
        let position = self.line_positions.get(index).copied();
        Version {
            raw_position: position.unwrap_or(self.version.raw_position),
            ..self.version
        }
    }

    /// Begins a row of one of the record's parts, which says which version of the record it belongs to.
    pub(crate) fn part<'o>(&self, table: TableId, output: &'o mut Output) -> RowWriter<'o> {
        let units = output.part_units.entry(table).or_default();
        units.push(self.version.raw_position);
        output.rows(table).row()
    }

    /// The currency of the record's values.
    pub(crate) fn currency(&self, output: &mut Output) -> Result<RowKey, DomainError> {
        let code = self.record.text("currency").unwrap_or(self.base_currency);
        currency(code, output)
    }

    /// The currency of a value that may be absent.
    pub(crate) fn currency_of<T>(
        &self,
        value: Option<T>,
        output: &mut Output,
    ) -> Result<Option<RowKey>, DomainError> {
        value.map(|_| self.currency(output)).transpose()
    }

    /// The day in a field; the business day where it is absent.
    pub(crate) fn day_in(&self, field: &str) -> Date {
        self.record.date(field).unwrap_or(self.day)
    }
}

/// A currency, which tenants share: no tenant's salt is in its key.
pub(crate) fn currency(code: &str, output: &mut Output) -> Result<RowKey, DomainError> {
    if let Some(key) = output.currencies.get(code) {
        return Ok(*key);
    }
    let key = RowKey::of_shared("currencies", &[Some(code)])?;
    output.currencies.insert(code.to_owned(), key);
    Ok(key)
}

/// A language, which tenants share.
pub(crate) fn language(code: &str, output: &mut Output) -> Result<RowKey, DomainError> {
    if let Some(key) = output.languages.get(code) {
        return Ok(*key);
    }
    let key = RowKey::of_shared("languages", &[Some(code)])?;
    output.languages.insert(code.to_owned(), key);
    Ok(key)
}
