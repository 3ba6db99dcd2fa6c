//! The staging side of a transaction: a task of its own, so that the server takes one stretch of rows
//! while the next one is read and transformed.

use std::collections::{BTreeMap, BTreeSet};

use catwing_domain::{ObjectCounts, Output, PresenceScope, manifest::EntryNumber};
use catwing_load::{DeliveryHead, Load, LoadError, ObjectEntity};
use tokio::{
    sync::mpsc::{self, Receiver, Sender, UnboundedReceiver, UnboundedSender},
    task::JoinSet,
};

/// Stretches of rows that wait for the server: with the one that it takes and the one that is being
/// transformed, all that is held in memory.
const WAITING_MAX: usize = 1;

/// What transform hands over, in the order in which it is to be staged.
enum Piece {
    Delivery(DeliveryHead),
    Rows(Output),
    Presence(Vec<PresenceScope>),
    End(BTreeMap<ObjectEntity, ObjectCounts>),
}

/// A load in a task that stages what it is sent. Dropped, the task is stopped and the load rolled back.
pub(super) struct Staging {
    pieces: Option<Sender<Piece>>,
    /// Outputs that were staged, to be filled again.
    spare: UnboundedReceiver<Output>,
    task: JoinSet<(Load, Result<BTreeSet<EntryNumber>, LoadError>)>,
    /// The load, once the task has ended by an error.
    failed: Option<Load>,
}

impl Staging {
    /// Begins to stage for a load.
    pub(super) fn of(load: Load) -> Self {
        let (pieces, waiting) = mpsc::channel(WAITING_MAX);
        let (staged, spare) = mpsc::unbounded_channel();
        let mut task = JoinSet::new();
        task.spawn(async move {
            let mut load = load;
            let held = stage_all(&mut load, waiting, staged).await;
            (load, held)
        });
        Self {
            pieces: Some(pieces),
            spare,
            task,
            failed: None,
        }
    }

    /// Begins a delivery; where the ledger has it, all that is sent of it is passed over.
    pub(super) async fn delivery(&mut self, head: DeliveryHead) -> Result<(), LoadError> {
        self.send(Piece::Delivery(head)).await
    }

    /// Has rows staged, and leaves an empty output to go on with.
    pub(super) async fn rows(&mut self, output: &mut Output) -> Result<(), LoadError> {
        let empty = self.spare.try_recv().unwrap_or_default();
        self.send(Piece::Rows(std::mem::replace(output, empty)))
            .await
    }

    /// Says which scopes the keys belong to that were marked present since the last time.
    pub(super) async fn presence(&mut self, scopes: Vec<PresenceScope>) -> Result<(), LoadError> {
        self.send(Piece::Presence(scopes)).await
    }

    /// Ends the delivery.
    pub(super) async fn end(
        &mut self,
        counts: BTreeMap<ObjectEntity, ObjectCounts>,
    ) -> Result<(), LoadError> {
        self.send(Piece::End(counts)).await
    }

    /// Waits until all is staged. Returns the load, and the deliveries that the ledger had already.
    pub(super) async fn finish(&mut self) -> Result<(Load, BTreeSet<EntryNumber>), LoadError> {
        match self.stop().await {
            Some((load, Ok(held))) => Ok((load, held)),
            Some((load, Err(error))) => {
                self.failed = Some(load);
                Err(error)
            }
            None => Err(GONE),
        }
    }

    /// Rolls back. The server does so by itself if this fails.
    pub(super) async fn abort(mut self) {
        let load = match self.failed.take() {
            Some(load) => Some(load),
            None => self.stop().await.map(|(load, _)| load),
        };
        if let Some(load) = load {
            let _ = load.abort().await;
        }
    }

    async fn send(&mut self, piece: Piece) -> Result<(), LoadError> {
        let pieces = self.pieces.as_ref().ok_or(GONE)?;
        if pieces.send(piece).await.is_ok() {
            return Ok(());
        }
        // The task has ended: by an error, since all it waits for is more.
        self.finish().await.and(Err(GONE))
    }

    async fn stop(&mut self) -> Option<(Load, Result<BTreeSet<EntryNumber>, LoadError>)> {
        self.pieces = None;
        match self.task.join_next().await? {
            Ok(ended) => Some(ended),
            Err(error) => {
                // What panicked there panics here.
                if let Ok(panic) = error.try_into_panic() {
                    std::panic::resume_unwind(panic);
                }
                None
            }
        }
    }
}

const GONE: LoadError = LoadError::OutOfTurn("the task that stages has ended");

async fn stage_all(
    load: &mut Load,
    mut waiting: Receiver<Piece>,
    staged: UnboundedSender<Output>,
) -> Result<BTreeSet<EntryNumber>, LoadError> {
    let mut held = BTreeSet::new();
    let mut passing_over = false;
    while let Some(piece) = waiting.recv().await {
        match piece {
            Piece::Delivery(head) => {
                let entry = head.entry;
                passing_over = !load.begin_delivery(head).await?;
                if passing_over {
                    held.insert(entry);
                }
            }
            _ if passing_over => {}
            Piece::Rows(mut output) => {
                load.stage(&output).await?;
                output.clear();
                // Nobody may be left who would fill it again.
                let _ = staged.send(output);
            }
            Piece::Presence(scopes) => load.presence(&scopes)?,
            Piece::End(counts) => load.end_delivery(&counts, &[]).await?,
        }
    }
    Ok(held)
}
