//! A world as a few numbers: each part is interned in [`crate::interner::Interner`].

use crate::fingerprint::{Fingerprint, Mixer};
use crate::interner::Interner;
use crate::table::Id;

/// A message from the browser to a tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BrowserMessage {
    /// The tab holds the leader lock.
    Lock,
    Input(Id),
}

/// What arrives at a tab on its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Down {
    Frame(Id),
    Closed,
}

/// A connection with the frames on their way.
#[derive(Clone, Debug)]
pub(crate) struct Conn {
    pub(crate) id: u64,
    pub(crate) opening: bool,
    /// The server's end, while there is one.
    pub(crate) session: Option<Id>,
    pub(crate) up: Vec<Id>,
    pub(crate) down: Vec<Down>,
}

/// A tab with the inputs on their way to it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tab {
    /// Counts lives.
    pub(crate) life: u8,
    /// None if it is closed.
    pub(crate) client: Option<Id>,
    pub(crate) frozen: bool,
    pub(crate) conn: Option<Conn>,
    /// Notifications about changes of localStorage by the other tab.
    pub(crate) stored: Vec<Id>,
    pub(crate) messages: Vec<BrowserMessage>,
}

/// A request of a tab to IndexedDB.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request {
    pub(crate) tab: u8,
    pub(crate) change: Id,
}

/// A browser profile.
#[derive(Clone, Debug)]
pub(crate) struct Device {
    pub(crate) profile: Id,
    /// The tab that holds the leader lock.
    pub(crate) leader: Option<u8>,
    /// IndexedDB executes one request after the other.
    pub(crate) requests: Vec<Request>,
}

/// A state of the whole system.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) now_ms: u64,
    /// How much of the script is done.
    pub(crate) acted: u8,
    /// Whether the fault has occurred.
    pub(crate) has_faulted: bool,
    pub(crate) tabs: Vec<Tab>,
    pub(crate) devices: Vec<Device>,
    pub(crate) server: Id,
    /// The history that the invariants compare with.
    pub(crate) history: Id,
}

impl World {
    /// Complete: two worlds with the same fingerprint go on alike. On a connection where nothing is
    /// under way its own name and the numbers of its messages do not matter, because nothing refers
    /// to an earlier one.
    pub(crate) fn fingerprint(&self, interner: &Interner) -> Fingerprint {
        let mut mixer = Mixer::new();
        mixer.word(self.now_ms);
        mixer.row(&[self.acted, u8::from(self.has_faulted)]);
        mixer.row(&[self.server, self.history]);
        for device in &self.devices {
            mixer.word(device.profile);
            mixer.word(device.leader.map_or(0, |tab| tab + 1));
            mixer.word(device.requests.len() as u64);
            for request in &device.requests {
                mixer.row(&[Id::from(request.tab), request.change]);
            }
        }
        for tab in &self.tabs {
            mixer.row(&[tab.life, u8::from(tab.frozen), u8::from(tab.client.is_some())]);
            mixer.row(&tab.stored);
            mixer.word(tab.messages.len() as u64);
            for messages in &tab.messages {
                mixer.word(match messages {
                    BrowserMessage::Lock => 0,
                    BrowserMessage::Input(input) => 1 + u64::from(*input),
                });
            }
            tab.mix_link(interner, &mut mixer);
        }
        mixer.finish()
    }
}

impl Tab {
    fn mix_link(&self, interner: &Interner, mixer: &mut Mixer) {
        let Some(client) = self.client else { return };
        let client_id = interner.clients.get(client);
        let Some(conn) = &self.conn else {
            mixer.row(&[0, client]);
            return;
        };
        let is_still = conn.up.is_empty() && conn.down.is_empty() && !conn.opening;
        if let (true, Some(idle), Some(session)) = (is_still, client_id.idle, conn.session) {
            mixer.word(1_u8);
            mixer.wide(idle);
            mixer.wide(interner.idle_session(session));
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
