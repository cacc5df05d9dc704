//! The queue of mails that the running server sends.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};
use tracing::{info, warn};
use wizitime_domain::UserId;
use wizitime_protocol::Backoff;

use super::{Mail, Mailer};
use crate::metrics::{MailOutcome, Metrics};
use crate::random;

/// Mails that wait for their first or a further attempt; more are dropped.
const MAILS_WAITING_MAX: usize = 256;
/// Attempts for each mail.
const MAIL_ATTEMPTS_MAX: usize = 6;
/// Nominal delays before further attempts: half an hour in all. A mail server that has not seen the
/// sender before may refuse it for some minutes (greylisting).
const RETRY_DELAYS_MS: [u64; MAIL_ATTEMPTS_MAX - 1] =
    [1_000, 15_000, 2 * 60_000, 8 * 60_000, 20 * 60_000];

/// A mail, and the account that it is for.
#[derive(Debug)]
pub(crate) struct QueuedMail {
    pub(crate) user_id: UserId,
    pub(crate) mail: Mail,
}

/// Mails that a background task sends, one after the other.
#[derive(Debug)]
pub(crate) struct MailQueue {
    metrics: Arc<Metrics>,
    /// One for each mail that may wait.
    places: Arc<Semaphore>,
    /// None once it is stopped.
    running: Mutex<Option<(mpsc::Sender<Waiting>, JoinHandle<()>)>>,
}

/// A mail with its attempts.
#[derive(Debug)]
struct Waiting {
    queued: QueuedMail,
    /// Held until the mail is sent or given up.
    _place: OwnedSemaphorePermit,
    due: Instant,
    attempts: usize,
    backoff: Backoff,
}

impl MailQueue {
    /// Starts the task.
    pub(crate) fn start(mailer: Mailer, metrics: Arc<Metrics>) -> Self {
        let (sender, queue) = mpsc::channel(MAILS_WAITING_MAX);
        let task = tokio::spawn(run(mailer, queue, Arc::clone(&metrics)));
        let places = Arc::new(Semaphore::new(MAILS_WAITING_MAX));
        Self { metrics, places, running: Mutex::new(Some((sender, task))) }
    }

    /// Adds a mail. It is dropped if too many wait, or the server stops.
    pub(crate) fn add(&self, queued: QueuedMail) {
        let user_id = queued.user_id;
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let place = Arc::clone(&self.places).try_acquire_owned();
        let is_added = match (running.as_ref(), place) {
            (Some((sender, _)), Ok(place)) => sender.try_send(Waiting::new(queued, place)).is_ok(),
            (None, _) | (_, Err(_)) => false,
        };
        if !is_added {
            self.metrics.record_mail(MailOutcome::Dropped);
            warn!(user = %user_id, "mail dropped: too many wait, or the server stops");
        }
    }

    /// Stops after the first attempt at each mail. Those that wait for a further attempt are given
    /// up.
    pub(crate) async fn stop(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((sender, task)) = running {
            drop(sender);
            // It has logged what it did not send; a panic is logged by the runtime.
            let _ = task.await;
        }
    }
}

async fn run(mailer: Mailer, mut queue: mpsc::Receiver<Waiting>, metrics: Arc<Metrics>) {
    let mut waiting: Vec<Waiting> = Vec::new();
    let mut is_stopping = false;
    loop {
        let next = (0..waiting.len()).min_by_key(|at| waiting[*at].due);
        let due = next.map(|at| waiting[at].due);
        if is_stopping && due.is_none_or(|due| due > Instant::now()) {
            break;
        }
        tokio::select! {
            biased;
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                if let Some(at) = next {
                    let again = attempt(&mailer, waiting.swap_remove(at), &metrics).await;
                    waiting.extend(again);
                }
            }
            // As many as there are places.
            added = queue.recv(), if !is_stopping => match added {
                Some(added) => waiting.push(added),
                None => is_stopping = true,
            },
        }
    }
    for it in waiting {
        metrics.record_mail(MailOutcome::Failed);
        warn!(user = %it.queued.user_id, attempts = it.attempts, "mail not sent: the server stops");
    }
}

