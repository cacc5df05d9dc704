//! Many seeds, and what is told of those that fail.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::case::Case;
use crate::faults::Fault;
use crate::run;
use crate::shrink::{promise, shrink};

const RUNS_DEFAULT: u64 = 200;
const SEED_DEFAULT: u64 = 1;
/// The most failures that are told at all, and those that are made smaller and told in full.
const FAILURES_TOLD_MAX: usize = 10;
const FAILURES_SHRUNK_MAX: usize = 2;
/// How many seeds are compared with what they are in a browser.
const COMPARED: u64 = 500;

/// Seeds that failed once. They are run again each time, though a seed makes another world as soon
/// as the simulator draws anything else; what a bug was is kept by a story of its own.
const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/simulation/corpus.txt");

fn number(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} must be a number, not {text}")),
        Err(_) => default,
    }
}

/// Many seeds, on all cores; each twice if `WIZI_TWICE` is set.
#[test]
fn sweep() {
    let (runs, first) = (number("WIZI_RUNS", RUNS_DEFAULT), number("WIZI_SEED", SEED_DEFAULT));
    let twice = std::env::var_os("WIZI_TWICE").is_some();
    let only = std::env::var("WIZI_ONLY").ok();
    let told = std::env::var_os("WIZI_TRACE").is_some();
    let case = |seed| Case { only: only.clone(), told, ..Case::of(seed) };
    let next = AtomicU64::new(first);
    let failures = Mutex::new(Vec::new());
    let events = AtomicU64::new(0);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    #[expect(clippy::disallowed_methods, reason = "measures the simulator itself")]
    let began = std::time::Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + runs {
                        break;
                    }
                    let outcome = match run(&case(seed)) {
                        Ok(outcome) if twice && run(&case(seed)) != Ok(outcome) => {
                            Err("P9: it went another way the second time".to_owned())
                        }
                        outcome => outcome,
                    };
                    match outcome {
                        Ok(outcome) => _ = events.fetch_add(outcome.events, Ordering::Relaxed),
                        Err(why) => failures.lock().unwrap().push((seed, why)),
                    }
                }
            });
        }
    });
    let seconds = began.elapsed().as_secs_f64();
    let mut failures = failures.into_inner().unwrap();
    failures.sort();
    for (nth, (seed, why)) in failures.iter().enumerate().take(FAILURES_TOLD_MAX) {
        println!("seed {seed}: {why}");
        if nth < FAILURES_SHRUNK_MAX && std::env::var_os("WIZI_BRIEF").is_none() {
            tell_smallest(&case(*seed), why);
            remember(*seed, why);
        }
    }
    let (events, times) = (events.into_inner(), if twice { ", each twice" } else { "" });
    println!(
        "{runs} runs, {} failures, {:.0} runs/s on {cores} cores, {events} events{times}",
        failures.len(),
        runs as f64 / seconds,
    );
    assert!(failures.is_empty(), "{} of {runs} seeds failed", failures.len());
}

/// Makes a failure smaller and tells all that happens in what is left.
fn tell_smallest(case: &Case, why: &str) {
    let (smallest, planned) = shrink(case, why);
    let left = planned.saturating_sub(smallest.skipped.range(1..=planned).count() as u64);
    let needed = Fault::ALL.iter().filter(|(fault, _, _)| !smallest.without.contains(fault));
    let needed: Vec<&str> = needed.map(|(_, name, _)| *name).collect();
    println!("made smaller: {left} of {planned} things happen, with {needed:?}");
    if let Err(why) = run(&Case { told: true, ..smallest }) {
        println!("{why}");
    }
    let commit = std::env::var("WIZI_COMMIT").unwrap_or_else(|_| "unknown".to_owned());
    println!("commit {commit}; all of it: cargo xtask sim --runs 1 --seed {} --trace", case.seed);
}

/// Puts a seed into the corpus.
fn remember(seed: u64, why: &str) {
    if corpus().contains(&seed) {
        return;
    }
    let file = OpenOptions::new().append(true).create(true).open(CORPUS);
    if let Err(error) = file.and_then(|mut file| writeln!(file, "{seed} {}", promise(why))) {
        println!("the seed could not be put into {CORPUS}: {error}");
    }
}

fn corpus() -> Vec<u64> {
    let text = std::fs::read_to_string(CORPUS).unwrap_or_default();
    let seeds = text.lines().filter(|line| !line.starts_with('#'));
    seeds.filter_map(|line| line.split(' ').next()?.parse().ok()).collect()
}

/// Every seed that failed once.
#[test]
fn the_corpus_holds() {
    let failed: Vec<_> =
        corpus().into_iter().filter_map(|seed| Some((seed, run(&Case::of(seed)).err()?))).collect();
    assert!(failed.is_empty(), "{failed:?}");
}

/// A seed is the whole story: run twice, it is the same.
#[test]
fn a_seed_repeats() {
    for seed in 1..=20 {
        assert_eq!(run(&Case::of(seed)), run(&Case::of(seed)), "seed {seed}");
    }
}

/// Prints what the first seeds come to, for [`super::in_browser`] to compare.
#[test]
#[ignore = "cargo xtask test --only browser runs it"]
fn hashes() {
    let hashes = (1..=COMPARED).map(|seed| format!("{:x}", run(&Case::of(seed)).unwrap().hash));
    println!("hashes {}", hashes.collect::<Vec<_>>().join(","));
}
