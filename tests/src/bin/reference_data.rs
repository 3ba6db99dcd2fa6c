//! Writes or checks the migration with the rows of shared reference data, for
//! `cargo xtask reference-data`: `reference_data MIGRATIONS [--check | --into NAME]`.
#![allow(clippy::print_stdout)]

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use catwing_tests::reference::{Outcome, check, write};

fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let migrations: PathBuf = arguments
        .next()
        .context("which folder of migrations?")?
        .into();
    let (option, value) = (arguments.next(), arguments.next());
    let outcome = match (option.as_deref(), &value) {
        (Some("--check"), None) => Outcome::Same(check(&migrations)?),
        (Some("--into"), Some(name)) => write(&migrations, Some(name))?,
        (None, None) => write(&migrations, None)?,
        _ => bail!("reference_data MIGRATIONS [--check | --into NAME]"),
    };
    match outcome {
        Outcome::Same(name) => println!("reference-data: {name} is what the source gives"),
        Outcome::Written(name) => println!(
            "reference-data: wrote {name}; name it in migrations/src/global.rs, run the tests of \
             migrations, then `cargo xtask check-migrations --bless`"
        ),
    }
    Ok(())
}
