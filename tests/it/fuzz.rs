//! Every fuzz target over its corpus and over mutations of it that are the same in every run.
#![allow(
    clippy::print_stdout,
    reason = "how often targets ran is a part of the result"
)]

use std::{collections::BTreeSet, fs, path::Path};

use catwing_tests::fuzz::{Limit, TARGETS, run};

/// Mutations of each corpus in a run of the tests; `cargo xtask fuzz` tries more.
const MUTATIONS: u64 = 1_500;
/// What the mutations follow from.
const SEED: u64 = 1;

/// Runs the targets whose place in the list leaves this rest, so that several threads share them.
fn share(rest: usize) {
    let of_share = TARGETS.iter().skip(rest).step_by(4);
    for target in of_share {
        let fuzzed = run(target, SEED, Limit::Executions(MUTATIONS));
        println!(
            "{}: {} executions, {} of the corpus",
            target.name, fuzzed.executions, fuzzed.corpus
        );
        assert_eq!(fuzzed.executions, fuzzed.corpus + MUTATIONS);
    }
}

#[test]
fn targets_hold_for_corpus_and_mutations_first_quarter() {
    share(0);
}

#[test]
fn targets_hold_for_corpus_and_mutations_second_quarter() {
    share(1);
}

#[test]
fn targets_hold_for_corpus_and_mutations_third_quarter() {
    share(2);
}

#[test]
fn targets_hold_for_corpus_and_mutations_fourth_quarter() {
    share(3);
}

#[test]
fn each_target_has_a_corpus_and_is_one_of_cargo_fuzz() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let names = |folder: &Path| -> BTreeSet<String> {
        let entries = fs::read_dir(folder).unwrap();
        let name = |entry: fs::DirEntry| {
            entry
                .path()
                .file_stem()
                .unwrap()
                .to_string_lossy()
                .into_owned()
        };
        entries.map(|entry| name(entry.unwrap())).collect()
    };
    let targets: BTreeSet<_> = TARGETS
        .iter()
        .map(|target| target.name.to_owned())
        .collect();
    assert_eq!(targets.len(), TARGETS.len(), "names are there once");
    assert_eq!(names(&root.join("fuzz/corpus")), targets);
    assert_eq!(names(&root.join("../fuzz/fuzz_targets")), targets);
    let manifest = fs::read_to_string(root.join("../fuzz/Cargo.toml")).unwrap();
    for name in &targets {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
        let file = root.join(format!("../fuzz/fuzz_targets/{name}.rs"));
        assert!(
            fs::read_to_string(file)
                .unwrap()
                .contains(&format!("read(\"{name}\", bytes)")),
            "{name}"
        );
    }
}
