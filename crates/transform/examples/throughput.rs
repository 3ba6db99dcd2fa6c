//! How many rows a second one thread transforms: `throughput MAPPING.toml FILE...`, where each file
//! is a delivery of the mapping's first dataset. The files are read before the clock starts.
#![allow(clippy::print_stdout, reason = "a command's result")]

use std::{error::Error, fs, time::Instant};

use catwing_domain::{BusinessDay, ObjectName, Revision, tenant_file::TenantFile};
use catwing_transform::{Mapping, transform};

/// Times that all files are transformed: the first warms up, and the best of the others counts.
const ROUNDS: usize = 6;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mapping = arguments.next().ok_or("the first argument is a mapping")?;
    let file = TenantFile::parse(&fs::read_to_string(mapping)?)?;
    let dataset = file
        .datasets
        .keys()
        .next()
        .ok_or("the mapping has no dataset")?;
    let mapping = Mapping::compile(&file).map_err(|mistakes| format!("{mistakes:?}"))?;
    let files = arguments.map(fs::read).collect::<Result<Vec<_>, _>>()?;
    let name = ObjectName {
        dataset: dataset.clone(),
        revision: Revision::FIRST,
        page: None,
        extension: "data".to_owned(),
    };
    let mut best = f64::INFINITY;
    let mut rows = 0;
    for round in 0..ROUNDS {
        let began = Instant::now();
        rows = 0;
        for (day, bytes) in (0..).zip(&files) {
            let objects = [(name.clone(), bytes.as_slice())];
            let whole = transform(&mapping, BusinessDay::from_number(day), &objects)?;
            let counts = whole.summary.counts.values();
            rows += counts.map(|counts| counts.source_rows).sum::<u64>();
        }
        if round > 0 {
            best = best.min(began.elapsed().as_secs_f64());
        }
    }
    println!(
        "{rows} rows in {best:.3} s: {:.0} rows/s",
        rows as f64 / best
    );
    Ok(())
}
