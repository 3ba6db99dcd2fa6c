//! JSON: a splitter that finds records in a stream of bytes without holding the document, and a
//! parser of one record that keeps numbers as text and refuses what it can't represent.

use std::borrow::Cow;

use jiter::{Jiter, Peek};

use crate::{raw::RawRecord, source::Node};

/// How deep a record may nest.
const DEPTH_MAX: usize = 64;

/// Finds the elements of an array in a stream. Feed it bytes; it hands out whole elements.
#[derive(Debug)]
pub(crate) struct JsonSplitter {
    path: Vec<String>,
    state: State,
    /// Keys of `path` that were entered.
    entered: usize,
    scan: Scan,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before the value at the current level of the path.
    Envelope,
    /// In an object on the way: before a key, or its end.
    Key,
    /// After a key that is on the path (true) or is not.
    Colon(bool),
    /// In a value that is not wanted.
    Skip,
    /// After a skipped value in an object on the way.
    AfterSkip,
    /// In the array: before an element.
    Element,
    /// In the array: within an element.
    Within,
    /// In the array: after an element.
    AfterElement,
    /// After the array: only what closes the envelope may follow.
    Closing,
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

/// What a splitter found.
pub(crate) enum Split {
    /// A whole record lies in this range of the buffer; go on behind it.
    Record { start: usize, end: usize },
    /// Nothing whole: keep the buffer from here and bring more.
    More { keep_from: usize },
    /// The document is broken from here on.
    Broken { at: usize, message: String },
}

impl JsonSplitter {
    pub(crate) fn new(records: &str) -> Self {
        let path = if records.is_empty() {
            Vec::new()
        } else {
            records.split('.').map(str::to_owned).collect()
        };
        Self {
            path,
            state: State::Envelope,
            entered: 0,
            scan: Scan::default(),
        }
    }

