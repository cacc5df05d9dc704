//! How a connection ends, and its close code.

use std::ops::ControlFlow;

use tokio_tungstenite::tungstenite::Error as SocketError;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use wizitime_hub::CloseCode;

use super::frame_splitter::InvalidFrame;
use super::limited_stream::ReceiveError;

/// The close code for an invalid WebSocket frame (RFC 6455 §7.4.1).
const PROTOCOL_ERROR: u16 = 1002;
/// The close code for text that is not UTF-8 (RFC 6455 §7.4.1).
const INVALID_PAYLOAD: u16 = 1007;

/// How a connection ends.
#[derive(Clone, Copy, Debug)]
pub(super) enum Termination {
    /// The server closes it with this close code.
    Close(u16),
    /// The client closed it, or is unreachable.
    Disconnected,
}

/// Whether the connection continues.
pub(super) type Flow = ControlFlow<Termination>;

impl Termination {
    /// How a connection ends after this error of the stream of messages.
    pub(super) fn after(error: &SocketError) -> Self {
        match error {
            SocketError::Capacity(_) => Self::Close(code_of(CloseCode::MessageTooBig)),
            SocketError::Utf8(_) => Self::Close(INVALID_PAYLOAD),
            SocketError::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
                Self::Disconnected
            }
            SocketError::Protocol(_) => Self::Close(PROTOCOL_ERROR),
            SocketError::Io(error) => {
                let refused = error.get_ref().and_then(|error| error.downcast_ref());
                refused.map_or(Self::Disconnected, Self::after_refusal)
            }
            SocketError::ConnectionClosed
            | SocketError::AlreadyClosed
            | SocketError::Tls(_)
            | SocketError::WriteBufferFull(_)
            | SocketError::AttackAttempt
            | SocketError::Url(_)
            | SocketError::Http(_)
            | SocketError::HttpFormat(_) => Self::Disconnected,
        }
    }

    const fn after_refusal(error: &ReceiveError) -> Self {
        Self::Close(match error {
            ReceiveError::Frame(InvalidFrame::Head) => PROTOCOL_ERROR,
            ReceiveError::Frame(InvalidFrame::TooBig) => code_of(CloseCode::MessageTooBig),
            ReceiveError::Slow => code_of(CloseCode::PolicyViolation),
            ReceiveError::Budget(_) => code_of(CloseCode::TryAgainLater),
        })
    }
}

/// The server closes the connection with this code.
pub(super) fn close(code: CloseCode) -> Flow {
    ControlFlow::Break(Termination::Close(code_of(code)))
}

/// The number of the code.
pub(super) const fn code_of(code: CloseCode) -> u16 {
    code as u16
}
