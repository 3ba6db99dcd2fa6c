//! One canonical record: read, checked, and written as rows or as a reject.

use catwing_domain::{DomainError, Entity, Output, Problem, RawPosition, Rule, Unit};
use jiff::civil::Date;

use crate::{
    accepted::Accepted,
    canonical::{self, Fields, Problems},
    customer,
    delivery::{Delivery, RecordPlace, Refusal, Source},
    error::TransformError,
    field_path::FieldPath,
    inventory, item, location,
    natural_key::NaturalKey,
    observation, pricing_list, product, purchase_order, receiving_order,
    record_plan::RecordPlan,
    sales_order, setting,
    source::View,
    store_order, supplier, transfer_order,
};

/// What may become a canonical record.
pub(crate) struct Candidate<'c, 'm, 'r> {
    pub(crate) source: Source<'m>,
    pub(crate) view: View<'c, 'r>,
    /// Its source rows, the first one first.
    pub(crate) rows: &'c [RecordPlace],
    /// Those of them that are lines.
    pub(crate) lines: &'c [RecordPlace],
    /// What is wrong already.
    pub(crate) problems: Problems,
    /// Its own text, as much as is shown.
    pub(crate) text: &'c dyn Fn() -> String,
}

/// Reads, checks and writes one canonical record.
pub(crate) fn write<'m: 'r, 'r>(
    delivery: &mut Delivery<'m>,
    candidate: Candidate<'_, 'm, 'r>,
    output: &mut Output,
) -> Result<(), TransformError> {
    let Candidate {
        source,
        view,
        rows,
        lines,
        mut problems,
        text,
    } = candidate;
    let Some(place) = rows.first().copied() else {
        return Ok(());
    };
    let (plan, entity) = (&source.feed.plan, source.entity());
    let items = canonical::read(
        &source.evaluator(&delivery.lookups),
        plan,
        &view,
        FieldPath::Record,
        &mut problems,
    );
    let record = Fields {
        fields: plan.fields,
        items: &items,
    };
    let day = delivery.date;
    check(entity, record, (plan, day), &mut problems);
    let scope = delivery.scope_of(place.object).map(str::to_owned);
    let scope = scope.unwrap_or_default();
    let key = NaturalKey::of(entity, record, (day, &scope), &problems);
    if let Some(key) = &key {
        key.check(entity, &mut problems);
    }
    // What stands in a row that is none says nothing: only that it is none is told.
    if problems.list.iter().any(is_format) {
        problems.list.retain(is_format);
    }
    if delivery.previews.wants(entity, problems.list.is_empty()) {
        let shown = (delivery.key_of(place.object), place.ordinal);
        delivery
            .previews
            .keep(entity, shown, record, &problems.list);
    }
    delivery.mark_present(source, key.as_ref(), output);
    let (Some(key), true) = (&key, problems.list.is_empty()) else {
        let refusal = Refusal {
            rows,
            record_key: key.as_ref().map(NaturalKey::shown),
            problems: problems.list,
            text: text(),
        };
        return delivery.refuse(source, refusal, output);
    };
    let version = delivery.version(source, record, place)?;
    let id = key.row(entity, &delivery.parents);
    let accepted = Accepted {
        record,
        plan,
        key: id.map_err(|error| delivery.unwritten(place, error))?,
        version,
        day,
        version_day: delivery.day_of(version),
        scope: &scope,
        base_currency: &source.mapping.base_currency,
        line_positions: &line_positions(delivery, source, lines)?,
    };
    accept(delivery, (source, rows), &accepted, output)
}

/// Writes an accepted record and accounts for it.
fn accept<'m>(
    delivery: &mut Delivery<'m>,
    (source, rows): (Source<'m>, &[RecordPlace]),
    accepted: &Accepted<'_, '_>,
    output: &mut Output,
) -> Result<(), TransformError> {
    let Some(place) = rows.first().copied() else {
        return Ok(());
    };
    write_rows(delivery, (source, place), accepted, output)?;
    output.units.push(Unit {
        table: source.entity().table(),
        id: accepted.key,
        version: accepted.version,
        content: item::content(accepted.record.items),
        object: place.object,
    });
    delivery.accept(rows, source.entity());
    delivery.parents.flush_if_large(output);
    Ok(())
}

