//! A JSON document as a stream: finds the records of its array without holding the document.

use crate::raw::{RECORD_BYTES_MAX, Split, endless};

/// Finds the elements of an array in a stream. Feed it bytes; it hands out whole elements.
#[derive(Debug)]
pub(crate) struct JsonSplitter {
    path: Vec<String>,
    /// Whether records follow each other without an array around them.
    bare: bool,
    state: State,
    /// Keys of `path` that were entered.
    entered: usize,
    /// Whether the array was there already.
    found: bool,
    scan: Scan,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before the value at the current level of the path.
    Envelope,
    /// In an object on the way: before a key; after a comma there must be one.
    Key { must: bool },
    /// After a key that is on the path (true) or is not.
    Colon(bool),
    /// In a value that is not wanted.
    Skip,
    /// After a value in an object on the way.
    AfterValue,
    /// In the array: before an element; after a comma there must be one.
    Element { must: bool },
    /// In the array: within an element.
    Within,
    /// In the array: after an element.
    AfterElement,
    /// After the document.
    End,
    /// Nothing more is read.
    Broken,
}

/// Progress within one value.
#[derive(Clone, Copy, Debug, Default)]
struct Scan {
    depth: u32,
    in_text: bool,
    escaped: bool,
    scalar: bool,
    seen: usize,
}

impl Scan {
    /// Goes on in a text: to its end, to behind an escape, or as far as the bytes reach.
    fn within_text(&mut self, bytes: &[u8]) {
        if self.escaped {
            self.escaped = false;
            self.seen += 1;
            return;
        }
        let Some(at) = memchr::memchr2(b'"', b'\\', bytes) else {
            self.seen += bytes.len();
            return;
        };
        self.seen += at + 1;
        if bytes.get(at) == Some(&b'\\') {
            self.escaped = true;
        } else {
            self.in_text = false;
        }
    }
}

enum Step {
    Go(usize),
    More,
    Wrong(String),
}

impl JsonSplitter {
    /// A splitter for the array at a path of keys joined by dots; empty for the document itself.
    pub(crate) fn new(records: &str) -> Self {
        let path = if records.is_empty() {
            Vec::new()
        } else {
            records.split('.').map(str::to_owned).collect()
        };
        Self {
            path,
            bare: false,
            state: State::Envelope,
            entered: 0,
            found: false,
            scan: Scan::default(),
        }
    }

    /// A splitter for records that follow each other without an array and commas, as quarantine shows
    /// the rows of a document.
    pub(crate) fn bare() -> Self {
        Self {
            bare: true,
            state: State::Element { must: false },
            ..Self::new("")
        }
    }

    /// Looks for the next record from `at` in the buffer.
    pub(crate) fn next(&mut self, buffer: &[u8], mut at: usize, last: bool) -> Split {
        loop {
            match self.state {
                State::Broken => {
                    return Split::More {
                        keep_from: buffer.len(),
                    };
                }
                State::Within => match self.value_end(buffer, at) {
                    None if last && buffer.len() - at > RECORD_BYTES_MAX => {
                        return self.broken(at, endless());
                    }
                    None if last => return self.truncated(at),
                    None => return Split::More { keep_from: at },
                    Some(end) => {
                        self.state = match self.bare {
                            true => State::Element { must: false },
                            false => State::AfterElement,
                        };
                        return Split::Record { start: at, end };
                    }
                },
                State::Skip => match self.value_end(buffer, at) {
                    None if last => return self.truncated(buffer.len()),
                    None => {
                        // What is not wanted is not held either.
                        self.scan.seen = 0;
                        return Split::More {
                            keep_from: buffer.len(),
                        };
                    }
                    Some(end) => {
                        self.state = State::AfterValue;
                        at = end;
                        continue;
                    }
                },
                _ => {}
            }
            let Some(byte) = buffer.get(at).copied() else {
                return if last && self.state != State::End && !self.bare {
                    self.truncated(at)
                } else {
                    Split::More { keep_from: at }
                };
            };
            if byte.is_ascii_whitespace() {
                at += 1;
                continue;
            }
            match self.step(buffer, at, byte) {
                Step::Go(next) => at = next,
                Step::More if last => return self.truncated(at),
                Step::More => return Split::More { keep_from: at },
                Step::Wrong(message) => return self.broken(at, message),
            }
        }
    }

    /// Whether the bytes that were kept belong to a record.
    pub(crate) fn within_record(&self) -> bool {
        self.state == State::Within
    }

