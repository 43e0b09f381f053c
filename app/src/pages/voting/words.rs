//! Rules in sentences.

use domain::{
    counted,
    voting::{Mode, Rules, Secrecy},
};

/// What tokens are called in a mode.
pub(super) fn tokens(mode: Mode, count: u64) -> &'static str {
    match (mode, count) {
        (Mode::Dots, 1) => "dot",
        (Mode::Dots, _) => "dots",
        (Mode::Quadratic, 1) => "credit",
        (Mode::Quadratic, _) => "credits",
        (Mode::Budget, 1) => "token",
        (Mode::Budget, _) => "tokens",
        (_, 1) => "vote",
        (_, _) => "votes",
    }
}

/// What a result counts, one and several; `None` for grades, of which the mean counts.
pub(super) fn given(mode: Mode) -> Option<(&'static str, &'static str)> {
    match mode {
        Mode::Upvote | Mode::Quadratic | Mode::Approval => Some(("vote", "votes")),
        Mode::Dots => Some(("dot", "dots")),
        Mode::Budget => Some(("buyer", "buyers")),
        Mode::Ranking => Some(("point", "points")),
        Mode::Importance => None,
    }
}

/// What a voter is to do.
pub(super) fn to_do(rules: &Rules) -> String {
    let own = u64::from(rules.tokens);
    let name = tokens(rules.mode, own);
    match rules.mode {
        Mode::Upvote if rules.tokens == 0 => "Support as many items as you like.".to_owned(),
        Mode::Upvote => format!("Support up to {}.", counted(own, "item", "items")),
        Mode::Dots if rules.most > 0 => {
            format!("You have {own} {name}. Put at most {} on one item.", rules.most)
        }
        Mode::Dots => format!("You have {own} {name}. Put several on one item if it matters more."),
        Mode::Budget => format!("You have {own} {name}. Each item has its price."),
        Mode::Quadratic => {
            format!("You have {own} {name}. One vote for an item costs 1, two cost 4, three cost 9.")
        }
        Mode::Ranking => {
            "Put the items in order, the most important first. You need not rank all.".to_owned()
        }
        Mode::Importance => {
            "Grade each item from 0, not important, to 3, essential. Leave out what you cannot judge."
                .to_owned()
        }
        Mode::Approval => "Choose every item you agree with.".to_owned(),
    }
}

/// What a mode is good for, for those who choose one.
pub(super) fn mode_says(mode: Mode) -> &'static str {
    match mode {
        Mode::Upvote => "One vote for each item somebody supports.",
        Mode::Dots => "A few dots each, several of which may go to one item.",
        Mode::Budget => "“Buy a feature”: items have prices, and nobody can afford all.",
        Mode::Quadratic => "Strong wishes cost more: k votes for an item cost k² credits.",
        Mode::Ranking => "An order, counted by Schulze's method and by Borda's.",
        Mode::Importance => "A survey: every item gets a grade from 0 to 3.",
        Mode::Approval => "Yes to as many items as one likes. Quick, and hard to game.",
    }
}

/// Secrecy in a word or two, beside a phase that may be called “Open” itself.
pub(super) fn secrecy_name(secrecy: Secrecy) -> &'static str {
    match secrecy {
        Secrecy::Open => "Open tally",
        Secrecy::Sealed | Secrecy::Secret => secrecy.label(),
    }
}

/// What becomes of small groups in a secret session.
pub(super) const SMALL_GROUPS: &str =
    "In a secret vote, segments with fewer than 3 voters are counted with everybody else, at weight 1.";

/// Why there is no result.
#[cfg(feature = "ssr")]
pub(super) fn withheld(withheld: domain::voting::Withheld) -> &'static str {
    match withheld {
        domain::voting::Withheld::TooFew => {
            "Too few people voted: a secret vote needs at least 3, or the result would show who chose what. Its ballots were deleted."
        }
        domain::voting::Withheld::Uncounted => {
            "This vote ended without a result, because the key of its ballots was lost."
        }
    }
}

/// Who learns what, and when.
pub(super) fn secrecy_says(secrecy: Secrecy) -> &'static str {
    match secrecy {
        Secrecy::Open => "The tally moves while people vote. Editors can see who chose what.",
        Secrecy::Sealed => {
            "Nothing but the turnout is shown until the session closes. Then editors can see who chose what."
        }
        Secrecy::Secret => {
            "Nothing but the turnout is shown until the session closes. Then nothing kept links a person to a choice."
        }
    }
}
