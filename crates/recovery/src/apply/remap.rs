//! Remaps: from an entry on, an entity is read by another mapping than that of the deliveries' entries.

use std::collections::{BTreeMap, BTreeSet};

use catwing_domain::{
    DatasetName, Entity,
    manifest::{EntryNumber, Remap, Sha256Hash},
    tenant_file::{DatasetFile, FeedFile, TenantFile},
};
use catwing_transform::Mapping;

/// What a delivery is read by: the mapping of its entry, but for some entities another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadBy {
    /// The mapping of the delivery's entry.
    pub own: Sha256Hash,
    /// By entity the mapping that a remap puts in its place.
    pub remapped: BTreeMap<String, Sha256Hash>,
}

impl ReadBy {
    /// By the mapping of its entry alone.
    #[must_use]
    pub fn own(own: Sha256Hash) -> Self {
        let remapped = BTreeMap::new();
        Self { own, remapped }
    }

    /// What the ledger calls it: the mapping's own hash where no remap holds, else SHA-256 over the
    /// line `catwing mapping 1`, a line with the own hash, and a line `ENTITY HASH` for each entity in
    /// the order of names; each line ends in a line feed.
    #[must_use]
    pub fn identity(&self) -> Sha256Hash {
        if self.remapped.is_empty() {
            return self.own;
        }
        let mut lines = format!("catwing mapping 1\n{}\n", self.own);
        for (entity, mapping) in &self.remapped {
            lines.push_str(&format!("{entity} {mapping}\n"));
        }
        Sha256Hash::of(lines.as_bytes())
    }
}

/// A delivery that the database holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held {
    pub(super) number: EntryNumber,
    /// The mapping of its entry.
    pub(super) own: Sha256Hash,
    /// What the ledger says that it was read by.
    pub(super) read_by: Sha256Hash,
}

/// The remaps of a manifest, in the order of their entries.
#[derive(Debug, Default)]
pub(super) struct Remaps {
    all: Vec<(EntryNumber, Remap)>,
}

impl Remaps {
    pub(super) fn add(&mut self, number: EntryNumber, remap: Remap) {
        self.all.push((number, remap));
    }

    pub(super) fn count(&self) -> usize {
        self.all.len()
    }

    /// What a delivery is read by if the first so many remaps are in force: of those that hold for an
    /// entity the latest. One that names the mapping of the delivery's own entry changes nothing.
    pub(super) fn read_by(&self, number: EntryNumber, own: Sha256Hash, count: usize) -> ReadBy {
        let mut read_by = ReadBy::own(own);
        for (at, remap) in self.all.iter().take(count) {
            if remap.from <= number && number < *at {
                let entity = remap.entity.clone();
                read_by.remapped.insert(entity, remap.mapping);
            }
        }
        read_by.remapped.retain(|_, mapping| *mapping != own);
        read_by
    }

    /// How many of the remaps, from the first on, the database was made with: as many as explain what
    /// each delivery in it was read by. A database without deliveries that a remap changes is made with
    /// all of them; so is one that is being rebuilt, killed and resumed or not.
    pub(super) fn in_force(&self, held: &[Held]) -> usize {
        let explains = |count: &usize| {
            held.iter()
                .all(|held| self.read_by(held.number, held.own, *count).identity() == held.read_by)
        };
        let mut counts = (0..=self.count()).rev();
        counts.find(explains).unwrap_or(0)
    }

    /// The remaps that something in the database should be read by and was not.
    pub(super) fn due(&self, held: &[Held]) -> Vec<&(EntryNumber, Remap)> {
        let mut due = BTreeSet::new();
        for held in held {
            let read_by = self.read_by(held.number, held.own, self.count());
            if read_by.identity() == held.read_by {
                continue;
            }
            let holding = self.all.iter().enumerate().filter(|(_, (at, remap))| {
                remap.from <= held.number
                    && held.number < *at
                    && read_by.remapped.get(&remap.entity).unwrap_or(&held.own) == &remap.mapping
            });
            due.extend(holding.map(|(index, _)| index));
        }
        due.into_iter()
            .filter_map(|index| self.all.get(index))
            .collect()
    }
}

