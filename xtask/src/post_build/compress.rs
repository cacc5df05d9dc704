//! Compressed twins, made once at build time instead of at every request.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::thread;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::failure::Failure;
use crate::files;

/// Extensions of files that compression makes smaller.
const COMPRESSIBLE: [&str; 9] =
    ["html", "css", "js", "wasm", "webmanifest", "svg", "json", "txt", "map"];

/// Brotli's slowest and densest setting.
const BROTLI_QUALITY: i32 = 11;

/// Brotli's largest window that every browser accepts, as a power of two of bytes.
const BROTLI_WINDOW_BITS: i32 = 22;

/// How much the encoder looks at before it writes, as a power of two of bytes: all of the module.
/// With the default of 2^18 bytes the module is larger by 1.4 kB; readers see no difference.
const BROTLI_BLOCK_BITS: i32 = 22;

/// Writes `.br` and `.gz` beside every file that becomes smaller by it.
///
/// # Errors
/// When a file cannot be read or written.
pub(crate) fn write_twins(folder: &Path) -> Result<(), Failure> {
    let wanted: Vec<PathBuf> =
        files::list(folder)?.into_iter().filter(|path| is_compressible(path)).collect();
    let jobs: Vec<_> = wanted.into_iter().map(|file| folder.join(file)).collect();
    let results = thread::scope(|scope| {
        let threads: Vec<_> =
            jobs.iter().map(|path| scope.spawn(move || write_twin(path))).collect();
        threads.into_iter().map(|thread| thread.join()).collect::<Vec<_>>()
    });
    for (path, result) in jobs.iter().zip(results) {
        result.map_err(|_| Failure::file("compress", path, "the compressor gave up"))??;
    }
    Ok(())
}

fn brotli(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let params = brotli::enc::BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgwin: BROTLI_WINDOW_BITS,
        lgblock: BROTLI_BLOCK_BITS,
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut input = bytes;
    let mut output = Vec::new();
    brotli::BrotliCompress(&mut input, &mut output, &params)?;
    Ok(output)
}

/// Whether a file of this name is worth compressing.
fn is_compressible(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| COMPRESSIBLE.contains(&extension))
}

fn write_twin(path: &Path) -> Result<(), Failure> {
    let bytes = files::read(path)?;
    let failed = |error| Failure::file("compress", path, error);
    write_if_smaller(path, "br", &bytes, &brotli(&bytes).map_err(failed)?)?;
    write_if_smaller(path, "gz", &bytes, &gzip(&bytes).map_err(failed)?)
}

fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

fn write_if_smaller(path: &Path, suffix: &str, bytes: &[u8], packed: &[u8]) -> Result<(), Failure> {
    if packed.len() >= bytes.len() {
        return Ok(());
    }
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    files::write(Path::new(&name), packed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn both_formats_give_back_what_went_in() {
        let text = b"time and time again ".repeat(500);
        let packed = brotli(&text).unwrap();
        assert!(packed.len() < 100);
        let mut back = Vec::new();
        brotli::BrotliDecompress(&mut &packed[..], &mut back).unwrap();
        assert_eq!(back, text);
        let mut back = Vec::new();
        flate2::read::GzDecoder::new(&gzip(&text).unwrap()[..]).read_to_end(&mut back).unwrap();
        assert_eq!(back, text);
    }

    #[test]
    fn pictures_are_left_alone() {
        assert!(is_compressible(Path::new("a/app.wasm")));
        assert!(!is_compressible(Path::new("icon.png")));
        assert!(!is_compressible(Path::new("app.wasm.br")));
    }
}
