//! Rows as transform hands them on: typed cells of one table, flat in memory.

use jiff::{Timestamp, civil::Date};

use crate::{Factor, Money, Quantity, Rate, Real, RowKey, TableId, Version};

const SECONDS_OF_A_DAY: i64 = 86_400;

/// One typed value of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell<'a> {
    /// No value.
    Null,
    /// A key, a position, a count.
    Key(i64),
    /// Text, NFC.
    Text(&'a str),
    /// An integer.
    Int(i32),
    /// A small integer.
    Small(i16),
    /// Yes or no.
    Bool(bool),
    /// A date, in days since 1970-01-01.
    Date(i32),
    /// An instant, in UTC microseconds since 1970.
    Instant(i64),
    /// Money.
    Money(Money),
    /// A quantity.
    Quantity(Quantity),
    /// A rate.
    Rate(Rate),
    /// A rate of exchange.
    Factor(Factor),
    /// A number.
    Real(Real),
}

impl Cell<'_> {
    /// A date.
    #[must_use]
    pub fn date(date: Date) -> Self {
        Cell::Date(days_since_1970(date))
    }
}

#[derive(Clone, Copy, Debug)]
enum Slot {
    Null,
    Key(i64),
    Text { start: u32, length: u32 },
    Int(i32),
    Small(i16),
    Bool(bool),
    Date(i32),
    Instant(i64),
    Money(Money),
    Quantity(Quantity),
    Rate(Rate),
    Factor(Factor),
    Real(Real),
}

/// Rows of one table: all cells in one buffer and all text in another, so that a row costs no
/// allocation of its own.
#[derive(Clone, Debug)]
pub struct Rows {
    table: TableId,
    width: usize,
    slots: Vec<Slot>,
    text: String,
}

impl Rows {
    /// No rows yet of a table.
    #[must_use]
    pub fn new(table: TableId) -> Self {
        Self {
            table,
            width: table.table().columns.len(),
            slots: Vec::new(),
            text: String::new(),
        }
    }

    /// The table.
    #[must_use]
    pub fn table(&self) -> TableId {
        self.table
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len() / self.width
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Bytes of memory in use, for bounds.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.slots.len() * size_of::<Slot>() + self.text.len()
    }

    /// Forgets all rows and keeps the memory.
    pub fn clear(&mut self) {
        self.slots.clear();
        self.text.clear();
    }

    /// Begins a row; the writer takes its cells in the order of the table's columns.
    pub fn row(&mut self) -> RowWriter<'_> {
        RowWriter { rows: self }
    }

    /// The cells of a row.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<impl Iterator<Item = Cell<'_>> + Clone> {
        let slots = self.slots.get(row * self.width..(row + 1) * self.width)?;
        Some(slots.iter().map(|slot| self.cell(*slot)))
    }

    /// Every row's cells, in the order of writing.
    pub fn iter(&self) -> impl Iterator<Item = impl Iterator<Item = Cell<'_>> + Clone> {
        self.slots
            .chunks_exact(self.width)
            .map(|slots| slots.iter().map(|slot| self.cell(*slot)))
    }

    /// Takes the rows of another buffer of the same table at the given positions.
    pub fn copy_from(&mut self, other: &Rows, row: usize) {
        let Some(cells) = other.get(row) else { return };
        let mut writer = self.row();
        for cell in cells {
            writer = writer.cell(cell);
        }
    }

    fn cell(&self, slot: Slot) -> Cell<'_> {
        match slot {
            Slot::Null => Cell::Null,
            Slot::Key(key) => Cell::Key(key),
            Slot::Text { start, length } => {
                let range = start as usize..(start as usize + length as usize);
                Cell::Text(self.text.get(range).unwrap_or_default())
            }
            Slot::Int(value) => Cell::Int(value),
            Slot::Small(value) => Cell::Small(value),
            Slot::Bool(value) => Cell::Bool(value),
            Slot::Date(days) => Cell::Date(days),
            Slot::Instant(micros) => Cell::Instant(micros),
            Slot::Money(value) => Cell::Money(value),
            Slot::Quantity(value) => Cell::Quantity(value),
            Slot::Rate(value) => Cell::Rate(value),
            Slot::Factor(value) => Cell::Factor(value),
            Slot::Real(value) => Cell::Real(value),
        }
    }
}

/// Writes the cells of one row in the order of its table's columns.
pub struct RowWriter<'a> {
    rows: &'a mut Rows,
}