    /// Looks for the next record from `at` in the buffer.
    pub(crate) fn next(&mut self, buffer: &[u8], mut at: usize, last: bool) -> Split {
        loop {
            if self.state == State::Broken {
                return Split::More {
                    keep_from: buffer.len(),
                };
            }
            if matches!(self.state, State::Within | State::Skip) {
                match self.value_end(buffer, at) {
                    None => {
                        return if last {
                            self.truncated(at)
                        } else {
                            Split::More { keep_from: at }
                        };
                    }
                    Some(end) if self.state == State::Skip => {
                        self.state = State::AfterSkip;
                        at = end;
                    }
                    Some(end) => {
                        self.state = State::AfterElement;
                        return Split::Record { start: at, end };
                    }
                }
                continue;
            }
            let Some(byte) = buffer.get(at).copied() else {
                let finished = self.state == State::Closing;
                return if last && !finished {
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

    /// The caller dropped this many bytes of an endless record.
    pub(crate) fn dropped(&mut self, bytes: usize) {
        self.scan.seen = self.scan.seen.saturating_sub(bytes);
    }

    fn step(&mut self, buffer: &[u8], at: usize, byte: u8) -> Step {
        match (self.state, byte) {
            (State::Envelope, b'[') if self.entered == self.path.len() => {
                self.go(State::Element, at)
            }
            (State::Envelope, b'{') if self.entered < self.path.len() => self.go(State::Key, at),
            (State::Envelope, _) if self.entered == self.path.len() => {
                Step::Wrong("expected an array of records, `[`".to_owned())
            }
            (State::Envelope, _) => Step::Wrong(format!(
                "expected an object with the key {:?}",
                self.wanted()
            )),
            (State::Key, b'"') => self.key(buffer, at),
            (State::Key, b',') => self.go(State::Key, at),
            (State::Key, b'}') => Step::Wrong(format!(
                "the key {:?}, which leads to the records, is absent",
                self.wanted()
            )),
            (State::Key, _) => Step::Wrong("expected a key".to_owned()),
            (State::Colon(true), b':') => {
                self.entered += 1;
                self.go(State::Envelope, at)
            }
            (State::Colon(false), b':') => {
                self.scan = Scan::default();
                self.go(State::Skip, at)
            }
            (State::Colon(_), _) => Step::Wrong("expected `:`".to_owned()),
            (State::AfterSkip, b',') => self.go(State::Key, at),
            (State::AfterSkip, b'}') => Step::Wrong(format!(
                "the key {:?}, which leads to the records, is absent",
                self.wanted()
            )),
            (State::AfterSkip, _) => Step::Wrong("expected `,` or `}`".to_owned()),
            (State::Element, b']') => self.go(State::Closing, at),
            (State::Element, b',') => Step::Wrong("expected a record, found `,`".to_owned()),
            (State::Element, _) => {
                self.scan = Scan::default();
                self.state = State::Within;
                Step::Go(at)
            }
            (State::AfterElement, b',') => self.go(State::Element, at),
            (State::AfterElement, b']') => self.go(State::Closing, at),
            (State::AfterElement, _) => {
                Step::Wrong("expected `,` or `]` after a record".to_owned())
            }
            // What stands beside the records in an envelope is no business of ours; a second
            // document behind a bare array is.
            (State::Closing, _) if self.path.is_empty() => {
                Step::Wrong("something follows the array: a file holds one document".to_owned())
            }
            (State::Closing, _) => Step::Go(buffer.len()),
            (State::Skip | State::Within | State::Broken, _) => Step::Go(at + 1),
        }
    }

    fn go(&mut self, state: State, at: usize) -> Step {
        self.state = state;
        Step::Go(at + 1)
    }

    fn key(&mut self, buffer: &[u8], at: usize) -> Step {
        let Some(end) = text_end(buffer, at) else {
            return Step::More;
        };
        let key = buffer.get(at + 1..end - 1).unwrap_or_default();
        let on_path = self
            .path
            .get(self.entered)
            .is_some_and(|wanted| wanted.as_bytes() == key);
        self.state = State::Colon(on_path);
        Step::Go(end)
    }

    fn wanted(&self) -> &str {
        self.path.get(self.entered).map_or("", String::as_str)
    }

    /// The end of the value that begins at `start`; progress is kept between calls.
    fn value_end(&mut self, buffer: &[u8], start: usize) -> Option<usize> {
        let scan = &mut self.scan;
        while let Some(byte) = buffer.get(start + scan.seen).copied() {
            if scan.in_text {
                scan.seen += 1;
                match byte {
                    _ if scan.escaped => scan.escaped = false,
                    b'\\' => scan.escaped = true,
                    b'"' => scan.in_text = false,
                    _ => {}
                }
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
            "the document ends in the middle: it was cut off".to_owned(),
        )
    }

    fn broken(&mut self, at: usize, message: String) -> Split {
        self.state = State::Broken;
        Split::Broken { at, message }
    }
}

enum Step {
    Go(usize),
    More,
    Wrong(String),
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

/// Parses one record.
///
/// # Errors
/// A sentence that says what is wrong and where in the record.
pub(crate) fn parse<'a>(raw: &RawRecord<'a>) -> Result<Node<'a>, String> {
    let text = raw.text()?;
    let mut jiter = Jiter::new(text.as_bytes());
    let peek = jiter.peek().map_err(|error| described(&jiter, &error))?;
    let node = value(&mut jiter, peek, text, 0)?;
    jiter.finish().map_err(|error| described(&jiter, &error))?;
    Ok(node)
}

fn value<'a>(
    jiter: &mut Jiter<'a>,
    peek: Peek,
    text: &'a str,
    depth: usize,
) -> Result<Node<'a>, String> {
    if depth > DEPTH_MAX {
        return Err(format!("nested deeper than {DEPTH_MAX} levels"));
    }
    match peek {
        Peek::Null => jiter
            .known_null()
            .map(|()| Node::Null)
            .map_err(|error| described(jiter, &error)),
        Peek::True | Peek::False => jiter
            .known_bool(peek)
            .map(Node::Bool)
            .map_err(|error| described(jiter, &error)),
        Peek::String => known_text(jiter, text).map(Node::Text),
        Peek::Array => list(jiter, text, depth),
        Peek::Object => record(jiter, text, depth),
        _ => {
            let start = jiter.current_index();
            if let Err(error) = jiter.known_number_bytes(peek) {
                return Err(described(jiter, &error));
            }
            let number = text.get(start..jiter.current_index()).unwrap_or_default();
            Ok(Node::Number(Cow::Borrowed(number.trim())))
        }
    }
}

fn list<'a>(jiter: &mut Jiter<'a>, text: &'a str, depth: usize) -> Result<Node<'a>, String> {
    let mut nodes = Vec::new();
    let mut next = jiter
        .known_array()
        .map_err(|error| described(jiter, &error))?;
    while let Some(peek) = next {
        nodes.push(value(jiter, peek, text, depth + 1)?);
        next = jiter
            .array_step()
            .map_err(|error| described(jiter, &error))?;
    }
    Ok(Node::List(nodes))
}

fn record<'a>(jiter: &mut Jiter<'a>, text: &'a str, depth: usize) -> Result<Node<'a>, String> {
    let mut entries: Vec<(Cow<'a, str>, Node<'a>)> = Vec::new();
    let mut next = match jiter.known_object() {
        Ok(key) => key.map(str::to_owned),
        Err(error) => return Err(described(jiter, &error)),
    };
    while let Some(key) = next {
        if entries.iter().any(|(name, _)| *name == key) {
            return Err(format!("the key {key:?} is there twice"));
        }
        let peek = jiter.peek().map_err(|error| described(jiter, &error))?;
        let node = value(jiter, peek, text, depth + 1)?;
        entries.push((Cow::Owned(key), node));
        next = match jiter.next_key() {
            Ok(key) => key.map(str::to_owned),
            Err(error) => return Err(described(jiter, &error)),
        };
    }
    Ok(Node::Record(entries))
}

fn known_text<'a>(jiter: &mut Jiter<'a>, text: &'a str) -> Result<Cow<'a, str>, String> {
    let start = jiter.current_index();
    let unescaped = match jiter.known_str() {
        Ok(unescaped) => unescaped.to_owned(),
        Err(error) => return Err(described(jiter, &error)),
    };
    // Most texts have no escapes and can be borrowed from the record itself.
    let raw = text
        .get(start + 1..jiter.current_index().saturating_sub(1))
        .unwrap_or_default();
    Ok(if raw == unescaped {
        Cow::Borrowed(raw)
    } else {
        Cow::Owned(unescaped)
    })
}

fn described(jiter: &Jiter<'_>, error: &jiter::JiterError) -> String {
    format!(
        "not JSON: {} at byte {} of the record",
        error.error_type,
        error.index.min(jiter.current_index().max(error.index))
    )
}

#[cfg(test)]
mod tests {
    use super::{JsonSplitter, Node, Split, parse};
    use crate::raw::RawRecord;

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
                    Split::Broken { message, .. } => return (found, Some(message)),
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
        assert!(complaint("[1] [2]", "").contains("one document"));
    }

    #[test]
    fn records_keep_numbers_as_text() {
        let raw =
            RawRecord::new(br#"{"a": 1.50, "b": [true, null, "\u00e9x", 1e400], "c": "plain"}"#);
        let node = parse(&raw).unwrap();
        assert_eq!(node.get("a"), Some(&Node::Number("1.50".into())));
        let Some(Node::List(list)) = node.get("b") else {
            panic!("b is a list")
        };
        assert_eq!(list[2], Node::Text("\u{e9}x".into()));
        assert_eq!(list[3], Node::Number("1e400".into()));
    }

    #[test]
    fn what_is_no_record_is_refused_with_its_reason() {
        let refused = |bytes: &[u8]| parse(&RawRecord::new(bytes)).unwrap_err();
        assert_eq!(
            refused(br#"{"a": 1, "a": 2}"#),
            "the key \"a\" is there twice"
        );
        assert!(refused(br#"{"a": NaN}"#).starts_with("not JSON: "));
        assert!(refused(br#"{"a": "\ud800"}"#).starts_with("not JSON: "));
        assert!(refused(b"{\"a\": \"\xff\"}").contains("not UTF-8"));
        let deep = "[".repeat(100) + &"]".repeat(100);
        assert_eq!(refused(deep.as_bytes()), "nested deeper than 64 levels");
        assert!(refused(b"{\"a\": 01}").starts_with("not JSON: "));
    }
}
