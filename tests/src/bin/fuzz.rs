//! Fuzzes what reads foreign bytes, for `cargo xtask fuzz`: `fuzz SECONDS SEED [TARGET...]`.
#![allow(clippy::print_stdout)]

use std::{env, time::Duration};

use anyhow::{Context, Result};
use catwing_tests::fuzz::{self, Limit, TARGETS};

fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let mut number = |what: &str| -> Result<u64> {
        let text = arguments
            .next()
            .with_context(|| format!("how many {what}?"))?;
        text.parse()
            .with_context(|| format!("{what}: {text:?} is no number"))
    };
    let (seconds, seed) = (number("seconds")?, number("seed")?);
    let names: Vec<_> = arguments.collect();
    let chosen = names.iter().map(|name| {
        let known: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
        fuzz::target(name)
            .with_context(|| format!("there is no target {name}: there is {}", known.join(", ")))
    });
    let mut chosen = chosen.collect::<Result<Vec<_>>>()?;
    if chosen.is_empty() {
        chosen = TARGETS.iter().collect();
    }
    for target in chosen {
        let fuzzed = fuzz::run(target, seed, Limit::Time(Duration::from_secs(seconds)));
        println!(
            "{:<16} {:>9} executions, {} of them the corpus",
            target.name, fuzzed.executions, fuzzed.corpus
        );
    }
    Ok(())
}
