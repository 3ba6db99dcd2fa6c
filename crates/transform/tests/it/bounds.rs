//! Memory that a delivery takes does not grow with it: whole documents of gigabytes, single records as
//! long, and documents of a hundred thousand levels and more, each read in a process of its own, whose
//! peak the kernel counted.
//!
//! `CATWING_BOUNDS_BYTES` says how long the documents are; 256 MB where it is absent, so that the test
//! takes seconds without optimization too.
#![allow(clippy::print_stdout, reason = "what was measured is the result")]

use std::process::Command;

use catwing_domain::{Output, manifest::RawObject};
use catwing_transform::{Mapping, RECORD_BYTES_MAX, Transform};

use crate::fixture::{DAY, canonical, described, mapping};

/// What a process may take at its peak, all told.
const PEAK_KIB_MAX: u64 = 128 << 10;
/// Bytes of a document where nothing is said.
const BYTES: u64 = 256_000_000;
/// Says that this process is the one that is measured.
const MEASURED: &str = "CATWING_BOUNDS_MEASURED";
/// Bytes that are fed at a time.
const PIECE_BYTES: usize = 1 << 20;
/// Bytes of output after which load takes it away.
const OUTPUT_BYTES: usize = 8 << 20;

/// What a document came to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Figures {
    taken: u64,
    refused: u64,
    message: String,
}

/// Runs a test once more in a process of its own, and gives what it said there.
fn measured(test: &str, read: impl FnOnce(u64) -> Figures) -> Option<(Figures, u64)> {
    let bytes = std::env::var("CATWING_BOUNDS_BYTES").ok();
    let bytes = bytes.map_or(BYTES, |bytes| bytes.parse().unwrap());
    if std::env::var_os(MEASURED).is_some() {
        let began = std::time::Instant::now();
        let figures = read(bytes);
        let Figures {
            taken,
            refused,
            message,
        } = figures;
        let seconds = began.elapsed().as_secs_f64();
        println!(
            "figures\t{taken}\t{refused}\t{message}\t{}\t{seconds:.1}",
            peak_kib()
        );
        return None;
    }
    let name = format!("bounds::{test}");
    let run = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &name, "--nocapture"])
        .env(MEASURED, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{said}{complaint}");
    // The harness begins the line with the test's name.
    let line = said.lines().find_map(|line| line.split_once("figures\t"));
    let (_, line) = line.unwrap_or_else(|| panic!("no figures in {said}"));
    let parts: Vec<_> = line.split('\t').collect();
    let [taken, refused, message, peak_kib, seconds] = parts.as_slice() else {
        panic!("{line}")
    };
    let peak_kib = peak_kib.parse().unwrap();
    println!(
        "{test}: {bytes} bytes, {taken} taken, {refused} refused, {peak_kib} KiB, {seconds} s"
    );
    let figures = Figures {
        taken: taken.parse().unwrap(),
        refused: refused.parse().unwrap(),
        message: (*message).to_owned(),
    };
    Some((figures, peak_kib))
}

/// The greatest resident size that this process has had.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let figure = line.unwrap().trim().trim_end_matches(" kB");
    figure.parse().unwrap()
}

/// Feeds what a generator writes, a piece at a time, and takes rows away as load does.
fn feed(
    mapping: &Mapping,
    name: &str,
    bytes: u64,
    mut write: impl FnMut(&mut Vec<u8>) -> bool,
) -> Figures {
    let mut objects: Vec<RawObject> = described(mapping, &[(name, b"")]);
    objects[0].size_bytes = bytes;
    let mut transform = Transform::new(mapping, DAY.parse().unwrap(), objects);
    let stretch = transform.next_stretch().unwrap();
    transform.begin_object(&stretch, 0);
    let (mut output, mut figures, mut piece) = (Output::default(), Figures::default(), Vec::new());
    let mut more = true;
    while more {
        piece.clear();
        while more && piece.len() < PIECE_BYTES {
            more = write(&mut piece);
        }
        transform.feed(&piece, !more, &mut output).unwrap();
        if output.bytes() > OUTPUT_BYTES || !more {
            count(&mut figures, &output);
            output.clear();
        }
    }
    while transform.assemble(&stretch, &mut output).unwrap() {}
    assert!(transform.next_stretch().is_none(), "records are read once");
    let summary = transform.finish(&mut output).unwrap();
    count(&mut figures, &output);
    let read: u64 = summary
        .counts
        .values()
        .map(|counts| counts.records_read)
        .sum();
    assert_eq!(read, figures.taken + figures.refused);
    figures
}

fn count(figures: &mut Figures, output: &Output) {
    figures.taken += output.units.len() as u64;
    figures.refused += output.rejects.len() as u64;
    if let Some(reject) = output.rejects.last() {
        figures.message.clone_from(&reject.problems[0].message);
    }
}

