//! Products by stage as HTML.

use std::collections::{BTreeMap, BTreeSet};

use backend::{Error, LifeCycle, StageChange, StagePreview, Staged, Viewer};
use domain::{ChecklistState, OwnerSide, Record, Retirement, SOLUTION, Stage, UserId, counted};
use leptos::prelude::*;

use super::{PANEL, api::DONE, kit};
use crate::{
    api::{Plain, form::Returned},
    pages::{
        figures::chart,
        money,
        plain::{html, named_post, notice},
    },
    ui::{day, time},
};

/// What the address asks for.
pub(super) struct Asked {
    pub product: String,
    pub to: Option<Stage>,
}

struct Page {
    cycle: LifeCycle,
    names: BTreeMap<UserId, String>,
    owns: bool,
    refused: Option<String>,
    /// What was typed into a form that was refused.
    typed: BTreeMap<String, String>,
}

pub(super) async fn page(
    viewer: &Viewer,
    asked: Option<Asked>,
    returned: Option<Returned>,
) -> Result<Plain, Error> {
    let (refused, typed) = match returned {
        Some(returned) => {
            let typed = returned.typed.clone();
            (returned.sentence(), typed)
        }
        None => (None, BTreeMap::new()),
    };
    let members = viewer.members().await?;
    let names = members.into_iter().map(|member| (member.id, member.name.to_string())).collect();
    let page =
        Page { cycle: viewer.life_cycle().await?, names, owns: viewer.as_owner().is_ok(), refused, typed };
    if let Some(Asked { product, to }) = asked {
        let key =
            product.parse().map_err(|_| Error::NotFound(format!("There is no product {product} here.")))?;
        // Says so where it does not exist for this person.
        let product = viewer.product(&key).await?;
        let staged = page.cycle.products.iter().find(|staged| staged.product.id == product.id);
        let solutions = viewer.solutions_of(product.id).await?;
        let panel = match staged {
            Some(staged) => {
                let to = to.filter(|to| *to != staged.product.stage).or_else(|| next(staged.product.stage));
                let preview = match to.filter(|_| product.role.can_edit()) {
                    Some(to) => viewer.stage_preview(&product.key, to).await?,
                    None => StagePreview::default(),
                };
                Some(page.panel(staged, to, &preview, &solutions))
            }
            None => None,
        };
        return Ok(Plain { title: format!("Life cycle of {}", product.name), html: html(page.view(panel)) });
    }
    Ok(Plain { title: "Life cycle".to_owned(), html: html(page.view(None)) })
}

fn address(key: &str, to: Option<Stage>) -> String {
    match to {
        Some(to) => format!("/lifecycle?product={key}&to={}", to.as_str()),
        None => format!("/lifecycle?product={key}"),
    }
}

/// The stage that comes after one.
fn next(stage: Stage) -> Option<Stage> {
    Stage::ALL.iter().copied().find(|other| *other > stage)
}

impl Page {
    fn view(&self, panel: Option<AnyView>) -> AnyView {
        let count = counted(self.cycle.products.len(), "product", "products");
        // A refusal is shown beside its form, where that is open.
        let refused = panel.is_none().then(|| self.refused.clone()).flatten();
        let edits = self.cycle.products.iter().any(|staged| staged.product.role.can_edit());
        let how = edits.then(|| {
            view! {
                <p class="quiet needs-life lifecycle__how">
                    "Drag a product to its next stage, or press Alt ← or → on it."
                </p>
            }
        });
        view! {
            <div class="page lifecycle">
                <header class="page__header">
                    <h1>"Life cycle"</h1>
                    <p class="page__count">{count}</p>
                    <a class="button" href="/solutions">
                        "Solutions"
                    </a>
                </header>
                {notice(refused)}
                {panel}
                {how}
                <div class="lifecycle__stages">
                    {Stage::ALL.iter().map(|stage| self.stage(*stage)).collect_view()}
                </div>
            </div>
        }
        .into_any()
    }

    fn stage(&self, stage: Stage) -> AnyView {
        let here: Vec<&Staged> =
            self.cycle.products.iter().filter(|staged| staged.product.stage == stage).collect();
        let heading = format!("stage-{}", stage.as_str());
        let cards = here.iter().map(|staged| self.card(staged)).collect_view();
        view! {
            <section class="lifecycle__stage" aria-labelledby=heading.clone() data-column=stage.as_str()>
                <h2 id=heading.clone()>
                    {stage.label()} " " <span class="lifecycle__count">{here.len().to_string()}</span>
                </h2>
                {self.checklist(stage)}
                <ul class="lifecycle__cards">{cards}</ul>
            </section>
        }
        .into_any()
    }

