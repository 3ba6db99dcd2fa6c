//! The page of malformed inputs.

use std::fmt::Write;

use super::{Malformed, Outcome, Source};

/// Equal characters in a row that are shown as such; more are counted.
const EQUAL_MAX: usize = 12;
/// Characters of an input that are shown at its beginning and at its end.
const SHOWN_CHARS: usize = 420;

const HEAD: &str = "# Malformed input

What a user is told of input that is wrong, word by word: the table of fault F13. A test reads every case
with `transform` and compares; `CATWING_BLESS=1 cargo xtask test malformed` writes this page anew. Each
case is read in pieces of several sizes too, and each record and row of the source is accounted for:
records read = taken + refused.

`bytes` shows what came, `\\n`, `\\xff` and `\\u{e9}` standing for what can't be shown, and `x{257}` for 257
times `x`. A line that begins with an entity is a problem of a refused record as `catwing quarantine show`
has it: record number, key where it could be read, field, value, message, rule. What is not refused is
taken; fields that no mapping uses are told as drift.
";

pub fn written(inputs: &[Malformed], outcomes: &[Outcome]) -> String {
    let mut page = HEAD.to_owned();
    let mut section = String::new();
    for (input, outcome) in inputs.iter().zip(outcomes) {
        let heading = heading(input.source);
        if heading != section {
            if !section.is_empty() {
                page.push_str("```\n");
            }
            write!(page, "\n## {heading}\n\n```text\n").unwrap();
            section = heading;
        } else {
            page.push('\n');
        }
        write_case(&mut page, input, outcome);
    }
    page.push_str("```\n");
    page
}

fn write_case(page: &mut String, input: &Malformed, outcome: &Outcome) {
    let rows = outcome.source_rows;
    writeln!(page, "{}", input.name).unwrap();
    writeln!(page, "  bytes: {}", shown(&input.bytes)).unwrap();
    writeln!(
        page,
        "  rows of the source: {rows}, records taken: {}",
        outcome.taken
    )
    .unwrap();
    for line in outcome.refused.iter().chain(&outcome.drift) {
        writeln!(page, "  {}", squeezed(line)).unwrap();
    }
}

fn heading(source: Source) -> String {
    match source {
        Source::Canonical(file) => format!("An array of canonical records: {file}"),
        Source::Envelope => "An array at a path: data.items".to_owned(),
        Source::Lines => "A JSON record a line".to_owned(),
        Source::Rows => "Delimited text: sales documents over rows".to_owned(),
        Source::WideRows => "Delimited text that is declared as UTF-16".to_owned(),
        Source::Times => "Delimited text with local times of Europe/Sofia".to_owned(),
    }
}

/// Bytes as text on one line.
fn shown(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        for c in squeezed(chunk.valid()).chars() {
            match c {
                '\n' => text.push_str("\\n"),
                '\r' => text.push_str("\\r"),
                ' '..='~' => text.push(c),
                _ => write!(text, "\\u{{{:x}}}", u32::from(c)).unwrap(),
            }
        }
        for byte in chunk.invalid() {
            write!(text, "\\x{byte:02x}").unwrap();
        }
    }
    if text.is_empty() {
        return "none".to_owned();
    }
    let length = text.chars().count();
    if length <= 2 * SHOWN_CHARS {
        return text;
    }
    let head: String = text.chars().take(SHOWN_CHARS).collect();
    let tail: String = text.chars().skip(length - SHOWN_CHARS).collect();
    format!("{head} ... {tail}")
}

/// Many equal characters in a row as one and their count.
fn squeezed(text: &str) -> String {
    let mut squeezed = String::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let mut times = 1;
        while rest.next_if_eq(&c).is_some() {
            times += 1;
        }
        if times > EQUAL_MAX {
            write!(squeezed, "{c}{{{times}}}").unwrap();
        } else {
            squeezed.extend(std::iter::repeat_n(c, times));
        }
    }
    squeezed
}