    /// The caller dropped what it held of an endless record.
    pub(crate) fn dropped(&mut self) {
        self.scan.seen = 0;
    }

    fn step(&mut self, buffer: &[u8], at: usize, byte: u8) -> Step {
        let on_the_way = self.entered < self.path.len();
        match (self.state, byte) {
            (State::Envelope, b'[') if !on_the_way => {
                self.found = true;
                self.go(State::Element { must: false }, at)
            }
            (State::Envelope, b'{') if on_the_way => self.go(State::Key { must: false }, at),
            (State::Envelope, _) if !on_the_way => Step::Wrong(no_array(byte)),
            (State::Envelope, _) => Step::Wrong(format!(
                "expected an object with the key {:?}",
                self.wanted()
            )),
            (State::Key { .. }, b'"') => self.key(buffer, at),
            (State::Key { must: false } | State::AfterValue, b'}') => self.close(at),
            (State::Key { .. }, _) => Step::Wrong("expected a key".to_owned()),
            (State::Colon(true), b':') => {
                self.entered += 1;
                self.go(State::Envelope, at)
            }
            (State::Colon(false), b':') => {
                self.scan = Scan::default();
                self.go(State::Skip, at)
            }
            (State::Colon(_), _) => Step::Wrong("expected `:`".to_owned()),
            (State::AfterValue, b',') => self.go(State::Key { must: true }, at),
            (State::AfterValue, _) => Step::Wrong("expected `,` or `}`".to_owned()),
            (State::Element { must: false } | State::AfterElement, b']') if !self.bare => {
                self.entered = self.entered.saturating_sub(1);
                let bare = self.path.is_empty();
                self.go(if bare { State::End } else { State::AfterValue }, at)
            }
            (State::Element { .. }, b',' | b']') => {
                Step::Wrong(format!("expected a record, found `{}`", char::from(byte)))
            }
            (State::Element { .. }, _) => {
                self.scan = Scan::default();
                self.state = State::Within;
                Step::Go(at)
            }
            (State::AfterElement, b',') => self.go(State::Element { must: true }, at),
            (State::AfterElement, _) => {
                Step::Wrong("expected `,` or `]` after a record".to_owned())
            }
            (State::End, _) => {
                Step::Wrong("something follows the document: a file holds one".to_owned())
            }
            (State::Skip | State::Within | State::Broken, _) => Step::Go(at + 1),
        }
    }

    fn go(&mut self, state: State, at: usize) -> Step {
        self.state = state;
        Step::Go(at + 1)
    }

    /// An object on the way ends.
    fn close(&mut self, at: usize) -> Step {
        if !self.found {
            return Step::Wrong(format!(
                "the key {:?}, which leads to the records, is absent",
                self.wanted()
            ));
        }
        if self.entered == 0 {
            return self.go(State::End, at);
        }
        self.entered -= 1;
        self.go(State::AfterValue, at)
    }

    fn key(&mut self, buffer: &[u8], at: usize) -> Step {
        let Some(end) = text_end(buffer, at) else {
            return Step::More;
        };
        let key = buffer.get(at + 1..end - 1).unwrap_or_default();
        let on_path = self.wanted().as_bytes() == key;
        if on_path && self.found {
            return Step::Wrong(format!("the key {:?} is there twice", self.wanted()));
        }
        self.state = State::Colon(on_path);
        Step::Go(end)
    }

    fn wanted(&self) -> &str {
        self.path.get(self.entered).map_or("", String::as_str)
    }

    /// The end of the value that begins at `start`; progress is kept between calls.
    fn value_end(&mut self, buffer: &[u8], start: usize) -> Option<usize> {
        let scan = &mut self.scan;
        while let Some([byte, ..]) = buffer.get(start + scan.seen..) {
            if scan.in_text {
                scan.within_text(buffer.get(start + scan.seen..).unwrap_or_default());
                if !scan.in_text && scan.depth == 0 {
                    return Some(start + scan.seen);
                }
                continue;
            }
            match byte {
                b',' | b']' | b'}' if scan.depth == 0 && scan.scalar => {
                    return Some(start + scan.seen);
                }
                b'"' => scan.in_text = true,
                b'{' | b'[' => scan.depth += 1,
                b'}' | b']' if scan.depth > 0 => {
                    scan.depth -= 1;
                    if scan.depth == 0 {
                        return Some(start + scan.seen + 1);
                    }
                }
                b if b.is_ascii_whitespace() && scan.depth == 0 && scan.scalar => {
                    return Some(start + scan.seen);
                }
                b if b.is_ascii_whitespace() => {}
                _ => scan.scalar |= scan.depth == 0,
            }
            scan.seen += 1;
        }
        None
    }

