//! Removes what only a reader of the source needs: comments, indentation, empty lines. Compression
//! does not make them free. Names and line breaks stay.

use super::Stage;
use super::split::LINK_SCRIPT;
use crate::failure::Failure;
use crate::files;

/// Minifies the main script in the stage, and the link script of a split client.
pub(super) fn run(stage: &Stage) -> Result<(), Failure> {
    let main = stage.folder.join(format!("{}.js", stage.stem));
    files::write(&main, script(&without_stream_classes(&files::read_text(&main)?)))?;
    let link = stage.folder.join(LINK_SCRIPT);
    match link.is_file() {
        true => files::write(&link, script(&files::read_text(&link)?)),
        false => Ok(()),
    }
}

/// The main script without the classes of wasm-streams. Leptos links that crate for server
/// functions, which the client does not have.
fn without_stream_classes(js: &str) -> String {
    let mut text = String::with_capacity(js.len());
    let mut class_end = None;
    for line in js.lines() {
        if line.starts_with("export class IntoUnderlying") {
            class_end = Some("if (Symbol.dispose)");
        } else if line.starts_with("const IntoUnderlying") {
            class_end = Some("    : ");
        }
        match class_end {
            Some(end) if line.starts_with(end) => class_end = None,
            Some(_) => (),
            None => text.extend([line, "\n"]),
        }
    }
    text
}

/// A style sheet without comments and indentation.
pub(super) fn style_sheet(css: &str) -> String {
    let mut text = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, comment)) = rest.split_once("/*") {
        text += before;
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    text += rest;
    trimmed(&text, |_| false)
}

/// A script of wasm-bindgen without the lines that are comments, and without indentation. A script
/// with a template literal of several lines, in which indentation counts, stays as it is.
pub(super) fn script(js: &str) -> String {
    if js.lines().any(|line| line.matches('`').count() % 2 == 1) {
        return js.to_owned();
    }
    trimmed(js, |line| line.starts_with("//") || is_comment(line))
}

/// `/**`, ` * text` and ` */`, and `/* text */` alone on its line.
fn is_comment(line: &str) -> bool {
    (line.starts_with("/*") && line.find("*/").is_none_or(|at| at + 2 == line.len()))
        || line.starts_with("* ")
        || matches!(line, "*" | "*/")
}

fn trimmed(text: &str, is_left_out: impl Fn(&str) -> bool) -> String {
    let lines = text.lines().map(str::trim);
    let kept = lines.filter(|line| !line.is_empty() && !is_left_out(line));
    kept.flat_map(|line| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn style_sheets_lose_comments_and_indentation() {
        let css = "/* A\n   title */\n\n.a {\n  color: red; /* why */\n}\n";
        assert_eq!(style_sheet(css), ".a {\ncolor: red;\n}\n");
    }

    #[test]
    fn classes_of_streams_are_left_out() {
        let js = "export class IntoUnderlyingSink {\n    close() {}\n}\n\
                  if (Symbol.dispose) IntoUnderlyingSink.prototype[Symbol.dispose] = 1;\n\
                  const IntoUnderlyingSinkFinalization = (typeof X === 'undefined')\n    \
                  ? 1\n    : new X();\nlet wasm;\n";
        assert_eq!(without_stream_classes(js), "let wasm;\n");
    }

    #[test]
    fn scripts_lose_comments_and_indentation() {
        let js = "/**\n * @param {number} a\n */\n/* b */\nfunction f(a) {\n    // why\n    \
                  return 'x//y';\n}\n";
        assert_eq!(script(js), "function f(a) {\nreturn 'x//y';\n}\n");
    }

    #[test]
    fn scripts_with_long_template_literals_stay_as_they_are() {
        let js = "const text = `a\n    b`;\n";
        assert_eq!(script(js), js);
    }
}
