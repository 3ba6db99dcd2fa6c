//! JSON: documents that are none, envelopes without records, lines, and records that can't be read.

use super::{Malformed, Source, malformed};

const PRODUCTS: Source = Source::Canonical("products.json");
/// A record that nothing is wrong with.
const GOOD: &str = r#"{"external_id": "P", "name": "p"}"#;

/// Documents that break off, or are none.
pub fn documents() -> Vec<Malformed> {
    let case = |name: &str, text: &str| malformed(name, PRODUCTS, text.replace("GOOD", GOOD));
    let utf16: Vec<u8> = format!("\u{feff}[{GOOD}]")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    vec![
        case("an empty file", ""),
        case("nothing but spaces", " \n\t "),
        case("cut off before the first record", "["),
        case("cut off within a key", "[GOOD, {\"extern"),
        case("cut off within a text", "[GOOD, {\"external_id\": \"Q"),
        case("cut off within a number", "[GOOD, {\"external_id\": 12"),
        case("cut off behind an escape", "[GOOD, {\"external_id\": \"Q\\"),
        case("cut off behind a comma", "[GOOD,"),
        case("cut off behind a record", "[GOOD"),
        case("two documents in a file", "[GOOD]\n[GOOD]"),
        case(
            "a second document of another kind",
            "[GOOD] {\"more\": true}",
        ),
        case("records without an array", GOOD),
        case("a text instead of an array", "\"products\""),
        case(
            "an error page instead of an array",
            "<html><body>502 Bad Gateway</body></html>",
        ),
        case("a comma too many", "[GOOD,]"),
        case("a comma missing", "[GOOD GOOD]"),
        case("the wrong bracket at the end", "[GOOD}"),
        case("a closing bracket too many", "[GOOD]]"),
        malformed(
            "the mark of UTF-8 before the document",
            PRODUCTS,
            format!("\u{feff}[{GOOD}]"),
        ),
        malformed(
            "the mark of UTF-8 twice",
            PRODUCTS,
            format!("\u{feff}\u{feff}[{GOOD}]"),
        ),
        malformed("a document in UTF-16", PRODUCTS, utf16),
        case("a NUL where the array begins", "\0["),
        malformed(
            "an array of 100,000 levels, closed",
            PRODUCTS,
            "[".repeat(100_000) + &"]".repeat(100_000),
        ),
        malformed(
            "an array of 100,000 levels, never closed",
            PRODUCTS,
            "[".repeat(100_000),
        ),
        case("a NUL between records", "[GOOD,\0GOOD]"),
    ]
}

/// Records that can't be read, each between two that can.
pub fn records() -> Vec<Malformed> {
    let second = r#"{"external_id": "Q", "name": "q"}"#;
    let case = |name: &str, record: &str| {
        malformed(name, PRODUCTS, format!("[{GOOD}, {record}, {second}]"))
    };
    let named = |name: &str, value: &str| {
        case(name, &format!(r#"{{"external_id": "X", "name": {value}}}"#))
    };
    let keys: String = (0..5_000).map(|key| format!("\"k{key}\": 1, ")).collect();
    vec![
        case("a number instead of a record", "7"),
        case("null instead of a record", "null"),
        case("an array instead of a record", "[]"),
        case(
            "a key twice",
            r#"{"external_id": "X", "name": "a", "name": "b"}"#,
        ),
        case(
            "a key twice, once escaped",
            r#"{"external_id": "X", "name": "a", "n\u0061me": "b"}"#,
        ),
        case("a key without quotes", r#"{external_id: "X"}"#),
        case("quotes of another kind", r#"{'external_id': 'X'}"#),
        case("a colon missing", r#"{"external_id" "X"}"#),
        case(
            "a comma missing between keys",
            r#"{"external_id": "X" "name": "x"}"#,
        ),
        case(
            "a comma too many in a record",
            r#"{"external_id": "X", "name": "x",}"#,
        ),
        case(
            "a comment",
            r#"{"external_id": "X", /* new */ "name": "x"}"#,
        ),
        named("NaN", "NaN"),
        named("Infinity", "-Infinity"),
        named("a number with a zero before it", "007"),
        named("a hexadecimal number", "0x1F"),
        named("a lone high surrogate", r#""\ud800""#),
        named("a lone low surrogate", r#""\udc00x""#),
        named("surrogates in the wrong order", r#""\udc00\ud800""#),
        named("an escape that there is none of", r#""\q""#),
        named("a NUL in a text", r#""a\u0000b""#),
        named("a NUL byte in a text", "\"a\0b\""),
        named("a line end in a text", "\"a\nb\""),
        case(
            "a record of 100,000 levels",
            &format!("{{\"a\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000)),
        ),
        case(
            "a record of 65 levels",
            &format!("{{\"a\": {}{}}}", "[".repeat(65), "]".repeat(65)),
        ),
        case(
            "a record of 5,000 keys",
            &format!("{{{keys}\"external_id\": \"X\"}}"),
        ),
        malformed(
            "bytes that are not UTF-8",
            PRODUCTS,
            [
                b"[{\"external_id\": \"caf\xe9\", \"name\": \"x\"}, ".as_slice(),
                second.as_bytes(),
                b"]",
            ]
            .concat(),
        ),
    ]
}

/// Envelopes around the records.
pub fn envelopes() -> Vec<Malformed> {
    let case =
        |name: &str, text: &str| malformed(name, Source::Envelope, text.replace("GOOD", GOOD));
    vec![
        case(
            "an envelope without the key",
            r#"{"data": {"rows": [GOOD]}}"#,
        ),
        case("an empty envelope", "{}"),
        case("an array without the envelope", "[GOOD]"),
        case("null instead of the array", r#"{"data": {"items": null}}"#),
        case(
            "a record instead of the array",
            r#"{"data": {"items": GOOD}}"#,
        ),
        case(
            "the array twice",
            r#"{"data": {"items": [GOOD], "items": []}}"#,
        ),
        case(
            "an error with status 200",
            r#"{"error": "rate limit exceeded"}"#,
        ),
        case("cut off before the array", r#"{"data": {"it"#),
        case("cut off behind the array", r#"{"data": {"items": [GOOD]"#),
        case(
            "two envelopes in a file",
            r#"{"data": {"items": [GOOD]}} {"data": {"items": [GOOD]}}"#,
        ),
        case(
            "a comma too many in the envelope",
            r#"{"data": {"items": [GOOD]},}"#,
        ),
        malformed(
            "100,000 levels beside the array",
            Source::Envelope,
            format!(
                "{{\"meta\": {}{}, \"data\": {{\"items\": [{GOOD}]}}}}",
                "[".repeat(100_000),
                "]".repeat(100_000)
            ),
        ),
    ]
}

/// A record a line.
pub fn lines() -> Vec<Malformed> {
    let case = |name: &str, text: &str| malformed(name, Source::Lines, text.replace("GOOD", GOOD));
    vec![
        case("an empty file of lines", ""),
        case("a line that is no record", "GOOD\nproducts\nGOOD\n"),
        case(
            "a record over two lines",
            "{\"external_id\": \"X\",\n\"name\": \"x\"}\nGOOD\n",
        ),
        case("two records on a line", "GOOD GOOD\nGOOD\n"),
        case("an array instead of lines", "[GOOD,\nGOOD]\n"),
        case("the last line cut off", "GOOD\n{\"external_id\": \"X"),
        case("a comma behind a record", "GOOD,\nGOOD\n"),
        case("lines that carriage returns end", "GOOD\rGOOD\r"),
    ]
}
