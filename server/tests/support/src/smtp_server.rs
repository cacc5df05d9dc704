//! A mail server for tests, which receives mails instead of delivering them.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio_rustls::TlsAcceptor;
use wizitime_server::{Config, Invocation};

/// The sender of mails to a [`SmtpServer`].
pub const SENDER: &str = "time@example.org";
/// What links in mails begin with.
pub const PUBLIC_URL: &str = "https://nas/time/";

/// How the server behaves.
#[derive(Clone, Default)]
pub struct SmtpBehaviour {
    /// Connections that are closed at once, as by a server that is not up yet.
    pub dropped: usize,
    /// Mails that are refused for now.
    pub deferred: usize,
    /// A recipient that does not exist.
    pub unknown: Option<&'static str>,
    /// The base 64 of name and password that AUTH PLAIN must have.
    pub login: Option<&'static str>,
    /// Mails are acknowledged only once this is true.
    pub gate: Option<watch::Receiver<bool>>,
    /// Encryption, from the first byte or with STARTTLS.
    pub tls: Option<(TlsStart, TlsAcceptor)>,
}

/// When encryption begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsStart {
    FirstByte,
    StartTls,
}

/// A mail as it arrived.
#[derive(Clone, Debug)]
pub struct ReceivedMail {
    pub from: String,
    pub to: Vec<String>,
    pub data: String,
    pub is_encrypted: bool,
}

/// A server on a free port of this machine.
pub struct SmtpServer {
    pub address: SocketAddr,
    mails: mpsc::UnboundedReceiver<ReceivedMail>,
    connections: Arc<AtomicUsize>,
}

impl SmtpServer {
    pub async fn start(behaviour: SmtpBehaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, mails) = mpsc::unbounded_channel();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if count.fetch_add(1, Ordering::SeqCst) < behaviour.dropped {
                    continue;
                }
                let deferred = Arc::clone(&count);
                let (behaviour, sender) = (behaviour.clone(), sender.clone());
                // A client that breaks off is no failure of the server.
                tokio::spawn(async move {
                    let number = deferred.load(Ordering::SeqCst);
                    let _ = serve(stream, &behaviour, number, &sender).await;
                });
            }
        });
        Self { address, mails, connections }
    }

    /// The value of `smtp_url`.
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// Waits for a mail.
    pub async fn next_mail(&mut self) -> ReceivedMail {
        self.mails.recv().await.unwrap()
    }

    /// The mails that arrived and were not waited for.
    pub fn further_mails(&mut self) -> usize {
        std::iter::from_fn(|| self.mails.try_recv().ok()).count()
    }

    /// The number of connections so far.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// Sends the mails of a test server to the mail server with this URL.
pub fn mail_to(url: &str) -> impl FnOnce(&mut Config) + use<> {
    let line = format!("--smtp-url {url} --smtp-from {SENDER} --public-url {PUBLIC_URL}");
    move |config| match Invocation::read(line.split(' ').map(Into::into), []) {
        Ok(Invocation::Run { config: with_mail, .. }) => {
            config.mail = with_mail.mail;
            config.public_url = with_mail.public_url;
        }
        other => panic!("{line}: {other:?}"),
    }
}

impl ReceivedMail {
    /// The value of a header, on one line.
    pub fn header(&self, name: &str) -> Option<String> {
        let (head, _) = self.data.split_once("\r\n\r\n").unwrap();
        let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        unfolded.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    }

    /// The names of all headers, sorted.
    pub fn header_names(&self) -> Vec<String> {
        let (head, _) = self.data.split_once("\r\n\r\n").unwrap();
        let lines = head.lines().filter(|line| !line.starts_with([' ', '\t']));
        let mut names: Vec<_> =
            lines.map(|line| line.split(':').next().unwrap().to_lowercase()).collect();
        names.sort();
        names
    }

    /// The text, decoded.
    pub fn text(&self) -> String {
        let (_, body) = self.data.split_once("\r\n\r\n").unwrap();
        match self.header("content-transfer-encoding").as_deref() {
            Some("7bit") => body.to_owned(),
            Some("quoted-printable") => decode_quoted_printable(body),
            other => panic!("{other:?}"),
        }
    }

    /// The token of the link that begins with this.
    pub fn token(&self, name: &str) -> String {
        let prefix = format!("{PUBLIC_URL}account#{name}=");
        let text = self.text();
        let token = text.lines().find_map(|line| line.strip_prefix(&prefix));
        token.unwrap_or_else(|| panic!("{text}")).to_owned()
    }
}

