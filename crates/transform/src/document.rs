//! Documents that are spread over rows: rows of one delivery with one key are one document,
//! adjacent or not. Only one partition of the keys is held at a time, so memory does not grow with
//! the delivery: large deliveries are read once per partition.

use std::collections::{BTreeMap, HashMap};

use catwing_domain::{Entity, Problem};

use crate::delivery::RecordPlace;

/// Raw bytes of rows that one partition holds on average.
pub(crate) const PARTITION_BYTES: u64 = 24 << 20;
/// Bytes of rows that are kept in one piece of memory, which never moves as more rows come.
const CHUNK_BYTES: usize = 1 << 20;
/// What a row takes beside its bytes, the room that its list has left among it.
const ROW_OVERHEAD_BYTES: usize = 72;
/// What a document takes beside its rows, likewise.
const DOCUMENT_OVERHEAD_BYTES: usize = 96;
const NO_ROW: u32 = u32::MAX;

/// The identity of a document in its delivery: 128 bits of BLAKE3 of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct DocumentKey(u128);

impl DocumentKey {
    pub(crate) fn of(key: &str) -> Self {
        let mut bits = [0; 16];
        bits.copy_from_slice(&blake3::hash(key.as_bytes()).as_bytes()[..16]);
        Self(u128::from_be_bytes(bits))
    }
}

/// One of the parts of a dataset's document keys: as many readings as there are parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Partition {
    from: u128,
    /// Its last key.
    until: u128,
}

impl Partition {
    /// All parts of a dataset of this size.
    pub(crate) fn all(size_bytes: u64, partition_bytes: u64) -> impl Iterator<Item = Self> {
        let count = u128::from(size_bytes.div_ceil(partition_bytes.max(1)).max(1));
        let width = u128::MAX / count;
        (0..count).map(move |index| Self {
            from: width * index,
            until: if index + 1 == count {
                u128::MAX
            } else {
                width * (index + 1) - 1
            },
        })
    }

    /// The only part of a dataset whose records are whole in themselves.
    pub(crate) fn whole() -> Self {
        Self {
            from: 0,
            until: u128::MAX,
        }
    }

    /// Whether this is the first reading: the one that counts rows and writes what is no document.
    pub(crate) fn is_first(self) -> bool {
        self.from == 0
    }

    /// Whether a document's key belongs to this part.
    pub(crate) fn holds(self, key: DocumentKey) -> bool {
        (self.from..=self.until).contains(&key.0)
    }
}

/// What waits while a stretch is read: the rows of each entity's documents, and which part of the
/// keys they belong to. A part that turns out to hold more than memory should is narrowed, and the
/// rest of it is left for a reading of its own.
#[derive(Debug)]
pub(crate) struct Waiting {
    documents: BTreeMap<Entity, Documents>,
    pub(crate) partition: Partition,
    bytes_max: usize,
    /// Parts that were split off, the lowest keys last.
    put_off: Vec<Partition>,
}

impl Waiting {
    /// Nothing yet, of a part.
    pub(crate) fn new(partition: Partition, bytes_max: usize) -> Self {
        Self {
            documents: BTreeMap::new(),
            partition,
            bytes_max,
            put_off: Vec::new(),
        }
    }

    /// Begins another part in the memory of the one before: given back and taken anew, that memory
    /// would be left in pieces.
    pub(crate) fn restart(&mut self, partition: Partition, bytes_max: usize) {
        self.documents.values_mut().for_each(Documents::clear);
        self.partition = partition;
        self.bytes_max = bytes_max;
        self.put_off.clear();
    }

    /// Takes a row, if its document is of this part.
    pub(crate) fn add(&mut self, entity: Entity, key: &str, row: DocumentRow<'_>) {
        let key = DocumentKey::of(key);
        if !self.partition.holds(key) {
            return;
        }
        self.documents.entry(entity).or_default().add(key, row);
        while self.documents.values().map(Documents::bytes).sum::<usize>() > self.bytes_max {
            if !self.narrow() {
                return;
            }
        }
    }

    /// Leaves the upper half of the documents for later; false where there is but one.
    fn narrow(&mut self) -> bool {
        let mut keys: Vec<_> = self.documents.values().flat_map(Documents::keys).collect();
        keys.sort_unstable();
        keys.dedup();
        let (Some(first), Some(middle)) = (keys.first(), keys.get(keys.len() / 2)) else {
            return false;
        };
        if first == middle {
            return false;
        }
        let Partition { from, until } = self.partition;
        self.partition = Partition {
            from,
            until: middle.0 - 1,
        };
        self.put_off.push(Partition {
            from: middle.0,
            until,
        });
        for documents in self.documents.values_mut() {
            documents.keep(self.partition);
        }
        true
    }

