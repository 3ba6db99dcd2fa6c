//! Says where two digests differ, or why they can't be compared.

use std::{collections::BTreeSet, fmt::Debug};

use catwing_domain::BusinessDay;

use super::{DayDigest, TableDigest, TenantDigest};
use crate::RecoveryError;

/// What a comparison found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Both databases hold the same.
    Equal,
    /// These tables differ, in the order of names; never empty.
    Different(Vec<TableDifference>),
}

/// A table that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableDifference {
    /// Its name.
    pub table: String,
    /// Rows in the first database; none where it has no such table.
    pub left_rows: Option<u64>,
    /// Rows in the second database; none where it has no such table.
    pub right_rows: Option<u64>,
    /// The days that differ, in order; empty where a digest carries no days.
    pub days: Vec<DayDifference>,
}

/// A business day on which a table differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayDifference {
    /// The day that the rows came from.
    pub day: BusinessDay,
    /// Rows in the first database.
    pub left_rows: u64,
    /// Rows in the second database.
    pub right_rows: u64,
}

/// Compares two digests of one tenant.
///
/// # Errors
/// [`RecoveryError::Incomparable`] for digests of different tenants, encodings, transform versions
/// or mappings: rows differ then by right.
pub fn compare(left: &TenantDigest, right: &TenantDigest) -> Result<Comparison, RecoveryError> {
    comparable(
        "clients",
        &left.client.to_string(),
        &right.client.to_string(),
    )?;
    comparable(
        "encodings of rows",
        &left.encoding_version,
        &right.encoding_version,
    )?;
    comparable(
        "transform versions",
        &left.transform_versions,
        &right.transform_versions,
    )?;
    comparable("mappings", &left.mappings, &right.mappings)?;

    let names: BTreeSet<&String> = left.tables.keys().chain(right.tables.keys()).collect();
    let different: Vec<_> = names
        .into_iter()
        .filter_map(|name| table_difference(name, left.tables.get(name), right.tables.get(name)))
        .collect();
    if different.is_empty() {
        return Ok(Comparison::Equal);
    }
    Ok(Comparison::Different(different))
}

fn comparable<T: PartialEq + Debug>(
    what: &'static str,
    left: &T,
    right: &T,
) -> Result<(), RecoveryError> {
    if left == right {
        return Ok(());
    }
    Err(RecoveryError::Incomparable {
        what,
        left: format!("{left:?}"),
        right: format!("{right:?}"),
    })
}

fn table_difference(
    name: &str,
    left: Option<&TableDigest>,
    right: Option<&TableDigest>,
) -> Option<TableDifference> {
    let sums = |table: Option<&TableDigest>| table.map(|table| (table.rows, table.digest));
    if sums(left) == sums(right) {
        return None;
    }
    let days = match (left, right) {
        (Some(left), Some(right)) => day_differences(left, right),
        _ => Vec::new(),
    };
    Some(TableDifference {
        table: name.to_owned(),
        left_rows: left.map(|table| table.rows),
        right_rows: right.map(|table| table.rows),
        days,
    })
}

fn day_differences(left: &TableDigest, right: &TableDigest) -> Vec<DayDifference> {
    // A digest that was saved without days says nothing of any day, not that all are empty.
    let silent = |table: &TableDigest| table.rows > 0 && table.days.is_empty();
    if silent(left) || silent(right) {
        return Vec::new();
    }
    let nothing = DayDigest::default();
    let days: BTreeSet<&BusinessDay> = left.days.keys().chain(right.days.keys()).collect();
    days.into_iter()
        .filter_map(|day| {
            let left = left.days.get(day).unwrap_or(&nothing);
            let right = right.days.get(day).unwrap_or(&nothing);
            (left != right).then_some(DayDifference {
                day: *day,
                left_rows: left.rows,
                right_rows: right.rows,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Comparison, compare};
    use crate::digest::{DayDigest, ENCODING_VERSION, TableDigest, TenantDigest};

    fn digest(days: &[(&str, u64, &str)]) -> TenantDigest {
        let days: BTreeMap<_, _> = days
            .iter()
            .map(|(day, rows, last)| {
                let digest = format!("{last:0>32}").parse().unwrap();
                (
                    day.parse().unwrap(),
                    DayDigest {
                        rows: *rows,
                        digest,
                    },
                )
            })
            .collect();
        let whole = days
            .values()
            .fold(DayDigest::default(), |sum, day| DayDigest {
                rows: sum.rows + day.rows,
                digest: sum.digest.and(day.digest),
            });
        let table = TableDigest {
            rows: whole.rows,
            digest: whole.digest,
            days,
        };
        let tables = BTreeMap::from([("products".to_owned(), table)]);
        TenantDigest {
            client: "CW-000200".parse().unwrap(),
            digest: TenantDigest::of_tables(&tables),
            encoding_version: ENCODING_VERSION,
            transform_versions: vec![1],
            mappings: vec!["aa".into()],
            tables,
        }
    }

    #[test]
    fn differences_are_walked_down_to_days() {
        let left = digest(&[("2011-01-18", 2, "a"), ("2011-01-19", 1, "b")]);
        let right = digest(&[
            ("2011-01-18", 2, "a"),
            ("2011-01-19", 1, "c"),
            ("2011-01-20", 1, "1"),
        ]);
        assert_eq!(compare(&left, &left).unwrap(), Comparison::Equal);
        let Comparison::Different(tables) = compare(&left, &right).unwrap() else {
            panic!("they differ");
        };
        assert_eq!(
            (tables[0].left_rows, tables[0].right_rows),
            (Some(3), Some(4))
        );
        let days: Vec<_> = tables[0]
            .days
            .iter()
            .map(|day| day.day.to_string())
            .collect();
        assert_eq!(days, ["2011-01-19", "2011-01-20"]);

        let Comparison::Different(tables) = compare(&left.without_days(), &right).unwrap() else {
            panic!("they differ");
        };
        assert!(tables[0].days.is_empty());
    }

    #[test]
    fn a_table_that_one_side_lacks_is_a_difference() {
        let left = digest(&[]);
        let mut right = left.clone();
        right.tables.clear();
        let Comparison::Different(tables) = compare(&left, &right).unwrap() else {
            panic!("they differ");
        };
        assert_eq!((tables[0].left_rows, tables[0].right_rows), (Some(0), None));
    }

    #[test]
    fn digests_that_differ_by_right_are_refused() {
        let left = digest(&[]);
        let refused = |change: fn(&mut TenantDigest)| {
            let mut right = left.clone();
            change(&mut right);
            compare(&left, &right).unwrap_err().to_string()
        };
        assert!(refused(|d| d.client = "CW-000201".parse().unwrap()).contains("different clients"));
        assert!(refused(|d| d.encoding_version += 1).contains("encodings"));
        assert!(refused(|d| d.transform_versions.push(2)).contains("transform versions"));
        assert!(refused(|d| d.mappings[0] = "bb".into()).contains("different mappings"));
    }
}
