//! Keys of rows that many records name: products, places, customers, words. A document's lines name
//! the same few again and again, and a comparison costs a tenth of a hash.

use catwing_domain::{DomainError, RowKey, TableId};

/// Keys that are remembered; a power of two.
const KEYS_MAX: usize = 4_096;
/// Bytes of a name that is remembered: longer ones are hashed each time, so that memory has a bound.
const NAME_BYTES_MAX: usize = 64;

/// The keys that were asked for last, each in the place that its table and name give it.
#[derive(Debug, Default)]
pub(crate) struct RecentKeys {
    places: Vec<Option<Recent>>,
}

#[derive(Clone, Debug)]
struct Recent {
    table: TableId,
    name: String,
    key: RowKey,
}

impl RecentKeys {
    /// The key of the row of this name, always under the same salt.
    ///
    /// # Errors
    /// As [`RowKey::of`].
    pub(crate) fn get(
        &mut self,
        table: TableId,
        salt: &str,
        name: &str,
    ) -> Result<RowKey, DomainError> {
        if self.places.is_empty() {
            self.places.resize(KEYS_MAX, None);
        }
        let place = self.places.get_mut(place(table, name));
        if let Some(Some(recent)) = &place
            && recent.table == table
            && recent.name == name
        {
            return Ok(recent.key);
        }
        let key = RowKey::of(table, salt, &[Some(name)])?;
        if let Some(place) = place.filter(|_| name.len() <= NAME_BYTES_MAX) {
            let name = name.to_owned();
            *place = Some(Recent { table, name, key });
        }
        Ok(key)
    }
}

/// FNV-1a over table and name: names differ in their last bytes mostly.
fn place(table: TableId, name: &str) -> usize {
    let start = 0xcbf2_9ce4_8422_2325 ^ (table as u64);
    let hash = name.bytes().fold(start, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash ^ (hash >> 32)) as usize % KEYS_MAX
}

#[cfg(test)]
mod tests {
    use catwing_domain::{RowKey, TableId};

    use super::{KEYS_MAX, RecentKeys};

    #[test]
    fn a_key_is_the_same_whatever_was_asked_before() {
        let mut keys = RecentKeys::default();
        let tables = [TableId::Products, TableId::Locations, TableId::Customers];
        let names: Vec<_> = (0..2 * KEYS_MAX).map(|n| format!("P-{n}")).collect();
        let long = "x".repeat(200);
        for _ in 0..2 {
            for name in names.iter().chain([&long, &String::new()]) {
                for table in tables {
                    let key = keys.get(table, "salt", name).unwrap();
                    assert_eq!(key, RowKey::of(table, "salt", &[Some(name)]).unwrap());
                }
            }
        }
        assert!(
            keys.get(TableId::Products, "salt", &"x".repeat(300))
                .is_err()
        );
    }
}
