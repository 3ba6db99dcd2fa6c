//! From rows to record batches: one builder a column.

use std::sync::Arc;

use arrow::{
    array::{
        ArrayRef, BooleanBuilder, Date32Builder, Decimal128Builder, Int32Builder, Int64Builder,
        RecordBatch, StringBuilder,
    },
    datatypes::{DataType, SchemaRef},
    error::ArrowError,
};

use crate::{
    column::{Column, ColumnType},
    copy::{self, CopyRow, Malformed},
};

/// Gathers rows until there are enough for a batch.
pub(crate) struct BatchBuilder {
    schema: SchemaRef,
    columns: Vec<ColumnBuilder>,
    rows: usize,
}

/// A field that is not what its column says.
#[derive(Debug)]
pub(crate) struct Misfit {
    pub column: &'static str,
    pub problem: Malformed,
}

struct ColumnBuilder {
    column: &'static Column,
    values: Values,
}

enum Values {
    Text(StringBuilder),
    Long(Int64Builder),
    Int(Int32Builder),
    Date(Date32Builder),
    Decimal(Decimal128Builder, u8, u8),
    Bool(BooleanBuilder),
}

impl BatchBuilder {
    pub(crate) fn new(columns: &'static [Column], schema: SchemaRef) -> Self {
        let columns = columns.iter().map(|column| ColumnBuilder {
            column,
            values: Values::of(column.ty),
        });
        Self {
            schema,
            columns: columns.collect(),
            rows: 0,
        }
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Adds a row; fields beyond the columns are left alone.
    pub(crate) fn add(&mut self, row: &CopyRow) -> Result<(), Misfit> {
        let mut fields = row.fields();
        for builder in &mut self.columns {
            let missing = Malformed("the row has too few fields");
            let field = fields.next().ok_or(missing);
            field
                .and_then(|field| builder.add(field))
                .map_err(|problem| Misfit {
                    column: builder.column.name,
                    problem,
                })?;
        }
        self.rows += 1;
        Ok(())
    }

    /// The rows so far, and none from now on.
    pub(crate) fn take(&mut self) -> Result<RecordBatch, ArrowError> {
        self.rows = 0;
        let arrays = self.columns.iter_mut().map(|builder| builder.values.take());
        RecordBatch::try_new(Arc::clone(&self.schema), arrays.collect())
    }
}

impl ColumnBuilder {
    fn add(&mut self, field: Option<&[u8]>) -> Result<(), Malformed> {
        if field.is_none() && self.column.null.is_none() {
            return Err(Malformed("it is null, which it never should be"));
        }
        match &mut self.values {
            Values::Text(values) => values.append_option(field.map(copy::text).transpose()?),
            Values::Long(values) => values.append_option(field.map(copy::int8).transpose()?),
            Values::Int(values) => values.append_option(field.map(copy::int4).transpose()?),
            Values::Date(values) => values.append_option(field.map(copy::date).transpose()?),
            Values::Bool(values) => values.append_option(field.map(copy::bool).transpose()?),
            Values::Decimal(values, precision, scale) => {
                let value = field.map(|field| copy::numeric(field, *precision, *scale));
                values.append_option(value.transpose()?);
            }
        }
        Ok(())
    }
}

impl Values {
    fn of(ty: ColumnType) -> Self {
        match ty {
            ColumnType::Text => Self::Text(StringBuilder::new()),
            ColumnType::Key | ColumnType::Count => Self::Long(Int64Builder::new()),
            ColumnType::Int => Self::Int(Int32Builder::new()),
            ColumnType::Date => Self::Date(Date32Builder::new()),
            ColumnType::Bool => Self::Bool(BooleanBuilder::new()),
            ColumnType::Quantity => Self::decimal(15, 3),
            ColumnType::Money => Self::decimal(19, 4),
        }
    }

    fn decimal(precision: u8, scale: u8) -> Self {
        let places = i8::try_from(scale).unwrap_or(i8::MAX);
        let builder =
            Decimal128Builder::new().with_data_type(DataType::Decimal128(precision, places));
        Self::Decimal(builder, precision, scale)
    }

    fn take(&mut self) -> ArrayRef {
        match self {
            Self::Text(values) => Arc::new(values.finish()),
            Self::Long(values) => Arc::new(values.finish()),
            Self::Int(values) => Arc::new(values.finish()),
            Self::Date(values) => Arc::new(values.finish()),
            Self::Bool(values) => Arc::new(values.finish()),
            Self::Decimal(values, ..) => Arc::new(values.finish()),
        }
    }
}
