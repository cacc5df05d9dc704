//! What else happens to a device: its storage, its clock, its token, its identity.

use super::World;
use crate::faults::Fault;

/// The farthest that a clock is set forth or back.
const CLOCK_JUMP_MS_MAX: u64 = 48 * 3_600_000;

/// One such happening.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mischief {
    /// localStorage is cleared. What waits is still in the tabs and in the mirror.
    Clear,
    /// The clock is set.
    ClockJump,
    /// The server takes the token no longer.
    Revoke,
    /// The profile is copied onto the next device.
    Copy,
}

impl Mischief {
    /// All of them, and the faults that bring them about.
    pub(crate) const ALL: [(Fault, Self); 4] = [
        (Fault::Clear, Self::Clear),
        (Fault::ClockJump, Self::ClockJump),
        (Fault::Revoke, Self::Revoke),
        (Fault::Copy, Self::Copy),
    ];
}

impl World {
    pub(super) fn mischief(&mut self, device: usize, what: Mischief) {
        if self.calm {
            return;
        }
        self.trace.note(self.now_ms, || format!("device {device}: {what:?}"));
        match what {
            Mischief::Clear => {
                let it = &mut self.devices[device];
                it.local_storage.clear();
                it.unflushed.clear();
                // What no mirror has yet was never called saved.
                let (log, user_id) = (&self.server.log, self.user_id);
                self.recorded.forget_unsaved(&self.devices, log, user_id);
            }
            Mischief::ClockJump => {
                let jump_ms = self.rng.below(2 * CLOCK_JUMP_MS_MAX) as i64;
                self.devices[device].skew_ms += jump_ms - CLOCK_JUMP_MS_MAX as i64;
            }
            Mischief::Revoke => {
                for tab in 0..self.devices[device].tabs.len() {
                    let open = self.devices[device].tabs[tab].as_ref();
                    let account = open.and_then(|it| it.client.state().session.account());
                    self.server.revoked.extend(account.map(|it| it.token.clone()));
                    self.cut((device, tab));
                }
            }
            Mischief::Copy => self.copy_profile(device),
        }
    }

    /// Both devices are the same to the server from here on, and both send what waits.
    fn copy_profile(&mut self, from: usize) {
        let to = (from + 1) % self.devices.len();
        for tab in 0..self.devices[to].tabs.len() {
            self.kill((to, tab));
        }
        let copied: Vec<_> = self.devices[from].local_storage.clone().into_iter().collect();
        let mirror = self.devices[from].mirror.clone();
        let it = &mut self.devices[to];
        it.mirror.extend(mirror);
        it.local_storage.extend(copied);
        it.unflushed.clear();
    }
}
