//! Shrinks the modules with wasm-opt.

use super::{Stage, function_order};
use crate::failure::Failure;
use crate::tools::wasm_opt;
use crate::workspace::Workspace;
use crate::{files, shell};

/// `-Oz` gives a module that is smaller by 6 %, but larger by 0.5 % when it is compressed.
const LEVEL: &str = "-O2";

/// Folds additions into the offsets of loads and stores, as rustc does where it can rule out an
/// overflow. That holds everywhere as long as nothing is in the first 1,024 bytes of the memory,
/// and there the linker puts the end of the stack.
const FOLD_OFFSETS: &str = "--low-memory-unused";

/// Functions of up to this size are inlined everywhere. The start then calls fewer functions, each
/// of which the browser compiles when it is called first, and the compressed size hardly changes.
const INLINE: &str = "--always-inline-max-function-size=5";

/// After `function_order`. Nothing else is changed, and the names are removed again.
const REORDER: [&str; 2] = ["--reorder-functions-by-name", "--strip-debug"];

/// What rustc emits for wasm32 and wasm-opt must be told of.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// Sections that no browser reads.
const STRIP: [&str; 2] = ["--strip-producers", "--strip-target-features"];

/// Optimises every staged module, where wasm-opt is at hand.
pub(super) fn run(workspace: &Workspace, stage: &Stage) -> Result<(), Failure> {
    let Some(tool) = wasm_opt::find(workspace) else { return Ok(()) };
    for file in files::list(&stage.folder)? {
        if file.extension().is_some_and(|extension| extension == "wasm") {
            let path = stage.folder.join(&file);
            let wasm_opt = |options: &[&str]| {
                let mut command = shell::program(workspace, &tool.to_string_lossy());
                command.args(options).args(FEATURES).arg(&path).arg("--output").arg(&path);
                shell::run(&mut command, "remove target/tools/wasm-opt to install wasm-opt afresh")
            };
            wasm_opt(&[&[LEVEL, FOLD_OFFSETS, INLINE], &STRIP[..]].concat())?;
            files::write(&path, function_order::named(&files::read(&path)?)?)?;
            wasm_opt(&REORDER)?;
        }
    }
    Ok(())
}
