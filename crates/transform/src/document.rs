//! Documents that are spread over rows: rows of one delivery with one key are one document,
//! adjacent or not. Only one partition of the keys is held at a time, so memory does not grow with
//! the delivery: large deliveries are read once per partition.

use std::collections::{BTreeMap, HashMap};

use catwing_domain::{Entity, Problem};

use crate::delivery::RecordPlace;

/// Raw bytes of rows that one partition holds on average.
pub(crate) const PARTITION_BYTES: u64 = 24 << 20;

/// One of the parts of a dataset's document keys: as many readings as there are parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Partition {
    index: u32,
    count: u32,
}

impl Partition {
    /// All parts of a dataset of this size.
    pub(crate) fn all(size_bytes: u64, partition_bytes: u64) -> impl Iterator<Item = Self> {
        let count = u32::try_from(size_bytes.div_ceil(partition_bytes.max(1)))
            .unwrap_or(u32::MAX)
            .max(1);
        (0..count).map(move |index| Self { index, count })
    }

    /// The only part of a dataset whose records are whole in themselves.
    pub(crate) fn whole() -> Self {
        Self { index: 0, count: 1 }
    }

    /// Whether this is the first reading: the one that counts rows and writes what is no document.
    pub(crate) fn is_first(self) -> bool {
        self.index == 0
    }

    /// Whether a document's key belongs to this part.
    pub(crate) fn holds(self, key: &str) -> bool {
        if self.count <= 1 {
            return true;
        }
        let hash = blake3::hash(key.as_bytes());
        let mut first = [0; 4];
        first.copy_from_slice(&hash.as_bytes()[..4]);
        u32::from_le_bytes(first) % self.count == self.index
    }
}

/// A row that waits for the rest of its document.
#[derive(Clone, Debug)]
pub(crate) struct WaitingRow {
    pub(crate) place: RecordPlace,
    pub(crate) bytes: std::ops::Range<usize>,
    /// What is wrong with the row already: it takes its document with it.
    pub(crate) problem: Option<Problem>,
}

/// The rows of each entity's documents.
pub(crate) type WaitingRows = BTreeMap<Entity, Documents>;

/// The rows of one feed's documents, in the order of their first rows.
#[derive(Debug, Default)]
pub(crate) struct Documents {
    bytes: Vec<u8>,
    rows: Vec<WaitingRow>,
    by_key: HashMap<String, usize>,
    groups: Vec<Vec<u32>>,
    next: usize,
}

impl Documents {
    pub(crate) fn add(
        &mut self,
        key: &str,
        place: RecordPlace,
        bytes: &[u8],
        problem: Option<Problem>,
    ) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        let row = self.rows.len() as u32;
        self.rows.push(WaitingRow {
            place,
            bytes: start..self.bytes.len(),
            problem,
        });
        let group = match self.by_key.get(key) {
            Some(group) => *group,
            None => {
                self.by_key.insert(key.to_owned(), self.groups.len());
                self.groups.push(Vec::new());
                self.groups.len() - 1
            }
        };
        if let Some(group) = self.groups.get_mut(group) {
            group.push(row);
        }
    }

    /// The rows of the next document with their bytes, or none when all were handed out; then the
    /// memory is free for the next partition.
    pub(crate) fn next(&mut self) -> Option<Vec<(WaitingRow, &[u8])>> {
        let Some(group) = self.groups.get(self.next) else {
            *self = Self::default();
            return None;
        };
        self.next += 1;
        let row = |index: &u32| {
            let row = self.rows.get(*index as usize)?;
            Some((row.clone(), self.bytes.get(row.bytes.clone())?))
        };
        Some(group.iter().filter_map(row).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::{Documents, PARTITION_BYTES, Partition};
    use crate::delivery::RecordPlace;

    #[test]
    fn rows_of_a_key_come_together_in_the_order_of_first_rows() {
        let mut documents = Documents::default();
        for (ordinal, key) in ["b", "a", "b", "c", "a"].into_iter().enumerate() {
            let place = RecordPlace {
                object: 0,
                ordinal: ordinal as u64,
            };
            documents.add(key, place, key.as_bytes(), None);
        }
        let mut found = Vec::new();
        while let Some(rows) = documents.next() {
            found.push(
                rows.iter()
                    .map(|(row, bytes)| (row.place.ordinal, bytes.to_vec()))
                    .collect::<Vec<_>>(),
            );
        }
        let expected = [
            vec![(0, b"b".to_vec()), (2, b"b".to_vec())],
            vec![(1, b"a".to_vec()), (4, b"a".to_vec())],
            vec![(3, b"c".to_vec())],
        ];
        assert_eq!(found, expected);
        assert!(documents.next().is_none());
    }

    #[test]
    fn every_key_has_one_partition() {
        let count = |bytes| Partition::all(bytes, PARTITION_BYTES).count();
        assert_eq!(
            (count(0), count(PARTITION_BYTES), count(PARTITION_BYTES + 1)),
            (1, 1, 2)
        );
        for key in (0..100).map(|n| n.to_string()) {
            let held = Partition::all(30, 10).filter(|part| part.holds(&key));
            assert_eq!(held.count(), 1, "{key}");
        }
    }
}
