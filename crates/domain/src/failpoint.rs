//! Points at which a test kills the process, to prove that what is left behind is whole.
//!
//! `CATWING_FAILPOINT=raw.after_put` aborts the process, without any cleaning up, the first time
//! that it comes past that point; `raw.after_put:3` the third time. The variable is read once, at
//! the first point that is passed. A release build has no failpoints.

/// Before an object is sent to the raw store.
pub const RAW_BEFORE_PUT: &str = "raw.before_put";
/// After an object of a delivery was stored, the first one first.
pub const RAW_AFTER_PUT: &str = "raw.after_put";
/// After all objects of a delivery were stored and before its manifest entry is.
pub const RAW_BEFORE_SEAL: &str = "raw.before_seal";
/// After the manifest entry of a delivery was stored.
pub const RAW_AFTER_SEAL: &str = "raw.after_seal";
/// After a version of a tenant's file was stored.
pub const CONFIG_AFTER_PUT: &str = "config.after_put";
/// After a page came from a source, before it is sent to the raw store.
pub const FETCH_AFTER_PAGE: &str = "fetch.after_page";
/// After all pages of a dataset were stored, before the next dataset is asked for.
pub const FETCH_AFTER_DATASET: &str = "fetch.after_dataset";
/// After the quality gate has sealed a verdict, before its findings are written down.
pub const GATE_AFTER_VERDICT: &str = "gate.after_verdict";
/// Before rows of a delivery are copied to staging.
pub const LOAD_BEFORE_COPY: &str = "load.before_copy";
/// After rows of a delivery were copied to staging, before the next stretch of it.
pub const LOAD_AFTER_COPY: &str = "load.after_copy";
/// After staged rows were merged, before presence, accounts and ledger.
pub const LOAD_AFTER_MERGE: &str = "load.after_merge";
/// After all is written, ledger included, before COMMIT.
pub const LOAD_BEFORE_COMMIT: &str = "load.before_commit";
/// After COMMIT, before the caller knows of it.
pub const LOAD_AFTER_COMMIT: &str = "load.after_commit";
/// After staged rows of a bulk load were merged.
pub const BULK_AFTER_MERGE: &str = "bulk.after_merge";
/// After one key or index of a bulk load was built, the first one first.
pub const BULK_AFTER_BUILD: &str = "bulk.after_build";
/// After all keys and indexes of a bulk load were built.
pub const BULK_AFTER_INDEX: &str = "bulk.after_index";
/// After the books of a bulk load were settled.
pub const BULK_AFTER_SETTLE: &str = "bulk.after_settle";
/// After all foreign keys of a bulk load were added and checked.
pub const BULK_AFTER_FOREIGN_KEYS: &str = "bulk.after_foreign_keys";
/// After what a bulk load had staged was dropped.
pub const BULK_AFTER_CLEAR: &str = "bulk.after_clear";
/// After a tenant was restored beside and committed, before its foreign keys into what all share.
pub const RESTORE_AFTER_COMMIT: &str = "restore.after_commit";
/// After those keys were added and checked, before it is noted what was restored.
pub const RESTORE_AFTER_KEYS: &str = "restore.after_keys";
/// Before the schemas of a rebuild or a restore are switched to.
pub const SWITCH_BEFORE_COMMIT: &str = "switch.before_commit";
/// After they were switched to, before the caller knows of it.
pub const SWITCH_AFTER_COMMIT: &str = "switch.after_commit";
/// After statistics were written, before COMMIT.
pub const STATS_BEFORE_COMMIT: &str = "stats.before_commit";
/// After COMMIT of statistics, before the caller knows of it.
pub const STATS_AFTER_COMMIT: &str = "stats.after_commit";
/// After all files of an export were written and before anything of the one before is touched.
pub const EXPORT_BEFORE_PUBLISH: &str = "export.before_publish";
/// After the manifest of the export before was removed.
pub const EXPORT_AFTER_REMOVE: &str = "export.after_remove";
/// After a file of an export was put in place, the first one first.
pub const EXPORT_AFTER_FILE: &str = "export.after_file";
/// After the manifest of an export was written, before the caller knows of it.
pub const EXPORT_AFTER_SEAL: &str = "export.after_seal";
/// After a tenant was dumped and before the next one is, the shared tenant first.
pub const BACKUP_AFTER_DUMP: &str = "backup.after_dump";
/// After all of a backup is stored under its temporary key, before it is read back.
pub const BACKUP_AFTER_UPLOAD: &str = "backup.after_upload";
/// After a backup was read back and found right, before anything of another one is touched.
pub const BACKUP_BEFORE_PROMOTE: &str = "backup.before_promote";
/// After a backup was copied to its place, before the sidecar is there that makes it one.
pub const BACKUP_AFTER_COPY: &str = "backup.after_copy";
/// After the sidecar was put, before older backups and what is temporary are removed.
pub const BACKUP_AFTER_SEAL: &str = "backup.after_seal";

