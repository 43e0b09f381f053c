//! The attacks by name.

use std::sync::{Arc, LazyLock};

use anyhow::Result;
use clap::ValueEnum;
use tokio::{
    runtime::{Builder, Runtime},
    task::JoinHandle,
    time::Instant,
};

use super::{attacks, heavy_page, house::House};

/// Where attackers run. They would be on other machines, so they take what the server and the people beside them leave of this
/// one's processors.
static ELSEWHERE: LazyLock<Runtime> = LazyLock::new(|| {
    let mut threads = Builder::new_multi_thread();
    #[cfg(unix)]
    threads.on_thread_start(|| {
        // Of the thread that asks. Where that is not allowed, the server has a harder time.
        rustix::process::setpriority_process(None, 19).unwrap_or_default();
    });
    threads.enable_all().build().expect("the system has threads")
});

/// What is done to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Attack {
    /// A viewer has texts rendered that are all markup
    RenderBombs,
    /// Requests whose bodies do not come
    SilentBodies,
    /// Bodies of 15.5 MiB that are held
    HeldBodies,
    /// Requests whose heads come byte by byte
    SlowHeads,
    /// Thousands of connections that say nothing
    Idle,
    /// A viewer drags thousands of items on twenty pages
    Presence,
    /// A stakeholder comments without end
    Comments,
    /// A viewer sends operations that are refused
    RefusedOps,
    /// A guest casts ballots that are refused
    RefusedCasts,
    /// A guest follows a vote thousands of times
    Streams,
    /// A viewer asks for pages and leaves
    Leavers,
    /// A viewer asks for pages and does not read them
    NonReaders,
    /// A viewer asks for an item with as many costly comments as are taken
    HeavyPage,
    /// An editor previews a file of 100,000 columns
    WideFile,
    /// Somebody tries wrong passwords of the owner's account
    WrongPasswords,
    /// A foreign page has images whose addresses are codes
    ImageTags,
}

impl Attack {
    pub(super) fn all() -> Vec<Self> {
        Self::value_variants().to_vec()
    }

    pub(super) fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// Attacks until the end. Its task returns what became of it, for the table.
    pub(super) fn start(self, house: Arc<House>, until: Instant) -> JoinHandle<Result<String>> {
        ELSEWHERE.spawn(self.run(house, until))
    }

    async fn run(self, house: Arc<House>, until: Instant) -> Result<String> {
        match self {
            Self::RenderBombs => attacks::render_bombs(house, until).await,
            Self::SilentBodies => attacks::silent_bodies(house, until).await,
            Self::HeldBodies => attacks::held_bodies(house, until).await,
            Self::SlowHeads => attacks::slow_heads(house, until).await,
            Self::Idle => attacks::idle(house, until).await,
            Self::Presence => attacks::presence(house, until).await,
            Self::Comments => attacks::comments(house, until).await,
            Self::RefusedOps => attacks::refused_ops(house, until).await,
            Self::RefusedCasts => attacks::refused_casts(house, until).await,
            Self::Streams => attacks::streams(house, until).await,
            Self::Leavers => attacks::leavers(house, until).await,
            Self::NonReaders => attacks::non_readers(house, until).await,
            Self::HeavyPage => heavy_page::ask(house, until).await,
            Self::WideFile => attacks::wide_file(house, until).await,
            Self::WrongPasswords => attacks::wrong_passwords(house, until).await,
            Self::ImageTags => attacks::image_tags(house, until).await,
        }
    }
}
