//! Reads binary COPY: rows as PostgreSQL sends them, cut out of a stream of bytes, and their fields.

use bytes::{Buf, Bytes, BytesMut};

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
/// Flags and the length of an extension that nobody uses.
const HEADER_BYTES: usize = SIGNATURE.len() + 8;
/// Days from 1970 to 2000, where PostgreSQL begins to count.
const EPOCH_DAYS: i32 = 10_957;
const NUMERIC_POSITIVE: u16 = 0;
const NUMERIC_NEGATIVE: u16 = 0x4000;

/// Rows of one COPY, which need not come in pieces of their own.
#[derive(Debug, Default)]
pub(crate) struct CopyRows {
    pending: BytesMut,
    is_begun: bool,
    is_ended: bool,
}

/// One row: its fields, each with its length before it.
#[derive(Debug)]
pub(crate) struct CopyRow(Bytes);

/// Bytes that are not what the protocol says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Malformed(pub &'static str);

impl CopyRows {
    /// Takes the next bytes of the stream.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        self.pending.extend_from_slice(bytes);
    }

    /// The next row that is there as a whole.
    pub(crate) fn next_row(&mut self) -> Result<Option<CopyRow>, Malformed> {
        if !self.is_begun && !self.begin()? {
            return Ok(None);
        }
        if self.is_ended {
            return match self.pending.is_empty() {
                true => Ok(None),
                false => Err(Malformed("bytes follow the end")),
            };
        }
        let Some((count, mut rest)) = self.pending.split_first_chunk::<2>() else {
            return Ok(None);
        };
        let count = i16::from_be_bytes(*count);
        if count == -1 {
            self.is_ended = true;
            self.pending.advance(2);
            return self.next_row();
        }
        if count < 0 {
            return Err(Malformed("a row has a negative number of fields"));
        }
        for _ in 0..count {
            match skip_field(rest)? {
                Some(after) => rest = after,
                None => return Ok(None),
            }
        }
        let row_bytes = self.pending.len() - rest.len();
        let mut row = self.pending.split_to(row_bytes);
        row.advance(2);
        Ok(Some(CopyRow(row.freeze())))
    }

    /// Makes sure that the stream has ended, and with a whole row.
    pub(crate) fn end(&self) -> Result<(), Malformed> {
        if self.is_ended && self.pending.is_empty() {
            return Ok(());
        }
        Err(Malformed("the rows end in the middle"))
    }

    fn begin(&mut self) -> Result<bool, Malformed> {
        if self.pending.len() < HEADER_BYTES {
            return Ok(false);
        }
        if !self.pending.starts_with(SIGNATURE)
            || self.pending.get(SIGNATURE.len()..HEADER_BYTES) != Some(&[0; 8])
        {
            return Err(Malformed("the rows do not begin as a binary COPY does"));
        }
        self.pending.advance(HEADER_BYTES);
        self.is_begun = true;
        Ok(true)
    }
}

impl CopyRow {
    /// The fields in order; none for null.
    pub(crate) fn fields(&self) -> impl Iterator<Item = Option<&[u8]>> {
        let mut rest = &self.0[..];
        std::iter::from_fn(move || {
            let (length, after) = rest.split_first_chunk::<4>()?;
            let Ok(length) = usize::try_from(i32::from_be_bytes(*length)) else {
                rest = after;
                return Some(None);
            };
            let (field, after) = after.split_at_checked(length)?;
            rest = after;
            Some(Some(field))
        })
    }
}

/// What follows the first field; none where it is not there as a whole.
fn skip_field(bytes: &[u8]) -> Result<Option<&[u8]>, Malformed> {
    let Some((length, rest)) = bytes.split_first_chunk::<4>() else {
        return Ok(None);
    };
    match i32::from_be_bytes(*length) {
        -1 => Ok(Some(rest)),
        length => {
            let length =
                usize::try_from(length).map_err(|_| Malformed("a field has a negative length"))?;
            Ok(rest.get(length..))
        }
    }
}

pub(crate) fn int8(field: &[u8]) -> Result<i64, Malformed> {
    let bytes = field
        .try_into()
        .map_err(|_| Malformed("it is not a bigint"))?;
    Ok(i64::from_be_bytes(bytes))
}

