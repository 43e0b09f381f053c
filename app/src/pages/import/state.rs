//! What an import page knows, and its questions to the server.

use std::{cell::RefCell, sync::Arc};

use domain::{
    ClientId,
    exchange::{Answers, Column, Imported, Mapping, Preview, Progress, Target},
};
use futures::future::{AbortHandle, abortable};
use gloo_timers::future::TimeoutFuture;
use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::ApiError,
    pages::import::api,
    platform::{self, new_client},
    ui::Toasts,
};

/// How often the server is asked how far an import is, in milliseconds.
const ASKED_EVERY: u32 = 300;

/// After a lost connection, how often the server is asked what became of the import, and how long is waited each time.
const ATTEMPTS: u32 = 10;
const PAUSE: u32 = 2_000;

/// A file that was chosen, dropped or pasted.
#[derive(Clone)]
pub(super) struct File {
    pub(super) name: String,
    /// Its text, or its bytes in base 64.
    text: Arc<str>,
    is_base64: bool,
}

/// An import whose page was left before it was done, for instance to invite people.
struct Left {
    key: String,
    file: File,
    /// Once the file is read.
    mapping: Option<Mapping>,
    answers: Answers,
}

thread_local! {
    /// The latest, until its page is opened again. Only browsers have files.
    static LEFT: RefCell<Option<Left>> = const { RefCell::new(None) };
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
    /// How far the import is, while one runs.
    pub(super) progress: RwSignal<Option<Progress>>,
    pub(super) cancelling: RwSignal<bool>,
    /// The import that runs, or ran last.
    id: StoredValue<Option<ClientId>>,
    /// Ends the request that is waited for.
    request: StoredValue<Option<AbortHandle>>,
    /// Counts questions, so that a late answer does not replace that to a newer one.
    asked: StoredValue<u32>,
    toasts: Toasts,
}

impl Import {
    pub(super) fn new(key: String) -> Self {
        let request = StoredValue::new(None::<AbortHandle>);
        let import = Self {
            key: StoredValue::new(key),
            file: RwSignal::default(),
            columns: RwSignal::default(),
            mapping: RwSignal::default(),
            answers: RwSignal::default(),
            preview: RwSignal::default(),
            done: RwSignal::default(),
            error: RwSignal::default(),
            busy: RwSignal::default(),
            progress: RwSignal::default(),
            cancelling: RwSignal::default(),
            id: StoredValue::new(None),
            request,
            asked: StoredValue::new(0),
            toasts: expect_context(),
        };
        on_cleanup(move || {
            // A file that is not read yet does not have to be, and the server stops an import that nobody waits for.
            abort(request);
            import.leave();
        });
        import.come_back();
        import
    }

    fn leave(self) {
        let Some(file) = self.file.try_get_untracked().flatten() else { return };
        if self.done.read_untracked().is_some() {
            return;
        }
        LEFT.set(Some(Left {
            key: self.key.get_value(),
            file,
            mapping: (!self.columns.read_untracked().is_empty()).then(|| self.mapping.get_untracked()),
            answers: self.answers.get_untracked(),
        }));
    }

    /// Goes on where the page was left.
    fn come_back(self) {
        let is_here = |left: &mut Left| left.key == self.key.get_value();
        let Some(left) = LEFT.with_borrow_mut(|left| left.take_if(is_here)) else { return };
        self.file.set(Some(left.file));
        self.answers.set(left.answers);
        self.mapping.set(left.mapping.clone().unwrap_or_default());
        self.look(left.mapping);
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
        abort(self.request);
        self.file.set(None);
        self.answers.set(Answers::default());
        self.columns.set(Vec::new());
        self.preview.set(None);
        self.done.set(None);
        self.error.set(None);
        self.busy.set(false);
        self.progress.set(None);
        self.cancelling.set(false);
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
            let question = api::preview_import(key, text, file.is_base64, mapping, answers);
            let Some(answer) = self.wait(asked, question).await else { return };
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
                    }
                    if guess || self.columns.read_untracked().is_empty() {
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
        let id = new_client();
        self.id.set_value(Some(id));
        self.cancelling.set(false);
        self.progress.set(Some(Progress::default()));
        spawn_local(self.follow(asked, id));
        spawn_local(async move {
            let (key, answers) = (self.key.get_value(), self.answers.get_untracked());
            let text = file.text.to_string();
            let question = api::run_import(key, text, file.is_base64, mapping, answers, Some(id));
            let Some(answer) = self.wait(asked, question).await else { return };
            match answer {
                // Something between here and the server may have answered in its place.
                Err(ApiError { status: 0 | 500, .. }) => self.settle(asked, id).await,
                answer => self.finish(answer),
            }
        });
    }

