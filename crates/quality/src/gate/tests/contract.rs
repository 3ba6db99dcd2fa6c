//! The check of a contract.

use catwing_domain::{DriftField, DriftKind, DriftSeen, Entity};

use super::Case;

#[test]
fn a_frozen_contract_admits_no_other_fields() {
    let mut case = Case::of(Entity::Products, 3);
    let differs = |kind, path: &str| DriftField {
        entity: Entity::Products,
        kind,
        path: path.to_owned(),
    };
    let seen = DriftSeen {
        object: 0,
        ordinal: 1,
        records: 2,
    };
    case.drift
        .insert(differs(DriftKind::Unknown, "colour"), seen);
    case.drift.insert(differs(DriftKind::Missing, "size"), seen);
    let contract = |case: &Case| {
        let findings = case.findings().into_iter();
        let mut of = findings.filter(|finding| finding.check == "products.contract");
        of.next()
    };
    assert_eq!(contract(&case), None, "it may evolve");
    case.is_frozen = true;
    let finding = contract(&case).unwrap();
    assert!(finding.is_critical(), "{finding:?}");
    assert_eq!((finding.observed, finding.affected_rows), (Some(2.0), 2));
    assert_eq!(
        finding.message,
        "its contract is frozen, and 2 of its fields differ: \"colour\", \"size\"; \
         use them in the mapping, or loosen the contract"
    );
    let places: Vec<_> = finding
        .samples
        .iter()
        .map(|sample| (sample.ordinal, sample.field.as_deref()))
        .collect();
    assert_eq!(places, [(1, Some("colour")), (1, Some("size"))]);
    case.drift.clear();
    assert!(contract(&case).unwrap().is_passed);
}
