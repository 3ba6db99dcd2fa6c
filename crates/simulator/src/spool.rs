//! The records of a history in temporary files, so that any day can be read at any time and memory
//! holds only where each delivery stands.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufWriter, Write},
    ops::Range,
    os::unix::fs::FileExt,
};

use catwing_domain::BusinessDay;

use crate::{Dataset, DayFile};

/// What stands around a file's records, and between them.
const BEFORE: &[u8] = b"[\n";
const AFTER: &[u8] = b"\n]\n";
const BETWEEN: &[u8] = b",\n";
/// Bytes of a record's place in the file of places.
const PLACE_BYTES: u64 = 8;

/// Where a delivery stands.
#[derive(Clone, Copy, Debug)]
struct Delivery {
    revision: u8,
    records: u64,
    /// The place of its first record among the places.
    first: u64,
    /// Where its records end.
    end: u64,
}

/// The files while they are written.
pub(crate) struct SpoolWriter {
    records: BufWriter<File>,
    places: BufWriter<File>,
    deliveries: BTreeMap<(Dataset, BusinessDay), Vec<Delivery>>,
    records_end: u64,
    places_count: u64,
}

/// Records, one after the other, and the place of each.
#[derive(Debug)]
pub(crate) struct Spool {
    records: File,
    places: File,
    deliveries: BTreeMap<(Dataset, BusinessDay), Vec<Delivery>>,
}

/// Records of a dataset and a day that are known at some time.
#[derive(Clone, Debug)]
pub(crate) struct Answer(Vec<Delivery>);

impl SpoolWriter {
    /// Files that have no name, and are gone with the process.
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {
            records: BufWriter::new(tempfile::tempfile()?),
            places: BufWriter::new(tempfile::tempfile()?),
            deliveries: BTreeMap::new(),
            records_end: 0,
            places_count: 0,
        })
    }

    /// Keeps the records of a file.
    pub(crate) fn add(&mut self, day: BusinessDay, file: &DayFile) -> io::Result<()> {
        let bytes = file.bytes.strip_prefix(BEFORE).unwrap_or(&file.bytes);
        let bytes = bytes.strip_suffix(AFTER).unwrap_or(bytes);
        let first = self.places_count;
        let mut place = self.records_end;
        for record in bytes.split(|byte| *byte == b'\n') {
            self.places.write_all(&place.to_le_bytes())?;
            self.places_count += 1;
            place += record.len() as u64 + 1;
        }
        self.records.write_all(bytes)?;
        self.records_end += bytes.len() as u64;
        let deliveries = self.deliveries.entry((file.dataset, day)).or_default();
        deliveries.push(Delivery {
            revision: file.revision,
            records: self.places_count - first,
            first,
            end: self.records_end,
        });
        Ok(())
    }

    pub(crate) fn finish(self) -> io::Result<Spool> {
        Ok(Spool {
            records: self.records.into_inner()?,
            places: self.places.into_inner()?,
            deliveries: self.deliveries,
        })
    }
}

impl Spool {
    /// What is said of a dataset and a day by deliveries that are known: of a snapshot the newest, else
    /// all of them.
    pub(crate) fn answer(
        &self,
        dataset: Dataset,
        day: BusinessDay,
        is_known: impl Fn(u8) -> bool,
    ) -> Answer {
        let deliveries = self.deliveries.get(&(dataset, day)).into_iter().flatten();
        let mut known: Vec<_> = deliveries
            .filter(|delivery| is_known(delivery.revision))
            .copied()
            .collect();
        if dataset.is_snapshot() {
            known.drain(..known.len().saturating_sub(1));
        }
        Answer(known)
    }

    /// The revisions of a dataset's deliveries of a day.
    pub(crate) fn revisions(&self, dataset: Dataset, day: BusinessDay) -> impl Iterator<Item = u8> {
        let deliveries = self.deliveries.get(&(dataset, day)).into_iter().flatten();
        deliveries.map(|delivery| delivery.revision)
    }

    /// Days with records of a dataset.
    pub(crate) fn days(&self, dataset: Dataset) -> impl Iterator<Item = BusinessDay> {
        let keys = self.deliveries.keys();
        keys.filter(move |(own, _)| *own == dataset)
            .map(|(_, day)| *day)
    }

    /// Appends some of an answer's records to a body, with what stands between them.
    pub(crate) fn read(
        &self,
        answer: &Answer,
        records: Range<u64>,
        body: &mut Vec<u8>,
    ) -> io::Result<()> {
        let mut before = 0;
        let mut is_first = true;
        for delivery in &answer.0 {
            let from = records.start.saturating_sub(before).min(delivery.records);
            let to = records.end.saturating_sub(before).min(delivery.records);
            before += delivery.records;
            if from >= to {
                continue;
            }
            if !is_first {
                body.extend_from_slice(BETWEEN);
            }
            is_first = false;
            let start = self.place(delivery, from)?;
            let end = match to == delivery.records {
                true => delivery.end,
                false => self.place(delivery, to)? - BETWEEN.len() as u64,
            };
            let own = body.len();
            body.resize(own + end.saturating_sub(start) as usize, 0);
            if let Some(room) = body.get_mut(own..) {
                self.records.read_exact_at(room, start)?;
            }
        }
        Ok(())
    }

    fn place(&self, delivery: &Delivery, record: u64) -> io::Result<u64> {
        let mut place = [0; PLACE_BYTES as usize];
        let at = (delivery.first + record) * PLACE_BYTES;
        self.places.read_exact_at(&mut place, at)?;
        Ok(u64::from_le_bytes(place))
    }
}

impl Answer {
    /// How many records it has.
    pub(crate) fn total(&self) -> u64 {
        self.0.iter().map(|delivery| delivery.records).sum()
    }
}
