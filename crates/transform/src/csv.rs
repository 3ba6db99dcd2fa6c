//! Delimited text: a splitter that finds rows in a stream, and a parser of one row into fields.

use crate::raw::{RECORD_BYTES_MAX, Split, endless};

/// Columns that a header may have.
pub(crate) const FIELDS_MAX: usize = 4_096;

/// The characters of a delimited format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CsvShape {
    pub(crate) delimiter: u8,
    pub(crate) quote: u8,
}

/// Finds whole rows: a line end within quotes ends no row.
#[derive(Debug)]
pub(crate) struct CsvSplitter {
    shape: CsvShape,
    state: State,
    /// Whether a row was begun; its first bytes may be dropped already.
    begun: bool,
    /// Bytes of the row that were looked at.
    seen: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    FieldStart,
    Plain,
    Quoted,
    QuoteInQuoted,
}

impl CsvSplitter {
    pub(crate) fn new(shape: CsvShape) -> Self {
        Self {
            shape,
            state: State::FieldStart,
            begun: false,
            seen: 0,
        }
    }

    /// Looks for the next row from `at` in the buffer.
    pub(crate) fn next(&mut self, buffer: &[u8], mut at: usize, last: bool) -> Split {
        if !self.begun {
            // Empty lines are no rows.
            while matches!(buffer.get(at), Some(b'\n' | b'\r')) {
                at += 1;
            }
        }
        loop {
            let rest = buffer.get(at + self.seen..).unwrap_or_default();
            let Some(byte) = rest.first().copied() else {
                break;
            };
            self.begun = true;
            let CsvShape { delimiter, quote } = self.shape;
            self.state = match self.state {
                State::Quoted => {
                    // Everything up to the next quote belongs to the field.
                    let Some(skipped) = memchr::memchr(quote, rest) else {
                        self.seen += rest.len();
                        break;
                    };
                    self.seen += skipped;
                    State::QuoteInQuoted
                }
                State::QuoteInQuoted if byte == quote => State::Quoted,
                State::FieldStart if byte == quote => State::Quoted,
                _ if byte == b'\n' || byte == b'\r' => return self.row(at),
                _ if byte == delimiter => State::FieldStart,
                _ => {
                    // To the next byte that can end the field or the row.
                    let skipped =
                        memchr::memchr3(delimiter, b'\n', b'\r', rest).unwrap_or(rest.len());
                    self.seen += skipped;
                    self.state = State::Plain;
                    continue;
                }
            };
            self.seen += 1;
        }
        if last && self.state == State::Quoted {
            return self.unclosed(buffer, at);
        }
        if last && self.begun {
            return self.row(at);
        }
        Split::More { keep_from: at }
    }

    /// The caller dropped what it held of an endless row.
    pub(crate) fn dropped(&mut self) {
        self.seen = 0;
    }

    /// A quote that nothing closes would swallow the rest of the file: only its own line is given up.
    fn unclosed(&mut self, buffer: &[u8], at: usize) -> Split {
        let rest = buffer.get(at..).unwrap_or_default();
        if rest.len() > RECORD_BYTES_MAX {
            let message = endless();
            return Split::Broken { at, message };
        }
        let line = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        self.seen = line;
        match self.row(at) {
            Split::Record { start, end } => Split::Refused {
                start,
                end,
                message: "a quote is opened and never closed".to_owned(),
            },
            other => other,
        }
    }

    fn row(&mut self, at: usize) -> Split {
        let end = at + self.seen;
        self.seen = 0;
        self.begun = false;
        self.state = State::FieldStart;
        Split::Record { start: at, end }
    }
}

/// Fields of rows, flat: rows of a document are held together without an allocation a field.
#[derive(Debug, Default)]
pub(crate) struct FieldArena {
    text: Vec<u8>,
    ends: Vec<usize>,
}

/// The fields of one row in an arena.
#[derive(Clone, Debug)]
pub(crate) struct FieldRange {
    start: usize,
    ends: std::ops::Range<usize>,
}

