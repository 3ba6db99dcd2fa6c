//! What a person reads after the demo.

use anyhow::Result;
use catwing_domain::TenantId;
use sea_orm::{DbBackend, FromQueryResult, Statement};
use serde::Serialize;

use super::{Landed, Seconds, Shown, ShownTenant, figures, retailers::TENANTS};
use crate::{
    Session, Settings,
    console::{grouped, table},
    journal,
};

/// One line of the statistics that a buyer would look at first.
#[derive(Clone, Debug, FromQueryResult, Serialize)]
pub(super) struct Headline {
    pub what: String,
    pub period: String,
    pub qty: String,
    pub value: String,
    pub products: i64,
}

/// The statistics that a buyer would look at first, in the tenant's own currency.
pub(super) async fn headlines(session: &Session, client: TenantId) -> Result<Vec<Headline>> {
    let stats = client.stats_schema();
    let line = |what: &str, table: &str, choice: &str| {
        format!(
            "(select '{what}' as what, period_start || case when period_end > period_start \
             then ' to ' || period_end else '' end as period, total_qty::numeric(20,0)::text as qty, \
             total_value::numeric(20,2)::text as value, product_count::bigint as products \
             from {stats}.{table} where location_id is null order by {choice} limit 1)"
        )
    };
    let lines = [
        line(
            "sales, newest week",
            "weekly_sales_values",
            "period_start desc",
        ),
        line(
            "sales, best day",
            "daily_sales_values",
            "total_value desc, period_start",
        ),
        line(
            "sales, quarter so far",
            "quarterly_sales_values",
            "period_start desc",
        ),
        line("stock", "daily_inventory_values", "period_start desc"),
        line(
            "open purchase orders",
            "daily_pending_po_values",
            "period_start desc",
        ),
    ];
    let transaction = journal::as_loader(session, client).await?;
    let query = Statement::from_string(DbBackend::Postgres, lines.join(" union all "));
    Ok(Headline::find_by_statement(query).all(&transaction).await?)
}

/// Rates of exchange that are known.
pub(super) async fn rates(session: &Session) -> Result<u64> {
    let count: i64 = sea_orm::sqlx::query_scalar("select count(*) from cw_global.currency_rates")
        .fetch_one(&session.pool)
        .await?;
    Ok(u64::try_from(count)?)
}

/// All of it, for a terminal.
pub(super) fn of(shown: &Shown, settings: &Settings) -> String {
    let mut text: String = shown.tenants.iter().map(tenant).collect();
    let shared = &shown.shared;
    text.push_str(&format!(
        "\nCW-GLOBAL {}; {} rates of exchange; replayed: {}\n",
        archive(&shared.landed),
        grouped(shared.rates),
        verdict(shared.replay_is_equal)
    ));
    text.push_str(&phases(&shown.seconds));
    text.push_str(&where_to_look(shown, settings));
    text
}

fn tenant(shown: &ShownTenant) -> String {
    let mut text = format!(
        "\n{} {}\narchive: {}\n\n",
        shown.client,
        shown.name,
        archive(&shown.landed)
    );
    let headline = |line: &Headline| {
        [
            line.what.clone(),
            line.period.clone(),
            readable(&line.qty),
            readable(&line.value),
            grouped(line.products),
        ]
    };
    let header = ["statistics", "day or period", "pieces", "value", "products"];
    text.push_str(&table(header, shown.headlines.iter().map(headline)));
    text.push_str("\n\n");
    let subject = |subject: &figures::Subject| {
        let differing = subject.differing().count();
        let told = match (subject.figures.len(), differing) {
            (0, _) => "nothing to compare".to_owned(),
            (_, 0) => "all equal".to_owned(),
            (_, differing) => format!("{differing} DIFFERENT"),
        };
        let figures = grouped(subject.figures.len() as u64);
        [subject.what.to_owned(), figures, told]
    };
    let header = ["compared with the retailer's own totals", "figures", ""];
    text.push_str(&table(header, shown.compared.iter().map(subject)));
    for figure in shown.compared.iter().flat_map(figures::Subject::differing) {
        let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "none".to_owned());
        text.push_str(&format!(
            "\n  {}: the retailer says {}, the database {}",
            figure.what,
            side(&figure.simulated),
            side(&figure.database)
        ));
    }
    text.push_str("\n\n");
    let refused = |one: &figures::Refused| {
        [
            grouped(one.records),
            one.entity.clone(),
            one.field.clone().unwrap_or_default(),
            one.message.clone(),
        ]
    };
    let header = ["refused", "of", "field", "why"];
    text.push_str(&table(header, shown.refused.iter().map(refused)));
    text.push_str(&format!(
        "\n\nreplayed shuffled into an empty database: {}\ndigest {}\n",
        verdict(shown.replay_is_equal),
        shown.digest
    ));
    text
}

fn archive(landed: &Landed) -> String {
    format!(
        "{}; {} new objects",
        landed.held,
        grouped(landed.objects_new)
    )
}

fn verdict(is_equal: bool) -> &'static str {
    if is_equal {
        "equal in every table"
    } else {
        "DIFFERENT"
    }
}

fn phases(seconds: &Seconds) -> String {
    format!(
        "\nseconds: simulate {:.1}, ingest over HTTP {:.1}, load {:.1}, last day's runs {:.1}, replay {:.1}\n",
        seconds.simulate, seconds.ingest, seconds.load, seconds.last_day, seconds.replay
    )
}

/// A decimal with thousands apart.
fn readable(figure: &str) -> String {
    let (whole, rest) = figure
        .split_once('.')
        .map_or((figure, None), |(whole, rest)| (whole, Some(rest)));
    let Ok(number) = whole.parse::<i128>() else {
        return figure.to_owned();
    };
    let sign = if whole.starts_with('-') && number == 0 {
        "-"
    } else {
        ""
    };
    let rest = rest.map(|rest| format!(".{rest}")).unwrap_or_default();
    format!("{sign}{}{rest}", grouped(number))
}

fn where_to_look(shown: &Shown, settings: &Settings) -> String {
    let home = settings.home.value.display();
    let client = TENANTS[0];
    let features = shown
        .tenants
        .first()
        .and_then(|tenant| tenant.last_day.last())
        .and_then(|step| step.counts["files"][0]["key"].as_str().map(str::to_owned))
        .unwrap_or_default();
    let bucket = &settings.bucket.value;
    format!(
        "\nwhere to look (add --home {home}, or CATWING_HOME={home}, from elsewhere):\n  \
         catwing status\n  \
         catwing runs list --client {client}\n  \
         catwing quarantine list --client {client}\n  \
         catwing digest --client {client}\n  \
         catwing db psql -- -c 'select * from cw_200_stats.weekly_sales_values where location_id is null'\n\
         in a notebook: pandas.read_parquet(\"{home}/s3/{bucket}/{features}\")\n  \
         the database's address: catwing db status\n\
         the database stays until: catwing db down\n"
    )
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn figures_are_read_with_thousands_apart() {
        assert_eq!(readable("830313.3090"), "830,313.3090");
        assert_eq!(readable("-0.5000"), "-0.5000");
        assert_eq!(readable("-30985.1100"), "-30,985.1100");
        assert_eq!(readable("none"), "none");
    }
}
