//! Verification: what the manifest says, held against what the bucket has.

mod chain;
mod inventory;

use catwing_domain::{BusinessDay, DatasetName, TenantId, manifest::Sha256Hash};
use serde::Serialize;

use crate::{Manifest, RawStoreError, Store, config::config_key, manifest::ManifestHead};
use chain::Chain;
use inventory::Inventory;

/// What to verify beyond the chain, the presence and the sizes.
#[derive(Clone, Debug, Default)]
pub struct VerifyOptions {
    /// Read every byte of every object, and compare its SHA-256.
    pub deep: bool,
    /// Deliveries that the schedule says should be there by now.
    pub expected: Vec<(DatasetName, BusinessDay)>,
    /// The newest entry that somebody else knows, such as the ledger of a database. The chain
    /// alone can't show that its last entries were taken away.
    pub known_head: Option<ManifestHead>,
}

/// The state of one object, entry or expected delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// As the manifest says.
    Ok,
    /// The schedule expects it, and no entry has it.
    Late,
    /// An entry has it, or a number needs it, and the bucket does not.
    Lost,
    /// Its size, its SHA-256 or its place in the chain is not as sealed.
    Corrupt,
    /// Named like a raw object, and in no entry: the rest of a landing that was cut off.
    Orphan,
    /// Anything else below the tenant's raw prefix.
    Extra,
}

/// What was found about one key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The key in the bucket; of a late delivery, the day's prefix and the dataset.
    pub key: String,
    /// Its state.
    pub state: State,
    /// What exactly is wrong; empty where nothing is.
    pub detail: String,
}

/// How far a verification is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress<'a> {
    /// Entries of the manifest were read.
    Entries {
        /// So many.
        done: u64,
        /// Of so many.
        total: u64,
    },
    /// A key was judged; of those that are ok, only this tells.
    Judged {
        /// The judgement.
        finding: &'a Finding,
        /// Objects that entries have and that were judged so far.
        done: u64,
        /// Objects that entries have.
        total: u64,
        /// Bytes that were read so far.
        read_bytes: u64,
    },
}

/// What a verification found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whose archive.
    pub tenant: TenantId,
    /// Entries that should be there.
    pub entries: u64,
    /// Objects that entries have.
    pub objects: u64,
    /// Entries, objects and versions of the tenant's file that are as they should be.
    pub ok: u64,
    /// Bytes that were read to prove it.
    pub read_bytes: u64,
    /// Whether the chain of entries is whole.
    pub chain_is_whole: bool,
    /// All that is not ok, by key.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether anything that was sealed is missing or changed.
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        self.findings
            .iter()
            .any(|finding| matches!(finding.state, State::Lost | State::Corrupt))
    }
}

/// Collects judgements and tells of each.
pub(crate) struct Judge<'a> {
    watch: &'a (dyn Fn(Progress<'_>) + Send + Sync),
    report: Report,
    judged_objects: u64,
}

impl Judge<'_> {
    pub fn entries_read(&self, done: u64, total: u64) {
        (self.watch)(Progress::Entries { done, total });
    }

    pub fn object(&mut self, finding: Finding) {
        self.judged_objects += 1;
        self.add(finding);
    }

    pub fn add(&mut self, finding: Finding) {
        (self.watch)(Progress::Judged {
            finding: &finding,
            done: self.judged_objects,
            total: self.report.objects,
            read_bytes: self.report.read_bytes,
        });
        if finding.state == State::Ok {
            self.report.ok += 1;
        } else {
            self.report.findings.push(finding);
        }
    }

    pub fn read(&mut self, bytes: u64) {
        self.report.read_bytes += bytes;
    }
}

impl Finding {
    pub(crate) fn new(key: impl Into<String>, state: State, detail: impl ToString) -> Self {
        Self {
            key: key.into(),
            state,
            detail: detail.to_string(),
        }
    }
}

/// Verifies a tenant's archive. Everything is looked at, however much is broken; a landing that
/// is under way does no harm, its objects are orphans until they are sealed.
///
/// Memory grows with the number of objects in the manifest, about 200 bytes each.
///
/// # Errors
/// [`RawStoreError::Request`] where the server fails. What is wrong with the archive is in the
/// report.
pub async fn verify(
    store: &Store,
    tenant: TenantId,
    options: &VerifyOptions,
    watch: &(dyn Fn(Progress<'_>) + Send + Sync),
) -> Result<Report, RawStoreError> {
    let manifest = Manifest::of(store, tenant);
    let mut judge = Judge {
        watch,
        judged_objects: 0,
        report: Report {
            tenant,
            entries: 0,
            objects: 0,
            ok: 0,
            read_bytes: 0,
            chain_is_whole: true,
            findings: Vec::new(),
        },
    };
    let mut inventory = Inventory::expecting(tenant, &options.expected);
    let chain = Chain::new(&manifest, options.known_head);
    let entries = chain.walk(&mut judge, &mut inventory).await?;
    judge.report.entries = entries;
    judge.report.chain_is_whole = judge.report.findings.is_empty();
    judge.report.objects = inventory.count();
    inventory
        .compare(&manifest, options.deep, &mut judge)
        .await?;
    for mapping in inventory.mappings() {
        judge_mapping(store, tenant, mapping, &mut judge).await?;
    }
    for (day, dataset) in inventory.late() {
        let key = format!("raw-data/{tenant}/{day}/{dataset}");
        judge.add(Finding::new(
            key,
            State::Late,
            "the schedule expects it by now",
        ));
    }
    let mut report = judge.report;
    report.findings.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(report)
}

/// The mappings that deliveries name are part of what replay needs.
async fn judge_mapping(
    store: &Store,
    tenant: TenantId,
    mapping: Sha256Hash,
    judge: &mut Judge<'_>,
) -> Result<(), RawStoreError> {
    let key = config_key(tenant, mapping);
    let finding = match store.config(tenant, mapping).await {
        Ok(_) => Finding::new(key, State::Ok, ""),
        Err(RawStoreError::Missing { .. }) => Finding::new(
            key,
            State::Lost,
            "deliveries use this version of the tenant's file",
        ),
        Err(RawStoreError::Corrupt { detail, .. }) => Finding::new(key, State::Corrupt, detail),
        Err(RawStoreError::TooLarge { .. }) => {
            Finding::new(key, State::Corrupt, "it is larger than any tenant's file")
        }
        Err(error) => return Err(error),
    };
    judge.add(finding);
    Ok(())
}
