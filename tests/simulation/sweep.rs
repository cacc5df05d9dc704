//! Runs many seeds and reports those that fail.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::case::Case;
use crate::faults::Fault;
use crate::run;
use crate::shrink::{invariant, shrink};

const RUNS_DEFAULT: u64 = 200;
const SEED_DEFAULT: u64 = 1;
/// The most failures that are reported, and that are shrunk and reported in full.
const FAILURES_REPORTED_MAX: usize = 10;
const FAILURES_SHRUNK_MAX: usize = 2;
/// How many seeds are compared with their hashes in a browser, by `cargo xtask test` and always.
const COMPARED: u64 = 500;
const COMPARED_ALWAYS: u64 = 20;
/// The native hashes of the first seeds.
const HASHES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/simulation/hashes.txt");

/// Seeds that failed once. They are replayed each time, though a seed has another plan as soon as
/// the simulator draws anything else; an integration test keeps what a bug was.
const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/simulation/corpus.txt");

fn number(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} must be a number, not {text}")),
        Err(_) => default,
    }
}

/// Runs many seeds on all cores; each twice if `WIZI_TWICE` is set.
#[test]
fn sweep() {
    let (runs, first) = (number("WIZI_RUNS", RUNS_DEFAULT), number("WIZI_SEED", SEED_DEFAULT));
    let twice = std::env::var_os("WIZI_TWICE").is_some();
    let only = std::env::var("WIZI_ONLY").ok();
    let is_traced = std::env::var_os("WIZI_TRACE").is_some();
    let case = |seed| Case { only: only.clone(), is_traced, ..Case::of(seed) };
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
                    let result = match run(&case(seed)) {
                        Ok(summary) if twice && run(&case(seed)) != Ok(summary) => {
                            Err("P9: the second run took another course".to_owned())
                        }
                        result => result,
                    };
                    match result {
                        Ok(summary) => _ = events.fetch_add(summary.events, Ordering::Relaxed),
                        Err(violation) => failures.lock().unwrap().push((seed, violation)),
                    }
                }
            });
        }
    });
    let seconds = began.elapsed().as_secs_f64();
    let mut failures = failures.into_inner().unwrap();
    failures.sort();
    for (nth, (seed, violation)) in failures.iter().enumerate().take(FAILURES_REPORTED_MAX) {
        println!("seed {seed}: {violation}");
        if nth < FAILURES_SHRUNK_MAX && std::env::var_os("WIZI_BRIEF").is_none() {
            report_smallest(&case(*seed), violation);
            add_to_corpus(*seed, violation);
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

/// Shrinks a failure and prints everything that happens in what is left.
fn report_smallest(case: &Case, violation: &str) {
    let (smallest, planned) = shrink(case, violation);
    let left = planned.saturating_sub(smallest.left_out.range(1..=planned).count() as u64);
    let needed = Fault::ALL.iter().filter(|(fault, _, _)| !smallest.without.contains(fault));
    let needed: Vec<&str> = needed.map(|(_, name, _)| *name).collect();
    println!("shrunk: {left} of {planned} planned events are needed, with {needed:?}");
    if let Err(violation) = run(&Case { is_traced: true, ..smallest }) {
        println!("{violation}");
    }
    let commit = std::env::var("WIZI_COMMIT").unwrap_or_else(|_| "unknown".to_owned());
    println!(
        "commit {commit}; the whole run: cargo xtask sim --runs 1 --seed {} --trace",
        case.seed
    );
}

/// Adds a seed to the corpus.
fn add_to_corpus(seed: u64, violation: &str) {
    if corpus().contains(&seed) {
        return;
    }
    let file = OpenOptions::new().append(true).create(true).open(CORPUS);
    if let Err(error) = file.and_then(|mut file| writeln!(file, "{seed} {}", invariant(violation)))
    {
        println!("the seed could not be added to {CORPUS}: {error}");
    }
}

fn corpus() -> Vec<u64> {
    let text = std::fs::read_to_string(CORPUS);
    let text = text.unwrap_or_else(|error| panic!("{CORPUS} cannot be read: {error}"));
    let seeds = text.lines().filter(|line| !line.starts_with('#'));
    seeds.filter_map(|line| line.split(' ').next()?.parse().ok()).collect()
}

#[test]
fn corpus_seeds_pass() {
    let failed: Vec<_> =
        corpus().into_iter().filter_map(|seed| Some((seed, run(&Case::of(seed)).err()?))).collect();
    assert!(failed.is_empty(), "{failed:?}");
}

#[test]
fn a_seed_repeats_exactly() {
    for seed in 1..=20 {
        assert_eq!(run(&Case::of(seed)), run(&Case::of(seed)), "seed {seed}");
    }
}

/// Prints the hashes of the first seeds, for [`super::in_browser`] to compare.
#[test]
#[ignore = "cargo xtask test --only browser runs it"]
fn hashes() {
    println!("hashes {}", hashes_of(COMPARED));
}

/// The hashes of a few seeds are in `hashes.txt`, for a browser that has no others to compare. Set
/// `WIZI_UPDATE` after a change of the simulator or of the client's behaviour.
#[test]
fn hashes_in_the_repository_are_current() {
    let current = hashes_of(COMPARED_ALWAYS);
    if std::env::var_os("WIZI_UPDATE").is_some() {
        std::fs::write(HASHES, format!("{current}\n")).unwrap();
    }
    let stored = std::fs::read_to_string(HASHES).unwrap_or_default();
    let advice = "run `WIZI_UPDATE=1 cargo test --test simulation hashes_in_the_repository`";
    assert_eq!(stored.trim(), current, "{advice}");
}

fn hashes_of(seeds: u64) -> String {
    let hashes = (1..=seeds).map(|seed| match run(&Case::of(seed)) {
        Ok(outcome) => format!("{:x}", outcome.hash),
        Err(violation) => panic!("seed {seed} fails, and has no hash: {violation}"),
    });
    hashes.collect::<Vec<_>>().join(",")
}
