//! The decoders of frames: what they take they can write again, and nothing makes them panic.

use proptest::prelude::*;
use wizitime_protocol::phoenix::{BinaryFrame, Frame};

use crate::fuzzer::Target;
use crate::golden;
use crate::mutation::nearly;

pub(crate) fn text_frames() -> Target {
    let golden = [golden::frames("client"), golden::frames("server")].concat();
    let inputs = nearly(golden).prop_map(|text| vec![text]).boxed();
    Target { name: "text_frames", inputs, check: check_texts }
}

fn check_texts(input: &[String]) {
    for text in input {
        if let Ok(frame) = Frame::decode(text) {
            let written = frame.encode().expect("a text frame carries JSON");
            assert_eq!(Frame::decode(&written), Ok(frame), "written as {written}");
        }
    }
}

pub(crate) fn binary_frames() -> Target {
    let inputs = binary_frame().prop_map(|bytes| vec![to_hex(&bytes)]).boxed();
    Target { name: "binary_frames", inputs, check: check_binaries }
}

fn check_binaries(input: &[String]) {
    for bytes in input.iter().map(|text| from_hex(text)) {
        for frame in
            [BinaryFrame::decode_from_client(&bytes), BinaryFrame::decode_from_server(&bytes)]
        {
            let _ = frame.map(|frame| assert_eq!(frame.encode(), Ok(bytes.clone())));
        }
    }
}

/// A frame with its own lengths or with others, as its own bytes or with some of them changed.
pub(crate) fn binary_frame() -> BoxedStrategy<Vec<u8>> {
    let text = prop_oneof![
        Just(String::new()),
        Just("1".to_owned()),
        Just(format!("users:{}", golden::USER)),
        Just("phoenix".to_owned()),
        Just("phx_join".to_owned()),
        Just("BULK_EVENT".to_owned()),
        "\\PC{0,8}",
        Just("ü".repeat(127)),
    ];
    let frame = (
        prop_oneof![6 => 0..3_u8, 1 => any::<u8>()],
        prop::collection::vec(text, 0..6),
        prop::collection::vec(any::<u8>(), 0..16),
    )
        .prop_map(|(kind, texts, data)| {
            let mut bytes = vec![kind];
            bytes.extend(texts.iter().map(|text| text.len() as u8));
            bytes.extend(texts.concat().bytes());
            bytes.extend(data);
            bytes
        });
    let change = (any::<prop::sample::Index>(), any::<u8>(), 0..3_u8);
    (frame, prop::collection::vec(change, 0..3))
        .prop_map(|(mut bytes, changes)| {
            for (at, byte, kind) in changes {
                let at = at.index(bytes.len().max(1));
                match kind {
                    0 => bytes.truncate(at),
                    1 => bytes.insert(at.min(bytes.len()), byte),
                    _ => bytes.iter_mut().skip(at).take(1).for_each(|it| *it = byte),
                }
            }
            bytes
        })
        .boxed()
}

pub(crate) fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of a hexadecimal text; what is none is passed over.
pub(crate) fn from_hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        text.chars().filter_map(|it| it.to_digit(16)).map(|it| it as u8).collect();
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}
