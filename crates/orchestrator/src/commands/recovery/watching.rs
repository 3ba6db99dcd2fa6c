//! How far a rebuild, or a bulk load, is.

use std::sync::Mutex;

use anyhow::Result;
use catwing_recovery::{
    RecoveryError,
    rebuild::{RebuildProgress, RebuildWatch},
};

use crate::{
    Console,
    console::{Progress, grouped, mebibytes},
};

/// Has something rebuilt or loaded, with progress.
pub(in crate::commands) async fn watched<T>(
    console: &Console,
    run: impl AsyncFnOnce(RebuildWatch<'_>) -> Result<T, RecoveryError>,
) -> Result<T> {
    // The step under way, and how far it is.
    let under_way: Mutex<Option<(&'static str, Progress)>> = Mutex::new(None);
    let watch = |at: RebuildProgress| {
        let Ok(mut under_way) = under_way.lock() else {
            return;
        };
        let mut step = |name: &'static str, progress: &dyn Fn() -> Progress| {
            if under_way.as_ref().is_some_and(|(known, _)| *known == name) {
                return;
            }
            if let Some((_, before)) = under_way.replace((name, progress())) {
                before.done();
                console.say(&format!("{name} ..."));
            }
        };
        match at {
            RebuildProgress::Begun {
                resumed,
                deliveries,
                bytes,
            } => {
                let how = if resumed { ", going on" } else { "" };
                console.say(&format!(
                    "{} deliveries to read, {}{how}",
                    grouped(i128::try_from(deliveries).unwrap_or_default()),
                    mebibytes(bytes)
                ));
                step("reading", &|| console.progress("reading", bytes));
            }
            RebuildProgress::Reading(at) => {
                if let Some((_, progress)) = under_way.as_ref() {
                    progress.at(at.read_bytes);
                }
            }
            RebuildProgress::Finishing(at) => {
                let name = at.step.name();
                step(name, &|| console.progress_of_objects(name, at.total as u64));
                if let Some((_, progress)) = under_way.as_ref() {
                    progress.of(at.done as u64, at.total as u64);
                }
            }
            RebuildProgress::Statistics => {
                step("statistics", &|| {
                    console.progress_of_objects("statistics", 1)
                });
            }
            RebuildProgress::Digest => step("digest", &|| console.progress_of_objects("digest", 1)),
        }
    };
    let done = run(&watch).await;
    if let Ok(Some((_, progress))) = under_way.lock().map(|mut under_way| under_way.take()) {
        progress.done();
    }
    Ok(done?)
}
