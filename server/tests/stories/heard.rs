//! What the server's log says, of all stories of this program together.

use std::io;
use std::sync::{Mutex, Once, PoisonError};

static BEGIN: Once = Once::new();
static TEXT: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Log;

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        TEXT.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Listens from now on.
pub(crate) fn listen() {
    BEGIN.call_once(|| tracing_subscriber::fmt().with_ansi(false).with_writer(|| Log).init());
}

/// The lines with all of these words.
pub(crate) fn lines(words: &[&str]) -> Vec<String> {
    let text = TEXT.lock().unwrap_or_else(PoisonError::into_inner);
    let text = String::from_utf8_lossy(&text);
    let found = text.lines().filter(|line| words.iter().all(|word| line.contains(word)));
    found.map(str::to_owned).collect()
}
