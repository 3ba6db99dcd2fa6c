//! Row ids: a 63-bit key of table and natural key, the same on every machine.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::{DomainError, TableId};

/// Bytes that the parts of a natural key may have together, after normalization.
pub const KEY_BYTES_MAX: usize = 256;
/// Bytes that hold most encoded keys.
const ENCODED_BYTES_USUAL: usize = 128;

/// A row's `id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowKey(i64);

impl RowKey {
    /// The key of a natural key in a table: the first 63 bits of BLAKE3 over the table's name, the
    /// salt, and each part with its length, in NFC; a null part is apart from an empty one.
    ///
    /// The salt is the mapping's, empty unless a collision was ever met.
    ///
    /// # Errors
    /// [`DomainError::KeyLength`] over [`KEY_BYTES_MAX`].
    pub fn of(table: TableId, salt: &str, parts: &[Option<&str>]) -> Result<Self, DomainError> {
        Self::named(table.name(), salt, parts)
    }

    /// The key of a row in a table of `cw_global`, which all tenants share: it has no salt.
    ///
    /// # Errors
    /// [`DomainError::KeyLength`] over [`KEY_BYTES_MAX`].
    pub fn of_shared(table: &str, parts: &[Option<&str>]) -> Result<Self, DomainError> {
        Self::named(table, "", parts)
    }

    fn named(table: &str, salt: &str, parts: &[Option<&str>]) -> Result<Self, DomainError> {
        // One buffer is hashed at once: keys are short, and the hasher's own state is not.
        let mut encoded = Vec::with_capacity(ENCODED_BYTES_USUAL);
        add_text(&mut encoded, table);
        add_text(&mut encoded, salt);
        let mut bytes = 0;
        for part in parts {
            match part {
                None => encoded.push(0),
                Some(text) if is_nfc(text) => {
                    bytes += text.len();
                    encoded.push(1);
                    add_text(&mut encoded, text);
                }
                Some(text) => {
                    let normal: String = text.nfc().collect();
                    bytes += normal.len();
                    encoded.push(1);
                    add_text(&mut encoded, &normal);
                }
            }
        }
        if bytes > KEY_BYTES_MAX {
            return Err(DomainError::KeyLength(bytes));
        }
        let hash = blake3::hash(&encoded);
        let mut first = [0; 8];
        first.copy_from_slice(&hash.as_bytes()[..8]);
        Ok(Self((u64::from_be_bytes(first) >> 1) as i64))
    }

    /// As the database stores it.
    #[must_use]
    pub fn bits(self) -> i64 {
        self.0
    }
}

fn is_nfc(text: &str) -> bool {
    text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes
}

fn add_text(encoded: &mut Vec<u8>, text: &str) {
    encoded.extend_from_slice(&(text.len() as u64).to_le_bytes());
    encoded.extend_from_slice(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::RowKey;
    use crate::TableId;

    fn key(table: TableId, parts: &[Option<&str>]) -> i64 {
        RowKey::of(table, "", parts).unwrap().bits()
    }

    /// These vectors are the contract with every database that exists: they never change.
    #[test]
    fn golden_vectors() {
        let vectors = [
            (
                key(TableId::Customers, &[Some("17850")]),
                7_269_238_575_422_133_893,
            ),
            (
                key(TableId::Products, &[Some("85123A")]),
                8_258_165_904_435_162_382,
            ),
            (
                key(TableId::Products, &[Some("85123a")]),
                170_663_190_554_737_210,
            ),
            (
                key(TableId::Products, &[Some("")]),
                5_364_085_562_499_890_531,
            ),
            (key(TableId::Products, &[None]), 326_196_498_869_221_550),
            (
                key(TableId::SalesOrderLines, &[Some("536365"), Some("1")]),
                4_205_749_869_817_562_362,
            ),
            (
                key(TableId::Products, &[Some("caf\u{e9}")]),
                7_704_330_812_295_929_652,
            ),
        ];
        for (found, expected) in vectors {
            assert_eq!(found, expected, "{vectors:?}");
        }
    }

    #[test]
    fn parts_do_not_run_together_and_normal_forms_agree() {
        let lines = TableId::SalesOrderLines;
        assert_ne!(
            key(lines, &[Some("a"), Some("bc")]),
            key(lines, &[Some("ab"), Some("c")])
        );
        assert_ne!(key(lines, &[Some(""), None]), key(lines, &[None, Some("")]));
        assert_eq!(
            key(lines, &[Some("cafe\u{301}")]),
            key(lines, &[Some("caf\u{e9}")])
        );
        assert_ne!(
            RowKey::of(lines, "salt", &[Some("a")]).unwrap().bits(),
            key(lines, &[Some("a")])
        );
        assert!(RowKey::of(lines, "", &[Some(&"x".repeat(257))]).is_err());
    }
}
