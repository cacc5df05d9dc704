//! Detects that the leader was frozen. What it knows of storage is outdated then, and so are the
//! messages that it gets first: it reads storage before it sends.

use wizitime_protocol::MonoTime;

/// A joined tab gets heartbeats and timers; a longer pause may have been a freeze, in milliseconds.
const FREEZE_MS_MIN: u64 = 1_000;

/// Whether storage has to be read again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FreezeGuard {
    is_storage_outdated: bool,
}

impl FreezeGuard {
    /// Notes an input of a leader that is joined. Returns whether storage has to be read now.
    pub(crate) const fn input(&mut self, last: MonoTime, now: MonoTime) -> bool {
        let may_have_been_frozen = now.ms_since(last) > FREEZE_MS_MIN;
        self.is_storage_outdated |= may_have_been_frozen;
        may_have_been_frozen
    }

    /// Notes that storage was read.
    pub(crate) const fn storage_read(&mut self) {
        self.is_storage_outdated = false;
    }

    /// Whether sending has to wait until storage is read.
    pub(crate) const fn blocks_sending(self) -> bool {
        self.is_storage_outdated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(ms: u64) -> MonoTime {
        MonoTime::from_ms(ms)
    }

    #[test]
    fn a_pause_blocks_sending_until_storage_is_read() {
        let mut guard = FreezeGuard::default();
        assert!(!guard.input(at(0), at(FREEZE_MS_MIN)));
        assert!(!guard.blocks_sending());
        assert!(guard.input(at(0), at(FREEZE_MS_MIN + 1)));
        assert!(!guard.input(at(FREEZE_MS_MIN + 1), at(FREEZE_MS_MIN + 1)), "it is read once");
        assert!(guard.blocks_sending());
        guard.storage_read();
        assert!(!guard.blocks_sending());
    }
}
