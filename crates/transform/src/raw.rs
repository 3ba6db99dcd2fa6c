//! One record's own bytes, and the reader that cuts a stream of bytes into records.

use std::borrow::Cow;

use encoding_rs::{CoderResult, Decoder, Encoding};

use crate::{canonical::shortened, csv::CsvSplitter, json_stream::JsonSplitter, mapping::Format};

/// Bytes that one record may have.
pub const RECORD_BYTES_MAX: usize = 16 << 20;
/// Characters of a refused record that quarantine keeps; the rest is in raw.
const SHOWN_CHARS_MAX: usize = 4_000;
/// Bytes of a record that is no record which are looked at: as many as may be shown.
const HEAD_BYTES_MAX: usize = 4 * SHOWN_CHARS_MAX;

/// The bytes of one record, in UTF-8 once the declared encoding was undone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RawRecord<'a> {
    bytes: &'a [u8],
}

impl<'a> RawRecord<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The beginning of what may be no record at all.
    fn head(bytes: &'a [u8]) -> Self {
        Self::new(bytes.get(..HEAD_BYTES_MAX).unwrap_or(bytes))
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
                "not UTF-8 at byte {} of the record: {DECLARE}",
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

    /// The record as text with replacement characters for what is none.
    pub(crate) fn lossy(&self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.bytes)
    }

    /// As much of the record as a person is shown.
    pub(crate) fn shown(&self) -> String {
        shortened(&Self::head(self.bytes).lossy(), SHOWN_CHARS_MAX)
    }
}

/// As much as a person is shown of a record that is spread over rows.
pub(crate) fn shown_rows<'a>(rows: impl Iterator<Item = &'a [u8]>) -> String {
    let mut all = String::new();
    for bytes in rows {
        if !all.is_empty() {
            all.push('\n');
        }
        all.push_str(&RawRecord::head(bytes).lossy());
        if all.len() > HEAD_BYTES_MAX {
            break;
        }
    }
    shortened(&all, SHOWN_CHARS_MAX)
}

/// How records follow each other in the bytes.
#[derive(Debug)]
pub(crate) enum Splitter {
    Csv(CsvSplitter),
    Json(JsonSplitter),
    Lines,
}

impl Splitter {
    /// For rows of a format that follow each other, without a header row or an envelope.
    pub(crate) fn of_rows(format: &Format) -> Self {
        match format {
            Format::Csv { shape, .. } => Self::Csv(CsvSplitter::new(*shape)),
            Format::Json { .. } => Self::Json(JsonSplitter::bare()),
            Format::Ndjson => Self::Lines,
        }
    }

    /// Looks for the next record from `at` in the buffer.
    pub(crate) fn next(&mut self, buffer: &[u8], at: usize, last: bool) -> Split {
        match self {
            Self::Csv(csv) => csv.next(buffer, at, last),
            Self::Json(json) => json.next(buffer, at, last),
            Self::Lines => next_line(buffer, at, last),
        }
    }
}

/// What a splitter found.
pub(crate) enum Split {
    /// A whole record lies in this range of the buffer; go on behind it.
    Record { start: usize, end: usize },
    /// What should be a record in this range is none; go on behind it.
    Refused {
        start: usize,
        end: usize,
        message: String,
    },
    /// Nothing whole: keep the buffer from here and bring more.
    More { keep_from: usize },
    /// The document is broken from here on.
    Broken { at: usize, message: String },
}

/// What a reader hands on.
pub(crate) enum Piece<'a> {
    /// A whole record.
    Record(RawRecord<'a>),
    /// What is no record: the bytes where it begins, and why.
    Broken(RawRecord<'a>, String),
}

/// Cuts a stream of bytes into records, holding one record and one chunk at the most. What it hands
/// on never depends on how the stream was cut into chunks.
pub(crate) struct RecordReader {
    splitter: Splitter,
    decoder: Option<Decoder>,
    buffer: Vec<u8>,
    state: State,
}

enum State {
    /// Before the first bytes, of which a byte order mark is dropped.
    Start,
    Reading,
    /// In a record whose beginning was too long to keep.
    Skipping,
    /// The document is broken: so much of it is collected as is shown.
    Breaking(String),
    /// Nothing more is read.
    Over,
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
            state: State::Start,
        }
    }

    /// Takes the next bytes and hands on every record that is whole now.
    pub(crate) fn feed(&mut self, chunk: &[u8], last: bool, take: &mut dyn FnMut(Piece<'_>)) {
        if matches!(self.state, State::Over) {
            return;
        }
        self.fill(chunk, last);
        if matches!(self.state, State::Start) {
            if self.buffer.len() < 3 && !last {
                return;
            }
            self.state = State::Reading;
            if self.buffer.starts_with(b"\xef\xbb\xbf") {
                self.buffer.drain(..3);
            }
        }
        if matches!(self.state, State::Reading | State::Skipping) {
            self.split(last, take);
        }
        self.end_broken(last, take);
    }

    fn split(&mut self, last: bool, take: &mut dyn FnMut(Piece<'_>)) {
        let mut at = 0;
        loop {
            let split = self.splitter.next(&self.buffer, at, last);
            let skipping = matches!(self.state, State::Skipping);
            match split {
                // The end of a record whose beginning was too long to keep.
                Split::Record { end, .. } if skipping => {
                    self.state = State::Reading;
                    at = end;
                }
                Split::Refused { .. } | Split::Broken { .. } if skipping => {
                    self.state = State::Over;
                    self.buffer.clear();
                    return;
                }
                Split::Record { start, end } => {
                    let bytes = self.buffer.get(start..end).unwrap_or_default();
                    if bytes.len() > RECORD_BYTES_MAX {
                        take(Piece::Broken(RawRecord::head(bytes), endless()));
                    } else {
                        take(Piece::Record(RawRecord::new(bytes)));
                    }
                    at = end;
                }
                Split::Refused {
                    start,
                    end,
                    message,
                } => {
                    let bytes = self.buffer.get(start..end).unwrap_or_default();
                    take(Piece::Broken(RawRecord::head(bytes), message));
                    at = end;
                }
                Split::Broken { at: from, message } => {
                    self.buffer.drain(..from.min(self.buffer.len()));
                    self.state = State::Breaking(message);
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

    /// Hands on the beginning of what is broken once it is long enough to be shown.
    fn end_broken(&mut self, last: bool, take: &mut dyn FnMut(Piece<'_>)) {
        let State::Breaking(message) = &mut self.state else {
            return;
        };
        if self.buffer.len() >= HEAD_BYTES_MAX || last {
            let message = std::mem::take(message);
            take(Piece::Broken(RawRecord::head(&self.buffer), message));
            self.state = State::Over;
            self.buffer = Vec::new();
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
        if matches!(self.state, State::Reading) {
            let in_record = match &self.splitter {
                Splitter::Csv(_) | Splitter::Lines => true,
                Splitter::Json(json) => json.within_record(),
            };
            if !in_record {
                self.state = State::Breaking(endless());
                return;
            }
            take(Piece::Broken(RawRecord::head(&self.buffer), endless()));
            self.state = State::Skipping;
        }
        self.buffer.clear();
        match &mut self.splitter {
            Splitter::Csv(csv) => csv.dropped(),
            Splitter::Json(json) => json.dropped(),
            Splitter::Lines => {}
        }
    }
}

/// What to do where bytes are not UTF-8.
pub(crate) const DECLARE: &str = "declare its encoding";

/// What is said of a record over [`RECORD_BYTES_MAX`].
pub(crate) fn endless() -> String {
    format!("longer than the {RECORD_BYTES_MAX} bytes that a record may have")
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
