//! `catwing settings`: what people set in the UI, shown, set and looked back on.

use std::io::{BufRead, IsTerminal};

use anyhow::{Result, bail};
use catwing_domain::TenantId;
use catwing_settings::{Change, Plan, SettingRow, Settings, TABLES, Writer};
use serde_json::Value;

use crate::{
    Console, Session,
    cli::{SettingsCommand, SettingsQuestion, SettingsSetArgs},
    console::table,
    failure::Usage,
    registry::{self, CheckedFile, Registered},
};

/// Whether a command needs servers.
pub(super) fn needs_session(command: &SettingsCommand) -> bool {
    !matches!(command, SettingsCommand::Fields)
}

/// The fields that there are, and what a change of each makes run.
pub(super) fn fields(console: &Console) -> Result<u8> {
    let every = || {
        TABLES
            .iter()
            .flat_map(|of| of.fields.iter().map(move |field| (of, field)))
    };
    let json: Vec<_> = every()
        .map(|(of, field)| {
            serde_json::json!({
                "table": of.name, "key": of.key.iter().map(|part| part.name).collect::<Vec<_>>(),
                "field": field.name, "level": field.severity, "steps": field.steps, "effect": field.effect,
            })
        })
        .collect();
    let row = |(of, field): (
        &catwing_settings::SettingsTable,
        &catwing_settings::FieldRule,
    )| {
        [
            format!("{}.{}", of.name, field.name),
            field.severity.name().to_owned(),
            spans(field.steps.iter().copied()),
            field.effect.to_owned(),
        ]
    };
    console.result(&json, || {
        table(["field", "level", "steps", "effect"], every().map(row))
    })?;
    Ok(0)
}

pub(super) async fn run(
    session: &Session,
    command: &SettingsCommand,
    console: &Console,
) -> Result<u8> {
    match command {
        SettingsCommand::Fields => fields(console),
        SettingsCommand::Set(args) => set(session, args, console).await,
        SettingsCommand::Show(question) => tell(session, question, Rows::InForce, console).await,
        SettingsCommand::History(question) => tell(session, question, Rows::All, console).await,
    }
}

async fn file_of(session: &Session, client: TenantId) -> Result<(Registered, CheckedFile)> {
    if client == TenantId::GLOBAL {
        bail!(Usage(format!(
            "{client} is what all tenants share: nothing of it is set in the UI"
        )));
    }
    let registered = registry::get(session, client).await?;
    let checked = registry::file_in_force(session, &registered).await?;
    Ok((registered, checked))
}

fn settings_of<'a>(
    session: &'a Session,
    (registered, checked): &'a (Registered, CheckedFile),
) -> Settings<'a> {
    Settings {
        store: &session.store,
        pool: &session.pool,
        tenant: registered.client,
        mapping: (registered.mapping, &checked.mapping),
        clock: session.clock.as_ref(),
    }
}

async fn set(session: &Session, args: &SettingsSetArgs, console: &Console) -> Result<u8> {
    let change = Change::parse(&args.table, &args.assignments)?;
    let of = file_of(session, args.client).await?;
    let settings = settings_of(session, &of);
    let plan = settings.plan(&change, &args.user).await?;
    if plan.changes.is_empty() || args.dry_run {
        let json = serde_json::json!({ "client": args.client, "plan": plan, "saved": null });
        console.result(&json, || told(&plan))?;
        return Ok(0);
    }
    console.say(&told(&plan));
    if !args.yes && !confirmed(console)? {
        console.say("nothing was written");
        return Ok(0);
    }
    let run_id = session.new_run_id("settings", args.client);
    let writer = Writer {
        user: &args.user,
        event_id: args.event_id.as_deref().unwrap_or(&run_id),
        run_id: &run_id,
    };
    let saved = settings.save(&change, writer).await?;
    let json = serde_json::json!({ "client": args.client, "plan": saved.plan, "saved": {
        "event_id": saved.event_id, "entry": saved.entry, "applied": saved.applied,
    } });
    console.result(&json, || match (saved.entry, saved.applied) {
        (None, _) => format!("write {} was made before", saved.event_id),
        (Some(entry), true) => format!("saved as entry {entry}; the next run acts on it"),
        (Some(entry), false) => format!(
            "saved as entry {entry}; a load is under way, and the next `catwing backfill --client {}` brings it in",
            args.client
        ),
    })?;
    Ok(0)
}

