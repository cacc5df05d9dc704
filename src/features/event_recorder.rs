//! Turning what happened into a record: the only door through which time and ids come in.

use wizitime_domain::{Envelope, Event, EventId, EventProcessor, IdSource, Ledger, Timestamp};

use crate::store::State;
pub use crate::store::slices::notices::Refusal;
use crate::sync::record::BufferedEvent;

/// Makes records of events, one after the other, and sees to it that each can be right given
/// what is shown.
#[derive(Debug)]
pub struct EventRecorder<'a> {
    ids: &'a mut IdSource,
    /// By the server's clock, as estimated.
    pub now: Timestamp,
    /// By the device's clock.
    wall: Timestamp,
    records: Vec<BufferedEvent>,
    ledger: Option<Ledger>,
}

impl<'a> EventRecorder<'a> {
    /// A recorder for what happens now.
    pub const fn new(ids: &'a mut IdSource, now: Timestamp, wall: Timestamp) -> Self {
        Self { ids, now, wall, records: Vec::new(), ledger: None }
    }

    /// The 128 bits of a new id.
    pub fn new_id(&mut self) -> [u8; 16] {
        self.ids.uuid_v7(self.wall)
    }

    /// Records an event.
    ///
    /// # Errors
    /// If it can never be right, or does not fit into the buffer.
    pub fn record(&mut self, state: &State, event: Event) -> Result<(), Refusal> {
        if !state.events.has_room_for(self.records.len() + 1) {
            return Err(Refusal::BufferFull);
        }
        let envelope = Envelope {
            id: EventId::from_bytes(self.new_id()),
            device_id: state.device.device_id,
            writer_id: state.device.writer_id,
            // A broken disk may hold the greatest number there is. What comes after it has the
            // same, and is in the order of its ids: they begin with the time.
            seq: state.device.last_seq.saturating_add(1 + self.records.len() as u64),
            at: self.now,
            recorded_at: self.wall,
            zone: state.device.zone.clone(),
            event,
        };
        let ledger = self.ledger.get_or_insert_with(|| state.ledger.shown().clone());
        EventProcessor::apply(ledger, &envelope).map_err(Refusal::Rejected)?;
        let (json, owner) = (envelope.to_json(), state.session.owner());
        self.records.push(BufferedEvent { envelope, json, owner });
        Ok(())
    }

    /// What was recorded.
    pub fn take(&mut self) -> Vec<BufferedEvent> {
        std::mem::take(&mut self.records)
    }
}
