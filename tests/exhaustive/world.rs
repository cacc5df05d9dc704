//! All of a world as a few numbers: each part is kept once, in [`crate::lore::Lore`].

use crate::fingerprint::{Fingerprint, Mixer};
use crate::lore::Lore;
use crate::table::Id;

/// As in the simulator: a tab that is frozen for longer never goes on.
pub(crate) const FOR_GOOD_MS: u64 = 1 << 40;

/// Something that a tab is told by its browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// It has the sender's lock.
    Lock,
    Input(Id),
}

/// What comes to a tab on its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Down {
    Frame(Id),
    Closed,
}

/// A connection, and what is under way on it.
#[derive(Clone, Debug)]
pub(crate) struct Conn {
    pub(crate) id: u64,
    pub(crate) opening: bool,
    /// The server's end, while there is one.
    pub(crate) session: Option<Id>,
    pub(crate) up: Vec<Id>,
    pub(crate) down: Vec<Down>,
}

/// A tab and what is under way to it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tab {
    /// Counts lives.
    pub(crate) life: u8,
    /// None if it is closed.
    pub(crate) client: Option<Id>,
    pub(crate) frozen: bool,
    pub(crate) conn: Option<Conn>,
    /// What the other tab changed in localStorage.
    pub(crate) stored: Vec<Id>,
    pub(crate) told: Vec<Told>,
}

/// What a tab asked of IndexedDB.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request {
    pub(crate) tab: u8,
    pub(crate) deed: Id,
}

/// A browser profile.
#[derive(Clone, Debug)]
pub(crate) struct Device {
    pub(crate) disk: Id,
    /// The tab that holds the sender's lock.
    pub(crate) sender: Option<u8>,
    /// IndexedDB does one thing after the other.
    pub(crate) requests: Vec<Request>,
}

/// Everything there is.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) now_ms: u64,
    /// How much of the script is done.
    pub(crate) acted: u8,
    /// Whether the fault has struck.
    pub(crate) struck: bool,
    pub(crate) tabs: Vec<Tab>,
    pub(crate) devices: Vec<Device>,
    pub(crate) server: Id,
    /// What the oracle remembers.
    pub(crate) recorded: Id,
}

impl World {
    /// Complete: two worlds with the same fingerprint go on alike. On a connection where nothing is
    /// under way its own name and the numbers of its messages do not matter, because nothing refers
    /// to an earlier one.
    pub(crate) fn fingerprint(&self, lore: &Lore) -> Fingerprint {
        let mut mixer = Mixer::new();
        mixer.word(self.now_ms);
        mixer.row(&[self.acted, u8::from(self.struck)]);
        mixer.row(&[self.server, self.recorded]);
        for device in &self.devices {
            mixer.word(device.disk);
            mixer.word(device.sender.map_or(0, |tab| tab + 1));
            mixer.word(device.requests.len() as u64);
            for request in &device.requests {
                mixer.row(&[Id::from(request.tab), request.deed]);
            }
        }
        for tab in &self.tabs {
            mixer.row(&[tab.life, u8::from(tab.frozen), u8::from(tab.client.is_some())]);
            mixer.row(&tab.stored);
            mixer.word(tab.told.len() as u64);
            for told in &tab.told {
                mixer.word(match told {
                    Told::Lock => 0,
                    Told::Input(input) => 1 + u64::from(*input),
                });
            }
            tab.mix_link(lore, &mut mixer);
        }
        mixer.finish()
    }
}

impl Tab {
    fn mix_link(&self, lore: &Lore, mixer: &mut Mixer) {
        let Some(client) = self.client else { return };
        let mind = lore.minds.get(client);
        let Some(conn) = &self.conn else {
            mixer.row(&[0, client]);
            return;
        };
        let is_still = conn.up.is_empty() && conn.down.is_empty() && !conn.opening;
        if let (true, Some(calm), Some(session)) = (is_still, mind.calm, conn.session) {
            mixer.word(1_u8);
            mixer.wide(calm);
            mixer.wide(lore.calm_session(session));
            return;
        }
        mixer.row(&[2, client, u32::from(conn.opening), conn.session.map_or(0, |it| it + 1)]);
        mixer.word(conn.id);
        mixer.row(&conn.up);
        mixer.word(conn.down.len() as u64);
        for down in &conn.down {
            mixer.word(match down {
                Down::Closed => 0,
                Down::Frame(frame) => 1 + u64::from(*frame),
            });
        }
    }
}
