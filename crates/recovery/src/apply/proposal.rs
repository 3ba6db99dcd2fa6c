//! A remap before it is sealed: whether every delivery that it would hold for can be read so.

use std::collections::BTreeSet;

use catwing_domain::{
    Entity, TenantId,
    manifest::{Body, EntryNumber, Remap},
    tenant_file::TenantFile,
};
use catwing_raw_store::{Manifest, Store};
use futures_util::TryStreamExt;

use super::{
    mappings::{Mappings, Wanted},
    remap::Remaps,
};
use crate::RecoveryError;

/// What a remap would change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proposal {
    /// Deliveries that would be read otherwise.
    pub deliveries: u64,
}

/// Makes sure that a remap could be applied: that its file can be put in the place of each one that
/// deliveries in its range were landed under.
///
/// # Errors
/// [`RecoveryError::Remap`] with what is in the way; [`RecoveryError::ReadArchive`].
pub async fn propose_remap(
    store: &Store,
    client: TenantId,
    remap: &Remap,
    file: TenantFile,
) -> Result<Proposal, RecoveryError> {
    let refused = |reason: String| RecoveryError::Remap {
        client,
        number: remap.from,
        entity: remap.entity.clone(),
        hash: remap.mapping,
        reason,
    };
    if Entity::named(&remap.entity).is_none() {
        let known: Vec<_> = Entity::ALL.iter().map(|entity| entity.name()).collect();
        let known = known.join(", ");
        return Err(refused(format!(
            "there is no such entity: there is {known}"
        )));
    }
    let mut mappings = Mappings::with(remap.mapping, file);
    let (mut proposal, mut remaps) = (Proposal::default(), Remaps::default());
    let mut deliveries = Vec::new();
    let mut newest = EntryNumber(0);
    let mut entries = std::pin::pin!(Manifest::of(store, client).entries(None));
    let read_archive = |source| RecoveryError::ReadArchive {
        client,
        source: Box::new(source),
    };
    while let Some(sealed) = entries.try_next().await.map_err(read_archive)? {
        newest = sealed.entry.number;
        match sealed.entry.body {
            Body::Remap(earlier) => remaps.add(newest, earlier),
            Body::Delivery(delivery) if newest >= remap.from => {
                deliveries.push((newest, delivery.mapping));
            }
            _ => {}
        }
    }
    let before = remaps.count();
    remaps.add(newest.next(), remap.clone());
    let mut checked = BTreeSet::new();
    for (number, own) in deliveries {
        let read_by = remaps.read_by(number, own, remaps.count());
        if read_by == remaps.read_by(number, own, before) {
            continue;
        }
        proposal.deliveries += 1;
        if checked.insert(read_by.identity()) {
            let wanted = Wanted {
                store,
                client,
                number,
            };
            mappings.get(wanted, &read_by).await?;
        }
    }
    Ok(proposal)
}
