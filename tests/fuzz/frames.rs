//! The decoders of frames: what they accept they can encode again, and no input makes them panic.

use proptest::prelude::*;
use wizitime_protocol::phoenix::{BinaryFrame, Frame};

use wizitime_testkit::fuzzing::{Target, binary_frame, fixtures, from_hex, mutated, to_hex};

use crate::CORPUS;

pub(crate) fn text_frames() -> Target {
    let golden = [fixtures::frames("client"), fixtures::frames("server")].concat();
    let inputs = mutated(golden).prop_map(|text| vec![text]).boxed();
    Target { corpus: CORPUS, name: "text_frames", inputs, check: check_texts }
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
    Target { corpus: CORPUS, name: "binary_frames", inputs, check: check_binaries }
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
