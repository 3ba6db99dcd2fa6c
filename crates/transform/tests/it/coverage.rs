//! Every message that the crate can give stands in a table of these tests.

use std::{fs, path::Path};

/// The sources that give messages, and how many each gives at the least.
const SOURCES: &[(&str, usize)] = &[
    // What a mapping can have wrong.
    ("condition.rs", 8),
    ("expression.rs", 12),
    ("mapping.rs", 14),
    ("record_plan.rs", 6),
    ("scribe.rs", 17),
    ("step.rs", 16),
    ("feed.rs", 6),
    ("join.rs", 2),
    ("partners.rs", 2),
    // What a record can have wrong.
    ("category.rs", 1),
    ("assembly.rs", 4),
    ("canonical.rs", 4),
    ("csv.rs", 1),
    ("evaluate.rs", 5),
    ("header.rs", 5),
    ("intake.rs", 2),
    ("inventory.rs", 1),
    ("item.rs", 16),
    ("json.rs", 4),
    ("json_stream.rs", 11),
    ("lines.rs", 3),
    ("location.rs", 3),
    ("lookup.rs", 6),
    ("natural_key.rs", 1),
    ("number.rs", 5),
    ("observation.rs", 1),
    ("product.rs", 1),
    ("range.rs", 7),
    ("raw.rs", 3),
    ("reading.rs", 3),
    ("correction.rs", 7),
    ("sales_order.rs", 5),
    ("setting.rs", 4),
    ("source.rs", 1),
    ("spelling.rs", 4),
    ("translation.rs", 1),
    ("supplier.rs", 3),
    ("texts.rs", 7),
    ("value.rs", 2),
];

/// The texts in quotes of a source file's own code, of two words at the least.
fn messages(source: &str) -> Vec<String> {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let code: Vec<_> = code
        .lines()
        .map(str::trim_start)
        .filter(|line| !line.starts_with("//"))
        .collect();
    let code = code.join(" ").replace("'\"'", "").replace("b'\"'", "");
    let (mut found, mut literal, mut escaped) = (Vec::new(), None::<String>, false);
    for c in code.chars() {
        match (&mut literal, c) {
            (None, '"') => literal = Some(String::new()),
            (None, _) => {}
            (Some(text), c) if escaped => {
                escaped = false;
                text.push(c);
            }
            (Some(_), '\\') => escaped = true,
            (Some(text), '"') => {
                found.push(std::mem::take(text));
                literal = None;
            }
            (Some(text), c) => text.push(c),
        }
    }
    found.retain(|text| text.trim().contains(' '));
    found
}

/// The longest part of a message that does not depend on what it speaks of.
fn fixed_part(message: &str) -> &str {
    let parts = message.split(['{', '}']).step_by(2);
    parts
        .max_by_key(|part| part.len())
        .unwrap_or_default()
        .trim()
}

#[test]
fn every_message_stands_in_a_table() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tables = String::new();
    for entry in fs::read_dir(root.join("tests/it")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() && path.file_name() != Some("coverage.rs".as_ref()) {
            tables.push_str(&fs::read_to_string(path).unwrap().replace('\\', ""));
        }
    }
    // What malformed input is told, whole.
    let page = root.join("../../docs/MALFORMED.md");
    tables.push_str(&fs::read_to_string(page).unwrap().replace('\\', ""));
    for (name, at_least) in SOURCES {
        let source = fs::read_to_string(root.join("src").join(name)).unwrap();
        let messages = messages(&source);
        assert!(
            messages.len() >= *at_least,
            "{name} gives {}: {messages:#?}",
            messages.len()
        );
        for message in messages {
            let part = fixed_part(&message);
            assert!(
                tables.contains(part),
                "{name}: no table has {part:?} of {message:?}"
            );
        }
    }
}

#[test]
fn no_source_with_messages_is_left_out() {
    // Errors of a whole delivery, whose messages thiserror makes, and what shows records to people.
    let others = ["error.rs", "lib.rs", "preview.rs"];
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if SOURCES.iter().all(|(known, _)| *known != name) && !others.contains(&name.as_str()) {
            let messages = messages(&fs::read_to_string(&path).unwrap());
            assert!(
                messages.is_empty(),
                "{name} is not looked through: {messages:#?}"
            );
        }
    }
}
