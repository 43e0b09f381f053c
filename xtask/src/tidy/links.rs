//! Links in documents that lead nowhere.

use super::{Breaches, Source};
use crate::workspace::Workspace;

pub(super) fn check(workspace: &Workspace, sources: &[Source]) -> Breaches {
    let mut breaches = Breaches::new();
    for document in sources.iter().filter(|source| source.name.ends_with(".md")) {
        let folder = document.name.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (line, target) in targets(&document.text) {
            let Some(path) = local(target) else { continue };
            if !workspace.root.join(folder).join(path).exists() {
                breaches.push(format!("{}:{line}: the link to `{target}` leads nowhere.", document.name));
            }
        }
    }
    breaches
}

/// The targets of inline links and pictures with their line numbers; code blocks are not read.
fn targets(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut in_code = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        let mut rest = line;
        while let Some((_, after)) = rest.split_once("](") {
            let end = after.find(')').unwrap_or(after.len());
            found.push((index + 1, after[..end].split_whitespace().next().unwrap_or_default()));
            rest = &after[end..];
        }
    }
    found
}

/// The file that a target names, when it is one of ours.
fn local(target: &str) -> Option<&str> {
    if target.contains("://") || target.starts_with("mailto:") || target.starts_with('#') {
        return None;
    }
    target.split('#').next().filter(|path| !path.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_pictures_are_found_outside_code() {
        let text = "[a](b.md#part) and ![c](d.png \"title\")\n```\n[no](no.md)\n```\n[e](https://f.example)";
        assert_eq!(targets(text), [(1, "b.md#part"), (1, "d.png"), (5, "https://f.example")]);
        assert_eq!(local("b.md#part"), Some("b.md"));
        assert_eq!(local("https://f.example"), None);
        assert_eq!(local("#part"), None);
    }
}
