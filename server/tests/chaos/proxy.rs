//! The network between the devices and the server: a TCP proxy that refuses, delays, stalls, cuts
//! and mutes connections.

use std::cell::{Cell, RefCell};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::spawn_local;
use tokio::time::sleep;
use wizitime_domain::IdSource;

use crate::faults::{
    CUT, DELAY_MS_MAX, DELAYED, LIFE_MS_MAX, MUTED, REFUSED, SHORT_LIVED, STALL_MS_MAX, STALLED,
    strikes,
};

/// What is taken from a connection at once.
const CHUNK_BYTES: usize = 4 * 1024;

/// The network's address and its weather.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    weather: Rc<Weather>,
}

/// What the connections share.
struct Weather {
    server: SocketAddr,
    rng: RefCell<IdSource>,
    is_calm: Cell<bool>,
    cuts: Cell<u64>,
}

/// What becomes of a chunk.
enum Fate {
    Passes,
    /// It is late.
    Waits(Duration),
    /// Only so many bytes of it pass before the connection is cut.
    Cut(usize),
    /// It is swallowed, and all that follows.
    Muted,
}

impl Proxy {
    /// Listens on a free port of this machine.
    pub(crate) async fn start(server: SocketAddr, rng: IdSource) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let weather = Rc::new(Weather {
            server,
            rng: RefCell::new(rng),
            is_calm: Cell::new(false),
            cuts: Cell::new(0),
        });
        let ours = Rc::clone(&weather);
        spawn_local(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let weather = Rc::clone(&ours);
                // How a connection ends is for its two ends to notice.
                spawn_local(async move { weather.carry(client).await.unwrap_or_default() });
            }
        });
        Self { address, weather }
    }

    /// From now on nothing more goes wrong. A connection that was muted stays so.
    pub(crate) fn calm_down(&self) {
        self.weather.is_calm.set(true);
    }

    /// Connections that were cut or refused.
    pub(crate) fn cuts(&self) -> u64 {
        self.weather.cuts.get()
    }
}

impl Weather {
    fn strikes(&self, chance: u64) -> bool {
        !self.is_calm.get() && strikes(&mut self.rng.borrow_mut(), chance)
    }

    fn below(&self, bound: u64) -> u64 {
        self.rng.borrow_mut().below(bound)
    }

    fn count_cut(&self) {
        self.cuts.set(self.cuts.get() + 1);
    }

    async fn carry(&self, client: TcpStream) -> io::Result<()> {
        if self.strikes(REFUSED) {
            self.count_cut();
            return Ok(());
        }
        let server = TcpStream::connect(self.server).await?;
        // A port where nobody listens can be given to the very socket that asks for it.
        if server.local_addr()? == self.server {
            return Ok(());
        }
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        let is_mute = Cell::new(false);
        tokio::select! {
            ended = self.pump(from_client, to_server, &is_mute) => ended,
            ended = self.pump(from_server, to_client, &is_mute) => ended,
            () = self.end_of_life() => Ok(()),
        }
    }

    /// When a connection is cut whatever passes through it; it may be never.
    async fn end_of_life(&self) {
        if self.strikes(SHORT_LIVED) {
            sleep(Duration::from_millis(self.below(LIFE_MS_MAX))).await;
            if !self.is_calm.get() {
                self.count_cut();
                return;
            }
        }
        std::future::pending().await
    }

    async fn pump(
        &self,
        mut from: OwnedReadHalf,
        mut to: OwnedWriteHalf,
        is_mute: &Cell<bool>,
    ) -> io::Result<()> {
        let mut bytes = vec![0; CHUNK_BYTES];
        loop {
            let count = from.read(&mut bytes).await?;
            if count == 0 {
                return Ok(());
            }
            match self.fate(count) {
                Fate::Passes => (),
                Fate::Waits(duration) => sleep(duration).await,
                Fate::Cut(passing) => {
                    self.count_cut();
                    return to.write_all(&bytes[..passing]).await;
                }
                Fate::Muted => is_mute.set(true),
            }
            if !is_mute.get() {
                to.write_all(&bytes[..count]).await?;
            }
        }
    }

    fn fate(&self, count: usize) -> Fate {
        if self.strikes(CUT) {
            Fate::Cut(self.below(count as u64 + 1) as usize)
        } else if self.strikes(MUTED) {
            Fate::Muted
        } else if self.strikes(STALLED) {
            Fate::Waits(Duration::from_millis(self.below(STALL_MS_MAX)))
        } else if self.strikes(DELAYED) {
            Fate::Waits(Duration::from_millis(self.below(DELAY_MS_MAX)))
        } else {
            Fate::Passes
        }
    }
}
