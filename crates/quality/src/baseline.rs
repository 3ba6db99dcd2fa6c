//! What a delivery is compared with: the deliveries before it, as the books of loads and the journals of
//! the gate have them.

use std::collections::BTreeMap;

use catwing_domain::{BusinessDay, Entity, TenantId};
use sea_orm::sqlx::{self, PgConnection, PgPool};

use crate::{QualityError, check::CheckKind, profile::Profile, store::begin};

/// Days before a business day that are looked back on: eight of the same weekday, and one.
const DAYS_BACK: i32 = 63;
/// Days before a business day whose reports are looked back on.
const REPORTS_BACK: i32 = 63;

/// What one delivery of a dataset brought of one kind of record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Past {
    /// Its business day.
    pub day: BusinessDay,
    /// Records.
    pub records: f64,
}

/// A number that the gate has measured of an earlier day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// The business day.
    pub day: BusinessDay,
    /// The number.
    pub value: f64,
}

/// What a delivery is compared with; all lists have the newest first.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    /// By dataset and entity, the deliveries of the days before.
    pub volumes: BTreeMap<(String, Entity), Vec<Past>>,
    /// By check and measure, what the gate saw on the days before, without what it refused.
    pub measures: BTreeMap<(String, String), Vec<Measured>>,
    /// Of the products that the delivery refers to without describing them, those that some record has
    /// described.
    pub products_known: u64,
}

impl Baseline {
    /// Reads what a delivery of a day is compared with.
    ///
    /// # Errors
    /// [`QualityError::Begin`], [`QualityError::ReadHistory`].
    pub async fn read(
        pool: &PgPool,
        tenant: TenantId,
        day: BusinessDay,
        profile: &Profile,
    ) -> Result<Self, QualityError> {
        let mut transaction = begin(pool, tenant).await?;
        let failed = |source| QualityError::ReadHistory { tenant, source };
        let volumes = volumes(&mut transaction, day).await.map_err(failed)?;
        let measures = measures(&mut transaction, day).await.map_err(failed)?;
        let known = known(&mut transaction, &profile.only_referred()).await;
        let products_known = known.map_err(failed)?;
        transaction.rollback().await.map_err(failed)?;
        Ok(Self {
            volumes,
            measures,
            products_known,
        })
    }

    pub(crate) fn measured(&self, check: &str, measure: &str) -> &[Measured] {
        let key = (check.to_owned(), measure.to_owned());
        self.measures.get(&key).map_or(&[], Vec::as_slice)
    }
}

/// The dataset of an object is its name's first part; each revision is a delivery of its own.
async fn volumes(
    connection: &mut PgConnection,
    day: BusinessDay,
) -> Result<BTreeMap<(String, Entity), Vec<Past>>, sqlx::Error> {
    let query = "select split_part(substring(counts.object_key from '[^/]*$'), '.', 1) as dataset, \
             coalesce(substring(counts.object_key from '[.]r([0-9]+)[.][^/]*$')::int, 1) as revision, \
             counts.entity, ledger.business_day::text, sum(counts.records_read)::float8 \
         from load_ledger as ledger join load_counts as counts using (entry_number) \
         where ledger.kind = 'delivery' and ledger.business_day < $1::text::date \
             and ledger.business_day >= $1::text::date - $2::int \
         group by dataset, revision, counts.entity, ledger.business_day, ledger.entry_number \
         order by ledger.business_day desc, ledger.entry_number desc, revision desc";
    let rows: Vec<(String, i32, String, String, f64)> = sqlx::query_as(query)
        .bind(day.to_string())
        .bind(DAYS_BACK)
        .fetch_all(connection)
        .await?;
    let mut volumes = BTreeMap::<_, Vec<_>>::new();
    for (dataset, _, entity, day, records) in rows {
        if let (Some(entity), Ok(day)) = (Entity::named(&entity), day.parse()) {
            let past = Past { day, records };
            volumes.entry((dataset, entity)).or_default().push(past);
        }
    }
    Ok(volumes)
}

