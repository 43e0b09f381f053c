//! How a page starts the program.

use leptos::{nonce::use_nonce, prelude::*};

/// Where the browser finds the program: paths of this site.
#[derive(Clone, Debug)]
pub struct Program {
    /// The script that starts it.
    pub script: String,
    /// The program itself.
    pub wasm: String,
    /// The script that loads its parts.
    pub parts: String,
}

/// Fetches and compiles the program while the page is still being read, and starts it once the page has been. A module script
/// would begin only then. It stands before the stylesheet, which scripts wait for. What does not come is reported by the last
/// line, once.
const START: &str = "\
((script, wasm) => {
const program = WebAssembly.compileStreaming(fetch(wasm));
program.catch(() => {});
const read = new Promise((done) => document.addEventListener('DOMContentLoaded', done));
import(script).then(async (page) => {
await page.default({ module_or_path: program });
const ready = page.prepare(read);
await read;
if (await ready) page.hydrate();
});
})";

impl Program {
    pub(super) fn scripts(&self) -> impl IntoView + use<> {
        let start = format!("{START}({:?}, {:?});", self.script, self.wasm);
        view! {
            <script nonce=use_nonce() inner_html=start></script>
            <link rel="modulepreload" href=self.script.clone() />
            <link rel="modulepreload" href=self.parts.clone() />
        }
    }
}
