//! A BULK_EVENT: appended as a whole or not at all, each event at most once.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::value::RawValue;
use wizitime_domain::{
    Applied, Entity, EntityKey, Envelope, EventId, EventProcessor, Ledger, MalformedEvent,
    Rejection, Timestamp, admission,
};
use wizitime_protocol::messages::{
    BULK_BYTES_MAX, BulkError, EVENTS_PER_BULK_MAX, Reason, SupersededEvent, read_bulk_event,
};

use crate::rejection_message::rejection_message;

/// One event of a batch, with its exact text.
#[derive(Clone, Debug)]
pub struct BatchEvent {
    pub envelope: Envelope,
    pub json: String,
}

/// A well-formed BULK_EVENT.
#[derive(Clone, Debug)]
pub struct Batch {
    events: Vec<BatchEvent>,
}

/// The data that has to be loaded to plan a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// The ids of the events: which of them are in the log already?
    pub event_ids: BTreeSet<EventId>,
    /// The entities to load, as far as they exist. The running entry is always needed as well.
    pub keys: BTreeSet<EntityKey>,
}

/// The data named by [`Needs`], read in one transaction.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// The sequence number of the last event in the log.
    pub cursor: u64,
    /// Those of [`Needs::event_ids`] that are in the log.
    pub known: BTreeSet<EventId>,
    /// Those of [`Needs::keys`] that exist, and the running entry.
    pub ledger: Ledger,
}

/// An event that is appended to the log.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// Its sequence number in the account's log, counted from 1.
    pub seq: u64,
    pub event: BatchEvent,
}

/// What to write, in the same transaction in which [`Loaded`] was read.
#[derive(Clone, Debug, Default)]
pub struct Commit {
    /// The cursor of the log afterwards; unchanged if no event is new.
    pub cursor: u64,
    pub accepted: Vec<Accepted>,
    /// Every changed entity, with the sequence number of the last event that changed it.
    pub changed: Vec<(u64, Entity)>,
    pub superseded: Vec<SupersededEvent>,
}

impl Batch {
    /// Parses the payload of a BULK_EVENT.
    ///
    /// # Errors
    /// The error reply, if the payload is too large, or if it or one of its events is malformed.
    pub fn parse(payload: &RawValue) -> Result<Self, BulkError> {
        if payload.get().len() > BULK_BYTES_MAX {
            return Err(BulkError::because(Reason::TooLarge));
        }
        let texts = read_bulk_event(payload).map_err(|error| BulkError {
            message: Some(format!("BULK_EVENT needs a list of events: {error}")),
            ..BulkError::because(Reason::Malformed)
        })?;
        if texts.len() > EVENTS_PER_BULK_MAX {
            return Err(BulkError::because(Reason::TooLarge));
        }
        let mut events = Vec::with_capacity(texts.len());
        for (index, text) in texts.into_iter().enumerate() {
            let envelope = Envelope::from_raw(text)
                .map_err(|MalformedEvent { id, rejection }| rejected(index, id, &rejection))?;
            events.push(BatchEvent { envelope, json: text.get().to_owned() });
        }
        Ok(Self { events })
    }

    /// The number of events.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// The bytes of the events.
    pub fn bytes(&self) -> u64 {
        bytes(&self.events)
    }

    /// Whether there are no events.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// What has to be loaded before [`Batch::plan`].
    pub fn needs(&self) -> Needs {
        let mut needs = Needs::default();
        for BatchEvent { envelope, .. } in &self.events {
            needs.event_ids.insert(envelope.id);
            needs.keys.extend(envelope.event.subjects());
            needs.keys.extend(envelope.event.references());
        }
        needs
    }

    /// Decides what the batch does, received at `now` by the server's clock. This is the only place
    /// that assigns sequence numbers.
    ///
    /// # Errors
    /// The error reply, if one event is rejected; then nothing must be written.
    pub fn plan(self, loaded: Loaded, now: Timestamp) -> Result<Commit, BulkError> {
        let Loaded { cursor, known, mut ledger } = loaded;
        let mut seen = known.clone();
        let mut commit = Commit { cursor, ..Commit::default() };
        let mut touched: BTreeMap<EntityKey, u64> = BTreeMap::new();
        for (index, event) in self.events.into_iter().enumerate() {
            let id = event.envelope.id;
            if !seen.insert(id) {
                continue;
            }
            let applied =
                apply_new(&mut ledger, &event.envelope, now).map_err(|rejection| BulkError {
                    accepted: known.iter().copied().collect(),
                    ..rejected(index, Some(id), &rejection)
                })?;
            commit.cursor += 1;
            let seq = commit.cursor;
            touched.extend(applied.touched.iter().map(|key| (*key, seq)));
            commit.superseded.extend(
                applied
                    .superseded
                    .map(|reason| SupersededEvent { id, code: reason.code().to_owned() }),
            );
            commit.accepted.push(Accepted { seq, event });
        }
        let changed = touched.into_iter().filter_map(|(key, seq)| Some((seq, ledger.get(key)?)));
        commit.changed = changed.collect();
        Ok(commit)
    }
}

impl Commit {
    /// The bytes by which the log grows.
    pub fn bytes(&self) -> u64 {
        bytes(self.accepted.iter().map(|accepted| &accepted.event))
    }
}

/// Applies an event that is not in the log yet.
fn apply_new(
    ledger: &mut Ledger,
    envelope: &Envelope,
    now: Timestamp,
) -> Result<Applied, Rejection> {
    let applied = EventProcessor::apply(ledger, envelope)?;
    admission::check(ledger, envelope, now)?;
    Ok(applied)
}

fn bytes<'a>(events: impl IntoIterator<Item = &'a BatchEvent>) -> u64 {
    events.into_iter().map(|event| event.json.len() as u64).sum()
}

fn rejected(index: usize, id: Option<EventId>, rejection: &Rejection) -> BulkError {
    BulkError {
        index: Some(index),
        id,
        code: Some(rejection.code().name().to_owned()),
        message: Some(rejection_message(rejection)),
        ..BulkError::because(Reason::Rejected)
    }
}

#[cfg(test)]
mod tests;
