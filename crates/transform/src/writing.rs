//! One canonical record: read, checked, and written as rows or as a reject.

use catwing_domain::{DomainError, Entity, Output, Problem, RawPosition, Rule, Unit, Version};

use crate::{
    canonical::{self, Fields, Problems},
    customer,
    delivery::{Delivery, RecordPlace, Refusal, Source},
    error::TransformError,
    field_path::FieldPath,
    item, location, product, sales_order,
    source::View,
};

/// What may become a canonical record.
pub(crate) struct Candidate<'c, 'm, 'r> {
    pub(crate) source: Source<'m>,
    pub(crate) view: View<'c, 'r>,
    /// Its source rows, the first one first.
    pub(crate) rows: &'c [RecordPlace],
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
        mut problems,
        text,
    } = candidate;
    let Some(place) = rows.first().copied() else {
        return Ok(());
    };
    let (plan, entity) = (&source.feed.plan, source.entity());
    let items = canonical::read(
        &source.evaluator(),
        plan,
        &view,
        FieldPath::Record,
        &mut problems,
    );
    let record = Fields {
        fields: plan.fields,
        items: &items,
    };
    match entity {
        Entity::SalesOrders => sales_order::check(record, &mut problems),
        Entity::Locations => location::check(record, &mut problems),
        _ => {}
    }
    // What stands in a row that is none says nothing: only that it is none is told.
    if problems.list.iter().any(is_format) {
        problems.list.retain(is_format);
    }
    let record_key = record.text("external_id");
    if delivery.previews.wants(entity, problems.list.is_empty()) {
        let shown = (delivery.key_of(place.object), place.ordinal);
        delivery
            .previews
            .keep(entity, shown, record, &problems.list);
    }
    delivery.mark_present(place.object, entity, record_key, output);
    if !problems.list.is_empty() {
        let refusal = Refusal {
            rows,
            record_key,
            problems: problems.list,
            text: text(),
        };
        return delivery.refuse(source, refusal, output);
    }
    let version = delivery.version(source, record, place)?;
    let line_positions = line_positions(delivery, source, rows)?;
    write_rows(delivery, entity, (record, version), &line_positions, output)
        .map_err(|error| delivery.unwritten(place, error))?;
    let table = entity.table();
    let id = delivery
        .parents
        .key(table, &[record_key])
        .map_err(|error| delivery.unwritten(place, error))?;
    output.units.push(Unit {
        table,
        id,
        version,
        content: item::content(&items),
        object: place.object,
    });
    delivery.accept(rows, entity);
    delivery.parents.flush_if_large(output);
    Ok(())
}

fn is_format(problem: &Problem) -> bool {
    problem.rule == Rule::Format
}

/// The positions of a document's lines, where each line is a source row of its own.
fn line_positions(
    delivery: &Delivery<'_>,
    source: Source<'_>,
    rows: &[RecordPlace],
) -> Result<Vec<RawPosition>, TransformError> {
    if source.feed.document.is_none() {
        return Ok(Vec::new());
    }
    let position = |row: &RecordPlace| delivery.position(source.dataset, *row);
    rows.iter().map(position).collect()
}

fn write_rows(
    delivery: &mut Delivery<'_>,
    entity: Entity,
    (record, version): (Fields<'_, '_>, Version),
    line_positions: &[RawPosition],
    output: &mut Output,
) -> Result<(), DomainError> {
    let parents = &mut delivery.parents;
    match entity {
        Entity::Products => product::own(record, version, parents),
        Entity::Locations => location::own(record, version, parents),
        Entity::Customers => customer::own(record, version, parents),
        Entity::SalesOrders => {
            let base_currency = &delivery.mapping.base_currency;
            let document = sales_order::Document {
                record,
                version,
                line_positions,
                base_currency,
            };
            sales_order::emit(&document, parents, output)
        }
        _ => Ok(()),
    }
}