impl FieldArena {
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    /// The fields of a row, unquoted.
    pub(crate) fn row(&self, range: &FieldRange) -> Vec<&str> {
        let ends = self.ends.get(range.ends.clone()).unwrap_or_default();
        let end = range.start + ends.last().copied().unwrap_or_default();
        let bytes = self.text.get(range.start..end).unwrap_or_default();
        // The row was text before it was taken apart at ASCII characters, so its fields are.
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        let mut start = 0;
        let field = |end: &usize| {
            let field = text.get(start..*end).unwrap_or_default();
            start = *end;
            field
        };
        ends.iter().map(field).collect()
    }
}

/// Takes rows apart.
pub(crate) struct CsvParser {
    reader: csv_core::Reader,
}

impl CsvParser {
    pub(crate) fn new(shape: CsvShape) -> Self {
        Self {
            reader: csv_core::ReaderBuilder::new()
                .delimiter(shape.delimiter)
                .quote(shape.quote)
                .build(),
        }
    }

    /// Adds the fields of a row to an arena.
    pub(crate) fn parse(&mut self, text: &str, arena: &mut FieldArena) -> FieldRange {
        self.reader.reset();
        let (start, first) = (arena.text.len(), arena.ends.len());
        // Unquoting never lengthens, so the output can't run full.
        arena.text.resize(start + text.len() + 1, 0);
        arena.ends.resize(first + 32, 0);
        let (mut input, mut written, mut fields) = (text.as_bytes(), 0, 0);
        loop {
            let output = arena.text.get_mut(start + written..).unwrap_or_default();
            let ends = arena.ends.get_mut(first + fields..).unwrap_or_default();
            let (result, read, wrote, ended) = self.reader.read_record(input, output, ends);
            input = input.get(read..).unwrap_or_default();
            written += wrote;
            fields += ended;
            match result {
                csv_core::ReadRecordResult::InputEmpty => {}
                csv_core::ReadRecordResult::OutputFull => {
                    arena.text.resize(arena.text.len() * 2, 0)
                }
                csv_core::ReadRecordResult::OutputEndsFull => {
                    arena.ends.resize(arena.ends.len() * 2 + 32, 0)
                }
                csv_core::ReadRecordResult::Record | csv_core::ReadRecordResult::End => break,
            }
        }
        arena.text.truncate(start + written);
        arena.ends.truncate(first + fields);
        FieldRange {
            start,
            ends: first..first + fields,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CsvParser, CsvShape, CsvSplitter, FieldArena};
    use crate::raw::Split;

    const SHAPE: CsvShape = CsvShape {
        delimiter: b';',
        quote: b'"',
    };

    fn rows(document: &str, piece: usize) -> Vec<Vec<String>> {
        let mut splitter = CsvSplitter::new(SHAPE);
        let mut parser = CsvParser::new(SHAPE);
        let (mut buffer, mut found, bytes, mut fed) =
            (Vec::new(), Vec::new(), document.as_bytes(), 0);
        while fed < bytes.len() {
            let next = (fed + piece).min(bytes.len());
            buffer.extend_from_slice(&bytes[fed..next]);
            fed = next;
            let mut at = 0;
            loop {
                match splitter.next(&buffer, at, fed == bytes.len()) {
                    Split::Record { start, end } => {
                        let mut arena = FieldArena::default();
                        let text = std::str::from_utf8(&buffer[start..end]).unwrap();
                        let row = parser.parse(text, &mut arena);
                        found.push(arena.row(&row).into_iter().map(str::to_owned).collect());
                        at = end;
                    }
                    Split::More { keep_from } => {
                        buffer.drain(..keep_from);
                        break;
                    }
                    Split::Refused { message, .. } | Split::Broken { message, .. } => {
                        panic!("{message}")
                    }
                }
            }
        }
        found
    }

    #[test]
    fn rows_are_found_whatever_the_pieces() {
        let document = "a;b\r\n\"x;\n\"\"y\"\"\";5\" pipe\n\n;\n\"\";z\rlast;\"q\"";
        let expected = [
            ["a", "b"],
            ["x;\n\"y\"", "5\" pipe"],
            ["", ""],
            ["", "z"],
            ["last", "q"],
        ];
        for piece in 1..document.len() {
            assert_eq!(rows(document, piece), expected, "pieces of {piece}");
        }
    }
}
