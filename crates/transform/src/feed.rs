//! How a dataset feeds one entity.

use std::collections::BTreeSet;

use catwing_domain::{
    DatasetName, Entity, FieldType, TenantId,
    tenant_file::{DatasetFile, FeedFile, FormatFile},
};

use crate::{
    condition::{self, Condition},
    expression::{self, Expression},
    join::Join,
    record_plan::{self, RecordPlan},
    scribe::{Lines, Scribe},
    source::PathId,
};

/// How a dataset feeds one entity.
#[derive(Debug)]
pub(crate) struct Feed {
    pub(crate) entity: Entity,
    pub(crate) only: Option<Condition>,
    pub(crate) document: Option<Expression>,
    /// The field that only this entity's records have, where the dataset holds records of several.
    pub(crate) told_by: Option<PathId>,
    pub(crate) plan: RecordPlan,
    /// The list that holds a document's lines, where a condition asks of all of them.
    pub(crate) lines: Option<PathId>,
    /// Its lines, where they are rows of another dataset.
    pub(crate) join: Option<Join>,
    /// The indexes that its values are looked up in.
    pub(crate) looked_up: BTreeSet<usize>,
}

/// The feeds that a file gives, else those of the entities that the dataset is named after.
pub(crate) fn compile(
    scribe: &mut Scribe<'_>,
    at: &str,
    name: &DatasetName,
    file: &DatasetFile,
    tenant: TenantId,
) -> Vec<Feed> {
    let mut feeds = Vec::new();
    if file.feeds.is_empty() {
        // One of no entity's name may be there for others to ask of.
        for (entity, told_by) in Entity::of_dataset(name.as_str()) {
            let told_by = told_by
                .and_then(|field| Some(scribe.perhaps(true, |scribe| scribe.path(at, field))?.0));
            check_tenant(scribe, at, entity, tenant);
            let feed = compile_feed(scribe, at, entity, (&FeedFile::default(), &file.format));
            feeds.extend(feed.map(|feed| Feed { told_by, ..feed }));
        }
    }
    for (entity_name, feed) in &file.feeds {
        let at = format!("{at}.feeds.{entity_name}");
        let Some(entity) = Entity::named(entity_name) else {
            unknown_entity(scribe, &at, entity_name);
            continue;
        };
        check_tenant(scribe, &at, entity, tenant);
        // Writes of the UI have the fields of one table each.
        let of_ui = *name == DatasetName::ui_events();
        feeds.extend(scribe.perhaps(of_ui, |scribe| {
            compile_feed(scribe, &at, entity, (feed, &file.format))
        }));
    }
    feeds
}

pub(crate) fn unknown_entity(scribe: &mut Scribe<'_>, at: &str, name: &str) {
    let known: Vec<_> = Entity::ALL.iter().map(|entity| entity.name()).collect();
    scribe.unknown(at, "entity", name, &known);
}

/// What tenants share is fed by the shared tenant alone, and it feeds nothing else.
fn check_tenant(scribe: &mut Scribe<'_>, at: &str, entity: Entity, tenant: TenantId) {
    if entity.table().is_of(tenant) {
        return;
    }
    let name = entity.name();
    let global = TenantId::GLOBAL;
    let message = if tenant == global {
        format!("{global} holds what tenants share: {name} belong to a tenant of their own")
    } else {
        format!("{name} are shared by all tenants: declare this dataset in the file of {global}")
    };
    scribe.mistake(at, message);
}

fn compile_feed(
    scribe: &mut Scribe<'_>,
    at: &str,
    entity: Entity,
    (file, format): (&FeedFile, &FormatFile),
) -> Option<Feed> {
    let fields = entity.fields();
    let has_list = fields
        .iter()
        .any(|field| matches!(field.ty, FieldType::List(_)));
    let has_lines = fields.iter().any(|field| field.name == "lines");
    let rows = matches!(format, FormatFile::Csv { .. });
    let lines = match &file.fields {
        Some(table) => record_plan::lines_of(fields, table),
        None => Lines::None,
    };
    // A row is asked before its document is together.
    let seen = match &lines {
        Lines::Rows | Lines::Joined(_) => Lines::None,
        lines => lines.clone(),
    };
    let only = file.only.as_ref().and_then(|toml| {
        scribe.with_lines(seen, |scribe| {
            condition::compile(scribe, &format!("{at}.where"), toml)
        })
    });
    let document = file
        .document
        .as_ref()
        .and_then(|toml| expression::compile(scribe, &format!("{at}.document"), toml));
    if file.document.is_some() && !has_list {
        let message = format!(
            "{} has no lines: document goes with documents",
            entity.name()
        );
        scribe.mistake(&format!("{at}.document"), message);
    }
    let plan = match &file.fields {
        Some(table) => scribe.with_lines(lines, |scribe| {
            record_plan::compile(scribe, &format!("{at}.fields"), fields, table)
        }),
        None if rows && has_lines => {
            scribe.mistake(at, "rows can't hold lines: give fields and document");
            return None;
        }
        // What a canonical record may leave out, it says itself.
        None => scribe.perhaps(true, |scribe| record_plan::identity(scribe, fields, rows)),
    };
    if file.document.is_none() && plan.has_rows() {
        let message = "lines that are rows need document = \"...\", the column that says whose";
        scribe.mistake(at, message);
    }
    let asked = scribe.take_asked_lines();
    let (join, looked_up) = (scribe.take_join(), scribe.take_looked_up());
    if join.is_some() && plan.count_of_rows() > 1 {
        let message =
            "a record has one list of another dataset's rows, and no other list of rows beside it";
        scribe.mistake(at, message);
    }
    Some(Feed {
        entity,
        only,
        document,
        told_by: None,
        join,
        looked_up,
        lines: plan.lines().filter(|_| asked),
        plan,
    })
}
