//! Rows of tables that many records write to: lookups, and parents that are referenced, embedded or
//! have a record of their own. Of each row only the best version met is handed on.

use std::{
    collections::{BTreeMap, HashMap},
    hash::{BuildHasherDefault, Hasher},
};

use catwing_domain::{DomainError, Output, RowKey, RowWriter, Rows, TableId, Version};

use crate::recent_keys::RecentKeys;

/// Memory that rows may take before they are handed on.
const PENDING_BYTES_MAX: usize = 8 << 20;

/// How much a row of a parent is worth, as its column `source_rank` stores it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    /// Something refers to it.
    Referenced = 0,
    /// Embedded in another record, without a name that may be used.
    Bare = 1,
    /// Embedded in another record.
    Embedded = 2,
    /// A record of its own.
    Own = 3,
}

impl Rank {
    pub(crate) fn bits(self) -> i16 {
        self as i16
    }
}

#[derive(Clone, Copy, Debug)]
struct Best {
    rank: Rank,
    version: Version,
    row: usize,
}

/// Parent rows that were met and not handed on yet.
#[derive(Debug)]
pub(crate) struct Parents {
    key_salt: String,
    keys: RecentKeys,
    rows: BTreeMap<TableId, Rows>,
    best: HashMap<(TableId, RowKey), Best, BuildHasherDefault<KeyHasher>>,
}

impl Parents {
    pub(crate) fn new(key_salt: &str) -> Self {
        Self {
            key_salt: key_salt.to_owned(),
            keys: RecentKeys::default(),
            rows: BTreeMap::new(),
            best: HashMap::default(),
        }
    }

    /// The key of a row of its own.
    pub(crate) fn key(
        &self,
        table: TableId,
        parts: &[Option<&str>],
    ) -> Result<RowKey, DomainError> {
        RowKey::of(table, &self.key_salt, parts)
    }

    /// The key of a row that many records name by one text.
    pub(crate) fn named(&mut self, table: TableId, name: &str) -> Result<RowKey, DomainError> {
        self.keys.get(table, &self.key_salt, name)
    }

    /// Offers a row; it is written only if it is the best of its key so far.
    pub(crate) fn offer(
        &mut self,
        table: TableId,
        key: RowKey,
        rank: Rank,
        version: Version,
        write: impl FnOnce(RowWriter<'_>),
    ) {
        let better = |best: &Best| match rank.cmp(&best.rank) {
            std::cmp::Ordering::Greater => true,
            std::cmp::Ordering::Less => false,
            // Of mere references the earliest is kept, so that lineage names who spoke of it first.
            std::cmp::Ordering::Equal if rank == Rank::Referenced => version < best.version,
            std::cmp::Ordering::Equal => version > best.version,
        };
        if self
            .best
            .get(&(table, key))
            .is_some_and(|best| !better(best))
        {
            return;
        }
        let rows = self.rows.entry(table).or_insert_with(|| Rows::new(table));
        self.best.insert(
            (table, key),
            Best {
                rank,
                version,
                row: rows.len(),
            },
        );
        write(rows.row());
    }

    /// A word of a lookup table.
    pub(crate) fn word(
        &mut self,
        table: TableId,
        word: &str,
        version: Version,
    ) -> Result<RowKey, DomainError> {
        let key = self.named(table, word)?;
        self.offer(table, key, Rank::Referenced, version, |row| {
            row.key(key).text(word).version(version)
        });
        Ok(key)
    }

    /// A word that may be absent.
    pub(crate) fn optional_word(
        &mut self,
        table: TableId,
        word: Option<&str>,
        version: Version,
    ) -> Result<Option<RowKey>, DomainError> {
        word.map(|word| self.word(table, word, version)).transpose()
    }

    /// Hands the rows on if they take much memory.
    pub(crate) fn flush_if_large(&mut self, output: &mut Output) {
        if self.rows.values().map(Rows::bytes).sum::<usize>() > PENDING_BYTES_MAX {
            self.flush(output);
        }
    }

    /// Hands the best rows on, in the order in which they were met.
    pub(crate) fn flush(&mut self, output: &mut Output) {
        let mut best: Vec<_> = self
            .best
            .drain()
            .map(|((table, _), best)| (table, best.row))
            .collect();
        best.sort_unstable();
        for (table, row) in best {
            if let Some(rows) = self.rows.get(&table) {
                output.rows(table).copy_from(rows, row);
            }
        }
        self.rows.values_mut().for_each(Rows::clear);
    }
}

/// A row's key is a hash already: nothing is won by hashing it again.
#[derive(Default)]
struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, part: u64) {
        self.0 = self.0.rotate_left(7) ^ part;
    }

    fn write_i64(&mut self, part: i64) {
        self.write_u64(part.cast_unsigned());
    }

    fn write_isize(&mut self, part: isize) {
        self.write_u64(part.cast_unsigned() as u64);
    }
}
