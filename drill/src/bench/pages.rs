//! The board's page, rendered on the server.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use futures::future::try_join_all;

use super::{
    RUNS,
    report::{Figure, Goal},
};
use crate::{
    room::{KEY, Room},
    times::quantile,
};

/// Readers who ask for the page again as soon as they have it.
const READERS: usize = 25;

const WARM_UP: usize = 100;

const MEASURED: Duration = Duration::from_secs(4);

pub(super) async fn measure(room: &Room) -> Result<Vec<Figure>> {
    let path = format!("/p/{KEY}");
    let session = room.session.kept_alive()?;
    let page = session.load(&path).await?;
    let files = files(&session.load_text(&path).await?);
    let mut all = page.len();
    for file in &files {
        all += session.load(file).await?.len();
    }
    ensure!(!files.is_empty(), "the page loads nothing: is CAIRN_SITE set?");
    for _ in 0..WARM_UP {
        session.load(&path).await?;
    }
    let (mut rates, mut times) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let begun = Instant::now();
        let reading = (0..READERS).map(|_| async {
            let mut times = Vec::new();
            while begun.elapsed() < MEASURED {
                let asked = Instant::now();
                session.load(&path).await?;
                times.push(asked.elapsed().as_secs_f64() * 1e3);
            }
            anyhow::Ok(times)
        });
        let mut waited: Vec<f64> = try_join_all(reading).await?.into_iter().flatten().collect();
        #[expect(clippy::cast_precision_loss, reason = "a count of some seconds")]
        rates.push(waited.len() as f64 / begun.elapsed().as_secs_f64());
        times.push(quantile(&mut waited, 0.99));
    }
    Ok(vec![
        Figure::new("Board of 190 items rendered on the server, 25 readers", "pages/s", Goal::None, rates),
        Figure::new("The same, p99", "ms", Goal::None, times),
        Figure::new("Bytes of that page", "kB", Goal::None, vec![kilobytes(page.len())]),
        Figure::new(
            "Bytes of that page and all it loads, nothing cached",
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