/// A tenant's file in which one entity is read as another file says.
///
/// # Errors
/// A sentence where the two say different things of what other entities rest on.
pub(super) fn compose(
    own: &TenantFile,
    other: &TenantFile,
    entity: Entity,
) -> Result<TenantFile, String> {
    same_ground(own, other)?;
    let (own_mapping, other_mapping) = (compiled(own)?, compiled(other)?);
    let mut composed = own.clone();
    let mut emptied = BTreeSet::new();
    for (name, dataset) in &mut composed.datasets {
        let mut feeds = declared(name, dataset, entity)?;
        if feeds.remove(entity.name()).is_some() {
            if feeds.is_empty() {
                emptied.insert(name.clone());
            }
            dataset.feeds = feeds;
        }
    }
    let asked: BTreeSet<_> = own
        .datasets
        .keys()
        .flat_map(|name| {
            let others = Entity::ALL.iter().filter(|other| **other != entity);
            others.flat_map(|other| own_mapping.partners_of_feed(name, *other))
        })
        .collect();
    for (name, dataset) in &other.datasets {
        let mut feeds = declared(name, dataset, entity)?;
        let Some(feed) = feeds.remove(entity.name()) else {
            continue;
        };
        let free = emptied.remove(name) && !asked.contains(name);
        take_over(&mut composed, (name, dataset), free)?
            .feeds
            .insert(entity.name().to_owned(), feed);
        for partner in other_mapping.partners_of_feed(name, entity) {
            if let Some(dataset) = other.datasets.get(&partner) {
                take_over(&mut composed, (&partner, dataset), false)?;
            }
        }
    }
    let partners: BTreeSet<_> = other
        .datasets
        .keys()
        .flat_map(|name| other_mapping.partners_of_feed(name, entity))
        .collect();
    for name in emptied {
        let is_asked = asked.contains(&name) || partners.contains(&name);
        if !is_asked {
            composed.datasets.remove(&name);
        } else if !Entity::of_dataset(name.as_str()).is_empty() {
            return Err(format!(
                "datasets.{name} would feed nothing and be asked of, and its name is that of an entity"
            ));
        }
    }
    Ok(composed)
}

/// What rows of all entities rest on is the same in both files.
fn same_ground(own: &TenantFile, other: &TenantFile) -> Result<(), String> {
    let settings = [
        ("client", own.client == other.client),
        ("time_zone", own.time_zone == other.time_zone),
        ("base_currency", own.base_currency == other.base_currency),
        ("key_salt", own.key_salt == other.key_salt),
    ];
    match settings.iter().find(|(_, same)| !same) {
        Some((setting, _)) => Err(format!("{setting} is not the same in both files")),
        None => Ok(()),
    }
}

fn compiled(file: &TenantFile) -> Result<Mapping, String> {
    Mapping::compile(file).map_err(|mistakes| {
        let told: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
        told.join("; ")
    })
}

/// The feeds of a dataset, also where its name alone says what it feeds.
fn declared(
    name: &DatasetName,
    dataset: &DatasetFile,
    entity: Entity,
) -> Result<BTreeMap<String, FeedFile>, String> {
    if !dataset.feeds.is_empty() {
        return Ok(dataset.feeds.clone());
    }
    let entities = Entity::of_dataset(name.as_str());
    if entities.len() > 1 && entities.iter().any(|(of, _)| *of == entity) {
        return Err(format!(
            "datasets.{name} holds records of several entities by its name alone: no one of them can be remapped"
        ));
    }
    let feeds = entities.into_iter();
    let feeds = feeds.map(|(of, _)| (of.name().to_owned(), FeedFile::default()));
    Ok(feeds.collect())
}

/// The dataset that another file reads, in this one: added where it is new, as it is there where nothing
/// else reads it here, else only if both read it alike.
fn take_over<'f>(
    composed: &'f mut TenantFile,
    (name, dataset): (&DatasetName, &DatasetFile),
    free: bool,
) -> Result<&'f mut DatasetFile, String> {
    let bare = || DatasetFile {
        source: None,
        fetch: None,
        feeds: BTreeMap::new(),
        ..dataset.clone()
    };
    let known = composed.datasets.entry(name.clone()).or_insert_with(bare);
    let settings = [
        ("number", known.number == dataset.number),
        ("format", known.format == dataset.format),
        ("completeness", known.completeness == dataset.completeness),
        ("scope", known.scope == dataset.scope),
    ];
    match settings.iter().find(|(_, same)| !same) {
        None => {}
        Some(_) if free => *known = bare(),
        Some((setting, _)) => {
            return Err(format!(
                "datasets.{name}.{setting} is not the same in both files, and other entities rest on it"
            ));
        }
    }
    Ok(known)
}

#[cfg(test)]
mod tests {
    use catwing_domain::{
        Entity,
        manifest::{EntryNumber, Remap, Sha256Hash},
        tenant_file::TenantFile,
    };

    use super::{Held, Remaps, compose};

    fn hash(name: &str) -> Sha256Hash {
        Sha256Hash::of(name.as_bytes())
    }

    fn remaps(all: &[(u64, &str, u64, &str)]) -> Remaps {
        let mut remaps = Remaps::default();
        for (at, entity, from, mapping) in all {
            let remap = Remap {
                entity: (*entity).to_owned(),
                from: EntryNumber(*from),
                mapping: hash(mapping),
            };
            remaps.add(EntryNumber(*at), remap);
        }
        remaps
    }