/// Every failpoint, so that a test can kill at each and none is left out.
pub const ALL: &[&str] = &[
    RAW_BEFORE_PUT,
    RAW_AFTER_PUT,
    RAW_BEFORE_SEAL,
    RAW_AFTER_SEAL,
    CONFIG_AFTER_PUT,
    FETCH_AFTER_PAGE,
    FETCH_AFTER_DATASET,
    GATE_AFTER_VERDICT,
    LOAD_BEFORE_COPY,
    LOAD_AFTER_COPY,
    LOAD_AFTER_MERGE,
    LOAD_BEFORE_COMMIT,
    LOAD_AFTER_COMMIT,
    BULK_AFTER_MERGE,
    BULK_AFTER_BUILD,
    BULK_AFTER_INDEX,
    BULK_AFTER_SETTLE,
    BULK_AFTER_FOREIGN_KEYS,
    BULK_AFTER_CLEAR,
    RESTORE_AFTER_COMMIT,
    RESTORE_AFTER_KEYS,
    SWITCH_BEFORE_COMMIT,
    SWITCH_AFTER_COMMIT,
    STATS_BEFORE_COMMIT,
    STATS_AFTER_COMMIT,
    EXPORT_BEFORE_PUBLISH,
    EXPORT_AFTER_REMOVE,
    EXPORT_AFTER_FILE,
    EXPORT_AFTER_SEAL,
    BACKUP_AFTER_DUMP,
    BACKUP_AFTER_UPLOAD,
    BACKUP_BEFORE_PROMOTE,
    BACKUP_AFTER_COPY,
    BACKUP_AFTER_SEAL,
];

/// Passes a failpoint: aborts the process where `CATWING_FAILPOINT` names it.
#[inline]
pub fn failpoint(name: &'static str) {
    #[cfg(debug_assertions)]
    armed::pass(name);
    #[cfg(not(debug_assertions))]
    let _ = name;
}

#[cfg(debug_assertions)]
mod armed {
    use std::sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    };

    static SETTING: OnceLock<Option<(String, u64)>> = OnceLock::new();
    static PASSED: AtomicU64 = AtomicU64::new(0);

    pub(super) fn pass(name: &'static str) {
        let setting = SETTING.get_or_init(|| {
            std::env::var("CATWING_FAILPOINT")
                .ok()
                .map(|text| parse(&text))
        });
        let Some((armed, at)) = setting else { return };
        if armed == name && PASSED.fetch_add(1, Ordering::SeqCst) + 1 == *at {
            std::process::abort();
        }
    }

    pub(super) fn parse(text: &str) -> (String, u64) {
        match text.rsplit_once(':') {
            Some((name, count)) => (name.to_owned(), count.parse().unwrap_or(1)),
            None => (text.to_owned(), 1),
        }
    }
}

#[cfg(all(test, debug_assertions))]
mod tests {
    use super::{ALL, armed::parse, failpoint};

    #[test]
    fn names_are_distinct_and_counts_are_read() {
        let distinct: std::collections::BTreeSet<_> = ALL.iter().collect();
        assert_eq!(distinct.len(), ALL.len());
        assert_eq!(parse("raw.after_put"), ("raw.after_put".to_owned(), 1));
        assert_eq!(parse("raw.after_put:3"), ("raw.after_put".to_owned(), 3));
    }

    #[test]
    fn a_point_that_is_not_named_is_passed() {
        failpoint("no such point");
    }
}
