//! What is remembered of a delivery, and for how long.

use catwing_domain::{Cell, Output, Place, RawPosition, Revision, RowKey, TableId, Unit, Version};

use super::{Flaw, KEYS_MAX, Profile, SAMPLES_MAX};
use catwing_domain::Entity;

fn unit(revision: u16, page: Option<u32>, ordinal: u64, key: u64, object: usize) -> Unit {
    let dataset = 3.try_into().unwrap();
    let day = "2026-02-01".parse().unwrap();
    let revision = Revision::new(revision).unwrap();
    let place = Place { page, ordinal };
    Unit {
        table: TableId::Customers,
        id: RowKey::of(TableId::Customers, "", &[Some(&key.to_string())]).unwrap(),
        version: Version {
            source_version: "2026-02-01T12:00:00Z".parse().unwrap(),
            raw_position: RawPosition::new(day, revision, dataset, place).unwrap(),
        },
        content: 0,
        object,
    }
}

fn profile(units: Vec<Unit>) -> Profile {
    let mut profile = Profile::new("2026-02-01".parse().unwrap());
    let output = Output {
        units,
        ..Output::default()
    };
    profile.look(&output);
    profile
}

fn repeated(profile: &Profile) -> u64 {
    let finds = profile.finds(Entity::Customers, Flaw::RepeatedKey);
    finds.map_or(0, |finds| finds.count)
}

#[test]
fn another_revision_may_say_the_same_again() {
    let same = profile(vec![unit(1, None, 0, 7, 0), unit(1, None, 1, 7, 0)]);
    assert_eq!(repeated(&same), 1);
    let revisions = profile(vec![unit(1, None, 0, 7, 0), unit(2, None, 0, 7, 1)]);
    assert_eq!(repeated(&revisions), 0);
}

#[test]
fn a_key_is_found_again_on_another_page_and_its_place_is_told() {
    let pages = [Some(1), Some(2)];
    let units = vec![unit(1, Some(1), 4, 7, 0), unit(1, Some(2), 9, 7, 1)];
    let profile = profile(units);
    let finds = profile
        .finds(Entity::Customers, Flaw::RepeatedKey)
        .expect("a find");
    let spot = finds.spots.first().expect("a spot");
    assert_eq!(profile.place(spot.position, &pages), Some((1, 9)));
}

#[test]
fn samples_are_few_and_the_count_is_whole() {
    let units = (0..50).map(|ordinal| unit(1, None, ordinal, 7, 0));
    let profile = profile(units.collect());
    let finds = profile
        .finds(Entity::Customers, Flaw::RepeatedKey)
        .expect("finds");
    assert_eq!((finds.count, finds.spots.len()), (49, SAMPLES_MAX));
}

#[test]
fn memory_does_not_grow_with_keys() {
    let mut profile = Profile::new("2026-02-01".parse().unwrap());
    let mut output = Output::default();
    let rows = output.rows(TableId::Products);
    let columns = TableId::Products.table().columns;
    for key in 0..=KEYS_MAX as i64 {
        let mut writer = rows.row();
        for column in columns {
            writer = writer.cell(match column.name {
                "id" => Cell::Key(key),
                "source_rank" => Cell::Small(0),
                _ => Cell::Null,
            });
        }
    }
    profile.look(&output);
    assert!(profile.is_full());
    assert_eq!(profile.only_referred().len(), KEYS_MAX);
    profile.look(&output);
    assert_eq!(profile.only_referred().len(), KEYS_MAX);
    profile.forget_keys();
    assert!(profile.only_referred().is_empty());
}