/// Of a day that was judged twice the last judgement counts.
async fn measures(
    connection: &mut PgConnection,
    day: BusinessDay,
) -> Result<BTreeMap<(String, String), Vec<Measured>>, sqlx::Error> {
    let kinds = [CheckKind::Nulls, CheckKind::Anomaly].map(CheckKind::name);
    let query = "select distinct on (checks.name, measured.key, runs.run_date) \
             checks.name, measured.key, runs.run_date::text, measured.value::text::float8 \
         from data_quality_runs as runs \
         join data_quality_check_reports as reports on reports.data_quality_run_id = runs.id \
         join data_quality_checks as checks on checks.id = reports.data_quality_check_id \
         cross join jsonb_each(coalesce(reports.details -> 'measures', '{}')) as measured \
         join data_quality_gate_decisions as decisions \
             on decisions.id = runs.data_quality_gate_decision_id and decisions.name <> 'halted' \
         where split_part(checks.name, '.', 2) = any($3) \
             and runs.run_date < $1::text::date and runs.run_date >= $1::text::date - $2::int \
         order by checks.name, measured.key, runs.run_date desc, runs.id desc";
    let rows: Vec<(String, String, String, f64)> = sqlx::query_as(query)
        .bind(day.to_string())
        .bind(REPORTS_BACK)
        .bind(kinds.map(str::to_owned).to_vec())
        .fetch_all(connection)
        .await?;
    let mut measures = BTreeMap::<_, Vec<_>>::new();
    for (check, measure, day, value) in rows {
        if let Ok(day) = day.parse() {
            let measured = Measured { day, value };
            measures.entry((check, measure)).or_default().push(measured);
        }
    }
    Ok(measures)
}

async fn known(connection: &mut PgConnection, ids: &[i64]) -> Result<u64, sqlx::Error> {
    if ids.is_empty() {
        return Ok(0);
    }
    let query = "select count(*) from products where id = any($1) and source_rank > 0";
    let count: i64 = sqlx::query_scalar(query)
        .bind(ids)
        .fetch_one(connection)
        .await?;
    Ok(count.unsigned_abs())
}

/// The middle of some numbers; none of none.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    match sorted.len() % 2 {
        1 => Some(upper),
        _ => {
            let lower = sorted.get(middle.saturating_sub(1))?;
            Some(f64::midpoint(*lower, upper))
        }
    }
}

/// What nine of ten numbers don't exceed; none of none.
#[must_use]
pub fn ninth_tenth(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (sorted.len() * 9).div_ceil(10);
    sorted.get(rank.checked_sub(1)?).copied()
}

/// The average and the standard deviation of some numbers; none of none.
#[must_use]
pub fn mean_and_deviation(values: &[f64]) -> Option<(f64, f64)> {
    if values.is_empty() {
        return None;
    }
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    Some((mean, (squares / count).sqrt()))
}

#[cfg(test)]
mod tests {
    use super::{mean_and_deviation, median, ninth_tenth};

    #[test]
    fn the_middle_does_not_follow_one_odd_day() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0]), Some(3.0));
        assert_eq!(median(&[1.0, 100.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 100.0]), Some(3.0));
    }

    #[test]
    fn one_day_of_ten_does_not_count() {
        assert_eq!(ninth_tenth(&[]), None);
        assert_eq!(ninth_tenth(&[1.0, 3.0, 2.0]), Some(3.0));
        let ten: Vec<_> = (1..=10).map(f64::from).collect();
        assert_eq!(ninth_tenth(&ten), Some(9.0));
    }

    #[test]
    fn deviations_are_of_all_days() {
        assert_eq!(mean_and_deviation(&[]), None);
        assert_eq!(mean_and_deviation(&[2.0, 4.0]), Some((3.0, 1.0)));
    }
}
