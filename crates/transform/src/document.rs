//! Documents that are spread over rows: rows of one delivery with one key are one document,
//! adjacent or not. Only one partition of the keys is held at a time, so memory does not grow with
//! the delivery: large deliveries are read once per partition.

use std::collections::HashMap;

use catwing_domain::Problem;

/// Raw bytes of rows that one partition may hold on average.
pub(crate) const PARTITION_BYTES_MAX: u64 = 24 << 20;

/// A row that waits for the rest of its document.
#[derive(Clone, Debug)]
pub(crate) struct WaitingRow {
    pub(crate) object: usize,
    pub(crate) ordinal: u64,
    pub(crate) bytes: std::ops::Range<usize>,
    /// What is wrong with the row already: it takes its document with it.
    pub(crate) problem: Option<Problem>,
}

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
        object: usize,
        ordinal: u64,
        bytes: &[u8],
        problem: Option<Problem>,
    ) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        let row = self.rows.len() as u32;
        self.rows.push(WaitingRow {
            object,
            ordinal,
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

/// How many partitions a dataset of this size is read in.
pub(crate) fn partitions(size_bytes: u64) -> u32 {
    u32::try_from(size_bytes.div_ceil(PARTITION_BYTES_MAX))
        .unwrap_or(u32::MAX)
        .max(1)
}

/// The partition that a document's key belongs to.
pub(crate) fn partition_of(key: &str, partitions: u32) -> u32 {
    if partitions <= 1 {
        return 0;
    }
    let hash = blake3::hash(key.as_bytes());
    let mut first = [0; 4];
    first.copy_from_slice(&hash.as_bytes()[..4]);
    u32::from_le_bytes(first) % partitions
}

#[cfg(test)]
mod tests {
    use super::{Documents, partition_of, partitions};

    #[test]
    fn rows_of_a_key_come_together_in_the_order_of_first_rows() {
        let mut documents = Documents::default();
        for (ordinal, key) in ["b", "a", "b", "c", "a"].into_iter().enumerate() {
            documents.add(key, 0, ordinal as u64, key.as_bytes(), None);
        }
        let mut found = Vec::new();
        while let Some(rows) = documents.next() {
            found.push(
                rows.iter()
                    .map(|(row, bytes)| (row.ordinal, bytes.to_vec()))
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
        assert_eq!(
            (
                partitions(0),
                partitions(24 << 20),
                partitions((24 << 20) + 1)
            ),
            (1, 1, 2)
        );
        let seen: std::collections::BTreeSet<_> =
            (0..100).map(|n| partition_of(&n.to_string(), 3)).collect();
        assert_eq!(seen, [0, 1, 2].into());
    }
}