    /// The documents of an entity.
    pub(crate) fn of(&mut self, entity: Entity) -> &mut Documents {
        self.documents.entry(entity).or_default()
    }

    /// The parts that were split off, the highest keys first.
    pub(crate) fn put_off(&mut self) -> impl Iterator<Item = Partition> {
        self.put_off.drain(..)
    }
}

/// What a row is of its document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DocumentPart {
    /// Header and line in one.
    Row,
    /// The header, whose lines are rows of another dataset.
    Header,
    /// Such a header that the mapping leaves out, and its lines with it.
    LeftOut,
    /// A row of the other dataset.
    Line,
}

/// A row of a document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DocumentRow<'d> {
    pub(crate) place: RecordPlace,
    pub(crate) part: DocumentPart,
    pub(crate) bytes: &'d [u8],
    /// What is wrong with the row already: it takes its document with it.
    pub(crate) problem: Option<&'d Problem>,
}

/// A row that waits for the rest of its document.
#[derive(Debug)]
struct WaitingRow {
    place: RecordPlace,
    part: DocumentPart,
    chunk: u32,
    start: u32,
    length: u32,
    /// The next row of its document.
    next: u32,
    problem: Option<Box<Problem>>,
}

/// A document's rows, as a list through all rows.
#[derive(Clone, Copy, Debug)]
struct Group {
    key: DocumentKey,
    first: u32,
    last: u32,
}

/// The rows of one feed's documents, in the order of their first rows.
#[derive(Debug, Default)]
pub(crate) struct Documents {
    chunks: Vec<Vec<u8>>,
    /// Chunks of rows that are gone.
    spare: Vec<Vec<u8>>,
    rows: Vec<WaitingRow>,
    groups: Vec<Group>,
    by_key: HashMap<DocumentKey, u32>,
    bytes: usize,
    next: usize,
}

impl Documents {
    fn add(&mut self, key: DocumentKey, row: DocumentRow<'_>) {
        let index = self.rows.len() as u32;
        let (chunk, start) = self.store(row.bytes);
        self.rows.push(WaitingRow {
            place: row.place,
            part: row.part,
            chunk,
            start,
            length: row.bytes.len() as u32,
            next: NO_ROW,
            problem: row.problem.cloned().map(Box::new),
        });
        self.bytes += row.bytes.len() + ROW_OVERHEAD_BYTES;
        let known = self.by_key.get(&key).copied();
        if let Some(group) = known.and_then(|group| self.groups.get_mut(group as usize)) {
            let last = std::mem::replace(&mut group.last, index);
            if let Some(last) = self.rows.get_mut(last as usize) {
                last.next = index;
            }
            return;
        }
        self.by_key.insert(key, self.groups.len() as u32);
        self.groups.push(Group {
            key,
            first: index,
            last: index,
        });
        self.bytes += DOCUMENT_OVERHEAD_BYTES;
    }

    /// Puts a row's bytes where they stay: chunk and offset.
    fn store(&mut self, bytes: &[u8]) -> (u32, u32) {
        let fits = |chunk: &Vec<u8>| chunk.len() + bytes.len() <= chunk.capacity();
        if !self.chunks.last().is_some_and(fits) {
            let spare = self
                .spare
                .pop()
                .filter(|chunk| chunk.capacity() >= bytes.len());
            let fresh = || Vec::with_capacity(CHUNK_BYTES.max(bytes.len()));
            self.chunks.push(spare.unwrap_or_else(fresh));
        }
        let chunk = self.chunks.len() as u32 - 1;
        let start = self.chunks.last().map_or(0, Vec::len) as u32;
        if let Some(last) = self.chunks.last_mut() {
            last.extend_from_slice(bytes);
        }
        (chunk, start)
    }

    /// Memory that the rows take.
    fn bytes(&self) -> usize {
        self.bytes
    }

    fn keys(&self) -> impl Iterator<Item = DocumentKey> {
        self.groups.iter().map(|group| group.key)
    }

    /// Forgets the documents of other parts.
    fn keep(&mut self, partition: Partition) {
        let mut old = std::mem::take(self);
        for group in old.groups.iter().filter(|group| partition.holds(group.key)) {
            for row in old.rows_of(*group) {
                self.add(group.key, row);
            }
        }
        old.clear();
        self.spare = old.spare;
    }

