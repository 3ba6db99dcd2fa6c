//! JSON: a parser of one record that keeps numbers as text and refuses what it can't represent.

use std::borrow::Cow;

use jiter::{Jiter, Peek};

use crate::{canonical::shortened, source::Node};

/// How deep a record may nest.
const DEPTH_MAX: usize = 64;
/// Keys that one object of a record may have.
const KEYS_MAX: usize = 4_096;
/// Characters that are shown of what is no JSON.
const NEAR_CHARS: usize = 20;

/// Parses one record.
///
/// # Errors
/// A sentence that says what is wrong and where in the record.
pub(crate) fn parse(text: &str) -> Result<Node<'_>, String> {
    let mut jiter = Jiter::new(text.as_bytes());
    let peek = jiter.peek().map_err(|error| described(text, &error))?;
    let node = value(&mut jiter, peek, text, 0)?;
    jiter.finish().map_err(|error| described(text, &error))?;
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
            .map_err(|error| described(text, &error)),
        Peek::True | Peek::False => jiter
            .known_bool(peek)
            .map(Node::Bool)
            .map_err(|error| described(text, &error)),
        Peek::String => match jiter.known_str() {
            Ok(read) => Ok(Node::Text(within(text, read))),
            Err(error) => Err(described(text, &error)),
        },
        Peek::Array => list(jiter, text, depth),
        Peek::Object => record(jiter, text, depth),
        _ => {
            let start = jiter.current_index();
            if let Err(error) = jiter.known_number_bytes(peek) {
                return Err(described(text, &error));
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
        .map_err(|error| described(text, &error))?;
    while let Some(peek) = next {
        nodes.push(value(jiter, peek, text, depth + 1)?);
        next = jiter
            .array_step()
            .map_err(|error| described(text, &error))?;
    }
    Ok(Node::List(nodes))
}

fn record<'a>(jiter: &mut Jiter<'a>, text: &'a str, depth: usize) -> Result<Node<'a>, String> {
    let mut entries: Vec<(Cow<'a, str>, Node<'a>)> = Vec::new();
    let mut marks = 0;
    let mut next = match jiter.known_object() {
        Ok(key) => key.map(|key| within(text, key)),
        Err(error) => return Err(described(text, &error)),
    };
    while let Some(key) = next {
        if entries.len() == KEYS_MAX {
            return Err(format!("an object in it has more than {KEYS_MAX} keys"));
        }
        // Equal keys have equal marks, so most keys need not be compared with those before.
        let mark = mark(&key);
        if marks & mark != 0 && entries.iter().any(|(name, _)| *name == key) {
            return Err(format!("the key {key:?} is there twice"));
        }
        marks |= mark;
        let peek = jiter.peek().map_err(|error| described(text, &error))?;
        let node = value(jiter, peek, text, depth + 1)?;
        entries.push((key, node));
        next = match jiter.next_key() {
            Ok(key) => key.map(|key| within(text, key)),
            Err(error) => return Err(described(text, &error)),
        };
    }
    Ok(Node::Record(entries))
}

/// One of 64 bits, by the key's length and two of its bytes.
fn mark(key: &str) -> u64 {
    let bytes = key.as_bytes();
    let (first, last) = (bytes.first(), bytes.last());
    let ends = first.map_or(0, |first| usize::from(*first) * 7)
        + last.map_or(0, |last| usize::from(*last) * 3);
    1 << ((ends + bytes.len() * 5) % 64)
}

/// A text that was read out of a record: borrowed from it where nothing in it was escaped, since the
/// parser hands on the record's own bytes then.
fn within<'a>(record: &'a str, read: &str) -> Cow<'a, str> {
    let start = read.as_ptr().addr().wrapping_sub(record.as_ptr().addr());
    match record.get(start..start.saturating_add(read.len())) {
        Some(own) => Cow::Borrowed(own),
        None => Cow::Owned(read.to_owned()),
    }
}

/// What the parser stumbled over, what stands there, and what to do where that is known.
fn described(text: &str, error: &jiter::JiterError) -> String {
    let at = error.index.min(text.len());
    let from = (0..=at).rev().find(|from| text.is_char_boundary(*from));
    let rest = text.get(from.unwrap_or_default()..).unwrap_or_default();
    let what = error.error_type.to_string();
    let there = if rest.is_empty() {
        "its end".to_owned()
    } else {
        format!("{:?}", shortened(rest, NEAR_CHARS))
    };
    let help = help(&what, rest);
    format!("not JSON: {what} at byte {at} of the record, {there}{help}")
}

fn help(what: &str, rest: &str) -> &'static str {
    if rest.starts_with("NaN") || rest.starts_with("Infinity") {
        "; JSON has no such number: deliver null"
    } else if what.contains("hex escape") {
        "; one half of a character stands alone: deliver both, or none"
    } else if what.contains("trailing characters") {
        "; the record has ended before it: on a line stands one"
    } else if what.starts_with("EOF") {
        "; it was cut off, or goes on in another line"
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::{Node, parse};

    #[test]
    fn records_keep_numbers_as_text() {
        let node =
            parse(r#"{"a": 1.50, "b": [true, null, "\u00e9x", 1e400], "c": "plain"}"#).unwrap();
        assert_eq!(node.get("a"), Some(&Node::Number("1.50".into())));
        let Some(Node::List(list)) = node.get("b") else {
            panic!("b is a list")
        };
        assert_eq!(list[2], Node::Text("\u{e9}x".into()));
        assert_eq!(list[3], Node::Number("1e400".into()));
    }

    #[test]
    fn what_is_not_escaped_is_borrowed_from_the_record() {
        let text = r#"{"plain": "as \u00e9", "k\u0065y": "\u00e9", "\u0065mpty": ""}"#;
        let Node::Record(entries) = parse(text).unwrap() else {
            panic!("a record")
        };
        let told: Vec<_> = entries
            .iter()
            .map(|(key, node)| match node {
                Node::Text(text) => (key.as_ref(), text.as_ref()),
                _ => panic!("a text"),
            })
            .collect();
        assert_eq!(
            told,
            [("plain", "as \u{e9}"), ("key", "\u{e9}"), ("empty", "")]
        );
        let borrowed = |text: &Cow<'_, str>| matches!(text, Cow::Borrowed(_));
        assert!(borrowed(&entries[0].0) && !borrowed(&entries[1].0));
    }

    #[test]
    fn what_is_no_record_is_refused_with_its_reason() {
        let refused = |text: &str| parse(text).unwrap_err();
        assert_eq!(
            refused(r#"{"a": 1, "a": 2}"#),
            "the key \"a\" is there twice"
        );
        assert_eq!(
            refused(r#"{"a": 1, "b": 2, "\u0061": 2}"#),
            "the key \"a\" is there twice"
        );
        assert!(refused(r#"{"a": NaN}"#).starts_with("not JSON: "));
        assert!(refused(r#"{"a": "\ud800"}"#).starts_with("not JSON: "));
        let deep = "[".repeat(100) + &"]".repeat(100);
        assert_eq!(refused(&deep), "nested deeper than 64 levels");
        assert!(refused("{\"a\": 01}").starts_with("not JSON: "));
    }
}