fn is_format(problem: &Problem) -> bool {
    problem.rule == Rule::Format
}

/// The positions of a document's lines, where each line is a source row of its own.
fn line_positions<'m>(
    delivery: &Delivery<'m>,
    source: Source<'m>,
    lines: &[RecordPlace],
) -> Result<Vec<RawPosition>, TransformError> {
    let Some(first) = lines.first() else {
        return Ok(Vec::new());
    };
    let dataset = delivery.dataset_of(source, first.object);
    let position = |row: &RecordPlace| delivery.position(dataset, *row);
    lines.iter().map(position).collect()
}

/// Checks the rules between a record's fields.
fn check(
    entity: Entity,
    record: Fields<'_, '_>,
    (plan, day): (&RecordPlan, Date),
    problems: &mut Problems,
) {
    match entity {
        Entity::Products => product::check(record, plan, problems),
        Entity::Suppliers => supplier::check(record, plan, problems),
        Entity::Locations => location::check(record, problems),
        Entity::Customers => customer::check(record, FieldPath::Record, problems),
        Entity::PricingLists => pricing_list::check(record, problems),
        Entity::Inventory => inventory::check(record, day, problems),
        Entity::SalesOrders => sales_order::check(record, problems),
        Entity::PurchaseOrders => purchase_order::check(record, problems),
        Entity::ReceivingOrders => receiving_order::check(record, problems),
        Entity::StoreOrders => store_order::check(record, problems),
        Entity::TransferOrders => transfer_order::check(record, problems),
        Entity::ProductMarketObservations
        | Entity::CategoryMarketObservations
        | Entity::ProductWebAnalytics
        | Entity::LocationWebAnalytics
        | Entity::ProductSocialAds
        | Entity::CategorySocialAds => observation::check(record, problems),
        Entity::CurrencyRates => observation::check_rate(record, problems),
        Entity::Weather => observation::check_weather(record, problems),
        Entity::ProductSettings
        | Entity::CategorySettings
        | Entity::SupplierSettings
        | Entity::LocationSettings
        | Entity::InventoryStrategies
        | Entity::LocationRelationships
        | Entity::ClientSettings => setting::check(record, problems),
    }
}

fn write_rows<'m>(
    delivery: &mut Delivery<'m>,
    (source, place): (Source<'m>, RecordPlace),
    accepted: &Accepted<'_, '_>,
    output: &mut Output,
) -> Result<(), TransformError> {
    let parents = &mut delivery.parents;
    let written: Result<(), DomainError> = match source.entity() {
        Entity::Products => product::own(accepted, parents, output),
        Entity::Suppliers => supplier::own(accepted, parents, output),
        Entity::Locations => location::own(accepted, parents, output),
        Entity::Customers => customer::own(accepted, parents, output),
        Entity::PricingLists => pricing_list::own(accepted, parents, output),
        Entity::Inventory => inventory::own(accepted, parents, output),
        Entity::SalesOrders => sales_order::own(accepted, parents, output),
        Entity::PurchaseOrders => purchase_order::own(accepted, parents, output),
        Entity::ReceivingOrders => receiving_order::own(accepted, parents, output),
        Entity::StoreOrders => store_order::own(accepted, parents, output),
        Entity::TransferOrders => transfer_order::own(accepted, parents, output),
        entity @ (Entity::ProductMarketObservations
        | Entity::CategoryMarketObservations
        | Entity::ProductWebAnalytics
        | Entity::LocationWebAnalytics
        | Entity::ProductSocialAds
        | Entity::CategorySocialAds) => observation::own(entity, accepted, parents, output),
        Entity::CurrencyRates => observation::rate(accepted, output),
        Entity::Weather => observation::weather(accepted, output),
        entity @ (Entity::ProductSettings
        | Entity::CategorySettings
        | Entity::SupplierSettings
        | Entity::LocationSettings
        | Entity::InventoryStrategies
        | Entity::LocationRelationships
        | Entity::ClientSettings) => setting::own(entity, accepted, parents, output),
    };
    written.map_err(|error| delivery.unwritten(place, error))?;
    if source.entity() == Entity::Inventory {
        let of = (source.dataset, place.object);
        delivery.hold_stock_of(accepted.day_in("snapshot_date"), of, output)?;
    }
    Ok(())
}