    /// What a product needs before it leaves the stage.
    fn checklist(&self, stage: Stage) -> Option<AnyView> {
        let to = next(stage)?;
        let points = self.cycle.checklist(stage);
        let list = if points.is_empty() {
            view! { <p class="quiet">"Nothing is needed."</p> }.into_any()
        } else {
            let points = points.into_iter().map(|point| view! { <li>{point}</li> });
            view! { <ul>{points.collect_view()}</ul> }.into_any()
        };
        let change = self.owns.then(|| {
            if self.cycle.has_playbook(stage) {
                return view! { <a href="/playbooks">"Change it"</a> }.into_any();
            }
            let name = Some(format!("Change the checklist of {}", stage.label()));
            let fields = [("stage", stage.as_str().to_owned())];
            named_post("/api/keep_playbook", &fields, "Change it", "button--quiet", name)
        });
        Some(
            view! {
                <details class="lifecycle__checklist">
                    <summary>{format!("Before {}", to.label().to_lowercase())}</summary>
                    {list}
                    {change}
                </details>
            }
            .into_any(),
        )
    }

    fn card(&self, staged: &Staged) -> AnyView {
        let product = &staged.product;
        let key = product.key.to_string();
        let moves = product.role.can_edit();
        let since = staged.since().map(|at| view! { <p class="quiet">"Since " {day(at, None)}</p> });
        let owners = OwnerSide::ALL.iter().filter_map(|side| {
            let name = self.names.get(&staged.owners.of(*side)?)?.clone();
            Some(view! { <p class="quiet">{format!("{}: {name}", side.label())}</p> })
        });
        let words = if moves { "Move" } else { "Stages" };
        let name = format!("{words}: {}", product.name);
        view! {
            <li
                class="lifecycle__card"
                data-product=moves.then(|| key.clone())
                data-stage=moves.then(|| product.stage.as_str())
            >
                <a class="lifecycle__name" href=format!("/p/{key}") dir="auto" draggable="false">
                    {product.name.to_string()}
                </a>
                <p class="quiet">{product.kind.label()} ", " {counted(staged.items, "item", "items")}</p>
                {since}
                {owners.collect_view()}
                {self.glance(staged)}
                <a class="button button--quiet lifecycle__move" href=address(&key, None) aria-label=name>
                    {words}
                </a>
            </li>
        }
        .into_any()
    }

    fn amount(&self, amount: i64) -> String {
        self.cycle.settings.amount(amount)
    }

    /// Who uses a product, what it costs, how it is doing, and how far its retirement has come.
    fn glance(&self, staged: &Staged) -> AnyView {
        let glance = &staged.glance;
        let users = glance.users.as_ref().map(|users| {
            let by = format!("{}, {}", users.name, chart::day(users.day));
            view! { <p title=by>{format!("{} users", users.count)}</p> }
        });
        let since = self.cycle.cost_since.map(|first| {
            let (from, to) = (money::month(first), money::month(first.plus(11)));
            format!("What is known of the cost from {from} to {to}")
        });
        let cost =
            glance.cost.map(|cost| view! { <p title=since>{format!("{} a year", self.amount(cost))}</p> });
        let health = view! {
            <p class=format!("health health--{}", glance.health.as_str())>
                <strong>{glance.health.label()}</strong>
                <span class="quiet">{glance.reason.clone()}</span>
            </p>
        };
        view! { {users} {cost} {health} {glance.retirement.map(|sums| self.retirement(staged, &sums))} }
            .into_any()
    }

    fn retirement(&self, staged: &Staged, sums: &Retirement) -> AnyView {
        let key = staged.product.key.to_string();
        let left = match (sums.users, sums.left()) {
            (0, _) => "No users to move listed".to_owned(),
            (_, 0) => "All users have moved".to_owned(),
            (_, 1) => "1 user left to move".to_owned(),
            (_, left) => format!("{left} users left to move"),
        };
        let end = match sums.next_end {
            Some(end) => format!("Contract ends {}", chart::day(end)),
            None => "No contract runs".to_owned(),
        };
        let released = format!("Releases {} a year", self.amount(sums.released));
        let name = format!("Retirement plan of {}", staged.product.name);
        view! {
            <ul class="lifecycle__retirement">
                <li>{left}</li>
                <li>{end}</li>
                <li>{released}</li>
                <li>
                    <a class="link" href=format!("/p/{key}/retirement") aria-label=name draggable="false">
                        "Retirement plan"
                    </a>
                </li>
            </ul>
        }
        .into_any()
    }

