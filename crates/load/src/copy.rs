//! Binary COPY: cells as PostgreSQL takes them without parsing, sent in frames of bounded size.

use bytes::BufMut;
use catwing_domain::{Cell, ColumnType};
use sea_orm::sqlx::{self, PgConnection};

/// Bytes that are gathered before they are sent.
const FRAME_BYTES: usize = 1 << 20;
/// Room beyond a frame for the row that fills it.
const FRAME_SLACK_BYTES: usize = 16 << 10;

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
/// Days and microseconds from 1970 to 2000, where PostgreSQL begins to count.
const EPOCH_DAYS: i32 = 10_957;
const EPOCH_MICROS: i64 = 946_684_800_000_000;
const NUMERIC_NEGATIVE: u16 = 0x4000;

/// Why rows could not be copied.
#[derive(Debug)]
pub(crate) enum CopyFailure {
    /// The server or the connection refused.
    Server(sqlx::Error),
    /// The cell at this position is not of its column's type.
    Cell(usize),
}

/// Copies rows by a `copy ... from stdin (format binary)` statement and returns how many there were.
///
/// The COPY is finished or aborted on every path, so that the connection stays in step.
pub(crate) async fn copy_in<'a, R>(
    connection: &mut PgConnection,
    statement: &str,
    columns: &[ColumnType],
    rows: impl Iterator<Item = R>,
) -> Result<u64, CopyFailure>
where
    R: Iterator<Item = Cell<'a>>,
{
    let mut copy = connection
        .copy_in_raw(statement)
        .await
        .map_err(CopyFailure::Server)?;
    let mut frame = Vec::with_capacity(FRAME_BYTES + FRAME_SLACK_BYTES);
    put_header(&mut frame);
    for row in rows {
        if let Err(position) = put_row(&mut frame, columns, row) {
            copy.abort("a cell is not of its column's type")
                .await
                .map_err(CopyFailure::Server)?;
            return Err(CopyFailure::Cell(position));
        }
        if frame.len() >= FRAME_BYTES {
            if let Err(refused) = copy.send(&frame[..]).await {
                // The first error says what happened; that of the abort only repeats it.
                let _ = copy.abort("the copy was refused").await;
                return Err(CopyFailure::Server(refused));
            }
            frame.clear();
        }
    }
    frame.put_i16(-1);
    if let Err(refused) = copy.send(&frame[..]).await {
        let _ = copy.abort("the copy was refused").await;
        return Err(CopyFailure::Server(refused));
    }
    copy.finish().await.map_err(CopyFailure::Server)
}

fn put_header(frame: &mut Vec<u8>) {
    frame.put_slice(SIGNATURE);
    frame.put_i32(0);
    frame.put_i32(0);
}

/// Writes a row; the error is the position of the cell that does not fit.
fn put_row<'a>(
    frame: &mut Vec<u8>,
    columns: &[ColumnType],
    cells: impl Iterator<Item = Cell<'a>>,
) -> Result<(), usize> {
    frame.put_i16(i16::try_from(columns.len()).map_err(|_| columns.len())?);
    let mut written = 0;
    for cell in cells {
        let ty = *columns.get(written).ok_or(written)?;
        put_cell(frame, ty, cell).ok_or(written)?;
        written += 1;
    }
    if written == columns.len() {
        Ok(())
    } else {
        Err(written)
    }
}

fn put_cell(frame: &mut Vec<u8>, ty: ColumnType, cell: Cell<'_>) -> Option<()> {
    match (ty, cell) {
        (_, Cell::Null) => frame.put_i32(-1),
        (ColumnType::Key, Cell::Key(key)) => {
            frame.put_i32(8);
            frame.put_i64(key);
        }
        (ColumnType::Text, Cell::Text(text)) => {
            frame.put_i32(i32::try_from(text.len()).ok()?);
            frame.put_slice(text.as_bytes());
        }
        (ColumnType::Json, Cell::Text(text)) => {
            frame.put_i32(i32::try_from(text.len() + 1).ok()?);
            // The version of jsonb's binary form.
            frame.put_u8(1);
            frame.put_slice(text.as_bytes());
        }
        (ColumnType::Int, Cell::Int(value)) => {
            frame.put_i32(4);
            frame.put_i32(value);
        }
        (ColumnType::Small, Cell::Small(value)) => {
            frame.put_i32(2);
            frame.put_i16(value);
        }
        (ColumnType::Bool, Cell::Bool(value)) => {
            frame.put_i32(1);
            frame.put_u8(value.into());
        }
        (ColumnType::Date, Cell::Date(days)) => {
            frame.put_i32(4);
            frame.put_i32(days.checked_sub(EPOCH_DAYS)?);
        }
        (ColumnType::Instant, Cell::Instant(micros)) => {
            frame.put_i32(8);
            frame.put_i64(micros.checked_sub(EPOCH_MICROS)?);
        }
        (ColumnType::Money, Cell::Money(value)) => put_numeric(frame, value.units(), 4),
        (ColumnType::Quantity, Cell::Quantity(value)) => put_numeric(frame, value.units(), 3),
        (ColumnType::Rate, Cell::Rate(value)) => put_numeric(frame, value.units(), 6),
        (ColumnType::Factor, Cell::Factor(value)) => put_numeric(frame, value.units(), 10),
        (ColumnType::Real, Cell::Real(value)) => {
            frame.put_i32(8);
            frame.put_f64(value.number());
        }
        _ => return None,
    }
    Some(())
}

