//! What an import page knows, and its questions to the server.

use std::sync::Arc;

use domain::exchange::{Answers, Column, Imported, Mapping, Preview, Target};
use leptos::{prelude::*, task::spawn_local};

use crate::{api, ui::Toasts};

/// A file that was chosen, dropped or pasted.
#[derive(Clone)]
pub(super) struct File {
    pub(super) name: String,
    /// Its text, or its bytes in base 64.
    text: Arc<str>,
    is_base64: bool,
}

/// An import in the making.
#[derive(Clone, Copy)]
pub(super) struct Import {
    pub(super) key: StoredValue<String>,
    pub(super) file: RwSignal<Option<File>>,
    /// Columns of the file with the targets guessed for them; what was corrected since is in `mapping`.
    pub(super) columns: RwSignal<Vec<Column>>,
    pub(super) mapping: RwSignal<Mapping>,
    /// What was chosen about the file and its values.
    answers: RwSignal<Answers>,
    pub(super) preview: RwSignal<Option<Preview>>,
    pub(super) done: RwSignal<Option<Imported>>,
    /// Why the last question was not answered.
    pub(super) error: RwSignal<Option<String>>,
    pub(super) busy: RwSignal<bool>,
    /// Counts questions, so that a late answer does not replace that to a newer one.
    asked: StoredValue<u32>,
    toasts: Toasts,
}

impl Import {
    pub(super) fn new(key: String) -> Self {
        Self {
            key: StoredValue::new(key),
            file: RwSignal::default(),
            columns: RwSignal::default(),
            mapping: RwSignal::default(),
            answers: RwSignal::default(),
            preview: RwSignal::default(),
            done: RwSignal::default(),
            error: RwSignal::default(),
            busy: RwSignal::default(),
            asked: StoredValue::new(0),
            toasts: expect_context(),
        }
    }

    pub(super) fn has_columns(self) -> bool {
        !self.columns.read().is_empty()
    }

    /// Begins with a file, whose columns the server looks at.
    pub(super) fn take(self, name: impl Into<String>, text: String, is_base64: bool) {
        self.start_over();
        self.file.set(Some(File { name: name.into(), text: text.into(), is_base64 }));
        self.look(None);
    }

    /// Says why a file was not taken.
    pub(super) fn refuse(self, sentence: String) {
        self.start_over();
        self.error.set(Some(sentence));
    }

    pub(super) fn start_over(self) {
        self.asked.update_value(|asked| *asked += 1);
        self.file.set(None);
        self.answers.set(Answers::default());
        self.columns.set(Vec::new());
        self.preview.set(None);
        self.done.set(None);
        self.error.set(None);
        self.busy.set(false);
    }

    /// Takes a column for something else.
    pub(super) fn assign(self, header: &str, target: Target) {
        self.mapping.update(|mapping| {
            mapping.0.insert(header.to_owned(), target);
        });
        self.look(Some(self.mapping.get_untracked()));
    }

    /// Chooses an answer. One about the file as a whole may change its columns, which are guessed again.
    pub(super) fn answer(self, id: &str, answer: String) {
        let is_about_file = matches!(id, "sheet" | "header");
        self.answers.update(|answers| drop(answers.0.insert(id.to_owned(), answer)));
        self.look((!is_about_file).then(|| self.mapping.get_untracked()));
    }

    /// Asks again, after something beside the file has changed.
    pub(super) fn look_again(self) {
        self.look(Some(self.mapping.get_untracked()));
    }

    /// Asks what the import would do; without a mapping also what the columns may mean.
    fn look(self, mapping: Option<Mapping>) {
        let Some(file) = self.file.get_untracked() else { return };
        let asked = self.begin();
        let guess = mapping.is_none();
        spawn_local(async move {
            let (key, answers) = (self.key.get_value(), self.answers.get_untracked());
            let text = file.text.to_string();
            let answer = api::exchange::preview_import(key, text, file.is_base64, mapping, answers).await;
            if !self.is_latest(asked) {
                return;
            }
            self.busy.set(false);
            match answer {
                Err(error) => self.error.set(Some(error.to_string())),
                Ok(preview) if preview.columns.is_empty() => self.error.set(preview.refused),
                Ok(preview) => {
                    if guess {
                        self.answers.set(preview.answers.clone());
                        let targets =
                            preview.columns.iter().map(|column| (column.header.clone(), column.target));
                        self.mapping.set(Mapping(targets.collect()));
                        self.columns.set(preview.columns.clone());
                    }
                    // A refusal is read aloud where it is shown.
                    if preview.refused.is_none() {
                        self.toasts.announce(summary(&preview));
                    }
                    self.preview.set(Some(preview));
                }
            }
        });
    }

    /// Imports what the preview shows.
    pub(super) fn run(self) {
        let Some(file) = self.file.get_untracked() else { return };
        let asked = self.begin();
        let mapping = self.mapping.get_untracked();
        spawn_local(async move {
            let (key, answers) = (self.key.get_value(), self.answers.get_untracked());
            let text = file.text.to_string();
            let answer = api::exchange::run_import(key, text, file.is_base64, mapping, answers).await;
            if !self.is_latest(asked) {
                return;
            }
            self.busy.set(false);
            match answer {
                Ok(imported) => self.done.set(Some(imported)),
                Err(error) => self.error.set(Some(error.to_string())),
            }
        });
    }

    /// Takes the import back that was just done.
    pub(super) fn undo(self) {
        let Some(done) = self.done.get_untracked() else { return };
        let asked = self.begin();
        spawn_local(async move {
            let answer = api::exchange::undo_import(self.key.get_value(), done.undo).await;
            if !self.is_latest(asked) {
                return;
            }
            self.busy.set(false);
            match answer {
                Ok(()) => {
                    self.toasts.info("Import undone. The items it added are in the bin.");
                    self.start_over();
                }
                Err(error) => self.toasts.error(error.to_string()),
            }
        });
    }

    fn begin(self) -> u32 {
        self.asked.update_value(|asked| *asked += 1);
        self.error.set(None);
        self.busy.set(true);
        self.asked.get_value()
    }

    /// Not when another question was asked since, or the page was left.
    fn is_latest(self, asked: u32) -> bool {
        self.asked.try_get_value() == Some(asked)
    }
}

fn summary(preview: &Preview) -> String {
    format!(
        "{} new, {} changed, {} as they are, {} left out.",
        preview.counts.created, preview.counts.updated, preview.counts.unchanged, preview.counts.left_out
    )
}
