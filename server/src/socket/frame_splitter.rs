//! Splits large WebSocket frames into pieces, and finds the begin and end of each message.

use std::fmt;
use std::io::Cursor;

use tokio::io::ReadBuf;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

/// The largest message of a client, in bytes: twice the payload of the largest BULK_EVENT, so that
/// a client that exceeds that limit gets the reply `too_large`.
pub(super) const MESSAGE_BYTES_MAX: usize = 1024 * 1024;
/// The largest piece of a frame, in bytes. A multiple of 4, the length of a mask.
pub(super) const PIECE_BYTES_MAX: usize = 4 * 1024;
/// The largest payload of a control frame, in bytes (RFC 6455 §5.5).
const CONTROL_BYTES_MAX: u64 = 125;

/// The client sent something that RFC 6455 or the size limit forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InvalidFrame {
    /// The head of the frame is not valid.
    Head,
    /// The message is longer than [`MESSAGE_BYTES_MAX`].
    TooBig,
}

impl fmt::Display for InvalidFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Head => "invalid frame",
            Self::TooBig => "message too big",
        })
    }
}

/// A message that has begun and is not complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct UnfinishedMessage {
    pub(super) began: Instant,
    /// Bytes of its payload that were passed on, and of the piece that is being passed on.
    pub(super) passed: usize,
    /// Bytes of its payload in all frames whose head has arrived.
    announced: usize,
}

/// The frame whose payload is being passed on.
#[derive(Debug)]
struct CurrentFrame {
    head: FrameHeader,
    /// Payload that is not yet part of a piece, in bytes.
    bytes_left: usize,
    /// Payload of the current piece that is not yet passed on, in bytes.
    piece_left: usize,
}

/// Passes a client's frames on to tungstenite, which keeps a buffer as large as the largest frame
/// that it has read until the socket is closed. So a data frame with more than [`PIECE_BYTES_MAX`]
/// is passed on as several fragments of the same message.
#[derive(Debug, Default)]
pub(super) struct FrameSplitter {
    /// The bytes of a head that has not completely arrived.
    arriving: Vec<u8>,
    /// The rest of a head that is to be passed on.
    head: Vec<u8>,
    frame: Option<CurrentFrame>,
    message: Option<UnfinishedMessage>,
}

impl FrameSplitter {
    /// The message that is not complete.
    pub(super) const fn unfinished(&self) -> Option<UnfinishedMessage> {
        self.message
    }

    /// Passes bytes of `input` on to `output`, until one of them is exhausted. Returns the number
    /// of bytes taken from `input`.
    ///
    /// # Errors
    /// If the client violates the protocol or the size limit.
    pub(super) fn pass_on(
        &mut self,
        input: &[u8],
        output: &mut ReadBuf<'_>,
    ) -> Result<usize, InvalidFrame> {
        let mut rest = input;
        loop {
            self.pass_head_on(output);
            if output.remaining() == 0 {
                break;
            }
            match &mut self.frame {
                Some(frame) if frame.piece_left > 0 => {
                    let length = frame.piece_left.min(rest.len()).min(output.remaining());
                    let Some((payload, others)) = rest.split_at_checked(length) else { break };
                    if payload.is_empty() {
                        break;
                    }
                    output.put_slice(payload);
                    rest = others;
                    frame.piece_left -= length;
                    self.end_frame();
                }
                Some(_) => self.begin_piece()?,
                None => {
                    let Some((byte, others)) = rest.split_first() else { break };
                    rest = others;
                    self.arriving.push(*byte);
                    let parsed = FrameHeader::parse(&mut Cursor::new(&self.arriving));
                    if let Some((head, bytes)) = parsed.map_err(|_| InvalidFrame::Head)? {
                        self.arriving.clear();
                        self.begin_frame(head, bytes)?;
                    }
                }
            }
        }
        Ok(input.len() - rest.len())
    }

    /// Passes the rest of a head on.
    fn pass_head_on(&mut self, output: &mut ReadBuf<'_>) {
        let length = self.head.len().min(output.remaining());
        output.put_slice(self.head.get(..length).unwrap_or_default());
        self.head.drain(..length);
    }

    fn begin_frame(&mut self, head: FrameHeader, bytes: u64) -> Result<(), InvalidFrame> {
        match head.opcode {
            OpCode::Control(_) if bytes > CONTROL_BYTES_MAX => return Err(InvalidFrame::Head),
            OpCode::Control(_) => (),
            OpCode::Data(_) => {
                let new = UnfinishedMessage { began: Instant::now(), passed: 0, announced: 0 };
                let message = self.message.get_or_insert(new);
                let bytes = usize::try_from(bytes).map_err(|_| InvalidFrame::TooBig)?;
                message.announced = message.announced.saturating_add(bytes);
                if message.announced > MESSAGE_BYTES_MAX {
                    return Err(InvalidFrame::TooBig);
                }
            }
        }
        let bytes_left = usize::try_from(bytes).map_err(|_| InvalidFrame::TooBig)?;
        self.frame = Some(CurrentFrame { head, bytes_left, piece_left: 0 });
        self.begin_piece()
    }

