//! Datasets that others ask of: whose rows are lines of another's records, or are looked at.

use std::collections::{BTreeMap, BTreeSet};

use catwing_domain::DatasetName;

use crate::{
    feed::{self, Feed},
    lookup::LookupPlan,
    mapping::DatasetMapping,
    scribe::Scribe,
};

/// The other datasets that one asks of.
#[derive(Debug, Default)]
pub(crate) struct Partners {
    /// Those whose rows are lines of its records.
    pub(crate) joined: BTreeSet<DatasetName>,
    /// Those that it looks values up in.
    pub(crate) looked_up: BTreeSet<DatasetName>,
}

impl DatasetMapping {
    /// The datasets that its feeds ask of.
    pub(crate) fn partners(&self, lookups: &[LookupPlan]) -> Partners {
        let mut partners = Partners::default();
        for feed in &self.feeds {
            let joined = feed.join.iter().map(|join| join.dataset.clone());
            partners.joined.extend(joined);
            let plans = feed
                .looked_up
                .iter()
                .filter_map(|lookup| lookups.get(*lookup));
            let looked_up = plans.map(|plan| plan.dataset.clone());
            partners.looked_up.extend(looked_up);
        }
        partners
    }
}

/// A dataset feeds an entity, or is asked of by one that does. It is asked of by one dataset and in
/// one way, and feeds none of the same entities: each of its rows is accounted for once.
pub(crate) fn check(scribe: &mut Scribe<'_>, datasets: &BTreeMap<DatasetName, DatasetMapping>) {
    let mut uses: BTreeMap<&DatasetName, (&DatasetName, bool)> = BTreeMap::new();
    let lookups: Vec<_> = scribe
        .lookups
        .iter()
        .map(|plan| plan.dataset.clone())
        .collect();
    for dataset in datasets.values() {
        for feed in &dataset.feeds {
            let joined = feed.join.iter().map(|join| (&join.dataset, true));
            let looked_up = feed
                .looked_up
                .iter()
                .filter_map(|lookup| lookups.get(*lookup));
            for (partner, is_join) in joined.chain(looked_up.map(|partner| (partner, false))) {
                let at = format!("datasets.{}.feeds.{}", dataset.name, feed.entity.name());
                let used = *uses.entry(partner).or_insert((&dataset.name, is_join));
                if used != (&dataset.name, is_join) {
                    let by = used.0;
                    let message = format!(
                        "{partner} is asked of already, by {by}: a dataset gives either lines to another or values to be looked up"
                    );
                    scribe.mistake(&at, message);
                }
                let same = |other: &Feed| other.entity == feed.entity;
                if datasets
                    .get(partner)
                    .is_some_and(|partner| partner.feeds.iter().any(same))
                {
                    let entity = feed.entity.name();
                    let message = format!(
                        "{partner} feeds {entity} itself, so it can't be asked of by another one's {entity}"
                    );
                    scribe.mistake(&at, message);
                }
            }
        }
    }
    for dataset in datasets.values() {
        if dataset.feeds.is_empty() && !uses.contains_key(&dataset.name) && scribe.is_good() {
            feed::unknown_entity(
                scribe,
                &format!("datasets.{}", dataset.name),
                dataset.name.as_str(),
            );
        }
    }
}