pub(crate) fn int4(field: &[u8]) -> Result<i32, Malformed> {
    let bytes = field
        .try_into()
        .map_err(|_| Malformed("it is not an integer"))?;
    Ok(i32::from_be_bytes(bytes))
}

pub(crate) fn bool(field: &[u8]) -> Result<bool, Malformed> {
    match field {
        [0] => Ok(false),
        [1] => Ok(true),
        _ => Err(Malformed("it is not a boolean")),
    }
}

pub(crate) fn text(field: &[u8]) -> Result<&str, Malformed> {
    std::str::from_utf8(field).map_err(|_| Malformed("it is not UTF-8"))
}

/// Days since 1970.
pub(crate) fn date(field: &[u8]) -> Result<i32, Malformed> {
    int4(field)?
        .checked_add(EPOCH_DAYS)
        .filter(|_| field != i32::MIN.to_be_bytes())
        .ok_or(Malformed("it is an infinite date"))
}

/// A numeric as an integer of the smallest unit at `scale` decimal places: digits of base 10,000, the
/// first with a weight that is told, are summed up.
pub(crate) fn numeric(mut field: &[u8], precision: u8, scale: u8) -> Result<i128, Malformed> {
    const TRUNCATED: Malformed = Malformed("it is not a numeric");
    const TOO_LARGE: Malformed = Malformed("it has more digits than the column holds");
    const TOO_FINE: Malformed = Malformed("it has more decimal places than the column holds");

    let count = field.try_get_i16().map_err(|_| TRUNCATED)?;
    let weight = i32::from(field.try_get_i16().map_err(|_| TRUNCATED)?);
    let sign = field.try_get_u16().map_err(|_| TRUNCATED)?;
    let _places_shown = field.try_get_u16().map_err(|_| TRUNCATED)?;
    if sign != NUMERIC_POSITIVE && sign != NUMERIC_NEGATIVE {
        return Err(Malformed("it is no finite number"));
    }
    let mut units = 0i128;
    for position in 0..i32::from(count) {
        let digit = i128::from(field.try_get_u16().map_err(|_| TRUNCATED)?);
        let exponent = (weight - position) * 4 + i32::from(scale);
        let power = 10i128.checked_pow(exponent.unsigned_abs());
        let part = match (exponent >= 0, power) {
            (true, Some(power)) => digit.checked_mul(power).ok_or(TOO_LARGE)?,
            (true, None) => return Err(TOO_LARGE),
            (false, Some(power)) if digit % power == 0 => digit / power,
            (false, _) if digit == 0 => 0,
            (false, _) => return Err(TOO_FINE),
        };
        units = units.checked_add(part).ok_or(TOO_LARGE)?;
    }
    if units >= 10i128.pow(u32::from(precision)) {
        return Err(TOO_LARGE);
    }
    Ok(if sign == NUMERIC_NEGATIVE {
        -units
    } else {
        units
    })
}

#[cfg(test)]
mod tests {
    use bytes::{BufMut, BytesMut};

    use super::{CopyRows, Malformed, SIGNATURE, bool, date, int4, int8, numeric, text};

    fn stream(rows: &[&[Option<&[u8]>]]) -> BytesMut {
        let mut bytes = BytesMut::new();
        bytes.put_slice(SIGNATURE);
        bytes.put_u64(0);
        for row in rows {
            bytes.put_u16(row.len() as u16);
            for field in *row {
                match field {
                    None => bytes.put_i32(-1),
                    Some(field) => {
                        bytes.put_i32(field.len() as i32);
                        bytes.put_slice(field);
                    }
                }
            }
        }
        bytes.put_i16(-1);
        bytes
    }

