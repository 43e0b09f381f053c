//! One stylesheet from `style/main.css` and the files it imports, so that a page asks once.

use anyhow::{Context as _, Result, bail};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Replaces every `@import "file.css" layer(name);` by the file, comments and indentation left out.
///
/// # Errors
/// When a file is missing or imported twice, or an import has conditions, which would need a rule around it.
pub(crate) fn bundle(main: &Path) -> Result<String> {
    let mut seen = BTreeSet::new();
    let mut bundled = String::new();
    append(main, &mut seen, &mut bundled)?;
    Ok(bundled)
}

fn append(path: &Path, seen: &mut BTreeSet<PathBuf>, out: &mut String) -> Result<()> {
    let name = path.display();
    if !seen.insert(path.to_owned()) {
        bail!("{name} is imported twice; import it once, where its layer begins.");
    }
    let source = fs::read_to_string(path).with_context(|| format!("the stylesheet {name} cannot be read"))?;
    let source =
        without_comments(&source).with_context(|| format!("{name} has a comment or string without end"))?;
    for line in source.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let Some(rest) = line.strip_prefix("@import") else {
            out.push_str(line);
            out.push('\n');
            continue;
        };
        let import = Import::parse(rest).with_context(|| {
            format!(
                "{name}: `{line}` is not understood; write `@import \"file.css\" layer(name);` on one line"
            )
        })?;
        let imported = path.with_file_name(import.file);
        match import.layer {
            Some(layer) => {
                out.push_str(&format!("@layer {layer} {{\n"));
                append(&imported, seen, out)?;
                out.push_str("}\n");
            }
            None => append(&imported, seen, out)?,
        }
    }
    Ok(())
}

#[derive(Debug, PartialEq, Eq)]
struct Import<'a> {
    file: &'a str,
    layer: Option<&'a str>,
}

impl Import<'_> {
    fn parse(rest: &str) -> Option<Import<'_>> {
        let rest = rest.trim().strip_suffix(';')?.trim();
        let rest = match rest.strip_prefix("url(") {
            Some(url) => url,
            None => rest,
        };
        let quote = rest.chars().next().filter(|first| matches!(first, '"' | '\''))?;
        let (file, rest) = rest[1..].split_once(quote)?;
        let rest = rest.trim_start_matches(')').trim();
        let layer = match rest {
            "" => None,
            _ => Some(rest.strip_prefix("layer(")?.strip_suffix(')').filter(|name| !name.contains(')'))?),
        };
        Some(Import { file, layer })
    }
}

/// Takes comments out, and knows strings, in which `/*` means nothing. None when one of them has no end.
fn without_comments(source: &str) -> Option<String> {
    let mut kept = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(at) = rest.find(['/', '"', '\'']) {
        kept.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("/*") {
            rest = &comment[comment.find("*/")? + 2..];
        } else if rest.starts_with('/') {
            kept.push('/');
            rest = &rest[1..];
        } else {
            let end = string_end(rest)?;
            kept.push_str(&rest[..end]);
            rest = &rest[end..];
        }
    }
    kept.push_str(rest);
    Some(kept)
}

/// The length of the string literal that `text` begins with.
fn string_end(text: &str) -> Option<usize> {
    let mut characters = text.char_indices();
    let (_, quote) = characters.next()?;
    while let Some((at, character)) = characters.next() {
        if character == '\\' {
            characters.next();
        } else if character == quote {
            return Some(at + quote.len_utf8());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_go_and_strings_stay() {
        let source = "a::after { content: \"/* no */ \\\" '\"; } /* gone */ b { width: calc(1px / 2); }";
        let kept = without_comments(source).expect("all ends are there");
        assert_eq!(kept, "a::after { content: \"/* no */ \\\" '\"; }  b { width: calc(1px / 2); }");
        assert_eq!(without_comments("a /* b"), None);
    }

    #[test]
    fn imports_are_read_with_and_without_layer() {
        assert_eq!(Import::parse(" \"a.css\";"), Some(Import { file: "a.css", layer: None }));
        let layered = Import { file: "b/c.css", layer: Some("base") };
        assert_eq!(Import::parse(" url('b/c.css') layer(base);"), Some(layered));
        assert_eq!(Import::parse(" \"a.css\" print;"), None);
        assert_eq!(Import::parse(" \"a.css\" layer(base) print;"), None);
    }

    #[test]
    fn imported_files_stand_where_they_were_named() {
        let folder = std::env::temp_dir().join(format!("cairn-style-{}", std::process::id()));
        fs::create_dir_all(folder.join("parts")).expect("a temporary folder");
        fs::write(folder.join("main.css"), "@layer one;\n@import \"parts/a.css\" layer(one);\n  p { }\n")
            .expect("main");
        fs::write(folder.join("parts/a.css"), "/* a */\n\na {\n  color: red;\n}\n").expect("part");
        let bundled = bundle(&folder.join("main.css"));
        fs::remove_dir_all(&folder).expect("our own folder");
        assert_eq!(
            bundled.expect("it bundles"),
            "@layer one;\n@layer one {\na {\ncolor: red;\n}\n}\np { }\n"
        );
    }
}
