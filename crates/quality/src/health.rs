//! The health monitor: what the loaded tables do from one day to the next. It warns and halts nothing.

mod metric;

use std::collections::BTreeMap;

use catwing_domain::{BusinessDay, TableId, TenantId};
use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection, PgPool};
use serde::Serialize;

use crate::{QualityError, baseline::median, check::word, store::begin};
use metric::{METRICS, Metric, Scale};

/// Days that a median is of.
const DAYS_BACK: u16 = 28;
/// Days that there must have been, for a median to say something.
const DAYS_MIN: usize = 7;
/// Days of the same weekday that there must have been.
const WEEKDAYS_MIN: usize = 3;
/// Counts and sums below it, before and now, say nothing.
const AMOUNT_MIN: f64 = 20.0;

/// How grave a shift is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HealthSeverity {
    /// As ever.
    Info,
    /// Somebody should look.
    Warning,
    /// Somebody should look at once.
    ExtremeShift,
}

impl HealthSeverity {
    /// Its word in `data_health_severities`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::ExtremeShift => "extreme shift",
        }
    }
}

/// What one number of a table does.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HealthReport {
    /// The table.
    pub table: &'static str,
    /// What was measured.
    pub metric: &'static str,
    /// What it usually is; none without enough days before.
    pub previous: Option<f64>,
    /// What it is.
    pub current: f64,
    /// The change by what it usually is; none where that is none or zero.
    pub shift_ratio: Option<f64>,
    /// How grave that is.
    pub severity: HealthSeverity,
    /// What it means, for a person.
    pub message: String,
}

/// Measures the tables of a tenant on a business day, compares them with the 28 days before and with the
/// same weekday of them, and writes it to `data_health_reports`. What happened on a day that no report
/// tells of is read from that day's rows; nothing older is looked at.
///
/// # Errors
/// [`QualityError::Begin`], [`QualityError::Measure`], [`QualityError::Record`].
pub async fn measure(
    pool: &PgPool,
    tenant: TenantId,
    step_run: i64,
    day: BusinessDay,
) -> Result<Vec<HealthReport>, QualityError> {
    let mut transaction = begin(pool, tenant).await?;
    let mut told = told(&mut transaction, day)
        .await
        .map_err(|source| QualityError::Measure {
            tenant,
            metric: "what was measured before",
            source,
        })?;
    let mut reports = Vec::new();
    for metric in METRICS {
        let mut before = told
            .remove(&(metric.table.to_owned(), metric.name.to_owned()))
            .unwrap_or_default();
        let current = look(&mut transaction, metric, day, &mut before);
        let current = current.await.map_err(|source| QualityError::Measure {
            tenant,
            metric: metric.name,
            source,
        })?;
        // A day without data is no alarm.
        if let Some(current) = current {
            reports.push(report(metric, current, day, &before));
        }
    }
    let failed = |source| QualityError::Record { tenant, source };
    write(&mut transaction, step_run, day, &reports)
        .await
        .map_err(failed)?;
    transaction.commit().await.map_err(failed)?;
    Ok(reports)
}

type Before = BTreeMap<BusinessDay, f64>;

fn first_day(day: BusinessDay) -> BusinessDay {
    BusinessDay::from_number(day.number().saturating_sub(DAYS_BACK))
}

/// What reports of the days before say.
async fn told(
    connection: &mut PgConnection,
    day: BusinessDay,
) -> Result<BTreeMap<(String, String), Before>, sqlx::Error> {
    let query = "select table_name, metric_name, snapshot_date::text, current_value \
         from data_health_reports \
         where snapshot_date >= $1::text::date and snapshot_date < $2::text::date \
             and current_value is not null";
    let rows: Vec<(String, String, String, f64)> = sqlx::query_as(query)
        .bind(first_day(day).to_string())
        .bind(day.to_string())
        .fetch_all(connection)
        .await?;
    let mut told = BTreeMap::<_, Before>::new();
    for (table, metric, day, value) in rows {
        if let Ok(day) = day.parse() {
            told.entry((table, metric)).or_default().insert(day, value);
        }
    }
    Ok(told)
}

