//! Feeds a target with generated inputs and with its corpus.
//!
//! An input is a list of texts, which the target interprets. Each input is generated from a seed of
//! its own. `WIZI_SEED` is the first seed, `WIZI_FUZZ_MS` how long a target is fed in milliseconds;
//! without that it gets a fixed number of inputs.

#![expect(clippy::print_stdout, reason = "a test reports how much it tried")]

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::{Duration, Instant};
use std::{env, fs};

use proptest::strategy::{BoxedStrategy, Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

const SEED_DEFAULT: u64 = 1;
/// The inputs of a target in an ordinary `cargo test`.
const INPUTS_DEFAULT: u64 = 100;
/// The most steps of shrinking a failing input.
const SHRINKS_MAX: u32 = 2_000;

/// Code that reads untrusted input.
pub struct Target {
    /// The folder of all corpora.
    pub corpus: &'static str,
    /// The name of the target and of its folder in the corpus.
    pub name: &'static str,
    pub inputs: BoxedStrategy<Vec<String>>,
    /// Reads an input; panics if an invariant is violated.
    pub check: fn(&[String]),
}

fn number(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} must be a number, not {text}")))
}

impl Target {
    /// Replays the corpus, then feeds new inputs.
    pub fn run(&self) {
        count_panics();
        self.replay();
        self.feed();
    }

    /// Feeds one input. A panic that was caught on the way is a failure as well.
    fn check(&self, input: &[String]) {
        let before = PANICS.get();
        (self.check)(input);
        assert_eq!(PANICS.get(), before, "a panic was caught on the way");
    }

    fn replay(&self) {
        let folder = Path::new(self.corpus).join(self.name);
        let mut files: Vec<PathBuf> =
            fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
        files.sort();
        assert!(!files.is_empty(), "{} is empty", folder.display());
        for file in &files {
            let input = read_case(&fs::read_to_string(file).unwrap());
            let ran = catch_unwind(AssertUnwindSafe(|| self.check(&input)));
            assert!(ran.is_ok(), "{} fails; the reason is above", file.display());
        }
        println!("{}: {} cases of the corpus, 0 panics", self.name, files.len());
    }

    #[expect(clippy::disallowed_methods, reason = "the bound is one of real time")]
    fn feed(&self) {
        let began = Instant::now();
        let time = number("WIZI_FUZZ_MS").map(Duration::from_millis);
        let first = number("WIZI_SEED").unwrap_or(SEED_DEFAULT);
        let mut count = 0;
        while time.map_or(count < INPUTS_DEFAULT, |time| began.elapsed() < time) {
            let seed = first + count;
            if let Err((error, input)) = self.feed_one(seed) {
                let case = write_case(&input);
                let file = Path::new(self.corpus).join(self.name).join(format!("seed-{seed}.txt"));
                let kept = fs::write(&file, &case);
                println!("{}: {count} inputs, then seed {seed} fails: {error}", self.name);
                panic!("{error}\n{case}kept in {}: {kept:?}", file.display());
            }
            count += 1;
        }
        println!("{}: {count} inputs, 0 panics", self.name);
    }

    /// Feeds the input of one seed. The error has the reason and the smallest input that fails.
    fn feed_one(&self, seed: u64) -> Result<(), (String, Vec<String>)> {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let config = Config {
            failure_persistence: None,
            max_shrink_iters: SHRINKS_MAX,
            ..Config::default()
        };
        let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let mut runner = TestRunner::new_with_rng(config, random);
        let input = self.inputs.new_tree(&mut runner).unwrap();
        let whole = input.current();
        let ran = quietly(|| {
            runner.run_one(input, |input| {
                self.check(&input);
                Ok::<(), TestCaseError>(())
            })
        });
        let (reason, input) = match ran {
            Ok(_) => return Ok(()),
            Err(TestError::Fail(reason, input)) => (reason, input),
            Err(TestError::Abort(reason)) => (reason, whole),
        };
        // Once more, with output: that shows where it fails.
        let _ = catch_unwind(AssertUnwindSafe(|| self.check(&input)));
        Err((reason.to_string(), input))
    }
}

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
    /// How many panics there were on this thread.
    static PANICS: Cell<u64> = const { Cell::new(0) };
}

/// Counts the panics of each thread from now on.
fn count_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let default = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            PANICS.set(PANICS.get() + 1);
            if !QUIET.get() {
                default(info);
            }
        }));
    });
}

/// Runs this without output about panics on this thread: shrinking panics often.
fn quietly<T>(run: impl FnOnce() -> T) -> T {
    QUIET.set(true);
    let done = run();
    QUIET.set(false);
    done
}

/// Reads a case: one text per line; lines that begin with `#` are comments.
fn read_case(file: &str) -> Vec<String> {
    file.lines().filter(|line| !line.starts_with('#')).map(unescape).collect()
}

fn write_case(input: &[String]) -> String {
    input.iter().map(|text| escape(text) + "\n").collect()
}

/// Escapes a text to one line.
fn escape(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r");
    let text = text.replace('\0', "\\0").replace('\u{feff}', "\\f");
    if text.starts_with('#') { format!("\\{text}") } else { text }
}

fn unescape(line: &str) -> String {
    let mut letters = line.chars();
    let mut text = String::new();
    while let Some(letter) = letters.next() {
        let unescaped = match (letter, letter == '\\') {
            (letter, false) => letter,
            (_, true) => match letters.next().expect("a backslash is followed by a character") {
                'n' => '\n',
                'r' => '\r',
                '0' => '\0',
                'f' => '\u{feff}',
                other => other,
            },
        };
        text.push(unescaped);
    }
    text
}

#[test]
fn a_case_survives_its_file() {
    let input = ["", "#", "a\\n\n\r\0\u{feff}", "{\"a\":\"\\u0000\"}"].map(str::to_owned);
    assert_eq!(read_case(&write_case(&input)), input);
}
