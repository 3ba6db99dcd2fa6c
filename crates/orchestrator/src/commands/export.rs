//! `catwing export`.

use std::path::PathBuf;

use anyhow::Result;
use catwing_embedded::Home;
use catwing_ml_export::{ExportReport, ExportedFile, Window, export};
use serde::Serialize;

use crate::{
    Console, Session, Settings,
    cli::ExportArgs,
    console::{grouped, mebibytes, table},
    registry,
};

/// What an export did, and where it can be opened.
#[derive(Serialize)]
struct Exported {
    #[serde(flatten)]
    report: ExportReport,
    bucket: String,
    /// The folder of the files, where the embedded server keeps them as they are.
    folder: Option<PathBuf>,
}

pub(super) async fn run(session: &Session, args: &ExportArgs, console: &Console) -> Result<u8> {
    registry::get(session, args.client).await?;
    console.say(&format!(
        "exporting the facts of {} up to {} ...",
        args.client, args.date
    ));
    let window = Window {
        from: args.from,
        run_date: args.date,
    };
    let (pool, store) = (&session.pool, &session.store);
    let report = Box::pin(export(pool, store, args.client, window)).await?;
    let exported = Exported {
        bucket: store.bucket().to_owned(),
        folder: folder(&session.settings, &report)?,
        report,
    };
    console.result(&exported, || text(&exported))?;
    Ok(0)
}

/// Where the embedded server keeps the export: each body is a plain file below its bucket's folder.
fn folder(settings: &Settings, report: &ExportReport) -> Result<Option<PathBuf>> {
    if settings.s3_endpoint.value.is_some() || settings.access_key.value.is_some() {
        return Ok(None);
    }
    let bucket = Home::open(&settings.home.value)?
        .s3()
        .join(&settings.bucket.value);
    let manifest = bucket.join(&report.manifest_key);
    Ok(manifest.parent().map(PathBuf::from))
}

fn text(exported: &Exported) -> String {
    let report = &exported.report;
    let row = |file: &ExportedFile| {
        [
            file.name.clone(),
            grouped(file.rows),
            mebibytes(file.size_bytes),
            format!("{:.2}", file.seconds),
        ]
    };
    let files = table(
        ["file", "rows", "size", "seconds"],
        report.files.iter().map(row),
    );
    let place = match &exported.folder {
        Some(folder) => format!("in {}", folder.display()),
        None => format!("in the bucket {}", exported.bucket),
    };
    let keys: Vec<_> = report.files.iter().map(|file| file.key.as_str()).collect();
    format!(
        "{} {} to {}, values in {}\n{files}\n{place}, sealed by {}\n{}",
        report.client,
        report.from_date,
        report.run_date,
        report.base_currency,
        report.manifest_key,
        keys.join("\n")
    )
}
