//! The threads that hash passwords. Each keeps the memory of one hash (19 MiB) and uses it again,
//! so that the memory of the process does not grow with the number of hashes.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use argon2::Block;
use tokio::sync::oneshot;
use tracing::error;

use super::fair_queue::FairQueue;

/// Threads, at most. Two hash about a hundred passwords per second.
const THREADS_MAX: usize = 2;

/// The working memory of Argon2 (RFC 9106, section 3.2), grown to the largest hash so far.
pub(super) type Memory = Vec<Block>;

type Job = Box<dyn FnOnce(&mut Memory) + Send>;

/// The queue is full, or the work panicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Busy;

/// Runs hashes on a few threads, in turn for each client address. The threads end with it.
pub(super) struct HashPool {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    jobs: FairQueue<IpAddr, Job>,
    running: usize,
    is_closed: bool,
}

impl Default for State {
    fn default() -> Self {
        Self { jobs: FairQueue::new(), running: 0, is_closed: false }
    }
}

fn threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX)
}

impl HashPool {
    /// One thread per processor, [`THREADS_MAX`] at most.
    ///
    /// # Errors
    /// If the operating system refuses a thread.
    pub(super) fn start() -> io::Result<Self> {
        // Dropping the pool after a failure ends the threads that were started.
        let pool = Self { shared: Arc::default() };
        for _ in 0..threads() {
            let shared = Arc::clone(&pool.shared);
            let thread = thread::Builder::new().name("password-hash".to_owned());
            thread.spawn(move || shared.work())?;
        }
        Ok(pool)
    }

    /// Runs `work` on a thread of the pool when it is this address's turn. Work whose caller has
    /// gone is skipped.
    ///
    /// # Errors
    /// If too many hashes wait, or `work` panics.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        address: IpAddr,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let (sender, receiver) = oneshot::channel();
        let job: Job = Box::new(move |memory| {
            if !sender.is_closed() {
                // The caller may go while the work runs.
                drop(sender.send(work(memory)));
            }
        });
        // A displaced job is dropped with its sender, which ends the wait of its caller.
        let displaced = self.shared.lock().jobs.push(address, job).map_err(|_| Busy)?;
        drop(displaced);
        self.shared.changed.notify_one();
        receiver.await.map_err(|_| Busy)
    }

    /// The number of running and of waiting hashes.
    pub(super) fn load(&self) -> (usize, usize) {
        let state = self.shared.lock();
        (state.running, state.jobs.len())
    }
}

impl Drop for HashPool {
    fn drop(&mut self) {
        self.shared.lock().is_closed = true;
        self.shared.changed.notify_all();
    }
}

impl fmt::Debug for HashPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HashPool")
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The life of a thread.
    fn work(&self) {
        let mut memory = Memory::new();
        while let Some(job) = self.next() {
            if catch_unwind(AssertUnwindSafe(|| job(&mut memory))).is_err() {
                error!("hashing a password panicked");
            }
            self.lock().running -= 1;
        }
    }

    /// Waits for a job. None once the pool is closed.
    fn next(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if state.is_closed {
                return None;
            }
            if let Some(job) = state.jobs.pop() {
                state.running += 1;
                return Some(job);
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::sync::mpsc;

    use super::*;
    use crate::auth::fair_queue::WAITING_PER_KEY_MAX;

    const ATTACKER: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));
    const OWNER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

    /// Occupies every thread until the sender is dropped.
    async fn occupy(pool: &Arc<HashPool>) -> mpsc::Sender<()> {
        let (release, wait) = mpsc::channel::<()>();
        let wait = Arc::new(Mutex::new(wait));
        for _ in 0..threads() {
            let (pool, wait) = (Arc::clone(pool), Arc::clone(&wait));
            let (started, is_started) = oneshot::channel();
            tokio::spawn(async move {
                let work = move |_: &mut Memory| {
                    let _ = started.send(());
                    let _ = wait.lock().unwrap().recv();
                };
                pool.run(ATTACKER, work).await
            });
            is_started.await.unwrap();
        }
        release
    }

    #[tokio::test]
    async fn an_address_with_many_hashes_delays_another_by_one_at_most() {
        let pool = Arc::new(HashPool::start().unwrap());
        let release = occupy(&pool).await;
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut waiting = Vec::new();
        for address in [ATTACKER, ATTACKER, ATTACKER, ATTACKER, OWNER] {
            let (pool, order) = (Arc::clone(&pool), Arc::clone(&order));
            let before = pool.load().1;
            let work = move |_: &mut Memory| order.lock().unwrap().push(address);
            let queue = Arc::clone(&pool);
            waiting.push(tokio::spawn(async move { pool.run(address, work).await }));
            while queue.load().1 == before {
                tokio::task::yield_now().await;
            }
        }
        drop(release);
        for it in waiting {
            it.await.unwrap().unwrap();
        }
        let position = order.lock().unwrap().iter().position(|it| *it == OWNER).unwrap();
        assert!(position <= THREADS_MAX, "{:?}", order.lock().unwrap());
    }

    #[tokio::test]
    async fn an_address_over_its_bound_is_refused() {
        let pool = Arc::new(HashPool::start().unwrap());
        let release = occupy(&pool).await;
        let mut waiting = Vec::new();
        for count in 1..=WAITING_PER_KEY_MAX {
            let queue = Arc::clone(&pool);
            waiting.push(tokio::spawn(async move { queue.run(ATTACKER, |_| ()).await }));
            while pool.load().1 < count {
                tokio::task::yield_now().await;
            }
        }
        assert_eq!(pool.run(ATTACKER, |_| ()).await, Err(Busy));
        drop(release);
        assert_eq!(pool.run(OWNER, |_| ()).await, Ok(()));
    }

    #[tokio::test]
    async fn memory_is_used_again() {
        let pool = HashPool::start().unwrap();
        let mut places = std::collections::BTreeSet::new();
        for _ in 0..10 * THREADS_MAX {
            let work = |memory: &mut Memory| {
                memory.resize(8, Block::default());
                memory.as_ptr().addr()
            };
            places.insert(pool.run(OWNER, work).await.unwrap());
        }
        assert!(places.len() <= THREADS_MAX, "{places:?}");
    }

    #[tokio::test]
    async fn a_panic_ends_one_hash_and_not_its_thread() {
        let pool = HashPool::start().unwrap();
        for _ in 0..2 * THREADS_MAX {
            assert_eq!(
                pool.run(OWNER, |_| panic!("expected by this test")).await,
                Err::<(), _>(Busy)
            );
        }
        assert_eq!(pool.run(OWNER, |_| 7).await, Ok(7));
    }
}
