//! Requests for a mail with a link to set another password. They are answered at once; a background
//! task looks up the accounts, so that no response depends on whether there is one.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tracing::warn;
use wizitime_domain::DurationMs;

use crate::audit::{self, AuditEvent, AuditSubject};
use crate::auth::{Email, MAILED_LINK_LIFE_MS, Token};
use crate::clock;
use crate::config::{Config, PublicUrl};
use crate::mail::{self, MailQueue, Mailer, QueuedMail};
use crate::metrics::Metrics;
use crate::random::IdGenerator;
use crate::state::StartError;
use crate::storage::{NewPasswordLink, Storage, StorageError};

/// Requests that wait for the task; further ones get the same response and are lost.
const REQUESTS_WAITING_MAX: usize = 256;

/// The queue of requests.
#[derive(Debug)]
pub(crate) struct PasswordResets {
    mails: Arc<MailQueue>,
    /// None once it is stopped.
    running: Mutex<Option<(mpsc::Sender<Request>, JoinHandle<()>)>>,
}

/// A request, from a client with this address.
#[derive(Debug)]
struct Request {
    email: Email,
    address: IpAddr,
}

/// What the task needs.
struct Handler {
    storage: Storage,
    ids: IdGenerator,
    public_url: PublicUrl,
    mails: Arc<MailQueue>,
}

/// A link was not created.
enum LinkError {
    Storage(StorageError),
    Random(getrandom::Error),
}

impl PasswordResets {
    /// Starts the task, if mails are configured.
    ///
    /// # Errors
    /// If TLS cannot be set up, or the operating system provides no randomness.
    pub(crate) fn start(
        config: &Config,
        storage: &Storage,
        metrics: &Arc<Metrics>,
    ) -> Result<Option<Self>, StartError> {
        let Some(mail) = &config.mail else { return Ok(None) };
        let mailer = Mailer::new(mail, &config.public_url).map_err(StartError::Mail)?;
        let mails = Arc::new(MailQueue::start(mailer, Arc::clone(metrics)));
        let handler = Handler {
            storage: storage.clone(),
            ids: IdGenerator::from_os().map_err(StartError::Random)?,
            public_url: config.public_url.clone(),
            mails: Arc::clone(&mails),
        };
        let (sender, queue) = mpsc::channel(REQUESTS_WAITING_MAX);
        let task = tokio::spawn(handler.run(queue));
        Ok(Some(Self { mails, running: Mutex::new(Some((sender, task))) }))
    }

    /// Adds a request.
    pub(crate) fn add(&self, email: Email, address: IpAddr) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let request = Request { email, address };
        let is_added = running.as_ref().is_some_and(|(it, _)| it.try_send(request).is_ok());
        if !is_added {
            warn!("password reset dropped: too many wait, or the server stops");
        }
    }

    /// Waits for the requests so far, and for their mails.
    pub(crate) async fn stop(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((sender, task)) = running {
            drop(sender);
            // A panic is logged by the runtime.
            let _ = task.await;
        }
        self.mails.stop().await;
    }
}

impl Handler {
    async fn run(self, mut queue: mpsc::Receiver<Request>) {
        while let Some(request) = queue.recv().await {
            if let Err(error) = self.handle(&request).await {
                warn!(%error, "password reset failed");
            }
        }
    }

    /// The mail goes to the address of the account: what was typed may only resemble it.
    async fn handle(&self, request: &Request) -> Result<(), LinkError> {
        let user = self.storage.find_user(&request.email).await.map_err(LinkError::Storage)?;
        let user_id = user.as_ref().map(|user| user.user_id);
        let subject = AuditSubject { user_id, address: Some(request.address) };
        let event = AuditEvent::PasswordResetRequested;
        audit::record(&self.storage, &self.ids, event, subject).await;
        let Some(user) = user.filter(|user| !user.is_disabled) else { return Ok(()) };
        let token = Token::generate_mailed().map_err(LinkError::Random)?;
        let created_at = clock::now();
        let link = NewPasswordLink {
            user_id: user.user_id,
            hash: token.hash(),
            created_at,
            expires_at: created_at.saturating_add(DurationMs::from_ms(MAILED_LINK_LIFE_MS)),
        };
        let is_added = self.storage.add_mailed_link(link).await.map_err(LinkError::Storage)?;
        let mail = if is_added {
            mail::password_reset(&user.email, &self.public_url.set_password(&token))
        } else {
            mail::link_of_operator(&user.email)
        };
        self.mails.add(QueuedMail { user_id: user.user_id, mail });
        Ok(())
    }
}

impl std::fmt::Display for LinkError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Storage(error) => error.fmt(f),
            Self::Random(error) => write!(f, "no randomness: {error}"),
        }
    }
}