    fn truncated(&mut self, at: usize) -> Split {
        self.broken(
            at,
            "the document ends in the middle: it was cut off, deliver it whole".to_owned(),
        )
    }

    fn broken(&mut self, at: usize, message: String) -> Split {
        self.state = State::Broken;
        Split::Broken { at, message }
    }
}

/// What is said of anything else where the array of records should begin.
fn no_array(found: u8) -> String {
    let what = match found {
        b'{' => "an object: where the array lies at one of its keys, declare it, records = \"key\"",
        b'<' => "a page, `<`: the server answered with something else than data",
        0xfe | 0xff => "the mark of UTF-16: JSON comes in UTF-8",
        0xef => "a second mark of UTF-8: there is one at the most",
        _ if found.is_ascii_graphic() => {
            return format!(
                "expected an array of records, `[`, found `{}`",
                char::from(found)
            );
        }
        _ => return format!("expected an array of records, `[`, found byte {found:#04x}"),
    };
    format!("expected an array of records, `[`, found {what}")
}

fn text_end(buffer: &[u8], start: usize) -> Option<usize> {
    let mut escaped = false;
    for (offset, byte) in buffer.get(start + 1..)?.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(start + offset + 2),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::JsonSplitter;
    use crate::raw::Split;

    /// Feeds a document in pieces of every size and returns records and the complaint, if any.
    fn split(document: &str, records: &str, piece: usize) -> (Vec<String>, Option<String>) {
        let mut splitter = JsonSplitter::new(records);
        let (mut buffer, mut found, bytes) = (Vec::new(), Vec::new(), document.as_bytes());
        let mut fed = 0;
        loop {
            let next = (fed + piece).min(bytes.len());
            buffer.extend_from_slice(&bytes[fed..next]);
            fed = next;
            let mut at = 0;
            loop {
                match splitter.next(&buffer, at, fed == bytes.len()) {
                    Split::Record { start, end } => {
                        found.push(String::from_utf8(buffer[start..end].to_vec()).unwrap());
                        at = end;
                    }
                    Split::More { keep_from } => {
                        buffer.drain(..keep_from);
                        break;
                    }
                    Split::Refused { message, .. } | Split::Broken { message, .. } => {
                        return (found, Some(message));
                    }
                }
            }
            if fed == bytes.len() {
                return (found, None);
            }
        }
    }

    #[test]
    fn records_are_found_whatever_the_pieces() {
        let document = r#" { "meta": {"items": [9]}, "data": {"n": "}]", "items" : [ {"a": "x]\"}"} , [1,2],7 , "t" ,null ] }, "more": [1] } "#;
        for piece in 1..document.len() {
            let (found, complaint) = split(document, "data.items", piece);
            assert_eq!(
                found,
                [r#"{"a": "x]\"}"}"#, "[1,2]", "7", "\"t\"", "null"],
                "pieces of {piece}"
            );
            assert_eq!(complaint, None);
        }
        assert_eq!(split("[]", "", 1), (vec![], None));
    }

    #[test]
    fn broken_documents_are_named() {
        let complaint = |document: &str, records: &str| split(document, records, 3).1.unwrap();
        assert!(complaint("[{} {}]", "").contains("expected `,` or `]`"));
        assert!(complaint("[{},", "").contains("cut off"));
        assert!(complaint("[{\"a\": \"x", "").contains("cut off"));
        assert!(complaint("", "").contains("cut off"));
        assert!(complaint("{}", "").contains("expected an array"));
        assert!(complaint("[1]", "data").contains("expected an object with the key \"data\""));
        assert!(
            complaint("{\"x\": [1]}", "data")
                .contains("\"data\", which leads to the records, is absent")
        );
        assert!(complaint("[1] [2]", "").contains("a file holds one"));
        assert!(complaint("{\"data\": [1]} {\"data\": [2]}", "data").contains("a file holds one"));
        assert!(complaint("{\"data\": [1], \"data\": [2]}", "data").contains("twice"));
        assert!(complaint("{\"data\": [1]", "data").contains("cut off"));
        assert!(complaint("{\"data\": [1], \"more\": [2", "data").contains("cut off"));
        assert!(complaint("[{},]", "").contains("expected a record, found `]`"));
        assert!(complaint("{\"a\": 1,}", "data").contains("expected a key"));
    }
}