/// RFC 2045 §6.7.
fn decode_quoted_printable(text: &str) -> String {
    let text = text.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        if *first == b'=' {
            let digits = std::str::from_utf8(&after[..2]).unwrap();
            bytes.push(u8::from_str_radix(digits, 16).unwrap());
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// What ends a session.
#[derive(PartialEq, Eq)]
enum End {
    Quit,
    StartTls,
}

/// A session on a stream.
struct Session<'a, S> {
    stream: BufStream<S>,
    behaviour: &'a SmtpBehaviour,
    mails: &'a mpsc::UnboundedSender<ReceivedMail>,
    /// The number of the connection, from one.
    number: usize,
    is_encrypted: bool,
}

async fn serve(
    stream: TcpStream,
    behaviour: &SmtpBehaviour,
    number: usize,
    mails: &mpsc::UnboundedSender<ReceivedMail>,
) -> io::Result<()> {
    match &behaviour.tls {
        Some((TlsStart::FirstByte, acceptor)) => {
            let stream = BufStream::new(acceptor.accept(stream).await?);
            let mut session = Session { stream, behaviour, mails, number, is_encrypted: true };
            session.reply("220 test").await?;
            session.run().await.map(drop)
        }
        Some((TlsStart::StartTls, _)) | None => {
            let stream = BufStream::new(stream);
            let mut session = Session { stream, behaviour, mails, number, is_encrypted: false };
            session.reply("220 test").await?;
            let end = session.run().await?;
            if let (End::StartTls, Some((_, acceptor))) = (end, &behaviour.tls) {
                let stream = acceptor.accept(session.stream.into_inner()).await?;
                let stream = BufStream::new(stream);
                let mut session = Session { stream, behaviour, mails, number, is_encrypted: true };
                session.run().await?;
            }
            Ok(())
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<'_, S> {
    async fn reply(&mut self, line: &str) -> io::Result<()> {
        self.stream.write_all(format!("{line}\r\n").as_bytes()).await?;
        self.stream.flush().await
    }

    async fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        match self.stream.read_line(&mut line).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(line),
        }
    }

    async fn run(&mut self) -> io::Result<End> {
        let offers_starttls = self.behaviour.tls.is_some() && !self.is_encrypted;
        let (mut from, mut to) = (String::new(), Vec::new());
        loop {
            let line = self.line().await?;
            let line = line.trim_end();
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            let path = || {
                let (_, path) = line.split_once('<').unwrap();
                path.split('>').next().unwrap().to_owned()
            };
            match &*verb {
                "EHLO" if offers_starttls => self.reply("250-test\r\n250 STARTTLS").await?,
                "EHLO" if self.behaviour.login.is_some() => {
                    self.reply("250-test\r\n250 AUTH PLAIN").await?;
                }
                "EHLO" | "RSET" => self.reply("250 test").await?,
                "STARTTLS" => {
                    self.reply("220 go ahead").await?;
                    return Ok(End::StartTls);
                }
                "AUTH" if line.split(' ').nth(2) == self.behaviour.login => {
                    self.reply("235 welcome").await?;
                }
                "AUTH" => self.reply("535 5.7.8 authentication failed").await?,
                "MAIL" => {
                    from = path();
                    self.reply("250 ok").await?;
                }
                "RCPT" if self.behaviour.unknown == Some(&*path()) => {
                    self.reply(&format!("550 5.1.1 <{}> does not exist", path())).await?;
                }
                "RCPT" if self.number <= self.behaviour.deferred => {
                    self.reply("451 4.7.1 greylisted").await?;
                }
                "RCPT" => {
                    to.push(path());
                    self.reply("250 ok").await?;
                }
                "DATA" => {
                    self.reply("354 go ahead").await?;
                    let data = self.data().await?;
                    let (from, to) = (std::mem::take(&mut from), std::mem::take(&mut to));
                    let is_encrypted = self.is_encrypted;
                    let _ = self.mails.send(ReceivedMail { from, to, data, is_encrypted });
                    if let Some(mut gate) = self.behaviour.gate.clone() {
                        gate.wait_for(|is_open| *is_open).await.unwrap();
                    }
                    self.reply("250 accepted").await?;
                }
                "QUIT" => {
                    self.reply("221 bye").await?;
                    return Ok(End::Quit);
                }
                _ => self.reply("500 what?").await?,
            }
        }
    }

    /// The message, without the dots of its transport (RFC 5321 §4.5.2).
    async fn data(&mut self) -> io::Result<String> {
        let mut data = String::new();
        loop {
            let line = self.line().await?;
            if line == ".\r\n" {
                return Ok(data);
            }
            data += line.strip_prefix('.').unwrap_or(&line);
        }
    }
}
