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
    occurs,
};

/// How much is read from a connection at once.
const CHUNK_BYTES: usize = 4 * 1024;

/// The address and the conditions of the network.
#[derive(Debug)]
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    conditions: Rc<NetworkConditions>,
}

/// What all connections share.
#[derive(Debug)]
struct NetworkConditions {
    server: SocketAddr,
    rng: RefCell<IdSource>,
    is_stable: Cell<bool>,
    cuts: Cell<u64>,
}

/// What happens to a chunk.
enum ChunkFault {
    Passes,
    /// It is late.
    Delayed(Duration),
    /// Only so many of its bytes pass before the connection is cut.
    Cut(usize),
    /// It is dropped, and everything after it.
    Muted,
}

impl Proxy {
    /// Listens on a free port of this machine.
    pub(crate) async fn start(server: SocketAddr, rng: IdSource) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let conditions = Rc::new(NetworkConditions {
            server,
            rng: RefCell::new(rng),
            is_stable: Cell::new(false),
            cuts: Cell::new(0),
        });
        let shared = Rc::clone(&conditions);
        spawn_local(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let conditions = Rc::clone(&shared);
                // The two ends of a connection detect how it ends.
                spawn_local(async move { conditions.carry(client).await.unwrap_or_default() });
            }
        });
        Self { address, conditions }
    }

    /// No more faults from now on. A muted connection stays muted.
    pub(crate) fn end_faults(&self) {
        self.conditions.is_stable.set(true);
    }

    /// Connections that were cut or refused.
    pub(crate) fn cuts(&self) -> u64 {
        self.conditions.cuts.get()
    }
}

impl NetworkConditions {
    fn occurs(&self, chance: u64) -> bool {
        !self.is_stable.get() && occurs(&mut self.rng.borrow_mut(), chance)
    }

    fn below(&self, bound: u64) -> u64 {
        self.rng.borrow_mut().below(bound)
    }

    fn count_cut(&self) {
        self.cuts.set(self.cuts.get() + 1);
    }

    async fn carry(&self, client: TcpStream) -> io::Result<()> {
        if self.occurs(REFUSED) {
            self.count_cut();
            return Ok(());
        }
        let server = TcpStream::connect(self.server).await?;
        // A socket that connects to an unused local port may be assigned that port itself.
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

    /// Waits until the connection is cut whether anything passes or not; possibly for ever.
    async fn end_of_life(&self) {
        if self.occurs(SHORT_LIVED) {
            sleep(Duration::from_millis(self.below(LIFE_MS_MAX))).await;
            if !self.is_stable.get() {
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
            match self.chunk_fault(count) {
                ChunkFault::Passes => (),
                ChunkFault::Delayed(duration) => sleep(duration).await,
                ChunkFault::Cut(passing) => {
                    self.count_cut();
                    return to.write_all(&bytes[..passing]).await;
                }
                ChunkFault::Muted => is_mute.set(true),
            }
            if !is_mute.get() {
                to.write_all(&bytes[..count]).await?;
            }
        }
    }

    fn chunk_fault(&self, count: usize) -> ChunkFault {
        if self.occurs(CUT) {
            ChunkFault::Cut(self.below(count as u64 + 1) as usize)
        } else if self.occurs(MUTED) {
            ChunkFault::Muted
        } else if self.occurs(STALLED) {
            ChunkFault::Delayed(Duration::from_millis(self.below(STALL_MS_MAX)))
        } else if self.occurs(DELAYED) {
            ChunkFault::Delayed(Duration::from_millis(self.below(DELAY_MS_MAX)))
        } else {
            ChunkFault::Passes
        }
    }
}