/// The number of the day, and those of days before that no report tells of.
async fn look(
    connection: &mut PgConnection,
    metric: &Metric,
    day: BusinessDay,
    before: &mut Before,
) -> Result<Option<f64>, sqlx::Error> {
    if !metric.is_of_days {
        return sqlx::query_scalar(AssertSqlSafe(metric.query))
            .fetch_one(connection)
            .await;
    }
    let untold = (first_day(day).number()..=day.number()).map(BusinessDay::from_number);
    let untold = untold.filter(|day| !before.contains_key(day));
    let untold: Vec<_> = untold.map(|day| day.to_string()).collect();
    let rows: Vec<(String, f64)> = sqlx::query_as(AssertSqlSafe(metric.query))
        .bind(untold)
        .fetch_all(connection)
        .await?;
    for (day, value) in rows {
        if let Ok(day) = day.parse() {
            before.insert(day, value);
        }
    }
    Ok(before.remove(&day))
}

fn report(metric: &Metric, current: f64, day: BusinessDay, before: &Before) -> HealthReport {
    let all: Vec<_> = before.values().copied().collect();
    let same = before
        .iter()
        .filter(|(other, _)| other.number() % 7 == day.number() % 7);
    let same: Vec<_> = same.map(|(_, value)| *value).collect();
    let usual = median(&all).filter(|_| all.len() >= DAYS_MIN);
    let weekday = median(&same).filter(|_| same.len() >= WEEKDAYS_MIN);
    // A Sunday is compared with Sundays, and is no alarm where it is like all days.
    let compared = [usual, weekday].into_iter().flatten();
    let nearest = compared.min_by(|one, other| {
        let distance = |previous: &f64| (current - previous).abs();
        distance(one).total_cmp(&distance(other))
    });
    let severity = nearest.map_or(HealthSeverity::Info, |previous| {
        severity(metric.scale, previous, current)
    });
    let shift_ratio = nearest
        .filter(|previous| *previous != 0.0)
        .map(|previous| (current - previous) / previous.abs());
    HealthReport {
        table: metric.table,
        metric: metric.name,
        previous: nearest,
        current,
        shift_ratio,
        severity,
        message: match nearest {
            None => format!(
                "{} of {} is {}; too few days before to compare with",
                metric.name,
                metric.table,
                shown(current)
            ),
            Some(previous) => format!(
                "{} of {} is {}; in the {} days before it was {}",
                metric.name,
                metric.table,
                shown(current),
                all.len(),
                shown(previous)
            ),
        },
    }
}

fn severity(scale: Scale, previous: f64, current: f64) -> HealthSeverity {
    let (shift, limits) = match scale {
        Scale::Share => ((current - previous).abs(), (0.2, 0.5)),
        Scale::Flow | Scale::Stock => {
            let (less, more) = (
                previous.abs().min(current.abs()),
                previous.abs().max(current.abs()),
            );
            if more < AMOUNT_MIN {
                return HealthSeverity::Info;
            }
            // One is below zero and the other above: nothing could be further apart.
            let is_turned = previous * current < 0.0;
            let shift = match less == 0.0 || is_turned {
                true => f64::INFINITY,
                false => more / less,
            };
            let limits = match scale {
                Scale::Flow => (3.0, 10.0),
                _ => (1.5, 3.0),
            };
            (shift, limits)
        }
    };
    match shift {
        shift if shift >= limits.1 => HealthSeverity::ExtremeShift,
        shift if shift >= limits.0 => HealthSeverity::Warning,
        _ => HealthSeverity::Info,
    }
}

