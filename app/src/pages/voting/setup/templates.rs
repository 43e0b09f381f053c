//! Common cases to begin with.

use leptos::prelude::*;

use super::{Setup, fields, items};

/// A common case.
struct Template {
    name: &'static str,
    says: &'static str,
    mode: &'static str,
    tokens: &'static str,
    secrecy: &'static str,
    pick: Pick,
}

/// Which items it is about.
#[derive(Clone, Copy)]
enum Pick {
    All,
    /// Those of the lane with this name.
    Lane(&'static str),
    /// Those with the most upvotes.
    Top(usize),
}

const TEMPLATES: [Template; 5] = [
    Template {
        name: "Dot vote on the next quarter",
        says: "5 dots each for what is in Next",
        mode: "dots",
        tokens: "5",
        secrecy: "sealed",
        pick: Pick::Lane("Next"),
    },
    Template {
        name: "Buy a feature",
        says: "100 tokens, prices by effort",
        mode: "budget",
        tokens: "100",
        secrecy: "open",
        pick: Pick::All,
    },
    Template {
        name: "Rank the top ten",
        says: "The ten with the most upvotes",
        mode: "ranking",
        tokens: "",
        secrecy: "sealed",
        pick: Pick::Top(10),
    },
    Template {
        name: "Secret priority poll",
        says: "9 credits, quadratic, secret",
        mode: "quadratic",
        tokens: "9",
        secrecy: "secret",
        pick: Pick::Lane("Next"),
    },
    Template {
        name: "Importance survey",
        says: "Grades from 0 to 3 for everything",
        mode: "importance",
        tokens: "",
        secrecy: "secret",
        pick: Pick::All,
    },
];

/// A button for each. Choosing one fills the form in; everything can be changed after that.
pub(super) fn chips(setup: Setup) -> impl IntoView {
    let chip = move |template: &'static Template| {
        view! {
            <button type="button" class="template" on:click=move |_| apply(setup, template)>
                <span class="template__name">{template.name}</span>
                <span class="template__says">{template.says}</span>
            </button>
        }
    };
    view! {
        <div class="templates needs-life" role="group" aria-label="Begin with a common case">
            {TEMPLATES.iter().map(chip).collect_view()}
        </div>
    }
}

fn apply(setup: Setup, template: &'static Template) {
    let Some(form) = fields::form() else { return };
    fields::check(&form, "draft[mode]", template.mode);
    fields::check(&form, "draft[secrecy]", template.secrecy);
    fields::set(&form, "draft[tokens]", template.tokens);
    fields::set(&form, "draft[most]", "");
    let named = setup.form.with_untracked(|form| form.title.clone());
    if named.is_empty() || TEMPLATES.iter().any(|other| other.name == named) {
        fields::set(&form, "draft[title]", template.name);
    }
    let picked = setup.items.with_untracked(|items| -> Vec<String> {
        let mut keys: Vec<&crate::pages::voting::api::setup::SetupItem> = match template.pick {
            Pick::Lane(lane) if items.iter().any(|item| item.lane == lane) => {
                items.iter().filter(|item| item.lane == lane).collect()
            }
            _ => items.iter().collect(),
        };
        if let Pick::Top(count) = template.pick {
            keys.sort_by_key(|item| std::cmp::Reverse(item.votes));
            keys.truncate(count);
        }
        keys.truncate(domain::voting::MOST_CANDIDATES);
        keys.into_iter().map(|item| item.key.clone()).collect()
    });
    items::pick(&form, |key, _| picked.iter().any(|other| other == key));
    setup.read();
}
