//! A quarter as HTML.

use backend::{
    Error, Viewer,
    direction::{QuarterItem, QuarterPlan},
};
use domain::{
    MOST_OPEN, Member, OBJECTIVE, ObjectiveState, Product, Quarter, Record, RecordChange, alignment::Share,
    counted, objective_state,
};
use leptos::prelude::*;

use super::{funding::Funds, results::Results};
use crate::{
    api::Plain,
    pages::plain::{html, notice},
};

/// The most items that are listed of an objective, and of what serves none.
const LISTED: usize = 50;

pub(super) fn address(quarter: Quarter) -> String {
    format!("/direction/{quarter}")
}

/// What a form says about an objective; what is as it was is left alone.
///
/// # Errors
/// A sentence where a field cannot hold what was typed.
pub(super) fn changes(
    objective: Option<&Record>,
    values: &[(&'static str, String)],
) -> Result<Vec<RecordChange>, Error> {
    let mut changes = Vec::new();
    for (key, typed) in values {
        let Some(field) = OBJECTIVE.field(key) else { continue };
        let typed = typed.lines().map(backend::tidy).collect::<Vec<_>>().join("\n");
        let was = objective.and_then(|objective| objective.values.get(*key)).cloned();
        let to = field.parse(&typed).map_err(Error::Invalid)?;
        if to != was {
            changes.push(RecordChange { field: field.into(), was, to });
        }
    }
    Ok(changes)
}

struct Page {
    plan: QuarterPlan,
    products: Vec<Product>,
    members: Vec<Member>,
    results: Results,
    funds: Funds,
    owns: bool,
}

pub(super) async fn page(
    viewer: &Viewer,
    quarter: Quarter,
    now: Quarter,
    refused: Option<String>,
) -> Result<Plain, Error> {
    let mut products = viewer.products().await?;
    products.retain(|product| !product.archived);
    let plan = viewer.quarter(quarter, &products).await?;
    let results = Results::read(viewer, quarter, &plan.objectives).await?;
    let funds = Funds::read(viewer, (quarter, plan.year), &plan.objectives).await?;
    let (members, owns) = (viewer.members().await?, viewer.as_owner().is_ok());
    let page = Page { plan, products, results, funds, members, owns };
    let label = page.plan.year.label(quarter);
    Ok(Plain { title: label.clone(), html: html(page.view(&label, now, refused)) })
}

/// Tenths of a person-day as people read them.
fn days(tenths: u32) -> String {
    if tenths.is_multiple_of(10) {
        format!("{} d", tenths / 10)
    } else {
        format!("{}.{} d", tenths / 10, tenths % 10)
    }
}

impl Page {
    fn view(&self, label: &str, now: Quarter, refused: Option<String>) -> AnyView {
        let quarter = self.plan.quarter;
        let link = |to: Quarter, words: &'static str| {
            let name = self.plan.year.label(to);
            view! {
                <a class="button button--quiet" href=address(to) aria-label=format!("{words} {name}")>
                    {name.clone()}
                </a>
            }
        };
        let is_now = (quarter == now).then(|| view! { <p class="page__count">"This quarter"</p> });
        let back = (quarter != now)
            .then(|| view! { <a class="button button--quiet" href="/direction">"This quarter"</a> });
        let shares = self.plan.objectives.iter().zip(&self.plan.alignment.objectives);
        let of = |state: ObjectiveState| {
            let shares = shares.clone().filter(move |(objective, _)| objective_state(objective) == state);
            shares.map(|(objective, share)| self.objective(objective, share)).collect::<Vec<_>>()
        };
        let (open, drafts, closed) =
            (of(ObjectiveState::Open), of(ObjectiveState::Draft), of(ObjectiveState::Closed));
        let room = MOST_OPEN.saturating_sub(open.len());
        let free = (room > 0 && quarter >= now).then(|| {
            let words = match (open.is_empty(), room) {
                (true, _) => "Choose up to three big things for this quarter.".to_owned(),
                (false, 1) => "There is room for one more.".to_owned(),
                (false, room) => format!("There is room for {room} more."),
            };
            view! { <p class="quiet">{words}</p> }
        });
        let group = |id: &'static str, heading: &'static str, cards: Vec<AnyView>| {
            (!cards.is_empty()).then(|| {
                view! {
                    <section aria-labelledby=id>
                        <h2 id=id>{heading}</h2>
                        <div class="direction__objectives">{cards}</div>
                    </section>
                }
            })
        };
        view! {
            <div class="page direction">
                <header class="page__header">
                    <h1>{label.to_owned()}</h1>
                    {is_now}
                </header>
                <nav class="direction__ways" aria-label="Quarters">
                    {link(quarter.plus(-1), "Before:")} {link(quarter.plus(1), "After:")} {back}
                    <a class="button button--quiet" href="/objectives">"All objectives"</a>
                    <a class="button button--quiet" href="/vision">"Vision"</a>
                    <a class="button button--quiet" href=format!("{}/alignment", address(quarter))>"Alignment"</a>
                    <a class="button button--quiet" href=format!("{}/tree", address(quarter))>"Tree"</a>
                    <a class="button button--quiet" href=format!("/balance?quarter={quarter}")>"Balance"</a>
                    <a class="button button--quiet" href=format!("/capacity?from={quarter}")>"Capacity"</a>
                    <a class="button button--quiet" href="/reports">"Reports"</a>
                </nav>
                {notice(refused)}
                {self.summary()}
                <section aria-labelledby="big-things">
                    <h2 id="big-things">"Three big things"</h2>
                    {free}
                    <div class="direction__objectives">{open}</div>
                </section>
                {group("drafts", "Drafts", drafts)}
                {group("closed", "Closed", closed)}
                {self.owns.then(|| self.new_objective())}
                {self.unaligned()}
            </div>
        }
        .into_any()
    }

    /// How much of the quarter's work serves its objectives.
    fn summary(&self) -> Option<AnyView> {
        let alignment = &self.plan.alignment;
        let aligned = alignment.aligned()?;
        let all = days(alignment.effort);
        let cut = self
            .plan
            .is_cut
            .then(|| view! { <p class="quiet">"Only the first 5,000 items are counted."</p> });
        Some(
            view! {
                <p class="direction__summary">
                    <strong>{format!("{aligned} %")}</strong>
                    {format!(" of {all} planned for this quarter serves its objectives.")}
                </p>
                {cut}
            }
            .into_any(),
        )
    }

    fn objective(&self, objective: &Record, share: &Share) -> AnyView {
        let name = OBJECTIVE.name_of(objective);
        let id = format!("objective-{}", objective.id);
        let owner = objective.values.get("owner").zip(OBJECTIVE.field("owner")).map(|(owner, field)| {
            let who = field.told(owner).words(|user| {
                let member = self.members.iter().find(|member| member.id == user);
                member.map_or_else(|| "Someone".to_owned(), |member| member.name.to_string())
            });
            view! { <span class="quiet" dir="auto">{who}</span> }
        });
        let said = [("problem", "Problem"), ("why", "Why now"), ("result", "Result"), ("lesson", "Lesson")];
        let said = said.iter().filter_map(|(key, label)| {
            let text = objective.text(key)?.to_owned();
            Some(view! { <dt>{*label}</dt> <dd dir="auto">{text}</dd> })
        });
        let open = share.items.len() - share.done;
        let counts = if share.items.is_empty() {
            "No items serve it yet. Choose it in the Objectives field of an item.".to_owned()
        } else {
            format!(
                "{} · {open} not done · {}",
                counted(share.items.len(), "item", "items"),
                days(share.effort)
            )
        };
        let progress = share.progress().map(|percent| {
            view! {
                <div class="direction__progress">
                    <progress max="100" value=percent.to_string() aria-label=format!("Progress of {name}")></progress>
                    <span>{format!("{percent} %")}</span>
                </div>
            }
        });
        view! {
            <article class="panel direction__objective" aria-labelledby=id.clone()>
                <h3 id=id.clone() dir="auto">{name.clone()}</h3>
                {owner}
                {progress}
                <p class="quiet">{counts}</p>
                <dl class="direction__said">{said.collect_view()}</dl>
                {self.funds.view(objective, &name, share.drawn)}
                {self.results.of(objective, &name)}
                {self.items(&share.items, "Items")}
                {self.owns.then(|| self.actions(objective, &name))}
            </article>
        }
        .into_any()
    }

    fn items(&self, indices: &[usize], heading: &'static str) -> Option<AnyView> {
        let items: Vec<&QuarterItem> =
            indices.iter().filter_map(|index| self.plan.items.get(*index)).collect();
        let rows: Vec<_> = items.iter().take(LISTED).filter_map(|item| self.item(item)).collect();
        let more = items.len().saturating_sub(LISTED);
        (!rows.is_empty()).then(|| {
            view! {
                <details class="direction__items">
                    <summary>{heading}</summary>
                    <ul>
                        {rows}
                        {(more > 0).then(|| view! { <li class="quiet">{format!("{more} more")}</li> })}
                    </ul>
                </details>
            }
            .into_any()
        })
    }

    fn item(&self, item: &QuarterItem) -> Option<AnyView> {
        let key = &self.products.iter().find(|product| product.roadmap == item.roadmap)?.key;
        let name = format!("{key}-{}", item.number);
        let effort = item.effort.map(days).unwrap_or_default();
        Some(
            view! {
                <li class="direction__item">
                    <a class="link" href=format!("/p/{key}/i/{name}")>
                        <span class="direction__key">{name.clone()}</span>
                        " "
                        <span dir="auto">{item.title.clone()}</span>
                    </a>
                    <span class="quiet">{item.status.label()} " " {effort}</span>
                </li>
            }
            .into_any(),
        )
    }

    /// What an owner can do with an objective.
    fn actions(&self, objective: &Record, name: &str) -> AnyView {
        let next = self.plan.quarter.plus(1);
        let state = objective_state(objective);
        let to = |state: &'static str, quarter: Quarter, label: String| {
            view! {
                <form method="post" action="/api/set_objective">
                    <input type="hidden" name="id" value=objective.id.to_string() />
                    <input type="hidden" name="quarter" value=quarter.to_string() />
                    <input type="hidden" name="state" value=state />
                    <button class="button" type="submit" aria-label=format!("{label}: {name}")>
                        {label.clone()}
                    </button>
                </form>
            }
        };
        let quarter = self.plan.quarter;
        let open = (state == ObjectiveState::Draft).then(|| to("open", quarter, "Open".to_owned()));
        let again = (state == ObjectiveState::Closed).then(|| to("open", quarter, "Reopen".to_owned()));
        let carry = (state != ObjectiveState::Closed)
            .then(|| to("", next, format!("Carry over to {}", self.plan.year.label(next))));
        let close = (state == ObjectiveState::Open).then(|| self.close(objective, name));
        view! {
            <div class="direction__actions">
                {open} {again} {carry}
                <a class="button button--quiet" href="/objectives" aria-label=format!("Edit {name}")>"Edit"</a>
                {close}
            </div>
        }
        .into_any()
    }

    fn close(&self, objective: &Record, name: &str) -> AnyView {
        let (result, lesson) = (format!("result-{}", objective.id), format!("lesson-{}", objective.id));
        view! {
            <details class="direction__close">
                <summary class="button" aria-label=format!("Close {name}")>"Close"</summary>
                <form method="post" action="/api/set_objective" class="stack">
                    <input type="hidden" name="id" value=objective.id.to_string() />
                    <input type="hidden" name="quarter" value=self.plan.quarter.to_string() />
                    <input type="hidden" name="state" value="closed" />
                    <div class="field">
                        <label for=result.clone()>"Result"</label>
                        <textarea id=result name="result" rows="2" required maxlength="5000" dir="auto"></textarea>
                    </div>
                    <div class="field">
                        <label for=lesson.clone()>"Lesson"</label>
                        <textarea id=lesson name="lesson" rows="2" maxlength="5000" dir="auto" placeholder="Optional"></textarea>
                    </div>
                    <button class="button button--primary" type="submit">
                        "Close objective"
                    </button>
                </form>
            </details>
        }
        .into_any()
    }

    fn new_objective(&self) -> AnyView {
        view! {
            <details class="direction__new">
                <summary class="button button--primary">"New objective"</summary>
                <form method="post" action="/api/add_objective" class="panel stack keeps-draft" data-draft="objective">
                    <input type="hidden" name="quarter" value=self.plan.quarter.to_string() />
                    <div class="field">
                        <label for="objective-name">"Title"</label>
                        <input id="objective-name" name="name" required maxlength="200" dir="auto" autocomplete="off" />
                    </div>
                    <div class="field">
                        <label for="objective-problem">"Problem"</label>
                        <textarea id="objective-problem" name="problem" rows="2" maxlength="5000" dir="auto" placeholder="Optional"></textarea>
                    </div>
                    <div class="field">
                        <label for="objective-why">"Why now"</label>
                        <textarea id="objective-why" name="why" rows="2" maxlength="5000" dir="auto" placeholder="Optional"></textarea>
                    </div>
                    <button class="button button--primary" type="submit">
                        "Create objective"
                    </button>
                </form>
            </details>
        }
        .into_any()
    }

    fn unaligned(&self) -> Option<AnyView> {
        let none = &self.plan.alignment.none;
        let counts = format!("{} · {}", counted(none.items.len(), "item", "items"), days(none.effort));
        (!none.items.is_empty()).then(|| {
            view! {
                <section class="direction__none" aria-labelledby="aligned-with-none">
                    <h2 id="aligned-with-none">"Aligned with none"</h2>
                    <p class="quiet">{counts}</p>
                    {self.items(&none.items, "Items without an objective of this quarter")}
                </section>
            }
            .into_any()
        })
    }
}
