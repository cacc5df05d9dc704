//! Orders the functions of a module by similarity, which makes the compressed module smaller by
//! 2.5 %: Brotli needs fewer bits for a repetition nearby than for a distant one.
//!
//! wasm-opt moves functions (and all that refers to them) into the order of their names, so the
//! order is written as names.

use std::collections::BTreeMap;

use wasm_encoder::{NameMap, NameSection};

use super::sections::appended;
use crate::failure::Failure;
use crate::wasm::{Functions, unreadable};

/// Two functions are as similar as the share of their byte sequences of this length that both have.
const SEQUENCE_BYTES: usize = 5;

/// A sequence in more functions than this says little about them, and counting it takes long.
const FUNCTIONS_PER_SEQUENCE_MAX: usize = 300;

/// The module with names for its functions, by which wasm-opt can sort them.
///
/// # Errors
/// When it is not a module.
pub(super) fn named(module: &[u8]) -> Result<Vec<u8>, Failure> {
    let functions = Functions::read(module).map_err(unreadable)?;
    let mut places = vec![0; functions.bodies.len()];
    for (place, function) in order(&functions.bodies).into_iter().enumerate() {
        places[function] = place;
    }
    let mut names = NameMap::new();
    for (index, place) in (functions.imported..).zip(places) {
        names.append(index, &format!("{place:08}"));
    }
    let mut section = NameSection::new();
    section.functions(&names);
    Ok(appended(module, &section))
}

/// An order in which similar bodies follow each other: each is followed by the one of the rest that
/// is most similar to it.
fn order(bodies: &[&[u8]]) -> Vec<usize> {
    let sequences: Vec<Vec<&[u8]>> = bodies.iter().map(|body| distinct_sequences(body)).collect();
    let mut owners: BTreeMap<&[u8], Vec<usize>> = BTreeMap::new();
    for (function, own) in sequences.iter().enumerate() {
        own.iter().for_each(|sequence| owners.entry(sequence).or_default().push(function));
    }
    owners.retain(|_, functions| functions.len() <= FUNCTIONS_PER_SEQUENCE_MAX);
    let mut is_placed = vec![false; bodies.len()];
    let mut shared = vec![0_usize; bodies.len()];
    let mut order = Vec::with_capacity(bodies.len());
    for first in 0..bodies.len() {
        let mut next = (!is_placed[first]).then_some(first);
        while let Some(function) = next {
            is_placed[function] = true;
            order.push(function);
            let mut similar = Vec::new();
            let lists = sequences[function].iter().filter_map(|sequence| owners.get(sequence));
            for other in lists.flatten().copied().filter(|other| !is_placed[*other]) {
                if shared[other] == 0 {
                    similar.push(other);
                }
                shared[other] += 1;
            }
            let similarity = |other: usize| {
                let all = sequences[function].len() + sequences[other].len() - shared[other];
                shared[other] as f64 / all as f64
            };
            next = similar
                .iter()
                .copied()
                .max_by(|one, other| similarity(*one).total_cmp(&similarity(*other)));
            similar.into_iter().for_each(|other| shared[other] = 0);
        }
    }
    order
}

fn distinct_sequences(body: &[u8]) -> Vec<&[u8]> {
    let mut sequences: Vec<&[u8]> = body.windows(SEQUENCE_BYTES).collect();
    sequences.sort_unstable();
    sequences.dedup();
    sequences
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{CodeSection, EntityType, FunctionSection, ImportSection, Module};

    use super::*;

    #[test]
    fn similar_functions_follow_each_other() {
        let bodies: [&[u8]; 5] = [
            b"the first kind, a",
            b"OTHER KIND: 1",
            b"short",
            b"OTHER KIND: 2",
            b"the first kind, b",
        ];
        assert_eq!(order(&bodies), [0, 4, 1, 3, 2]);
    }

    #[test]
    fn names_are_those_of_the_functions_after_the_imports() {
        let mut imports = ImportSection::new();
        imports.import("m", "f", EntityType::Function(0));
        let mut code = CodeSection::new();
        code.raw(b"\x00\x0b").raw(b"\x00\x01\x0b");
        let mut module = Module::new();
        module.section(&imports).section(FunctionSection::new().function(0).function(0));
        module.section(&code);
        let module = module.finish();
        let expected = [&module[..], b"\0\x1c\x04name\x01\x15\x02\x01\x0800000000\x02\x0800000001"];
        assert_eq!(named(&module).unwrap(), expected.concat());
        assert!(named(&module[..module.len() - 1]).is_err());
    }
}