impl Waiting {
    fn new(queued: QueuedMail, place: OwnedSemaphorePermit) -> Self {
        let backoff = Backoff::new(&RETRY_DELAYS_MS);
        Self { queued, _place: place, due: Instant::now(), attempts: 0, backoff }
    }
}

/// Tries to send a mail. Returns it if it is to be tried again. The log has neither its address nor
/// its text.
async fn attempt(mailer: &Mailer, mut it: Waiting, metrics: &Metrics) -> Option<Waiting> {
    it.attempts += 1;
    let (user, attempts) = (it.queued.user_id, it.attempts);
    let Err(error) = mailer.send(&it.queued.mail).await else {
        metrics.record_mail(MailOutcome::Sent);
        info!(%user, attempts, "mail sent");
        return None;
    };
    let (reason, code) = (error.reason(), error.code());
    if error.is_permanent() || attempts >= MAIL_ATTEMPTS_MAX {
        metrics.record_mail(MailOutcome::Failed);
        warn!(%user, attempts, reason, code, "mail not sent");
        return None;
    }
    // Without randomness the attempts are only less spread.
    let entropy = random::bytes().map_or(0, u64::from_le_bytes);
    let retry_ms = it.backoff.next_delay_ms(entropy);
    metrics.record_mail(MailOutcome::Delayed);
    info!(%user, attempts, reason, code, retry_ms, "mail delayed");
    it.due = Instant::now() + Duration::from_millis(retry_ms);
    Some(it)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;
    use crate::config::Config;
    use crate::mail::MailConfig;
    use crate::metrics::{Counters, Gauges};

    /// Its mail server does not exist.
    fn mailer() -> Mailer {
        let config = MailConfig {
            server: "smtp://127.0.0.1:1".parse().unwrap(),
            from: "time@example.org".parse().unwrap(),
        };
        Mailer::new(&config, &Config::new().public_url).unwrap()
    }

    fn metrics() -> Arc<Metrics> {
        Arc::new(Metrics::new(clock::now(), &Counters::default()))
    }

    fn mail() -> QueuedMail {
        let mail = Mail { to: "ada@example.org".into(), subject: "test", text: "test".into() };
        QueuedMail { user_id: UserId::from_bytes([7; 16]), mail }
    }

    fn count(metrics: &Metrics, outcome: &str) -> String {
        let gauges =
            Gauges { connections_open: 0, sockets_open: 0, hashes_running: 0, hashes_waiting: 0 };
        let page = metrics.render(&gauges).unwrap();
        let name = format!("wizitime_mails_total{{outcome=\"{outcome}\"}} ");
        page.lines().find_map(|line| line.strip_prefix(&name)).unwrap().to_owned()
    }

    #[tokio::test]
    async fn mails_over_the_bound_are_dropped_and_a_stop_gives_up_those_that_wait() {
        let metrics = metrics();
        let queue = MailQueue::start(mailer(), Arc::clone(&metrics));
        for _ in 0..MAILS_WAITING_MAX + 3 {
            queue.add(mail());
        }
        assert_eq!(count(&metrics, "dropped"), "3");
        queue.stop().await;
        assert_eq!(count(&metrics, "failed"), MAILS_WAITING_MAX.to_string());
        queue.add(mail());
        assert_eq!(count(&metrics, "dropped"), "4", "it was stopped");
    }

    #[tokio::test]
    async fn mail_is_given_up_after_the_last_attempt() {
        let (mailer, metrics) = (mailer(), metrics());
        let place = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
        let mut waiting = Some(Waiting::new(mail(), place));
        while let Some(it) = waiting {
            waiting = attempt(&mailer, it, &metrics).await;
        }
        let counted = ["delayed", "failed"].map(|outcome| count(&metrics, outcome));
        assert_eq!(counted, [(MAIL_ATTEMPTS_MAX - 1).to_string(), "1".to_owned()]);
    }
}
