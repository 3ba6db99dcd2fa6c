//! Quarantine: refused records, kept with all that is wrong with them.

use catwing_domain::{Cell, Problem, Reject, Rows, TableId};
use sea_orm::sqlx::PgConnection;

use crate::{
    LoadError,
    stage::Staged,
    statement::{columns, execute, list},
};

/// The rows of rejects, one each and in their order; `objects` are the keys of the delivery's raw
/// objects.
pub(crate) fn rows(objects: &[String], rejects: &[Reject]) -> Rows {
    let mut rows = Rows::new(TableId::Quarantine);
    for reject in rejects {
        put_row(&mut rows, objects, reject);
    }
    rows
}

/// Writes the staged rejects to quarantine and returns how many rows that were. A reject that is
/// there already is written again: the same raw record, refused once more.
pub(crate) async fn write(connection: &mut PgConnection) -> Result<u64, LoadError> {
    execute(connection, write_sql())
        .await
        .map_err(|source| LoadError::Quarantine { source })
}

fn write_sql() -> String {
    let table = TableId::Quarantine.table();
    let key = table.natural_key;
    let others = table
        .columns
        .iter()
        .map(|column| column.name)
        .filter(|name| !key.contains(name));
    let assignments: Vec<_> = others
        .map(|name| format!("{name} = excluded.{name}"))
        .collect();
    let key = list(key.iter().copied(), "");
    format!(
        "insert into {target} ({columns}) select distinct on ({key}) {columns} from {stage} \
         order by {key}, ordinal, problems::text collate \"C\" \
         on conflict ({key}) do update set {assignments}",
        target = table.name,
        columns = columns(table, ""),
        stage = Staged::Rejects.name(),
        assignments = assignments.join(", "),
    )
}

fn put_row(rows: &mut Rows, objects: &[String], reject: &Reject) {
    let optional = |value: &Option<String>| value.as_deref().map(clean);
    let first = reject.problems.first();
    let field = first.and_then(|problem| optional(&problem.field));
    let value = first.and_then(|problem| optional(&problem.value));
    let message = first.map(|problem| clean(&problem.message));
    let source_rows = i32::try_from(reject.source_rows).unwrap_or(i32::MAX);
    let _ = rows
        .row()
        .cell(Cell::Key(reject.position.bits()))
        .text(reject.entity.name())
        .date(reject.position.day().date())
        .text(objects.get(reject.object).map_or("", String::as_str))
        .cell(Cell::Key(i64::try_from(reject.ordinal).unwrap_or(i64::MAX)))
        .text_or_null(optional(&reject.record_key).as_deref())
        .int(source_rows)
        .text(first.map_or("", |problem| problem.rule.name()))
        .text_or_null(field.as_deref())
        .text_or_null(value.as_deref())
        .text(message.as_deref().unwrap_or_default())
        .text(&problems(&reject.problems))
        .text(&clean(&reject.record));
}

/// A list of `{"rule", "field", "value", "message"}` in JSON.
fn problems(problems: &[Problem]) -> String {
    let json = problems.iter().map(|problem| {
        serde_json::json!({
            "rule": problem.rule.name(),
            "field": problem.field.as_deref().map(clean),
            "value": problem.value.as_deref().map(clean),
            "message": clean(&problem.message),
        })
    });
    serde_json::Value::Array(json.collect()).to_string()
}

/// Neither text nor jsonb can hold the NUL that a refused record may have.
fn clean(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}
