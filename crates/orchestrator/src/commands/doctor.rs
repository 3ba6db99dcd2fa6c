//! `catwing doctor`: what this machine has and lacks.

use std::{
    path::PathBuf,
    time::{Duration, SystemTime},
};

use anyhow::Result;
use catwing_domain::{Clock, SystemClock};
use catwing_embedded::machine::{Examination, FindingState, examine as findings};

use crate::{Console, Settings, console::table, failure::FAILED};

pub(super) fn examine(settings: &Settings, console: &Console) -> Result<u8> {
    let now = SystemClock.now();
    let examination = Examination {
        home: settings.home.value.clone(),
        bin_dir: settings.postgres_bin.value.clone(),
        weed: std::env::var_os("CATWING_WEED").map(PathBuf::from),
        docker_socket: PathBuf::from("/var/run/docker.sock"),
        now: SystemTime::UNIX_EPOCH
            + Duration::from_micros(u64::try_from(now.as_microsecond()).unwrap_or_default()),
    };
    let found = findings(&examination);
    let missing = found
        .iter()
        .any(|finding| finding.state == FindingState::Missing);
    console.result(&serde_json::json!({ "findings": found }), || {
        let row = |finding: &catwing_embedded::machine::Finding| {
            let state = format!("{:?}", finding.state).to_lowercase();
            let mend = finding
                .mend
                .as_ref()
                .map(|mend| format!("\nmend: {mend}"))
                .unwrap_or_default();
            [
                finding.what.clone(),
                state,
                format!("{}{mend}", finding.detail),
            ]
        };
        table(["what", "state", "detail"], found.iter().map(row))
    })?;
    Ok(if missing { FAILED } else { 0 })
}