    #[test]
    fn the_latest_remap_of_an_entity_holds_between_its_first_entry_and_its_own() {
        let remaps = remaps(&[
            (5, "products", 2, "m"),
            (9, "products", 4, "n"),
            (10, "customers", 1, "m"),
        ]);
        let told = |number, count| {
            let read_by = remaps.read_by(EntryNumber(number), hash("own"), count);
            let told = read_by.remapped.into_iter();
            told.map(|(entity, mapping)| (entity, mapping == hash("m")))
                .collect::<Vec<_>>()
        };
        let of = |entity: &str, is_m| (entity.to_owned(), is_m);
        assert_eq!(told(1, 2), []);
        assert_eq!(told(2, 2), [of("products", true)]);
        assert_eq!(told(4, 1), [of("products", true)]);
        assert_eq!(told(4, 2), [of("products", false)]);
        assert_eq!(told(8, 2), [of("products", false)]);
        assert_eq!(told(9, 2), []);
        assert_eq!(told(3, 3), [of("customers", true), of("products", true)]);
        // A delivery that was landed under the mapping is read by it anyway.
        assert_eq!(
            remaps.read_by(EntryNumber(3), hash("m"), 3).identity(),
            hash("m")
        );
    }

    #[test]
    fn what_the_database_holds_says_which_remaps_it_was_made_with() {
        let remaps = remaps(&[(5, "products", 2, "m"), (9, "products", 2, "n")]);
        let held = |number, count| Held {
            number: EntryNumber(number),
            own: hash("own"),
            read_by: remaps
                .read_by(EntryNumber(number), hash("own"), count)
                .identity(),
        };
        assert_eq!(remaps.in_force(&[]), 2);
        assert_eq!(remaps.in_force(&[held(1, 2)]), 2, "none of it is changed");
        assert_eq!(remaps.in_force(&[held(1, 0), held(3, 0)]), 0);
        assert_eq!(remaps.in_force(&[held(1, 0), held(3, 1)]), 1);
        assert_eq!(remaps.in_force(&[held(1, 0), held(3, 2), held(7, 2)]), 2);
        let due = |held: &[Held]| {
            let due = remaps.due(held).into_iter();
            due.map(|(number, _)| number.0).collect::<Vec<_>>()
        };
        assert_eq!(due(&[held(1, 0), held(3, 1)]), [9]);
        assert!(due(&[held(1, 0), held(3, 2)]).is_empty());
    }

    fn file(datasets: &str) -> TenantFile {
        let head =
            "client = \"CW-000200\"\nname = \"x\"\ntime_zone = \"UTC\"\nbase_currency = \"EUR\"\n";
        TenantFile::parse(&format!("{head}{datasets}")).unwrap()
    }

    const OWN: &str = "[datasets.products]\nnumber = 1\n[datasets.people]\nnumber = 2\n\
        [datasets.people.feeds.customers]\n[datasets.people.feeds.suppliers]\n";

    #[test]
    fn one_entity_is_taken_from_the_other_file() {
        let other = OWN.replace(
            "[datasets.people.feeds.customers]\n",
            "[datasets.people.feeds.customers.fields]\nexternal_id = \"id\"\n",
        );
        let composed = compose(&file(OWN), &file(&other), Entity::Customers).unwrap();
        assert_eq!(composed, file(&other));
        let composed = compose(&file(OWN), &file(&other), Entity::Suppliers).unwrap();
        assert_eq!(composed, file(OWN));
    }

    #[test]
    fn a_dataset_that_feeds_nothing_else_may_be_read_otherwise() {
        let csv = "[datasets.products]\nnumber = 1\nformat = { type = \"csv\" }\n";
        let composed = compose(&file(OWN), &file(csv), Entity::Products).unwrap();
        let products = &composed.datasets[&"products".parse().unwrap()];
        assert_eq!(
            products.format,
            file(csv).datasets[&"products".parse().unwrap()].format
        );
        let elsewhere = "[datasets.goods]\nnumber = 9\n[datasets.goods.feeds.products]\n";
        let composed = compose(&file(OWN), &file(elsewhere), Entity::Products).unwrap();
        let names: Vec<_> = composed.datasets.keys().map(|name| name.as_str()).collect();
        assert_eq!(names, ["goods", "people"]);
    }

    #[test]
    fn what_other_entities_rest_on_must_agree() {
        let refused = |other: &str, entity| compose(&file(OWN), &file(other), entity).unwrap_err();
        let csv = "[datasets.people]\nnumber = 2\nformat = { type = \"ndjson\" }\n[datasets.people.feeds.customers]\n";
        assert!(refused(csv, Entity::Customers).contains("datasets.people.format is not the same"));
        let snapshot = csv.replace(
            "format = { type = \"ndjson\" }",
            "completeness = \"snapshot\"",
        );
        assert!(refused(&snapshot, Entity::Customers).contains("datasets.people.completeness"));
        let mut zone = file(OWN);
        zone.time_zone = "Europe/Sofia".into();
        let told = compose(&file(OWN), &zone, Entity::Products).unwrap_err();
        assert!(told.contains("time_zone is not the same"));
    }
}
