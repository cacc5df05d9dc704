//! How a connection ends, and its close code.

use std::ops::ControlFlow;

use tokio_tungstenite::tungstenite::Error as SocketError;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use wizitime_hub::CloseCode;

use super::frame_splitter::InvalidFrame;
use super::limited_stream::ReceiveError;

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
    /// How a connection ends after this error of the stream of messages. For an invalid stream it
    /// is the close code that Phoenix uses.
    pub(super) fn after(error: &SocketError) -> Self {
        match error {
            SocketError::Capacity(_) => Self::Close(code_of(CloseCode::MessageTooBig)),
            SocketError::Utf8(_) => Self::Close(INVALID_PAYLOAD),
            SocketError::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
                Self::Disconnected
            }
            SocketError::Protocol(_) => Self::Close(code_of(CloseCode::InternalError)),
            SocketError::Io(error) => {
                let refused = error.get_ref().and_then(|error| error.downcast_ref());
                refused.map_or(Self::Disconnected, Self::after_refusal)
            }
            _ => Self::Disconnected,
        }
    }

    const fn after_refusal(error: &ReceiveError) -> Self {
        Self::Close(code_of(match error {
            ReceiveError::Frame(InvalidFrame::Head) => CloseCode::InternalError,
            ReceiveError::Frame(InvalidFrame::TooBig) => CloseCode::MessageTooBig,
            ReceiveError::Slow => CloseCode::PolicyViolation,
            ReceiveError::Budget(_) => CloseCode::TryAgainLater,
        }))
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
