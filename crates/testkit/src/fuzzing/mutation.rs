//! Mutated texts: golden ones with tokens removed, doubled, swapped or replaced.

use std::collections::BTreeSet;
use std::ops::Range;

use proptest::prelude::*;
use proptest::sample::{Index, select};

/// The most edits of one text: with more it is rejected at its beginning, and the code behind that
/// is not reached.
const EDITS_MAX: usize = 4;
/// One level deeper than the protocol allows.
const TOO_DEEP: usize = 128;
/// One more member than an object may have.
const TOO_WIDE: usize = 257;
/// Longer than any text that is accepted.
const TOO_LONG_CHARS: usize = 3_001;

/// JSON punctuation; each character is a token.
const PUNCTUATION: &str = "{}[]:,";

/// Texts that are known to break parsers.
const TROUBLE_MAKERS: [&str; 40] = [
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

/// One edit of a text.
#[derive(Clone, Debug)]
enum Edit {
    Delete(Index),
    Double(Index),
    Swap(Index, Index),
    Replace(Index, String),
    Insert(Index, String),
    /// Ends the text in the middle of a token.
    Truncate(Index),
    /// Removes the last character of a token.
    DropChar(Index),
    /// Copies a range of tokens to another place.
    CopyRange(Index, Index, Index),
}

/// The tokens of a text: strings, numbers and words, punctuation.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut open = false;
    let mut in_text = false;
    let mut escaped = false;
    for letter in text.chars() {
        let alone = !in_text && (PUNCTUATION.contains(letter) || letter.is_whitespace());
        if alone || !open {
            tokens.push(String::new());
        }
        tokens.last_mut().unwrap().push(letter);
        open = !alone;
        match letter {
            '"' if !in_text => in_text = true,
            '"' if !escaped => (in_text, open) = (false, false),
            _ => (),
        }
        escaped = in_text && letter == '\\' && !escaped;
    }
    tokens
}

impl Edit {
    fn apply(&self, tokens: &mut Vec<String>) {
        if tokens.is_empty() {
            tokens.push(String::new());
        }
        let count = tokens.len();
        match self {
            Self::Delete(at) => drop(tokens.remove(at.index(count))),
            Self::Double(at) => {
                let at = at.index(count);
                tokens.insert(at, tokens[at].clone());
            }
            Self::Swap(one, other) => tokens.swap(one.index(count), other.index(count)),
            Self::Replace(at, with) => tokens[at.index(count)].clone_from(with),
            Self::Insert(at, what) => tokens.insert(at.index(count + 1), what.clone()),
            Self::Truncate(at) => {
                let at = at.index(count);
                tokens.truncate(at + 1);
                let half = tokens[at].chars().count() / 2;
                tokens[at] = tokens[at].chars().take(half).collect();
            }
            Self::DropChar(at) => {
                let at = at.index(count);
                tokens[at].pop();
            }
            Self::CopyRange(one, other, at) => {
                let (one, other) = (one.index(count), other.index(count));
                let part: Range<usize> = one.min(other)..one.max(other) + 1;
                let part = tokens[part].to_vec();
                let at = at.index(count);
                tokens.splice(at..at, part);
            }
        }
    }
}

/// A token to insert: a known trouble maker, a token of a golden text, or something too long.
fn inserted_token(golden: &[String]) -> BoxedStrategy<String> {
    let known: BTreeSet<String> = golden.iter().flat_map(|text| tokens(text)).collect();
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
        8 => select(&TROUBLE_MAKERS[..]).prop_map(str::to_owned),
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
        6 => (at(), inserted_token(golden)).prop_map(|(at, with)| Edit::Replace(at, with)),
        2 => (at(), inserted_token(golden)).prop_map(|(at, what)| Edit::Insert(at, what)),
        1 => at().prop_map(Edit::Truncate),
        1 => at().prop_map(Edit::DropChar),
        1 => (at(), at(), at()).prop_map(|(one, other, at)| Edit::CopyRange(one, other, at)),
    ]
    .boxed()
}

/// One of these texts, unchanged or with a few edits.
pub fn mutated(golden: Vec<String>) -> BoxedStrategy<String> {
    let edits = prop_oneof![
        1 => Just(Vec::new()),
        4 => prop::collection::vec(edit(&golden), 1..=EDITS_MAX),
    ];
    (select(golden), edits)
        .prop_map(|(text, edits)| {
            let mut tokens = tokens(&text);
            edits.iter().for_each(|edit| edit.apply(&mut tokens));
            tokens.concat()
        })
        .boxed()
}
