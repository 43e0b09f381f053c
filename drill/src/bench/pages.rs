//! The board's page, rendered on the server.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use domain::Role;
use futures::future::try_join_all;

use super::{
    load::Load,
    report::{Figure, Goal},
};
use crate::{room::Room, server::Server, session::Session, times::quantile};

const KEY: &str = "LARGE";

/// Pages that are asked for again as soon as they have come, by members in turn.
const READERS: usize = 25;

const WARM_UP: usize = 100;

const MEASURED: Duration = Duration::from_secs(4);

/// Items on the board that is rendered.
const ITEMS: usize = 500;

pub(super) async fn measure(server: &Server, session: &Session, load: Load) -> Result<Vec<Figure>> {
    let items = load.of(ITEMS);
    Room::create(server, session, KEY, items).await?;
    let path = format!("/p/{KEY}");
    let session = session.kept_alive()?;
    let mut members = vec![session.clone()];
    for name in ["Ada", "Ben", "Cleo"] {
        members.push(session.invite(server, Role::Viewer, name).await?.kept_alive()?);
    }
    let page = session.load(&path).await?;
    let files = files(&session.load_text(&path).await?);
    let (mut all, mut program) = (page.len(), 0);
    for file in &files {
        let bytes = session.load(file).await?.len();
        all += bytes;
        if file.ends_with(".wasm") {
            program += bytes;
        }
    }
    ensure!(!files.is_empty(), "the page loads nothing: is CAIRN_SITE set?");
    for _ in 0..load.of(WARM_UP) {
        session.load(&path).await?;
    }
    let (mut rates, mut times) = (Vec::new(), Vec::new());
    for _ in 0..load.runs() {
        let begun = Instant::now();
        let reading = members.iter().cycle().take(READERS).map(|member| async {
            let mut times = Vec::new();
            while begun.elapsed() < MEASURED {
                let asked = Instant::now();
                member.load(&path).await?;
                times.push(asked.elapsed().as_secs_f64() * 1e3);
            }
            anyhow::Ok(times)
        });
        let mut waited: Vec<f64> = try_join_all(reading).await?.into_iter().flatten().collect();
        #[expect(clippy::cast_precision_loss, reason = "a count of some seconds")]
        rates.push(waited.len() as f64 / begun.elapsed().as_secs_f64());
        times.push(quantile(&mut waited, 0.99));
    }
    let name = format!("Board of {items} items rendered on the server, {READERS} readers");
    Ok(vec![
        Figure::new("P10", name, "pages/s", Goal::AtLeast(600.0), rates),
        Figure::new("P10", "… p99", "ms", Goal::AtMost(60.0), times),
        Figure::new(
            "P11",
            "WASM that page names, compressed",
            "kB",
            Goal::AtMost(300.0),
            vec![kilobytes(program)],
        ),
        Figure::new("", "Bytes of that page", "kB", Goal::None, vec![kilobytes(page.len())]),
        Figure::new(
            "",
            "Bytes of that page and all it names, nothing cached",
            "kB",
            Goal::None,
            vec![kilobytes(all)],
        ),
    ])
}

/// Paths of the site's files that the page names.
fn files(html: &str) -> BTreeSet<String> {
    let quoted = html.split(['"', '\'']).filter(|text| text.starts_with("/pkg/"));
    quoted.map(str::to_owned).collect()
}

#[expect(clippy::cast_precision_loss, reason = "pages are small")]
fn kilobytes(bytes: usize) -> f64 {
    bytes as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_names_each_file_once() {
        let html = r#"<link href="/pkg/a.css"><script>import('/pkg/b.js')</script><link href="/pkg/a.css">"#;
        let files: Vec<_> = files(html).into_iter().collect();
        assert_eq!(files, ["/pkg/a.css", "/pkg/b.js"]);
    }
}