/// An array of so many bytes, of sales documents with keys of their own; every thousandth is malformed.
fn array(bytes: u64) -> Figures {
    let (mut written, mut number, mut ended) = (0, 0_u64, false);
    feed(&canonical(), "sales_orders.json", bytes, |piece| {
        let before = piece.len();
        let opening = if number == 0 { '[' } else { ',' };
        let qty = if number % 1_000 == 999 {
            "\"many\""
        } else {
            "2"
        };
        let line = format!(
            r#"{{"product_external_id": "P{}", "qty": {qty}, "unit_price": 9.95}}"#,
            number % 50_000
        );
        let record = format!(
            "{opening}\n{{\"external_id\": \"{number}\", \"order_date\": \"2026-02-24\", \
             \"location_external_id\": \"S{}\", \"customer\": {{\"external_id\": \"C{number}\"}}, \
             \"lines\": [{line}, {line}, {line}]}}",
            number % 100
        );
        piece.extend_from_slice(record.as_bytes());
        number += 1;
        written += (piece.len() - before) as u64;
        if written >= bytes && !ended {
            ended = true;
            piece.extend_from_slice(b"]");
        }
        !ended
    })
}

#[test]
fn an_array_of_gigabytes_takes_no_more_memory_than_a_short_one() {
    let name = "an_array_of_gigabytes_takes_no_more_memory_than_a_short_one";
    let Some((figures, peak_kib)) = measured(name, array) else {
        return;
    };
    assert!(figures.taken > 400_000, "{figures:?}");
    assert_eq!(figures.refused, (figures.taken + figures.refused) / 1_000);
    assert!(
        figures.message.starts_with("is not a number"),
        "{figures:?}"
    );
    assert!(peak_kib < PEAK_KIB_MAX, "{peak_kib} KiB");
}

/// A good record, one whose text goes on for so many bytes, and a good record.
fn endless_record(bytes: u64) -> Figures {
    let mut written = 0;
    feed(&canonical(), "products.json", bytes, |piece| {
        if written == 0 {
            piece.extend_from_slice(
                br#"[{"external_id": "A", "name": "a"}, {"external_id": "X", "name": ""#,
            );
        }
        piece.resize(piece.len() + PIECE_BYTES / 2, b'x');
        written += PIECE_BYTES as u64 / 2;
        if written >= bytes {
            piece.extend_from_slice(br#""}, {"external_id": "Z", "name": "z"}]"#);
        }
        written < bytes
    })
}

#[test]
fn a_record_of_gigabytes_is_refused_and_what_follows_is_read() {
    let name = "a_record_of_gigabytes_is_refused_and_what_follows_is_read";
    let Some((figures, peak_kib)) = measured(name, endless_record) else {
        return;
    };
    assert_eq!((figures.taken, figures.refused), (2, 1));
    let expected = format!("longer than the {RECORD_BYTES_MAX} bytes that a record may have");
    assert_eq!(figures.message, expected);
    assert!(peak_kib < PEAK_KIB_MAX, "{peak_kib} KiB");
}

/// Brackets, half of them opening, between what comes before and behind.
fn levels(mapping: &Mapping, (before, behind): (&str, &str), levels: u64) -> Figures {
    let mut written = 0;
    feed(mapping, "products.json", 2 * levels, |piece| {
        if written == 0 {
            piece.extend_from_slice(before.as_bytes());
        }
        let bracket = if written < levels { b'[' } else { b']' };
        let turn = if written < levels { levels } else { 2 * levels };
        let some = (turn - written).min(PIECE_BYTES as u64);
        piece.resize(piece.len() + usize::try_from(some).unwrap(), bracket);
        written += some;
        if written == 2 * levels {
            piece.extend_from_slice(behind.as_bytes());
        }
        written < 2 * levels
    })
}

#[test]
fn documents_of_any_depth_are_read_without_a_stack() {
    let name = "documents_of_any_depth_are_read_without_a_stack";
    let good = r#"{"external_id": "P", "name": "p"}"#;
    let read = |bytes: u64| {
        let mut all = Figures::default();
        let envelope = mapping(
            "[datasets.products]\nnumber = 1\nformat = { type = \"json\", records = \"items\" }",
        );
        // A hundred thousand levels, and as many as the document has bytes for.
        for depth in [100_000, bytes / 2] {
            let within = (format!("[{good}, {{\"a\": "), format!("}}, {good}]"));
            let figures = levels(&canonical(), (&within.0, &within.1), depth);
            assert_eq!((figures.taken, figures.refused), (2, 1));
            let beside = ("{\"meta\": ", format!(", \"items\": [{good}]}}"));
            let beside = levels(&envelope, (beside.0, &beside.1), depth);
            assert_eq!((beside.taken, beside.refused), (1, 0));
            all.taken += figures.taken + beside.taken;
            all.refused += figures.refused;
            let message = if depth > 100_000 { " " } else { "" };
            all.message += &format!("{}{message}", figures.message);
        }
        all
    };
    let Some((figures, peak_kib)) = measured(name, read) else {
        return;
    };
    assert_eq!((figures.taken, figures.refused), (6, 2));
    let expected = ["nested deeper than 64 levels", "longer than the "];
    assert!(
        expected.iter().all(|part| figures.message.contains(part)),
        "{figures:?}"
    );
    assert!(peak_kib < PEAK_KIB_MAX, "{peak_kib} KiB");
}
