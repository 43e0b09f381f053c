//! The site folder: what `cargo xtask` lays out for pages to load.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use app::Program;
use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, header},
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use leptos::config::{Env, LeptosOptions};
use tower_http::services::ServeDir;

/// The name of every main file, before its hash and extension.
const NAME: &str = "cairn";

/// Files whose name tells their content never change.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Others may be kept but are asked for again each time.
const ASK: HeaderValue = HeaderValue::from_static("no-cache");

/// Where the files of the site are, and whether their names carry hashes.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    folder: PathBuf,
    hash_file: Option<PathBuf>,
}

impl Site {
    /// Takes the folder given, or `site` beside the program.
    pub(crate) fn find(given: Option<PathBuf>) -> io::Result<Self> {
        let folder = match given {
            Some(folder) => folder,
            None => std::env::current_exe()?.with_file_name("site"),
        };
        let folder = std::path::absolute(folder)?;
        if !folder.join("pkg").is_dir() {
            tracing::warn!(
                folder = %folder.display(),
                "there is no site folder: pages have no styles and no scripts; see --site"
            );
        }
        let hash_file = folder.join("hash.txt");
        Ok(Self { hash_file: hash_file.is_file().then_some(hash_file), folder })
    }

    /// What the page renderer has to know.
    pub(crate) fn leptos_options(&self) -> LeptosOptions {
        let hash_file = self.hash_file.as_deref().unwrap_or(Path::new("hash.txt"));
        LeptosOptions::builder()
            .output_name(NAME)
            .site_root(self.folder.to_string_lossy().into_owned())
            .site_pkg_dir("pkg")
            .env(Env::PROD)
            .hash_files(self.hash_file.is_some())
            .hash_file(hash_file.to_string_lossy().into())
            .build()
    }

    /// Serves `/pkg/…`, compressed where a compressed file lies beside the plain one.
    pub(crate) fn routes(&self) -> Router {
        let files = ServeDir::new(self.folder.join("pkg")).precompressed_br().precompressed_gzip();
        let hashes: Arc<[String]> = self.hashes().into_iter().map(|(_, hash)| hash).collect();
        Router::new().nest_service("/pkg", files).layer(from_fn_with_state(hashes, keep))
    }

    /// Where pages find the program.
    pub(crate) fn program(&self) -> Program {
        let hashes = self.hashes();
        let path = |name: &str, extension: &str, plain: &str| {
            let hash = hashes.iter().find(|(kind, _)| kind == extension).map(|(_, hash)| format!(".{hash}"));
            format!("/pkg/{name}{}.{extension}", hash.as_deref().unwrap_or(plain))
        };
        // `cargo leptos` sets this when it compiles, and leaves out what wasm-bindgen adds to the name.
        let plain = if option_env!("LEPTOS_OUTPUT_NAME").is_none() { "_bg" } else { "" };
        Program {
            script: path(NAME, "js", ""),
            wasm: path(NAME, "wasm", plain),
            parts: path("parts", "js", ""),
        }
    }

    /// The hash in the names of each kind of file.
    fn hashes(&self) -> Vec<(String, String)> {
        let text = self.hash_file.as_ref().and_then(|file| std::fs::read_to_string(file).ok());
        let hash = |line: &str| {
            let (kind, hash) = line.split_once(':')?;
            Some((kind.trim().to_owned(), hash.trim().to_owned()))
        };
        text.iter().flat_map(|text| text.lines().filter_map(hash)).collect()
    }
}

/// Says how long a file may be kept.
async fn keep(
    axum::extract::State(hashes): axum::extract::State<Arc<[String]>>,
    request: Request,
    next: Next,
) -> Response {
    let hashed = hashes.iter().any(|hash| request.uri().path().contains(&format!(".{hash}.")));
    let mut response = next.run(request).await;
    let found = response.status().is_success() || response.status() == axum::http::StatusCode::NOT_MODIFIED;
    let value = if hashed && found { FOREVER } else { ASK };
    response.headers_mut().insert(header::CACHE_CONTROL, value);
    response
}
