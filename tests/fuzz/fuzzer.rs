//! Feeds a target with one input after the other, and with the corpus.
//!
//! An input is a few texts, which mean what the target takes them for. Each comes from a seed of
//! its own, so that a seed tells all of it. `WIZI_SEED` is the first one, `WIZI_FUZZ_MS` how long a
//! target is fed; without that it gets a fixed number of inputs.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::{Duration, Instant};
use std::{env, fs};

use proptest::strategy::{BoxedStrategy, Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

const SEED_DEFAULT: u64 = 1;
/// The inputs of a target in an ordinary `cargo test`, where the corpus is what matters.
const INPUTS_DEFAULT: u64 = 100;
/// How often a failing input is made smaller at most.
const SHRINKS_MAX: u32 = 2_000;

/// What reads something that a stranger or a broken disk can give.
pub(crate) struct Target {
    /// Its name, and that of its folder in the corpus.
    pub(crate) name: &'static str,
    pub(crate) inputs: BoxedStrategy<Vec<String>>,
    /// Reads an input; panics at what may not be.
    pub(crate) check: fn(&[String]),
}

fn number(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} must be a number, not {text}")))
}

impl Target {
    /// Feeds it with what was found before, then with new inputs.
    pub(crate) fn run(&self) {
        listen_for_panics();
        self.replay();
        self.feed();
    }

    /// Gives it one input. A panic that somebody caught on the way is one as well.
    fn check(&self, input: &[String]) {
        let before = PANICS.get();
        (self.check)(input);
        assert_eq!(PANICS.get(), before, "it panicked, and somebody caught that");
    }

    fn replay(&self) {
        let folder = corpus().join(self.name);
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
            if let Err((why, input)) = self.feed_one(seed) {
                let case = write_case(&input);
                let file = corpus().join(self.name).join(format!("seed-{seed}.txt"));
                let kept = fs::write(&file, &case);
                println!("{}: {count} inputs, then seed {seed} fails: {why}", self.name);
                panic!("{why}\n{case}kept in {}: {kept:?}", file.display());
            }
            count += 1;
        }
        println!("{}: {count} inputs, 0 panics", self.name);
    }

    /// The input of one seed; if it fails, why, and the smallest one found that fails as well.
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
        let (why, input) = match ran {
            Ok(_) => return Ok(()),
            Err(TestError::Fail(why, input)) => (why, input),
            Err(TestError::Abort(why)) => (why, whole),
        };
        // Once more, aloud: that says where it fails.
        let _ = catch_unwind(AssertUnwindSafe(|| self.check(&input)));
        Err((why.to_string(), input))
    }
}

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
    /// The panics on this thread.
    static PANICS: Cell<u64> = const { Cell::new(0) };
}

/// Counts the panics of each thread from now on.
fn listen_for_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let tell = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            PANICS.set(PANICS.get() + 1);
            if !QUIET.get() {
                tell(info);
            }
        }));
    });
}

/// Runs this without a word about panics on this thread: making an input smaller panics often.
fn quietly<T>(run: impl FnOnce() -> T) -> T {
    QUIET.set(true);
    let done = run();
    QUIET.set(false);
    done
}

/// The folder beside this test.
fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus")
}

/// Reads a case: one text a line; lines with `#` in front say what it is about.
fn read_case(file: &str) -> Vec<String> {
    file.lines().filter(|line| !line.starts_with('#')).map(unescape).collect()
}

fn write_case(input: &[String]) -> String {
    input.iter().map(|text| escape(text) + "\n").collect()
}

/// A text as one line of plain text.
fn escape(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r");
    let text = text.replace('\0', "\\0").replace('\u{feff}', "\\f");
    if text.starts_with('#') { format!("\\{text}") } else { text }
}

fn unescape(line: &str) -> String {
    let mut letters = line.chars();
    let mut text = String::new();
    while let Some(letter) = letters.next() {
        let meant = match (letter, letter == '\\') {
            (letter, false) => letter,
            (_, true) => match letters.next().expect("a backslash stands before something") {
                'n' => '\n',
                'r' => '\r',
                '0' => '\0',
                'f' => '\u{feff}',
                other => other,
            },
        };
        text.push(meant);
    }
    text
}

/// The lines of a case are what was put into them.
#[test]
fn a_case_survives_its_file() {
    let input = ["", "#", "a\\n\n\r\0\u{feff}", "{\"a\":\"\\u0000\"}"].map(str::to_owned);
    assert_eq!(read_case(&write_case(&input)), input);
}