    /// Forgets all documents and keeps their memory.
    fn clear(&mut self) {
        for mut chunk in self.chunks.drain(..) {
            chunk.clear();
            self.spare.push(chunk);
        }
        self.rows.clear();
        self.groups.clear();
        self.by_key.clear();
        (self.bytes, self.next) = (0, 0);
    }

    fn rows_of(&self, group: Group) -> impl Iterator<Item = DocumentRow<'_>> {
        let first = self.rows.get(group.first as usize);
        let chain = std::iter::successors(first, |row| self.rows.get(row.next as usize));
        chain.map(|row| {
            let (start, end) = (row.start as usize, (row.start + row.length) as usize);
            let chunk = self.chunks.get(row.chunk as usize);
            DocumentRow {
                place: row.place,
                part: row.part,
                bytes: chunk
                    .and_then(|chunk| chunk.get(start..end))
                    .unwrap_or_default(),
                problem: row.problem.as_deref(),
            }
        })
    }

    /// The rows of the next document, or none when all were handed out.
    pub(crate) fn next(&mut self) -> Option<Vec<DocumentRow<'_>>> {
        let group = self.groups.get(self.next).copied()?;
        self.next += 1;
        Some(self.rows_of(group).collect())
    }
}

#[cfg(test)]
mod tests {
    use catwing_domain::Entity;

    use super::{
        DocumentKey, DocumentPart, DocumentRow, Documents, PARTITION_BYTES, Partition, Waiting,
    };
    use crate::delivery::RecordPlace;

    fn row(ordinal: u64, bytes: &[u8]) -> DocumentRow<'_> {
        let place = RecordPlace { object: 0, ordinal };
        DocumentRow {
            place,
            part: DocumentPart::Row,
            bytes,
            problem: None,
        }
    }

    #[test]
    fn rows_of_a_key_come_together_in_the_order_of_first_rows() {
        let mut documents = Documents::default();
        for (ordinal, key) in (0..).zip(["b", "a", "b", "c", "a"]) {
            documents.add(DocumentKey::of(key), row(ordinal, key.as_bytes()));
        }
        let mut found = Vec::new();
        while let Some(rows) = documents.next() {
            let told = rows
                .iter()
                .map(|row| (row.place.ordinal, row.bytes.to_vec()));
            found.push(told.collect::<Vec<_>>());
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
            let held = Partition::all(30, 10).filter(|part| part.holds(DocumentKey::of(&key)));
            assert_eq!(held.count(), 1, "{key}");
        }
        let first: Vec<_> = Partition::all(30, 10).map(Partition::is_first).collect();
        assert_eq!(first, [true, false, false]);
        assert_eq!(Partition::all(0, 10).next(), Some(Partition::whole()));
    }

    #[test]
    fn a_part_that_is_too_large_is_narrowed_and_every_document_comes_once() {
        let keys: Vec<_> = (0..500).map(|n| n.to_string()).collect();
        let (bytes, bytes_max) = ([7; 100], 20_000);
        let mut parts = vec![Partition::whole()];
        let mut found = Vec::new();
        let mut readings = 0;
        while let Some(part) = parts.pop() {
            readings += 1;
            let mut waiting = Waiting::new(part, bytes_max);
            for pass in 0..2 {
                for (ordinal, key) in (0..).zip(&keys) {
                    waiting.add(
                        Entity::SalesOrders,
                        key,
                        row(ordinal + 1_000 * pass, &bytes),
                    );
                }
            }
            parts.extend(waiting.put_off());
            let documents = waiting.of(Entity::SalesOrders);
            assert!(documents.bytes() <= bytes_max);
            while let Some(rows) = documents.next() {
                let [first, second] = rows.as_slice() else {
                    panic!("a document has two rows: {rows:?}");
                };
                assert_eq!(first.place.ordinal + 1_000, second.place.ordinal);
                found.push(first.place.ordinal);
            }
        }
        found.sort_unstable();
        assert_eq!(found, (0..500).collect::<Vec<_>>());
        assert!((8..=40).contains(&readings), "{readings}");
    }

    #[test]
    fn a_document_larger_than_memory_should_hold_is_held_all_the_same() {
        let mut waiting = Waiting::new(Partition::whole(), 10);
        for ordinal in 0..100 {
            waiting.add(Entity::SalesOrders, "one", row(ordinal, b"row"));
        }
        assert_eq!(waiting.put_off().count(), 0);
        let rows = waiting.of(Entity::SalesOrders).next();
        assert_eq!(rows.map(|rows| rows.len()), Some(100));
    }
}