impl RowWriter<'_> {
    /// Writes any cell.
    #[must_use]
    pub fn cell(self, cell: Cell<'_>) -> Self {
        let slot = match cell {
            Cell::Null => Slot::Null,
            Cell::Key(key) => Slot::Key(key),
            Cell::Text(text) => {
                let start = self.rows.text.len() as u32;
                self.rows.text.push_str(text);
                Slot::Text {
                    start,
                    length: text.len() as u32,
                }
            }
            Cell::Int(value) => Slot::Int(value),
            Cell::Small(value) => Slot::Small(value),
            Cell::Bool(value) => Slot::Bool(value),
            Cell::Date(days) => Slot::Date(days),
            Cell::Instant(micros) => Slot::Instant(micros),
            Cell::Money(value) => Slot::Money(value),
            Cell::Quantity(value) => Slot::Quantity(value),
            Cell::Rate(value) => Slot::Rate(value),
            Cell::Factor(value) => Slot::Factor(value),
            Cell::Real(value) => Slot::Real(value),
        };
        self.rows.slots.push(slot);
        self
    }

    /// Writes a key.
    #[must_use]
    pub fn key(self, key: RowKey) -> Self {
        self.cell(Cell::Key(key.bits()))
    }

    /// Writes a key, or null.
    #[must_use]
    pub fn key_or_null(self, key: Option<RowKey>) -> Self {
        self.cell(key.map_or(Cell::Null, |key| Cell::Key(key.bits())))
    }

    /// Writes text.
    #[must_use]
    pub fn text(self, text: &str) -> Self {
        self.cell(Cell::Text(text))
    }

    /// Writes text, or null.
    #[must_use]
    pub fn text_or_null(self, text: Option<&str>) -> Self {
        self.cell(text.map_or(Cell::Null, Cell::Text))
    }

    /// Writes an integer.
    #[must_use]
    pub fn int(self, value: i32) -> Self {
        self.cell(Cell::Int(value))
    }

    /// Writes a small integer.
    #[must_use]
    pub fn small(self, value: i16) -> Self {
        self.cell(Cell::Small(value))
    }

    /// Writes yes or no.
    #[must_use]
    pub fn bool(self, value: bool) -> Self {
        self.cell(Cell::Bool(value))
    }

    /// Writes a date.
    #[must_use]
    pub fn date(self, date: Date) -> Self {
        self.cell(Cell::Date(days_since_1970(date)))
    }

    /// Writes a date, or null.
    #[must_use]
    pub fn date_or_null(self, date: Option<Date>) -> Self {
        self.cell(date.map_or(Cell::Null, |date| Cell::Date(days_since_1970(date))))
    }

    /// Writes an instant.
    #[must_use]
    pub fn instant(self, at: Timestamp) -> Self {
        self.cell(Cell::Instant(at.as_microsecond()))
    }

    /// Writes money.
    #[must_use]
    pub fn money(self, value: Money) -> Self {
        self.cell(Cell::Money(value))
    }

    /// Writes money, or null.
    #[must_use]
    pub fn money_or_null(self, value: Option<Money>) -> Self {
        self.cell(value.map_or(Cell::Null, Cell::Money))
    }

    /// Writes a quantity.
    #[must_use]
    pub fn quantity(self, value: Quantity) -> Self {
        self.cell(Cell::Quantity(value))
    }

    /// Writes a quantity, or null.
    #[must_use]
    pub fn quantity_or_null(self, value: Option<Quantity>) -> Self {
        self.cell(value.map_or(Cell::Null, Cell::Quantity))
    }

    /// Writes an integer, or null.
    #[must_use]
    pub fn int_or_null(self, value: Option<i32>) -> Self {
        self.cell(value.map_or(Cell::Null, Cell::Int))
    }

    /// Writes yes or no, or null.
    #[must_use]
    pub fn bool_or_null(self, value: Option<bool>) -> Self {
        self.cell(value.map_or(Cell::Null, Cell::Bool))
    }

    /// Writes a number, or null.
    #[must_use]
    pub fn real_or_null(self, value: Option<Real>) -> Self {
        self.cell(value.map_or(Cell::Null, Cell::Real))
    }

    /// Writes a rate of exchange.
    #[must_use]
    pub fn factor(self, value: Factor) -> Self {
        self.cell(Cell::Factor(value))
    }

    /// Writes a rate, or null.
    #[must_use]
    pub fn rate_or_null(self, value: Option<Rate>) -> Self {
        self.cell(value.map_or(Cell::Null, Cell::Rate))
    }

    /// Writes the lineage that ends every row, and checks that the row is whole.
    pub fn version(self, version: Version) {
        let writer = self
            .instant(version.source_version)
            .cell(Cell::Key(version.raw_position.bits()));
        debug_assert_eq!(
            writer.rows.slots.len() % writer.rows.width,
            0,
            "a row of {}",
            writer.rows.table.name()
        );
    }
}

fn days_since_1970(date: Date) -> i32 {
    let since = date.duration_since(Date::constant(1970, 1, 1));
    // Days of all dates fit in 32 bits with room to spare.
    (since.as_secs() / SECONDS_OF_A_DAY) as i32
}

#[cfg(test)]
mod tests {
    use super::{Cell, Rows};
    use crate::{RawPosition, RowKey, TableId, Version};

    #[test]
    fn dates_are_days_since_1970() {
        for (date, days) in [
            ("1970-01-01", 0),
            ("1969-12-31", -1),
            ("2000-01-01", 10_957),
            ("1900-01-01", -25_567),
            ("2199-12-31", 84_005),
        ] {
            assert_eq!(
                Cell::date(date.parse().unwrap()),
                Cell::Date(days),
                "{date}"
            );
        }
    }

    #[test]
    fn cells_are_read_back() {
        let mut rows = Rows::new(TableId::SalesChannels);
        let version = Version {
            source_version: "2011-01-31T23:59:59.999999Z".parse().unwrap(),
            raw_position: RawPosition::from_bits(77),
        };
        for name in ["web", ""] {
            let key = RowKey::of(TableId::SalesChannels, "", &[Some(name)]).unwrap();
            rows.row().key(key).text(name).version(version);
        }
        assert_eq!(rows.len(), 2);
        let cells: Vec<_> = rows.get(0).unwrap().collect();
        assert_eq!(cells[1], Cell::Text("web"));
        assert_eq!(cells[2], Cell::Instant(1_296_518_399_999_999));
        assert_eq!(cells[3], Cell::Key(77));
        assert!(rows.get(2).is_none());
    }
}
