//! One record's own bytes, and the reader that cuts a stream of bytes into records.

use encoding_rs::{CoderResult, Decoder, Encoding};

use crate::{
    csv::CsvSplitter,
    json::{JsonSplitter, Split},
};

/// Bytes that one record may have.
pub const RECORD_BYTES_MAX: usize = 16 << 20;

/// The bytes of one record, in UTF-8 once the declared encoding was undone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RawRecord<'a> {
    bytes: &'a [u8],
}

impl<'a> RawRecord<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The record as text.
    ///
    /// # Errors
    /// A sentence where it is not UTF-8, or was not in its declared encoding.
    pub(crate) fn text(&self) -> Result<&'a str, String> {
        let text = std::str::from_utf8(self.bytes).map_err(|error| {
            format!(
                "not UTF-8 at byte {} of the record: declare its encoding",
                error.valid_up_to()
            )
        })?;
        if text.contains('\u{fffd}') {
            return Err(
                "holds bytes that its encoding does not have, or the replacement character"
                    .to_owned(),
            );
        }
        Ok(text)
    }
}

/// How records follow each other in the bytes.
#[derive(Debug)]
pub(crate) enum Splitter {
    Csv(CsvSplitter),
    Json(JsonSplitter),
    Lines,
}

/// What a reader hands on.
pub(crate) enum Piece<'a> {
    /// A whole record.
    Record(RawRecord<'a>),
    /// What is no record: the bytes where it begins, and why.
    Broken(RawRecord<'a>, String),
}

/// Cuts a stream of bytes into records, holding one record and one chunk at the most.
pub(crate) struct RecordReader {
    splitter: Splitter,
    decoder: Option<Decoder>,
    buffer: Vec<u8>,
    started: bool,
    skipping: bool,
}

impl RecordReader {
    /// A reader for bytes in an encoding; UTF-8 is checked record by record instead of replaced.
    pub(crate) fn new(splitter: Splitter, encoding: &'static Encoding) -> Self {
        let decoder =
            (encoding != encoding_rs::UTF_8).then(|| encoding.new_decoder_with_bom_removal());
        Self {
            splitter,
            decoder,
            buffer: Vec::new(),
            started: false,
            skipping: false,
        }
    }

    /// Takes the next bytes and hands on every record that is whole now.
    pub(crate) fn feed(&mut self, chunk: &[u8], last: bool, take: &mut dyn FnMut(Piece<'_>)) {
        self.fill(chunk, last);
        if !self.started {
            if self.buffer.len() < 3 && !last {
                return;
            }
            self.started = true;
            if self.buffer.starts_with(b"\xef\xbb\xbf") {
                self.buffer.drain(..3);
            }
        }
        let mut at = 0;
        loop {
            let split = match &mut self.splitter {
                Splitter::Csv(csv) => csv.next(&self.buffer, at, last),
                Splitter::Json(json) => json.next(&self.buffer, at, last),
                Splitter::Lines => next_line(&self.buffer, at, last),
            };
            match split {
                Split::Record { start, end } if self.skipping => {
                    // The end of a record whose beginning was too long to keep.
                    self.skipping = false;
                    let _ = start;
                    at = end;
                }
                Split::Record { start, end } => {
                    if let Some(bytes) = self.buffer.get(start..end) {
                        take(Piece::Record(RawRecord::new(bytes)));
                    }
                    at = end;
                }
                Split::Broken { at: from, message } => {
                    let bytes = self.buffer.get(from..).unwrap_or_default();
                    take(Piece::Broken(RawRecord::new(bytes), message));
                    self.buffer.clear();
                    return;
                }
                Split::More { keep_from } => {
                    self.buffer.drain(..keep_from.min(self.buffer.len()));
                    self.refuse_endless(take);
                    return;
                }
            }
        }
    }

    fn fill(&mut self, chunk: &[u8], last: bool) {
        let Some(decoder) = &mut self.decoder else {
            self.buffer.extend_from_slice(chunk);
            return;
        };
        let mut rest = chunk;
        let mut text = String::with_capacity(
            decoder
                .max_utf8_buffer_length(rest.len())
                .unwrap_or(rest.len() * 3),
        );
        loop {
            let (result, read, _) = decoder.decode_to_string(rest, &mut text, last);
            rest = rest.get(read..).unwrap_or_default();
            if result == CoderResult::InputEmpty {
                break;
            }
            text.reserve(rest.len().max(64) * 3);
        }
        self.buffer.extend_from_slice(text.as_bytes());
    }

    fn refuse_endless(&mut self, take: &mut dyn FnMut(Piece<'_>)) {
        if self.buffer.len() <= RECORD_BYTES_MAX {
            return;
        }
        if !self.skipping {
            let message = format!("longer than {RECORD_BYTES_MAX} bytes");
            take(Piece::Broken(RawRecord::new(&self.buffer), message));
            self.skipping = true;
        }
        let kept = self.buffer.len();
        self.buffer.clear();
        match &mut self.splitter {
            Splitter::Csv(csv) => csv.dropped(kept),
            Splitter::Json(json) => json.dropped(kept),
            Splitter::Lines => {}
        }
    }
}

fn next_line(buffer: &[u8], mut at: usize, last: bool) -> Split {
    loop {
        let rest = buffer.get(at..).unwrap_or_default();
        let end = match memchr::memchr(b'\n', rest) {
            Some(end) => end,
            None if last && !rest.is_empty() => rest.len(),
            None => return Split::More { keep_from: at },
        };
        let line = rest.get(..end).unwrap_or_default();
        if line.iter().all(u8::is_ascii_whitespace) {
            at += (end + 1).min(rest.len());
            continue;
        }
        return Split::Record {
            start: at,
            end: at + end,
        };
    }
}
