//! Fuzzing of everything that reads bytes which others wrote: each target is a plain function, which
//! tests run over a corpus and seeded mutations of it, `cargo xtask fuzz` runs for as long as one likes,
//! and cargo-fuzz calls where nightly is there (`fuzz/`). A target panics where something that must hold
//! does not: nothing is lost of an input, the same is said of it in other pieces, what was read is
//! written and read again the same.
//!
//! ```
//! use catwing_tests::fuzz::{self, Limit};
//!
//! let target = fuzz::target("manifest_entry").unwrap();
//! assert!(fuzz::run(target, 1, Limit::Executions(10)).executions >= 10);
//! ```

mod documents;
mod input;
mod mutation;
mod values;

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    path::PathBuf,
    time::{Duration, Instant},
};

use self::mutation::Mutator;

/// One reader of foreign bytes.
#[derive(Clone, Copy)]
pub struct Target {
    /// Its name, that of its folder of the corpus and of its cargo-fuzz target.
    pub name: &'static str,
    /// Reads bytes, and panics where something that must hold does not.
    pub read: fn(&[u8]),
    /// Words that inputs are made of, for mutations.
    words: &'static [&'static str],
}

/// Words of canonical JSON.
const JSON: &[&str] = &[
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "null",
    "true",
    "NaN",
    "1e400",
    "-1",
    "0.00001",
    "\"external_id\": ",
    "\"name\": ",
    "\"lines\": ",
    "\"qty\": ",
    "\u{feff}",
    "e\u{301}",
];
/// Words of delimited text.
const ROWS: &[&str] = &[
    ",",
    ";",
    "\"",
    "\"\"",
    "\n",
    "\r\n",
    "\r",
    "\0",
    "\u{feff}",
    "\u{fffd}",
    "a,2026-02-24,X,1,2\n",
    "doc,",
    "price",
];
/// Words of numbers.
const NUMBERS: &[&str] = &["-", "+", ".", "e", "E", "0", "9999999999", "400", "1", "5"];
/// Words of dates and times.
const TIMES: &[&str] = &[
    "-", ":", "T", "Z", "+02:00", "[UTC]", "0000", "9999", "24", "60", "02-29", ".",
];
/// Words of a tenant's file.
const TOML: &[&str] = &[
    "[",
    "]",
    "[[",
    "=",
    "\"",
    "{ ",
    " }",
    "\n",
    "^",
    ".",
    "path = ",
    "value = ",
    "each = ",
    "rows = true",
    "where = ",
    "document = ",
    "lookup = ",
    "number = { decimal = \",\" }",
    "round = 7",
    "when = ",
    "fields = ",
    "datasets.",
    "0",
    "\"%Y-%m-%d\"",
    "-1",
    "regex",
    "(",
    ")*",
];
/// Words of names and keys.
const NAMES: &[&str] = &[
    ".r2",
    ".p000001",
    ".json",
    "CW-",
    "GLOBAL",
    "000200",
    "/",
    "..",
    "-",
    "2026-02-24",
    "*",
    "%Y",
    "{date}",
    "{dataset}",
];
/// Words of our own documents in JSON.
const ENTRIES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "null",
    "0",
    "-1",
    "18446744073709551616",
    "\"kind\": ",
    "\"fix\"",
    "\"objects\": ",
];

/// Every target.
pub const TARGETS: &[Target] = &[
    Target {
        name: "json_array",
        read: documents::json_array,
        words: JSON,
    },
    Target {
        name: "json_envelope",
        read: documents::json_envelope,
        words: JSON,
    },
    Target {
        name: "json_lines",
        read: documents::json_lines,
        words: JSON,
    },
    Target {
        name: "json_entities",
        read: documents::json_entities,
        words: JSON,
    },
    Target {
        name: "delimited",
        read: documents::delimited,
        words: ROWS,
    },
    Target {
        name: "delimited_utf16",
        read: documents::delimited_utf16,
        words: ROWS,
    },
    Target {
        name: "ui_events",
        read: documents::ui_events,
        words: JSON,
    },
    Target {
        name: "correction",
        read: documents::correction,
        words: JSON,
    },
    Target {
        name: "number",
        read: values::number,
        words: NUMBERS,
    },
    Target {
        name: "grouped_number",
        read: values::grouped_number,
        words: NUMBERS,
    },
    Target {
        name: "date",
        read: values::date,
        words: TIMES,
    },
    Target {
        name: "instant",
        read: values::instant,
        words: TIMES,
    },
    Target {
        name: "tenant_file",
        read: values::tenant_file,
        words: TOML,
    },
    Target {
        name: "expression",
        read: values::expression,
        words: TOML,
    },
    Target {
        name: "names",
        read: values::names,
        words: NAMES,
    },
    Target {
        name: "file_pattern",
        read: values::file_pattern,
        words: NAMES,
    },
    Target {
        name: "manifest_entry",
        read: values::manifest_entry,
        words: ENTRIES,
    },
    Target {
        name: "sidecar",
        read: values::sidecar,
        words: ENTRIES,
    },
    Target {
        name: "reports",
        read: values::reports,
        words: ENTRIES,
    },
];

/// The target of a name.
#[must_use]
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

/// The entry of cargo-fuzz.
///
/// # Panics
/// Where there is no such target, and where something that must hold of the bytes does not.
pub fn read(name: &str, bytes: &[u8]) {
    let target = target(name).unwrap_or_else(|| panic!("there is no fuzz target {name}"));
    (target.read)(bytes);
}

/// When fuzzing ends.
#[derive(Clone, Copy, Debug)]
pub enum Limit {
    /// After so many executions beside those of the corpus.
    Executions(u64),
    /// After so much time.
    Time(Duration),
}

/// What fuzzing of a target came to.
#[derive(Clone, Copy, Debug)]
pub struct Fuzzed {
    /// Inputs that were read.
    pub executions: u64,
    /// Inputs of the corpus among them.
    pub corpus: u64,
}

/// Runs a target over its corpus, and over mutations of it that follow from a seed alone.
///
/// # Panics
/// Where the target does; the input is written to standard error before, and where the corpus can't be
/// read.
pub fn run(target: &Target, seed: u64, limit: Limit) -> Fuzzed {
    let corpus = corpus(target.name);
    assert!(!corpus.is_empty(), "{} has no corpus", target.name);
    for input in &corpus {
        attempt(target, input);
    }
    let mut fuzzed = Fuzzed {
        executions: corpus.len() as u64,
        corpus: corpus.len() as u64,
    };
    let began = Instant::now();
    let mut mutator = Mutator::new(seed, target.words);
    let goes_on = |mutated: u64| match limit {
        Limit::Executions(most) => mutated < most,
        Limit::Time(most) => began.elapsed() < most,
    };
    while goes_on(fuzzed.executions - fuzzed.corpus) {
        attempt(target, &mutator.mutated(&corpus));
        fuzzed.executions += 1;
    }
    fuzzed
}

/// The inputs that a target's mutations begin with, in the order of their names.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(name);
    let listed =
        fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = listed
        .map(|entry| entry.expect("a folder's entry").path())
        .collect();
    paths.sort();
    let read = |path: &PathBuf| {
        fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    paths.iter().map(read).collect()
}

/// Reads one input, and shows it where that panics.
fn attempt(target: &Target, input: &[u8]) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| (target.read)(input))) {
        eprintln!(
            "fuzz target {} fails with an input of {} bytes; keep it in tests/fuzz/corpus/{}:\nb\"{}\"",
            target.name,
            input.len(),
            target.name,
            input.escape_ascii()
        );
        resume_unwind(panic);
    }
}