    fn finish(self, answer: Result<Imported, ApiError>) {
        self.busy.set(false);
        let was_cancelling = self.cancelling.get_untracked();
        match answer {
            Ok(imported) => {
                platform::forget_sent();
                self.done.set(Some(imported));
                if was_cancelling {
                    self.toasts.info("It was too late to cancel. The import is complete and can be undone.");
                }
            }
            Err(error) if was_cancelling => self.toasts.info(error.to_string()),
            Err(error) => self.error.set(Some(error.to_string())),
        }
        self.progress.set(None);
    }

    /// Shows how far the import is as long as it runs. With several servers some answers know nothing of it.
    async fn follow(self, asked: u32, id: ClientId) {
        loop {
            TimeoutFuture::new(ASKED_EVERY).await;
            if !self.is_latest(asked) || self.progress.read_untracked().is_none() {
                return;
            }
            if let Ok(Some(progress)) = api::import_progress(id).await
                && self.is_latest(asked)
            {
                self.progress.update(|shown| *shown = shown.map(|_| progress));
            }
        }
    }

    /// Finds out what became of an import whose answer was lost. Until the server says so it is not known.
    async fn settle(self, asked: u32, id: ClientId) {
        for _ in 0..ATTEMPTS {
            let Some(key) = self.key.try_get_value() else { return };
            let answer = api::cancel_import(key, id).await;
            if !self.is_latest(asked) {
                return;
            }
            let sentence = match answer {
                Ok(true) => "The connection was lost, so the import was cancelled. Nothing was imported.",
                Ok(false) => {
                    "The connection was lost, but the import is complete. Its items are on the board."
                }
                Err(_) => {
                    TimeoutFuture::new(PAUSE).await;
                    continue;
                }
            };
            self.progress.set(None);
            self.look(Some(self.mapping.get_untracked()));
            self.error.set(Some(sentence.to_owned()));
            return;
        }
        if self.is_latest(asked) {
            let sentence = "The connection was lost. Either the whole file was imported or nothing: check the board \
                            when you are online again. Importing the file again adds nothing twice.";
            self.finish(Err(ApiError::new(0, sentence)));
        }
    }

    /// Asks the server to stop the import. What has become of it is the answer to the import itself.
    pub(super) fn cancel(self) {
        let Some(id) = self.id.get_value() else { return };
        self.cancelling.set(true);
        spawn_local(async move {
            if let Err(error) = api::cancel_import(self.key.get_value(), id).await
                && self.id.try_get_value().flatten() == Some(id)
            {
                self.cancelling.set(false);
                self.toasts.error(error.to_string());
            }
        });
    }

    /// Takes the import back that was just done.
    pub(super) fn undo(self) {
        let Some(done) = self.done.get_untracked() else { return };
        let asked = self.begin();
        spawn_local(async move {
            let answer = api::undo_import(self.key.get_value(), done.undo).await;
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

    /// The answer to a question, unless another was asked since, or the page was left.
    async fn wait<T>(
        self,
        asked: u32,
        question: impl Future<Output = Result<T, ApiError>>,
    ) -> Option<Result<T, ApiError>> {
        let (question, handle) = abortable(question);
        self.request.try_update_value(|request| request.replace(handle))?;
        let answer = question.await.ok()?;
        self.is_latest(asked).then_some(answer)
    }

    /// Not when another question was asked since, or the page was left.
    fn is_latest(self, asked: u32) -> bool {
        self.asked.try_get_value() == Some(asked)
    }
}

fn abort(request: StoredValue<Option<AbortHandle>>) {
    if let Some(handle) = request.try_update_value(Option::take).flatten() {
        handle.abort();
    }
}

fn summary(preview: &Preview) -> String {
    format!(
        "{} new, {} changed, {} as they are, {} left out.",
        preview.counts.created, preview.counts.updated, preview.counts.unchanged, preview.counts.left_out
    )
}