/// Asks a person; without one the answer must stand on the command line.
fn confirmed(console: &Console) -> Result<bool> {
    if console.is_json() || !std::io::stdin().is_terminal() {
        bail!(Usage(
            "nobody can be asked here: repeat with --yes to save, or with --dry-run to see only"
                .to_owned()
        ));
    }
    console.say("save it? [y/N]");
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn told(plan: &Plan) -> String {
    let key: Vec<_> = plan
        .key
        .iter()
        .map(|(name, value)| format!("{name} {value}"))
        .collect();
    let head = format!("{} {}", plan.table, key.join(", "));
    let Some(severity) = plan.severity else {
        return format!("{}: all of it is so already", head.trim_end());
    };
    let row = |change: &catwing_settings::FieldChange| {
        [
            change.field.to_owned(),
            shown(&change.before),
            shown(&change.after),
            change.level.name().to_owned(),
            spans(change.steps.iter().copied()),
            change.effect.to_owned(),
        ]
    };
    let header = ["field", "from", "to", "level", "steps", "effect"];
    format!(
        "{}: {}, the next run makes {} {}\n{}",
        head.trim_end(),
        severity.name(),
        if plan.steps.len() == 1 {
            "step"
        } else {
            "steps"
        },
        spans(plan.steps.iter().copied()),
        table(header, plan.changes.iter().map(row))
    )
}

/// Which rows are told.
#[derive(Clone, Copy)]
enum Rows {
    InForce,
    All,
}

async fn tell(
    session: &Session,
    question: &SettingsQuestion,
    which: Rows,
    console: &Console,
) -> Result<u8> {
    let of = file_of(session, question.client).await?;
    let settings = settings_of(session, &of);
    let (mut json, mut lines) = (Vec::new(), Vec::new());
    for table in tables_of(question) {
        let asked = Change::parse(table, &question.key)?;
        let rows = match which {
            Rows::InForce => settings.show(&asked).await?,
            Rows::All => settings.history(&asked).await?,
        };
        for row in rows {
            lines.push(line(table, &row));
            json.push(as_json(table, &row)?);
        }
    }
    let json = serde_json::json!({ "client": question.client, "rows": json });
    let header = match which {
        Rows::InForce => ["table", "key", "in force", "by", "since"],
        Rows::All => ["table", "key", "set", "by", "at"],
    };
    console.result(&json, || match lines.is_empty() {
        true => format!("{}: nobody has set anything here", question.client),
        false => table(header, lines),
    })?;
    Ok(0)
}

fn tables_of(question: &SettingsQuestion) -> Vec<&str> {
    match &question.table {
        Some(table) => vec![table.as_str()],
        None => TABLES.iter().map(|table| table.name).collect(),
    }
}

fn as_json(table: &str, row: &SettingRow) -> Result<Value> {
    let mut json = serde_json::to_value(row)?;
    if let Some(fields) = json.as_object_mut() {
        fields.insert("table".to_owned(), table.into());
    }
    Ok(json)
}

fn line(table: &str, row: &SettingRow) -> [String; 5] {
    let key = row.key.iter();
    let key = key.map(|(name, value)| format!("{name} {}", value.as_deref().unwrap_or("(all)")));
    let fields = row.fields.iter().filter(|(_, value)| !value.is_null());
    let fields = fields.map(|(name, value)| format!("{name}={}", shown(value)));
    let at = row.at.as_deref().and_then(|at| at.get(..19));
    [
        table.to_owned(),
        key.collect::<Vec<_>>().join(", "),
        fields.collect::<Vec<_>>().join(" "),
        row.user.clone().unwrap_or_else(|| "the source".to_owned()),
        at.map(|at| at.replace('T', " ")).unwrap_or_default(),
    ]
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Object(numbers) => {
            let pairs = numbers.iter();
            let pairs = pairs.map(|(name, value)| format!("{name}={}", shown(value)));
            pairs.collect::<Vec<_>>().join(",")
        }
        other => other.to_string(),
    }
}

/// `5, 7-12`.
fn spans(steps: impl IntoIterator<Item = u8>) -> String {
    let mut spans: Vec<(u8, u8)> = Vec::new();
    for step in steps {
        match spans.last_mut() {
            Some((_, last)) if *last + 1 == step => *last = step,
            _ => spans.push((step, step)),
        }
    }
    let span = |(first, last): &(u8, u8)| match last - first {
        0 => first.to_string(),
        1 => format!("{first}, {last}"),
        _ => format!("{first}-{last}"),
    };
    spans.iter().map(span).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::spans;

    #[test]
    fn steps_are_told_as_spans() {
        assert_eq!(spans([5, 7, 8, 9, 10, 11, 12]), "5, 7-12");
        assert_eq!(spans([11, 12]), "11, 12");
        assert_eq!(spans([12]), "12");
    }
}
