//! Binary frames, and bytes as hexadecimal text.

use proptest::prelude::*;

use super::fixtures;

/// A binary frame with its own lengths or with others, and with some of its bytes changed.
pub fn binary_frame() -> BoxedStrategy<Vec<u8>> {
    let text = prop_oneof![
        Just(String::new()),
        Just("1".to_owned()),
        Just(format!("users:{}", fixtures::USER)),
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
    let edit = (any::<prop::sample::Index>(), any::<u8>(), 0..3_u8);
    (frame, prop::collection::vec(edit, 0..3))
        .prop_map(|(mut bytes, edits)| {
            for (at, byte, kind) in edits {
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

/// The bytes as hexadecimal digits.
pub fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of hexadecimal digits; other characters are skipped.
pub fn from_hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        text.chars().filter_map(|it| it.to_digit(16)).map(|it| it as u8).collect();
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}