    /// What the move of a product needs, and its stages so far.
    fn panel(
        &self,
        staged: &Staged,
        to: Option<Stage>,
        preview: &StagePreview,
        solutions: &[Record],
    ) -> AnyView {
        let product = &staged.product;
        let name = product.name.to_string();
        let form = product.role.can_edit().then(|| self.form(staged, to, preview));
        let changes = staged.changes.iter().map(|change| self.change(change)).collect_view();
        let created = staged.created.map(|at| {
            let first = staged.changes.last().map_or(product.stage, |change| change.from);
            view! { <li>{time(at)} ": added in " {first.label()}</li> }
        });
        view! {
            <section class="panel lifecycle__panel" id=PANEL tabindex="-1" aria-labelledby="stage-panel-name">
                <header class="lifecycle__head">
                    <h2 id="stage-panel-name" dir="auto">
                        {name}
                    </h2>
                    <span class="quiet">{product.stage.label()}</span>
                    <a class="button button--quiet" href="/lifecycle">
                        "Close"
                    </a>
                </header>
                {form}
                {used_by(solutions)}
                <p>
                    <a class="link" href=format!("/p/{}/retirement", product.key)>"Retirement plan"</a>
                </p>
                <h3>"Stages so far"</h3>
                <ol class="lifecycle__changes">{changes} {created}</ol>
            </section>
        }
        .into_any()
    }

    fn form(&self, staged: &Staged, to: Option<Stage>, preview: &StagePreview) -> AnyView {
        let (product, key) = (&staged.product, staged.product.key.to_string());
        let from = product.stage;
        let tab = |stage: &Stage| {
            let is_chosen = (Some(*stage) == to).then_some("page");
            view! {
                <a class="tab" href=address(&key, Some(*stage)) aria-current=is_chosen>
                    {stage.label()}
                </a>
            }
        };
        let tabs = Stage::ALL.iter().filter(|stage| **stage != from).map(tab).collect_view();
        let body = to.map(|to| {
            let ticked: BTreeSet<&str> =
                self.typed.get(DONE).map(|done| done.lines().collect()).unwrap_or_default();
            let list = if to > from { self.cycle.checklist(from) } else { Vec::new() };
            let has_list = !list.is_empty();
            let points = list.into_iter().enumerate().map(|(at, point)| {
                let is_ticked = ticked.contains(&*point);
                view! {
                    <label class="lifecycle__point">
                        <input
                            type="checkbox"
                            name=format!("done[{at}]")
                            value=point.clone()
                            checked=is_ticked
                        />
                        <span>{point}</span>
                    </label>
                }
            });
            let points = has_list.then(|| {
                view! {
                    <fieldset class="lifecycle__points">
                        <legend>{format!("Before it leaves {}", from.label())}</legend>
                        {points.collect_view()}
                    </fieldset>
                }
            });
            let label = match (to > from, has_list) {
                (false, _) => "Why does it go back?",
                (true, true) => "Reason, where something is open",
                (true, false) => "Reason (optional)",
            };
            let typed = self.typed.get("reason").cloned().unwrap_or_default();
            view! {
                {notice(self.refused.clone())}
                <form method="post" action="/api/move_stage" class="stack">
                    <input type="hidden" name="key" value=key.clone() />
                    <input type="hidden" name="from" value=from.as_str() />
                    <input type="hidden" name="to" value=to.as_str() />
                    {points}
                    {kit::view(to, preview, &self.typed)}
                    <div class="field">
                        <label for="stage-reason">{label}</label>
                        <textarea id="stage-reason" name="reason" rows="2" maxlength="200" required=to < from>
                            {typed}
                        </textarea>
                    </div>
                    <button class="button button--primary" type="submit">
                        {format!("Move to {}", to.label())}
                    </button>
                </form>
            }
        });
        view! {
            <nav class="subtabs lifecycle__tabs" aria-label=format!("Stages to move {} to", product.name)>
                {tabs}
            </nav>
            {body}
        }
        .into_any()
    }

    fn change(&self, change: &StageChange) -> AnyView {
        let by = self.names.get(&change.by).cloned().unwrap_or_else(|| "Somebody who has left".to_owned());
        let reason = change.reason.as_ref().map(|reason| {
            view! { <p class="lifecycle__reason" dir="auto">{reason.to_string()}</p> }
        });
        let ChecklistState { done, open } = &change.checklist;
        let points = (change.checklist.points() > 0).then(|| {
            let all = counted(change.checklist.points(), "point", "points");
            let words = match open.is_empty() {
                true => format!("{all} ticked off"),
                false => format!("{} of {all} ticked off; open: {}", done.len(), open.join("; ")),
            };
            view! { <p class="quiet">{words}</p> }
        });
        view! {
            <li>
                {time(change.at)} ": " {change.from.label()} " → " {change.to.label()} ", by "
                <span dir="auto">{by}</span> {reason} {points}
            </li>
        }
        .into_any()
    }
}

/// The solutions that a product is a part of.
pub(in crate::pages) fn used_by(solutions: &[Record]) -> Option<AnyView> {
    let links = solutions.iter().enumerate().map(|(at, solution)| {
        let before = if at > 0 { ", " } else { "" };
        view! {
            {before}
            <a class="link" href=format!("/solutions#solution-{}", solution.id) dir="auto">
                {SOLUTION.name_of(solution)}
            </a>
        }
    });
    (!solutions.is_empty())
        .then(|| view! { <p class="quiet">"Part of solutions: " {links.collect_view()}</p> }.into_any())
}
