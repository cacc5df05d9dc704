//! Orders the functions of a module by similarity, which makes the compressed module smaller:
//! Brotli needs fewer bits for a repetition nearby than for a distant one.
//!
//! wasm-opt moves functions (and all that refers to them) into the order of their names, so the
//! order is written as names.

use std::collections::BTreeMap;

use wasm_encoder::{NameMap, NameSection};

use super::sections::appended;
use crate::failure::Failure;
use crate::wasm::{Functions, unreadable};

/// Functions are compared by their byte sequences of this length.
const SEQUENCE_BYTES: usize = 4;

/// A sequence in more functions than this says little about them, and counting it takes long.
const FUNCTIONS_PER_SEQUENCE_MAX: usize = 300;

/// What remains of a sequence's weight with each function that follows.
const WEIGHT_KEPT: f64 = 0.8;

/// A sequence with less weight than this is forgotten.
const WEIGHT_MIN: f64 = 0.02;

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

/// An order in which similar bodies are near each other: each is followed by the one of the rest
/// that has the largest share of its sequences in the bodies before it, the last of which count
/// most.
fn order(bodies: &[&[u8]]) -> Vec<usize> {
    let mut recent = Recent::new(bodies);
    let mut is_placed = vec![false; bodies.len()];
    let mut order = Vec::with_capacity(bodies.len());
    for first in 0..bodies.len() {
        let mut next = (!is_placed[first]).then_some(first);
        while let Some(function) = next {
            is_placed[function] = true;
            order.push(function);
            recent.add(function);
            next = (0..bodies.len())
                .filter(|other| !is_placed[*other] && recent.share(*other) > 0.0)
                .max_by(|one, other| recent.share(*one).total_cmp(&recent.share(*other)));
        }
    }
    order
}

/// The sequences of all functions, and the weights of those in the functions placed last.
struct Recent {
    sequences: Vec<Vec<usize>>,
    /// The functions with a sequence; none if the sequence says nothing about them.
    owners: Vec<Vec<usize>>,
    /// By sequence, from 0 (not in a recent function) to 1 (in the last one).
    weights: Vec<f64>,
    weighted: Vec<usize>,
    /// By function: the sum of the weights of its sequences.
    sums: Vec<f64>,
}

impl Recent {
    fn new(bodies: &[&[u8]]) -> Self {
        let mut ids = BTreeMap::new();
        let mut owners: Vec<Vec<usize>> = Vec::new();
        let mut sequences = Vec::with_capacity(bodies.len());
        for (function, body) in bodies.iter().enumerate() {
            let own = distinct_sequences(body).into_iter().map(|sequence| {
                let id = *ids.entry(sequence).or_insert(owners.len());
                if id == owners.len() {
                    owners.push(Vec::new());
                }
                owners[id].push(function);
                id
            });
            sequences.push(own.collect());
        }
        for functions in &mut owners {
            if !(2..=FUNCTIONS_PER_SEQUENCE_MAX).contains(&functions.len()) {
                functions.clear();
            }
        }
        let weights = vec![0.0; owners.len()];
        let sums = vec![0.0; bodies.len()];
        Self { sequences, owners, weights, weighted: Vec::new(), sums }
    }

    /// Places a function.
    fn add(&mut self, function: usize) {
        for sequence in std::mem::take(&mut self.weighted) {
            let weight = self.weights[sequence] * WEIGHT_KEPT;
            if weight < WEIGHT_MIN {
                self.weigh(sequence, 0.0);
            } else {
                self.weigh(sequence, weight);
                self.weighted.push(sequence);
            }
        }
        for sequence in self.sequences[function].clone() {
            if self.weights[sequence] == 0.0 {
                self.weighted.push(sequence);
            }
            self.weigh(sequence, 1.0);
        }
    }

    fn weigh(&mut self, sequence: usize, weight: f64) {
        let change = weight - self.weights[sequence];
        self.weights[sequence] = weight;
        self.owners[sequence].iter().for_each(|function| self.sums[*function] += change);
    }

    /// How much of a function was in the recent ones, from 0 to 1.
    fn share(&self, function: usize) -> f64 {
        /// Sums of numbers that cancel each other are no larger than this.
        const ROUNDING: f64 = 1e-9;
        let sum = self.sums[function];
        if sum < ROUNDING { 0.0 } else { sum / self.sequences[function].len() as f64 }
    }
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