/// Writes a decimal of `scale` places (at most 12) as PostgreSQL's numeric: digits of base 10,000, the
/// weight of the first, the sign, and the places that are shown.
fn put_numeric(frame: &mut Vec<u8>, units: i64, scale: u16) {
    let sign = if units < 0 { NUMERIC_NEGATIVE } else { 0 };
    let one = 10u64.pow(u32::from(scale));
    let units = units.unsigned_abs();
    // Places are filled up to whole digits of base 10,000.
    let fraction_digits = usize::from(scale.div_ceil(4));
    let mut fraction = units % one * 10u64.pow(fraction_digits as u32 * 4 - u32::from(scale));
    let mut whole = units / one;
    // 63 bits hold at most five such digits before the point, and three stand after it.
    let mut digits = [0u16; 8];
    let mut first = 5;
    for digit in digits[5..5 + fraction_digits].iter_mut().rev() {
        *digit = (fraction % 10_000) as u16;
        fraction /= 10_000;
    }
    while whole > 0 {
        first -= 1;
        digits[first] = (whole % 10_000) as u16;
        whole /= 10_000;
    }
    // Neither leading nor trailing digits may be zero.
    let mut end = 5 + fraction_digits;
    while end > first && digits[end - 1] == 0 {
        end -= 1;
    }
    while first < end && digits[first] == 0 {
        first += 1;
    }
    let (count, weight, sign) = if first == end {
        (0, 0, 0)
    } else {
        (end - first, 4 - first as i16, sign)
    };
    frame.put_i32(8 + 2 * count as i32);
    frame.put_i16(count as i16);
    frame.put_i16(weight);
    frame.put_u16(sign);
    frame.put_u16(scale);
    for digit in &digits[first..end] {
        frame.put_u16(*digit);
    }
}

#[cfg(test)]
mod tests {
    use bytes::Buf;
    use catwing_domain::{Cell, ColumnType, Money, Quantity, Rate};
    use rust_decimal::Decimal;

    use super::{put_numeric, put_row};

    /// Reads the binary form back by its definition: the sum of digit x 10,000^(weight - i).
    fn numeric(mut bytes: &[u8]) -> (Decimal, u16) {
        assert_eq!(bytes.get_i32() as usize, bytes.len());
        let count = bytes.get_i16();
        let weight = i32::from(bytes.get_i16());
        let sign = bytes.get_u16();
        let scale = bytes.get_u16();
        let mut units = 0i128;
        for i in 0..i32::from(count) {
            let digit = i128::from(bytes.get_u16());
            assert!((0..10_000).contains(&digit));
            assert!(
                digit != 0 || (i > 0 && i + 1 < i32::from(count)),
                "a zero at an end"
            );
            // All in units of 10^-12, which no scale here goes below.
            units += digit * 10i128.pow(((weight - i + 3) * 4) as u32);
        }
        assert!(bytes.is_empty());
        let value = Decimal::from_i128_with_scale(units, 12).normalize();
        (if sign == 0x4000 { -value } else { value }, scale)
    }

    #[test]
    fn decimals_are_read_back_as_they_were() {
        let edges = [
            0,
            1,
            9,
            10,
            99,
            1_000,
            9_999,
            10_000,
            10_001,
            99_999_999,
            100_000_000,
            1_234_567_890_123_456,
            9_000_000_000_000_000_000,
            i64::MAX,
        ];
        for scale in [3, 4, 6, 10] {
            for units in edges.into_iter().flat_map(|units| [units, -units]) {
                let mut frame = Vec::new();
                put_numeric(&mut frame, units, scale);
                let expected = Decimal::from_i128_with_scale(units.into(), scale.into());
                assert_eq!(numeric(&frame), (expected, scale), "{units} at {scale}");
            }
        }
    }

    #[test]
    fn zero_has_no_digits_and_no_sign() {
        let mut frame = Vec::new();
        put_numeric(&mut frame, 0, 4);
        assert_eq!(&frame[..], [0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 4]);
    }

    #[test]
    fn a_cell_that_does_not_fit_its_column_is_named() {
        let columns = [ColumnType::Key, ColumnType::Money];
        let mut frame = Vec::new();
        let mut put = |cells: &[Cell<'_>]| put_row(&mut frame, &columns, cells.iter().copied());
        assert_eq!(put(&[Cell::Key(1), Cell::Money(Money::ZERO)]), Ok(()));
        assert_eq!(put(&[Cell::Key(1), Cell::Null]), Ok(()));
        assert_eq!(put(&[Cell::Key(1), Cell::Quantity(Quantity::ZERO)]), Err(1));
        assert_eq!(put(&[Cell::Int(1), Cell::Null]), Err(0));
        assert_eq!(put(&[Cell::Key(1)]), Err(1));
        assert_eq!(put(&[Cell::Key(1), Cell::Null, Cell::Null]), Err(2));
        assert_eq!(put(&[Cell::Key(1), Cell::Rate(Rate::ZERO)]), Err(1));
    }
}