fn shown(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

async fn write(
    connection: &mut PgConnection,
    step_run: i64,
    day: BusinessDay,
    reports: &[HealthReport],
) -> Result<(), sqlx::Error> {
    let statement = "insert into data_health_reports (pipeline_step_run_id, snapshot_date, table_name, \
             metric_name, previous_value, current_value, shift_ratio, data_health_severity_id, message) \
         select $1, $2::text::date, told.* from unnest($3::text[], $4::text[], $5::float8[], $6::float8[], \
             $7::float8[], $8::bigint[], $9::text[]) as told \
         on conflict (snapshot_date, table_name, metric_name) do update set \
             pipeline_step_run_id = excluded.pipeline_step_run_id, \
             previous_value = excluded.previous_value, current_value = excluded.current_value, \
             shift_ratio = excluded.shift_ratio, \
             data_health_severity_id = excluded.data_health_severity_id, message = excluded.message";
    let tables = reports.iter().map(|report| report.table.to_owned());
    let metrics = reports.iter().map(|report| report.metric.to_owned());
    let severities = reports
        .iter()
        .map(|report| word(TableId::DataHealthSeverities, report.severity.name()));
    let numbers = |of: fn(&HealthReport) -> Option<f64>| reports.iter().map(of).collect::<Vec<_>>();
    let messages = reports.iter().map(|report| report.message.clone());
    sqlx::query(statement)
        .bind(step_run)
        .bind(day.to_string())
        .bind(tables.collect::<Vec<_>>())
        .bind(metrics.collect::<Vec<_>>())
        .bind(numbers(|report| report.previous))
        .bind(numbers(|report| Some(report.current)))
        .bind(numbers(|report| report.shift_ratio))
        .bind(severities.collect::<Vec<_>>())
        .bind(messages.collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use catwing_domain::BusinessDay;

    use super::{Before, HealthSeverity, METRICS, report};

    fn before(day: BusinessDay, value: impl Fn(u16) -> f64) -> Before {
        (1..=28)
            .map(|back| {
                let day = BusinessDay::from_number(day.number() - back);
                (day, value(back))
            })
            .collect()
    }

    #[test]
    fn a_day_is_compared_with_what_is_usual_and_with_its_weekday() {
        let day: BusinessDay = "2026-02-01".parse().unwrap();
        let orders = METRICS
            .iter()
            .find(|metric| metric.name == "documents")
            .unwrap();
        let sundays = before(day, |back| if back % 7 == 0 { 20.0 } else { 200.0 });
        let quiet = report(orders, 20.0, day, &sundays);
        assert_eq!(
            (quiet.severity, quiet.previous),
            (HealthSeverity::Info, Some(20.0))
        );
        let like_others = report(orders, 190.0, day, &sundays);
        assert_eq!(like_others.severity, HealthSeverity::Info);
        let lost = report(orders, 2.0, day, &sundays);
        assert_eq!(lost.severity, HealthSeverity::ExtremeShift);
        assert_eq!(lost.shift_ratio, Some(-0.9));
        let doubled = report(orders, 650.0, day, &sundays);
        assert_eq!(doubled.severity, HealthSeverity::Warning);
    }

    #[test]
    fn little_and_new_are_no_alarm() {
        let day: BusinessDay = "2026-02-01".parse().unwrap();
        let orders = METRICS
            .iter()
            .find(|metric| metric.name == "documents")
            .unwrap();
        let few = report(orders, 19.0, day, &before(day, |_| 1.0));
        assert_eq!(few.severity, HealthSeverity::Info);
        let first = report(orders, 5_000.0, day, &Before::new());
        assert_eq!(
            (first.severity, first.previous, first.shift_ratio),
            (HealthSeverity::Info, None, None)
        );
    }

    #[test]
    fn a_share_shifts_by_its_difference() {
        let day: BusinessDay = "2026-02-01".parse().unwrap();
        let share = METRICS
            .iter()
            .find(|metric| metric.name == "share without customer")
            .unwrap();
        let usual = before(day, |_| 0.01);
        let severity = |current| report(share, current, day, &usual).severity;
        assert_eq!(severity(0.15), HealthSeverity::Info);
        assert_eq!(severity(0.3), HealthSeverity::Warning);
        assert_eq!(severity(0.6), HealthSeverity::ExtremeShift);
    }
}
