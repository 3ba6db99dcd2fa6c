//! `catwing tenant remap`: an entity of old deliveries is read as another file says.

use std::path::Path;

use anyhow::{Result, bail};
use catwing_domain::manifest::{EntryNumber, Remap, Sha256Hash};
use catwing_raw_store::Author;
use catwing_recovery::apply::propose_remap;

use crate::{
    Console, Session,
    console::grouped,
    failure::Usage,
    registry::{self, check_file},
};

pub(super) async fn run(
    session: &Session,
    (path, entity, from): (&Path, &str, u64),
    yes: bool,
    console: &Console,
) -> Result<()> {
    let checked = check_file(path)?;
    let client = checked.file.client;
    registry::get(session, client).await?;
    let remap = Remap {
        entity: entity.to_owned(),
        from: EntryNumber(from),
        mapping: Sha256Hash::of(&checked.bytes),
    };
    let proposal = propose_remap(&session.store, client, &remap, checked.file).await?;
    let count = match proposal.deliveries {
        1 => "1 delivery".to_owned(),
        many => format!("{} deliveries", grouped(many)),
    };
    if proposal.deliveries == 0 {
        bail!(Usage(format!(
            "no delivery from entry {from} on is read otherwise by {}: see `catwing raw ls --client {client}`",
            path.display()
        )));
    }
    let changes = format!(
        "{entity} of {count} from entry {from} on are read by {} once {client} is rebuilt",
        path.display()
    );
    if !yes {
        bail!(Usage(format!(
            "{changes}; the archive keeps that for good: repeat with --yes"
        )));
    }
    let store = &session.store;
    store.put_config(client, checked.bytes).await?;
    let run_id = session.new_run_id("remap", client);
    let author = Author {
        run_id: &run_id,
        clock: session.clock.as_ref(),
    };
    let sealed = store.seal_remap(client, remap.clone(), author).await?;
    let number = sealed.entry.number;
    let json = serde_json::json!({
        "client": client, "entry": number, "entity": entity, "from": from,
        "mapping": remap.mapping, "deliveries": proposal.deliveries,
    });
    console.result(&json, || {
        format!("entry {number}: {changes}\nnow: catwing recovery rebuild --client {client}")
    })
}
