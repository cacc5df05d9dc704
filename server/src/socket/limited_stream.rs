//! The byte stream of a socket, with limits on the message that a client is sending.

use std::fmt;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{
    AsyncBufRead as _, AsyncBufReadExt as _, AsyncRead, AsyncWrite, BufReader, ReadBuf,
};
use tokio::time::{Instant, Sleep, sleep_until};

use super::frame_splitter::{FrameSplitter, InvalidFrame};
use super::receive_budget::{Charge, OverBudget};

/// The read buffer of each socket, in bytes. Most sockets are idle, so it is small.
const BUFFER_BYTES: usize = 2 * 1024;

/// Why no more is received from a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReceiveError {
    Frame(InvalidFrame),
    /// A message took longer than [`SocketTimeouts::message`](crate::SocketTimeouts).
    Slow,
    Budget(OverBudget),
}

impl fmt::Display for ReceiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Frame(error) => error.fmt(f),
            Self::Slow => f.write_str("message not complete in time"),
            Self::Budget(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ReceiveError {}

impl From<ReceiveError> for io::Error {
    fn from(error: ReceiveError) -> Self {
        Self::other(error)
    }
}

/// The stream between the client and tungstenite.
///
/// tungstenite limits the length of a message, but neither the time that it takes nor the memory of
/// many of them: fragments are collected until the last one arrives, pings keep the connection from
/// being idle, and a buffer that has held a large frame is kept. Here all three are bounded:
///
/// - a message must be complete in a limited time after its first byte;
/// - the bytes of unfinished messages are charged to the user, see
///   [`ReceiveBudget`](super::receive_budget::ReceiveBudget);
/// - tungstenite sees small frames only, see [`FrameSplitter`].
#[derive(Debug)]
pub(super) struct LimitedStream<S> {
    stream: BufReader<S>,
    splitter: FrameSplitter,
    charge: Charge,
    message_timeout: Duration,
    /// Wakes the task when an unfinished message takes too long.
    timer: Pin<Box<Sleep>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> LimitedStream<S> {
    pub(super) fn new(stream: S, charge: Charge, message_timeout: Duration) -> Self {
        Self {
            stream: BufReader::with_capacity(BUFFER_BYTES, stream),
            splitter: FrameSplitter::default(),
            charge,
            message_timeout,
            timer: Box::pin(sleep_until(Instant::now())),
        }
    }

    /// Discards everything until the client closes its side.
    ///
    /// # Errors
    /// If the connection is lost.
    pub(super) async fn discard(&mut self) -> io::Result<()> {
        loop {
            let length = self.stream.fill_buf().await?.len();
            if length == 0 {
                return Ok(());
            }
            self.stream.consume(length);
        }
    }

    /// Passes input on, and charges the user for the unfinished message.
    fn pass_on(&mut self, length: usize, output: &mut ReadBuf<'_>) -> Result<(), ReceiveError> {
        let input = self.stream.buffer();
        let input = input.get(..length).unwrap_or(input);
        let taken = self.splitter.pass_on(input, output).map_err(ReceiveError::Frame)?;
        Pin::new(&mut self.stream).consume(taken);
        let passed = self.splitter.unfinished().map_or(0, |message| message.passed);
        self.charge.set(passed).map_err(ReceiveError::Budget)
    }

    /// Completes when the unfinished message has taken too long.
    fn poll_slow(&mut self, cx: &mut Context<'_>) -> Poll<ReceiveError> {
        let Some(message) = self.splitter.unfinished() else { return Poll::Pending };
        let deadline = message.began + self.message_timeout;
        if self.timer.deadline() != deadline {
            self.timer.as_mut().reset(deadline);
        }
        self.timer.as_mut().poll(cx).map(|()| ReceiveError::Slow)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for LimitedStream<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        output: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = output.filled().len();
        // The rest of a head, which needs no input.
        let mut length = 0;
        loop {
            this.pass_on(length, output)?;
            if output.filled().len() > before {
                return Poll::Ready(Ok(()));
            }
            if let Poll::Ready(error) = this.poll_slow(cx) {
                return Poll::Ready(Err(error.into()));
            }
            length = ready!(Pin::new(&mut this.stream).poll_fill_buf(cx))?.len();
            if length == 0 {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for LimitedStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