    /// Passes the head of the frame's next piece on.
    fn begin_piece(&mut self) -> Result<(), InvalidFrame> {
        let Some(frame) = &mut self.frame else { return Ok(()) };
        let bytes = frame.bytes_left.min(PIECE_BYTES_MAX);
        frame.bytes_left -= bytes;
        frame.piece_left = bytes;
        let mut head = frame.head.clone();
        head.is_final = frame.head.is_final && frame.bytes_left == 0;
        let length = u64::try_from(bytes).map_err(|_| InvalidFrame::TooBig)?;
        head.format(length, &mut self.head).map_err(|_| InvalidFrame::Head)?;
        if let OpCode::Data(_) = frame.head.opcode {
            // The pieces after the first one continue the message.
            frame.head.opcode = OpCode::Data(Data::Continue);
            if let Some(message) = &mut self.message {
                message.passed += bytes;
            }
        }
        self.end_frame();
        Ok(())
    }

    /// Ends the frame if all of it was passed on, and with its last frame the message.
    fn end_frame(&mut self) {
        let Some(frame) = self.frame.take_if(|it| it.bytes_left == 0 && it.piece_left == 0) else {
            return;
        };
        match frame.head.opcode {
            OpCode::Data(_) if frame.head.is_final => self.message = None,
            OpCode::Data(_) | OpCode::Control(_) => (),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The header of a masked frame.
    fn head(first: u8, bytes: usize) -> Vec<u8> {
        let mut head = vec![first, 0xff];
        head.extend((bytes as u64).to_be_bytes());
        head.extend([1, 2, 3, 4]);
        head
    }

    /// A masked frame.
    fn frame(first: u8, bytes: usize) -> Vec<u8> {
        let payload = (0..bytes).map(|index| u8::try_from(index % 251).unwrap());
        head(first, bytes).into_iter().chain(payload).collect()
    }

    /// What is passed on if input and output come in portions of these lengths.
    fn pass_on(splitter: &mut FrameSplitter, input: &[u8], read: usize, write: usize) -> Vec<u8> {
        let mut passed = Vec::new();
        for mut portion in input.chunks(read) {
            loop {
                let mut buffer = vec![0; write];
                let mut output = ReadBuf::new(&mut buffer);
                let taken = splitter.pass_on(portion, &mut output).unwrap();
                portion = &portion[taken..];
                passed.extend_from_slice(output.filled());
                if portion.is_empty() && output.remaining() > 0 {
                    break;
                }
            }
        }
        passed
    }

    /// The frames of a stream: header and payload.
    fn frames(mut bytes: &[u8]) -> Vec<(FrameHeader, Vec<u8>)> {
        let mut frames = Vec::new();
        while !bytes.is_empty() {
            let mut cursor = Cursor::new(bytes);
            let (header, length) = FrameHeader::parse(&mut cursor).unwrap().unwrap();
            let begin = usize::try_from(cursor.position()).unwrap();
            let end = begin + usize::try_from(length).unwrap();
            frames.push((header, bytes[begin..end].to_vec()));
            bytes = &bytes[end..];
        }
        frames
    }

    #[test]
    fn large_frame_becomes_fragments_of_the_same_message() {
        let bytes = 2 * PIECE_BYTES_MAX + 10;
        let input = [frame(0x81, bytes), frame(0x89, 5), frame(0x81, 0)].concat();
        for (read, write) in [(1, 1), (7, 5_000), (100_000, 100_000), (4_096, 3)] {
            let mut splitter = FrameSplitter::default();
            let passed = frames(&pass_on(&mut splitter, &input, read, write));
            let shape: Vec<_> = passed
                .iter()
                .map(|(header, payload)| (header.opcode, header.is_final, payload.len()))
                .collect();
            let (text, more) = (OpCode::Data(Data::Text), OpCode::Data(Data::Continue));
            assert_eq!(
                shape,
                [
                    (text, false, PIECE_BYTES_MAX),
                    (more, false, PIECE_BYTES_MAX),
                    (more, true, 10),
                    (OpCode::from(9), true, 5),
                    (text, true, 0),
                ]
            );
            assert!(passed.iter().all(|(header, _)| header.mask == Some([1, 2, 3, 4])));
            let payload: Vec<u8> = passed[..3].iter().flat_map(|it| it.1.clone()).collect();
            assert_eq!(
                head(0x81, bytes).into_iter().chain(payload).collect::<Vec<u8>>(),
                frame(0x81, bytes)
            );
            assert_eq!(splitter.unfinished(), None);
        }
    }

    #[test]
    fn message_is_unfinished_until_its_last_byte_in_spite_of_pings() {
        let mut splitter = FrameSplitter::default();
        let input = [frame(0x01, 3), frame(0x89, 0), frame(0x00, 5_000), head(0x80, 9)].concat();
        pass_on(&mut splitter, &input, 100, 100);
        assert_eq!(splitter.unfinished().unwrap().passed, 3 + 5_000 + 9);
        pass_on(&mut splitter, &[0; 8], 100, 100);
        assert!(splitter.unfinished().is_some());
        pass_on(&mut splitter, &[0], 100, 100);
        assert_eq!(splitter.unfinished(), None);
    }

    #[test]
    fn forbidden_frames_are_refused_at_their_head() {
        let half = MESSAGE_BYTES_MAX / 2;
        for (input, expected) in [
            (head(0x83, 0), InvalidFrame::Head),
            (head(0x89, 126), InvalidFrame::Head),
            (head(0x81, MESSAGE_BYTES_MAX + 1), InvalidFrame::TooBig),
            (head(0x81, usize::MAX), InvalidFrame::TooBig),
            ([frame(0x01, half), frame(0x00, half), head(0x80, 1)].concat(), InvalidFrame::TooBig),
        ] {
            let mut buffer = vec![0; 2 * MESSAGE_BYTES_MAX];
            let passed = FrameSplitter::default().pass_on(&input, &mut ReadBuf::new(&mut buffer));
            assert_eq!(passed, Err(expected));
        }
    }
}
