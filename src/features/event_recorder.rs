//! Recording events: the only place where an event gets its envelope. Dispatchers make the payload,
//! with the time and the new ids that the recorder offers.

use wizitime_domain::{
    EVENT_BYTES_MAX, EntityKey, EntryId, Envelope, Event, EventId, EventProcessor, IdSource,
    Ledger, Rejection, Replaced, Timestamp, UndoStep, admission,
};

use crate::store::State;
use crate::store::record::BufferedEvent;
use crate::store::slices::notices::Refusal;

/// Records events, one after the other, and refuses those that cannot be valid given the shown
/// data.
#[derive(Debug)]
pub struct EventRecorder<'a> {
    ids: &'a mut IdSource,
    /// The server's time, as estimated.
    pub now: Timestamp,
    /// The device's time.
    wall: Timestamp,
    events: Vec<BufferedEvent>,
    /// The shown data with the recorded events applied.
    ledger: Option<Ledger>,
    /// The entries that the recorded events changed.
    touched: Vec<EntryId>,
    /// An entry that takes another one's place.
    pub replaced: Option<Replaced>,
}

impl<'a> EventRecorder<'a> {
    /// A recorder for this moment.
    pub const fn new(ids: &'a mut IdSource, now: Timestamp, wall: Timestamp) -> Self {
        Self {
            ids,
            now,
            wall,
            events: Vec::new(),
            ledger: None,
            touched: Vec::new(),
            replaced: None,
        }
    }

    /// The 128 bits of a new id.
    pub fn new_id(&mut self) -> [u8; 16] {
        self.ids.uuid_v7(self.wall)
    }

    /// Records an event.
    ///
    /// # Errors
    /// If it can never be valid, or does not fit into the buffer.
    pub fn record(&mut self, state: &State, event: Event) -> Result<(), Refusal> {
        if !state.events.has_room_for(self.events.len() + 1) {
            return Err(Refusal::BufferFull);
        }
        let envelope = Envelope {
            id: EventId::from_bytes(self.new_id()),
            device_id: state.device.device_id,
            writer_id: state.device.writer_id,
            // Corrupt storage may hold the greatest number there is. Later events have the same
            // then, and are ordered by their ids, which begin with the time.
            seq: state.device.last_seq.saturating_add(1 + self.events.len() as u64),
            at: self.now,
            recorded_at: self.wall,
            zone: state.device.zone.clone(),
            event,
        };
        let ledger = self.ledger.get_or_insert_with(|| state.ledger.shown().clone());
        let applied = EventProcessor::apply(ledger, &envelope).map_err(Refusal::Rejected)?;
        admission::check_event(ledger, &envelope.event, self.now).map_err(Refusal::Rejected)?;
        let (json, owner) = (envelope.to_json(), state.session.owner());
        // Control characters take six bytes each. No server would accept it, and no start of the
        // app could read it from storage again.
        if json.as_str().len() > EVENT_BYTES_MAX {
            return Err(Refusal::Rejected(Rejection::TooLarge { bytes_max: EVENT_BYTES_MAX }));
        }
        self.events.push(BufferedEvent { envelope, json, owner });
        for key in applied.touched {
            if let EntityKey::TimeEntry(id) = key {
                self.touched.push(id);
            }
        }
        Ok(())
    }

    /// What the recorded events changed; none if they changed no entries.
    pub fn undo_step(&self, state: &State) -> Option<UndoStep> {
        let (before, after) = (state.ledger.shown(), self.ledger.as_ref()?);
        UndoStep::between(before, after, self.touched.iter().copied(), self.replaced)
    }

    /// Takes the recorded events.
    pub fn take(&mut self) -> Vec<BufferedEvent> {
        std::mem::take(&mut self.events)
    }
}
