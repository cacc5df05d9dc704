//! Removes what only a reader of the source needs: comments, indentation, empty lines. Compression
//! does not make them free. Names and line breaks stay.

use super::Stage;
use crate::failure::Failure;
use crate::files;

/// Minifies the main script in the stage.
pub(super) fn run(stage: &Stage) -> Result<(), Failure> {
    let path = stage.folder.join(format!("{}.js", stage.main_stem()?));
    files::write(&path, script(&without_stream_classes(&files::read_text(&path)?)))
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
    trimmed(js, |line| line.starts_with("//") || is_doc_comment(line))
}

/// `/**`, ` * text` and ` */`.
fn is_doc_comment(line: &str) -> bool {
    (line.starts_with("/*") && !line.contains("*/"))
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
        let js =
            "/**\n * @param {number} a\n */\nfunction f(a) {\n    // why\n    return 'x//y';\n}\n";
        assert_eq!(script(js), "function f(a) {\nreturn 'x//y';\n}\n");
    }

    #[test]
    fn scripts_with_long_template_literals_stay_as_they_are() {
        let js = "const text = `a\n    b`;\n";
        assert_eq!(script(js), js);
    }
}
