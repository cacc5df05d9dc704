//! Nearly valid texts: golden ones, with pieces taken out, doubled, swapped or replaced.

use std::collections::BTreeSet;
use std::ops::Range;

use proptest::prelude::*;
use proptest::sample::{Index, select};

/// The most changes that are made to one text: after a few it is refused at the first byte, and
/// nothing behind that is reached.
const EDITS_MAX: usize = 4;
/// One level deeper than anything may be (`wizitime_domain::json::DEPTH_MAX` is 127).
const TOO_DEEP: usize = 128;
/// One more member than an object may have.
const TOO_WIDE: usize = 257;
/// Longer than any text that is taken.
const TOO_LONG_CHARS: usize = 3_001;

/// What stands between the pieces of a JSON text, and is a piece itself.
const PUNCTUATION: &str = "{}[]:,";

/// Texts that are known for breaking readers.
const NASTY: [&str; 40] = [
    "0",
    "-0",
    "-1",
    "1.5",
    "1e999",
    "01",
    "65536",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "7258118400000",
    "7258118400001",
    "null",
    "true",
    "nul",
    "{}",
    "[]",
    "{",
    "]",
    "\"",
    "\"\"",
    "\\",
    "\"\\ud83d\"",
    "\"\\ude00\\ud83d\"",
    "\"\\u0000\"",
    "\0",
    "\"\0\"",
    "\u{feff}",
    "\r\n",
    "\"😀é\u{301}\u{202e}\"",
    "\"phx_reply\"",
    "\"phx_join\"",
    "\"phx_leave\"",
    "\"phx_error\"",
    "\"phoenix\"",
    "\"guest\"",
    "\"START_TWO_CLOCKS\"",
    "\"rejected\"",
];

/// One change of a text.
#[derive(Clone, Debug)]
enum Edit {
    Delete(Index),
    Double(Index),
    Swap(Index, Index),
    Replace(Index, String),
    Insert(Index, String),
    /// Ends the text in the middle of a piece.
    Truncate(Index),
    /// Takes one character out.
    Nibble(Index),
    /// A longer part of the text, a second time somewhere else.
    Graft(Index, Index, Index),
}

/// The pieces of a text: texts in quotes, numbers and words, punctuation.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut open = false;
    let mut in_text = false;
    let mut escaped = false;
    for letter in text.chars() {
        let alone = !in_text && (PUNCTUATION.contains(letter) || letter.is_whitespace());
        if alone || !open {
            pieces.push(String::new());
        }
        pieces.last_mut().unwrap().push(letter);
        open = !alone;
        match letter {
            '"' if !in_text => in_text = true,
            '"' if !escaped => (in_text, open) = (false, false),
            _ => (),
        }
        escaped = in_text && letter == '\\' && !escaped;
    }
    pieces
}

impl Edit {
    fn make(&self, pieces: &mut Vec<String>) {
        if pieces.is_empty() {
            pieces.push(String::new());
        }
        let count = pieces.len();
        match self {
            Self::Delete(at) => drop(pieces.remove(at.index(count))),
            Self::Double(at) => {
                let at = at.index(count);
                pieces.insert(at, pieces[at].clone());
            }
            Self::Swap(one, other) => pieces.swap(one.index(count), other.index(count)),
            Self::Replace(at, with) => pieces[at.index(count)].clone_from(with),
            Self::Insert(at, what) => pieces.insert(at.index(count + 1), what.clone()),
            Self::Truncate(at) => {
                let at = at.index(count);
                pieces.truncate(at + 1);
                let half = pieces[at].chars().count() / 2;
                pieces[at] = pieces[at].chars().take(half).collect();
            }
            Self::Nibble(at) => {
                let at = at.index(count);
                pieces[at].pop();
            }
            Self::Graft(one, other, at) => {
                let (one, other) = (one.index(count), other.index(count));
                let part: Range<usize> = one.min(other)..one.max(other) + 1;
                let part = pieces[part].to_vec();
                let at = at.index(count);
                pieces.splice(at..at, part);
            }
        }
    }
}

/// Something to put in: a nasty text, a piece of one of the golden ones, or too much of something.
fn filling(golden: &[String]) -> BoxedStrategy<String> {
    let known: BTreeSet<String> = golden.iter().flat_map(|text| pieces(text)).collect();
    let known: Vec<String> = known.into_iter().collect();
    let members: Vec<String> = (0..TOO_WIDE).map(|name| format!("\"{name}\":0")).collect();
    let much = [
        format!("{}{}", "[".repeat(TOO_DEEP), "]".repeat(TOO_DEEP)),
        "{\"a\":".repeat(TOO_DEEP),
        format!("{{{}}}", members.join(",")),
        format!("\"{}\"", "ü".repeat(TOO_LONG_CHARS)),
        "9".repeat(TOO_LONG_CHARS),
    ];
    prop_oneof![
        8 => select(known),
        8 => select(&NASTY[..]).prop_map(str::to_owned),
        1 => select(much.to_vec()),
        1 => any::<String>(),
        1 => any::<String>().prop_map(|text| format!("{text:?}")),
    ]
    .boxed()
}

fn edit(golden: &[String]) -> BoxedStrategy<Edit> {
    let at = any::<Index>;
    prop_oneof![
        2 => at().prop_map(Edit::Delete),
        2 => at().prop_map(Edit::Double),
        2 => (at(), at()).prop_map(|(one, other)| Edit::Swap(one, other)),
        6 => (at(), filling(golden)).prop_map(|(at, with)| Edit::Replace(at, with)),
        2 => (at(), filling(golden)).prop_map(|(at, what)| Edit::Insert(at, what)),
        1 => at().prop_map(Edit::Truncate),
        1 => at().prop_map(Edit::Nibble),
        1 => (at(), at(), at()).prop_map(|(one, other, at)| Edit::Graft(one, other, at)),
    ]
    .boxed()
}

/// Texts that are one of the golden ones, whole or nearly.
pub(crate) fn nearly(golden: Vec<String>) -> BoxedStrategy<String> {
    let edits = prop_oneof![
        1 => Just(Vec::new()),
        4 => prop::collection::vec(edit(&golden), 1..=EDITS_MAX),
    ];
    (select(golden), edits)
        .prop_map(|(text, edits)| {
            let mut pieces = pieces(&text);
            edits.iter().for_each(|edit| edit.make(&mut pieces));
            pieces.concat()
        })
        .boxed()
}
