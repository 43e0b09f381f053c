//! What a session tells its pages while they are open.

use domain::{
    VotingId,
    voting::{Phase, Tally, Turnout, VotingFacts, VotingNews},
};
use leptos::prelude::*;

use super::waiting::count_again;
use crate::{
    frame::WaitingCount,
    live::News,
    ui::{Toasts, bar},
};

/// The figures that move, and the state the page was made from.
#[derive(Clone, Copy)]
pub(super) struct Live {
    pub(super) turnout: RwSignal<Turnout>,
    /// In open sessions only.
    pub(super) tally: RwSignal<Option<Tally>>,
    /// Why the last cast was refused.
    pub(super) refused: RwSignal<Option<String>>,
    shown: StoredValue<Option<(Phase, u64)>>,
    toasts: Toasts,
    waiting: WaitingCount,
}

impl Live {
    pub(super) fn new() -> Self {
        Self {
            turnout: RwSignal::default(),
            tally: RwSignal::default(),
            refused: RwSignal::default(),
            shown: StoredValue::new(None),
            toasts: expect_context(),
            waiting: expect_context(),
        }
    }

    /// Says what the page shows now.
    pub(super) fn show(self, facts: &VotingFacts, tally: Option<Tally>) {
        self.turnout.set(facts.turnout);
        self.tally.set(tally);
        self.shown.set_value(Some((facts.phase, facts.revision)));
    }

    /// Listens to the session in the address: figures move at once, and `reload` is called when there is more to see.
    pub(super) fn follow(self, id: Memo<Option<VotingId>>, reload: impl Fn() + Copy + 'static) {
        Effect::new(move |_| {
            let Some(id) = id.get() else { return };
            let news = News::of(id, move |news| self.hear(news, reload));
            on_cleanup(move || drop(news));
        });
    }

    fn hear(self, news: VotingNews, reload: impl Fn()) {
        // The page may be on its way out.
        let Some(Some((phase, revision))) = self.shown.try_get_value() else { return };
        self.turnout.set(news.turnout);
        if news.tally.is_some() {
            self.tally.set(news.tally);
        }
        if (phase, revision) != (news.phase, news.revision) {
            self.shown.set_value(Some((news.phase, news.revision)));
            if phase != news.phase {
                self.toasts.announce(phase_says(news.phase));
                count_again(self.waiting);
            }
            reload();
        }
    }
}

fn phase_says(phase: Phase) -> &'static str {
    match phase {
        Phase::Draft => "The session is being set up again.",
        Phase::Scheduled => "The session will open at its time.",
        Phase::Open => "The session is open. You can vote now.",
        Phase::Closed => "The session is closed. The result waits to be revealed.",
        Phase::Revealed => "Here is the result.",
    }
}

/// How many have voted, as a line that moves.
#[component]
pub(super) fn TurnoutLine(turnout: RwSignal<Turnout>, quorum: u32) -> impl IntoView {
    view! {
        <span class="turnout">
            {bar("turnout__bar", move || u64::from(turnout.read().percent()) * 10, quorum)}
            <span class="turnout__text">
                {move || {
                    let turnout = turnout.read();
                    format!("{} of {} have voted", turnout.cast, turnout.invited)
                }}
            </span>
        </span>
    }
}
