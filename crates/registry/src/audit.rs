//! How does every reading of an entity leave a trace before its answer leaves?
//!
//! One thread writes the traces of all readers that wait, in one transaction. A reader that gets an error shows nothing.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;

use jiku_model::{EntityId, Kind};
use jiku_store::NewAccess;
use parking_lot::Mutex;

use crate::rights::{Unmasking, unmasking};
use crate::write::state::{Core, now};
use crate::{Actor, RegistryError};

/// The action under which the access log has that values were seen in full, beside the action that showed them.
const UNMASK: &str = "unmask";

struct Trace {
    rows: Vec<NewAccess>,
    reply: Sender<Result<(), RegistryError>>,
}

/// At most this many readers' traces in one transaction.
const TRACES_PER_TRANSACTION: usize = 1_024;

/// The way to the access log.
pub(crate) struct Audit {
    sender: Mutex<Option<SyncSender<Trace>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Audit {
    /// Starts the thread that writes traces.
    pub(crate) fn start(core: Arc<Core>) -> std::io::Result<Self> {
        let (sender, receiver) = sync_channel(TRACES_PER_TRANSACTION);
        let thread = std::thread::Builder::new().name("jiku-audit".to_owned()).spawn(move || serve(&core, &receiver))?;
        Ok(Self { sender: Mutex::new(Some(sender)), thread: Mutex::new(Some(thread)) })
    }

    /// Writes what waits and stops.
    pub(crate) fn stop(&self) {
        drop(self.sender.lock().take());
        if let Some(thread) = self.thread.lock().take() {
            // A panic there was reported by the readers it failed.
            let _ = thread.join();
        }
    }

    /// Logs that `actor` read these entities with these fields; an empty list is a question that found nobody.
    pub(crate) fn log(&self, actor: &Actor, action: &str, kind: Kind, read: &[(EntityId, String)]) -> Result<(), RegistryError> {
        let row = |entity: Option<EntityId>, fields: &str| NewAccess {
            at: now(),
            principal: actor.principal.clone(),
            department: actor.department.clone(),
            purpose: actor.purpose.clone(),
            action: action.to_owned(),
            kind,
            entity,
            fields: fields.to_owned(),
            request_id: actor.request_id.clone(),
        };
        let mut rows: Vec<NewAccess> = read.iter().map(|(entity, fields)| row(Some(*entity), fields)).collect();
        if rows.is_empty() {
            rows.push(row(None, ""));
        }
        // Seeing values in full is an event of its own.
        if unmasking(actor) != Unmasking::Nothing {
            let seen: Vec<NewAccess> = rows.iter().map(|row| NewAccess { action: UNMASK.to_owned(), ..row.clone() }).collect();
            rows.extend(seen);
        }
        let sender = self.sender.lock().clone().ok_or_else(|| unavailable(None))?;
        let (reply, answer) = channel();
        sender.send(Trace { rows, reply }).map_err(|_| unavailable(None))?;
        answer.recv().map_err(|_| unavailable(None))?
    }
}

fn unavailable(source: Option<Arc<dyn std::error::Error + Send + Sync>>) -> RegistryError {
    let message = "the access log cannot be written, so nothing is shown; try again later";
    RegistryError::Unavailable { code: "audit-unavailable", message: message.into(), source }
}

fn serve(core: &Core, receiver: &Receiver<Trace>) {
    while let Ok(first) = receiver.recv() {
        let mut rows = first.rows;
        let mut replies = vec![first.reply];
        while replies.len() < TRACES_PER_TRANSACTION
            && let Ok(next) = receiver.try_recv()
        {
            rows.extend(next.rows);
            replies.push(next.reply);
        }
        let turn = core.turn();
        let written = core.store.log_accesses(&rows).map_err(|error| unavailable(Some(Arc::new(error))));
        drop(turn);
        for reply in replies {
            // A reader that went away needs no answer.
            let _ = reply.send(written.clone());
        }
    }
}