    #[test]
    fn rows_are_found_however_the_stream_is_cut() {
        let rows: [&[Option<&[u8]>]; 3] = [
            &[Some(b"one"), None],
            &[Some(b""), Some(b"two")],
            &[None, None],
        ];
        let bytes = stream(&rows);
        for piece in 1..bytes.len() {
            let mut copy = CopyRows::default();
            let mut found = Vec::new();
            for bytes in bytes.chunks(piece) {
                copy.feed(bytes);
                while let Some(row) = copy.next_row().unwrap() {
                    found.push(
                        row.fields()
                            .map(|field| field.map(<[u8]>::to_vec))
                            .collect::<Vec<_>>(),
                    );
                }
            }
            copy.end().unwrap();
            let expected: Vec<Vec<_>> = rows
                .iter()
                .map(|row| row.iter().map(|field| field.map(<[u8]>::to_vec)).collect())
                .collect();
            assert_eq!(found, expected, "in pieces of {piece}");
        }
    }

    #[test]
    fn what_is_no_copy_is_refused() {
        let whole = stream(&[&[Some(b"one")]]);
        let end = |bytes: &[u8]| {
            let mut copy = CopyRows::default();
            copy.feed(bytes);
            while copy.next_row()?.is_some() {}
            copy.end()
        };
        assert_eq!(end(&whole), Ok(()));
        for cut in 0..whole.len() {
            assert!(end(&whole[..cut]).is_err(), "cut at {cut}");
        }
        let mut more = whole.clone();
        more.put_u8(0);
        assert_eq!(end(&more), Err(Malformed("bytes follow the end")));
        let mut other = whole.clone();
        other[0] = b'p';
        assert!(end(&other).is_err());
        let mut negative = whole;
        negative[21] = 0xff;
        assert!(end(&negative).is_err());
    }

    fn sent(weight: i16, sign: u16, digits: &[u16]) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.put_i16(digits.len() as i16);
        bytes.put_i16(weight);
        bytes.put_u16(sign);
        bytes.put_u16(4);
        digits.iter().for_each(|digit| bytes.put_u16(*digit));
        bytes
    }

    #[test]
    fn numbers_are_exact_or_refused() {
        for (weight, sign, digits, units) in [
            (0, 0, &[][..], 0),
            (0, 0, &[12, 3_400][..], 123_400),
            (0, 0x4000, &[1][..], -10_000),
            (-1, 0, &[1][..], 1),
            (1, 0, &[1, 0, 1][..], 100_000_001),
            (
                3,
                0,
                &[999, 9_999, 9_999, 9_999, 9_999][..],
                9_999_999_999_999_999_999,
            ),
        ] {
            assert_eq!(
                numeric(&sent(weight, sign, digits), 19, 4),
                Ok(units),
                "{digits:?}"
            );
        }
        // Three places are less than a whole digit of four.
        assert_eq!(numeric(&sent(-1, 0, &[1_230]), 15, 3), Ok(123));
        assert!(
            numeric(&sent(-1, 0, &[1_231]), 15, 3).is_err(),
            "a fourth place"
        );
        assert!(
            numeric(&sent(-2, 0, &[1]), 19, 4).is_err(),
            "an eighth place"
        );
        assert!(
            numeric(&sent(3, 0, &[1_000]), 19, 4).is_err(),
            "twenty digits"
        );
        assert!(
            numeric(&sent(30_000, 0, &[1]), 19, 4).is_err(),
            "beyond all"
        );
        assert!(
            numeric(&sent(0, 0xC000, &[]), 19, 4).is_err(),
            "not a number"
        );
        assert!(numeric(&sent(0, 0, &[1])[..9], 19, 4).is_err(), "cut");
        assert!(numeric(&[], 19, 4).is_err(), "nothing");
    }

    #[test]
    fn other_fields_have_the_length_of_their_type() {
        assert_eq!(int8(&7i64.to_be_bytes()), Ok(7));
        assert!(int8(&[0; 4]).is_err());
        assert_eq!(int4(&7i32.to_be_bytes()), Ok(7));
        assert_eq!(date(&(-10_957i32).to_be_bytes()), Ok(0));
        assert!(date(&i32::MAX.to_be_bytes()).is_err());
        assert!(date(&i32::MIN.to_be_bytes()).is_err());
        assert_eq!(bool(&[1]), Ok(true));
        assert!(bool(&[2]).is_err());
        assert_eq!(text("é".as_bytes()), Ok("é"));
        assert!(text(&[0xff]).is_err());
    }
}
