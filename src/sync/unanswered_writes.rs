//! Writes to the durable copy that have no reply yet. A reply can get lost, and some browsers leave
//! a transaction unanswered.

use wizitime_domain::SortedSet;
use wizitime_protocol::MonoTime;

use super::storage_keys::StorageKey;
use crate::effects::DurableWrite;

/// How long a write to the durable copy may take before it is repeated, in milliseconds.
pub const DURABLE_WRITE_MS_MAX: u64 = 15_000;
/// How many repetitions in a row may stay unanswered until the durable copy counts as unavailable.
pub const DURABLE_WRITE_REPETITIONS_MAX: u32 = 2;
/// How many keys are remembered to be removed. An event whose key stays in the durable copy is sent
/// again after a crash, and the server recognises it.
const UNANSWERED_REMOVES_MAX: usize = 10_000;
/// How often an unavailable durable copy is tried again, in milliseconds.
const UNAVAILABLE_RETRY_MS: u64 = 60_000;

/// The writes to repeat, and the time of the next repetition. Puts of events are taken from the
/// buffer instead: it knows which are not durable and which are not archived. Removes from the
/// archive are not repeated, because a resent event is recognised by its id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct UnansweredWrites {
    removes: SortedSet<String>,
    /// Keys and texts of records that are not events.
    puts: Vec<(String, String)>,
    /// When all of it is written again. None if every write was answered.
    until: Option<MonoTime>,
    /// Repetitions since the last reply.
    repetitions: u32,
}

impl UnansweredWrites {
    /// When the next repetition is due.
    pub(super) const fn due(&self) -> Option<MonoTime> {
        self.until
    }

    /// Something is not in the durable copy: it is written again after a while.
    pub(super) fn expect_reply(&mut self, now: MonoTime) {
        self.until.get_or_insert(now.plus_ms(DURABLE_WRITE_MS_MAX));
    }

    /// A write is on its way. It replaces earlier writes to its keys.
    pub(super) fn issued(&mut self, write: &DurableWrite, now: MonoTime) {
        self.expect_reply(now);
        for key in &write.removes {
            self.puts.retain(|(known, _)| known != key);
            if self.removes.len() < UNANSWERED_REMOVES_MAX {
                self.removes.insert(key.clone());
            }
        }
        for put in &write.puts {
            self.removes.remove(&put.0);
            if !is_event(&put.0) && !self.puts.contains(put) {
                self.puts.push(put.clone());
            }
        }
    }

    /// A write is on disk.
    pub(super) fn written(&mut self, write: &DurableWrite) {
        self.repetitions = 0;
        for key in &write.removes {
            self.removes.remove(key);
        }
        self.puts.retain(|put| !write.puts.contains(put));
    }

    /// Whether all writes without events were answered.
    pub(super) const fn is_empty(&self) -> bool {
        self.removes.is_empty() && self.puts.is_empty()
    }

    /// Every write was answered.
    pub(super) const fn settle(&mut self) {
        self.until = None;
        self.repetitions = 0;
    }

    /// Everything is written once more. Returns what is not an event.
    pub(super) fn repeat(&mut self, now: MonoTime) -> DurableWrite {
        self.repetitions = self.repetitions.saturating_add(1);
        let after_ms = match self.is_given_up() {
            true => UNAVAILABLE_RETRY_MS,
            false => DURABLE_WRITE_MS_MAX,
        };
        self.until = Some(now.plus_ms(after_ms));
        let removes = self.removes.iter().cloned().collect();
        DurableWrite { removes, puts: self.puts.clone(), ..DurableWrite::default() }
    }

    /// Whether so many repetitions stayed unanswered that nothing waits for a reply any longer.
    pub(super) const fn is_given_up(&self) -> bool {
        self.repetitions > DURABLE_WRITE_REPETITIONS_MAX
    }
}

fn is_event(key: &str) -> bool {
    StorageKey::parse(key).is_some_and(|it| it.event_id().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: MonoTime = MonoTime::from_ms(1_000);

    fn removing(key: &str) -> DurableWrite {
        DurableWrite { removes: vec![key.to_owned()], ..DurableWrite::default() }
    }

    fn putting(key: &str) -> DurableWrite {
        DurableWrite { puts: vec![(key.to_owned(), "1".to_owned())], ..DurableWrite::default() }
    }

    #[test]
    fn an_unanswered_write_is_repeated() {
        let mut writes = UnansweredWrites::default();
        writes.issued(&removing("a"), NOW);
        writes.issued(&putting("b"), NOW);
        let both = DurableWrite { puts: putting("b").puts, ..removing("a") };
        assert_eq!(writes.repeat(NOW), both);
        writes.written(&removing("a"));
        assert_eq!(writes.repeat(NOW), putting("b"));
        writes.written(&putting("b"));
        assert!(writes.is_empty());
    }

    #[test]
    fn only_the_last_write_to_a_key_is_repeated() {
        let mut writes = UnansweredWrites::default();
        writes.issued(&removing("a"), NOW);
        writes.issued(&putting("a"), NOW);
        assert_eq!(writes.repeat(NOW), putting("a"));
        writes.issued(&removing("a"), NOW);
        assert_eq!(writes.repeat(NOW), removing("a"));
    }

    #[test]
    fn remembered_removes_are_bounded() {
        let mut writes = UnansweredWrites::default();
        for number in 0..=UNANSWERED_REMOVES_MAX {
            writes.issued(&removing(&number.to_string()), NOW);
        }
        assert_eq!(writes.repeat(NOW).removes.len(), UNANSWERED_REMOVES_MAX);
    }

    #[test]
    fn a_silent_durable_copy_is_given_up_and_tried_less_often() {
        let mut writes = UnansweredWrites::default();
        writes.issued(&removing("a"), NOW);
        for _ in 0..DURABLE_WRITE_REPETITIONS_MAX {
            writes.repeat(NOW);
            assert_eq!(writes.due(), Some(NOW.plus_ms(DURABLE_WRITE_MS_MAX)));
            assert!(!writes.is_given_up());
        }
        writes.repeat(NOW);
        assert_eq!(writes.due(), Some(NOW.plus_ms(UNAVAILABLE_RETRY_MS)));
        assert!(writes.is_given_up());
        writes.written(&removing("b"));
        assert!(!writes.is_given_up());
    }
}
