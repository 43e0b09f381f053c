//! Solutions as HTML.

use backend::solutions::{LateItem, NextItem, Part, Solution, Solutions};
use domain::{ProductId, RecordId, SOLUTION, counted};
use leptos::prelude::*;

use super::forms::{FORM, Typed, solution_form};
use crate::{
    api::{Plain, form::Returned},
    pages::{
        figures::chart::day,
        plain::{Head, html, named_post, nothing_yet, notice, promised_quarter, removed, table},
    },
    ui::Icon,
};

/// How many late items a solution names before the others are folded away.
const NAMED: usize = 5;

struct Page<'a> {
    of: &'a Solutions,
    /// The solution that is edited.
    edit: Option<RecordId>,
    /// What was typed into a form that was refused.
    typed: Typed,
}

pub(super) fn page(of: &Solutions, edit: Option<RecordId>, returned: Option<Returned>) -> Plain {
    let typed = returned.as_ref().map(|returned| returned.typed.clone()).unwrap_or_default();
    let refused = returned.and_then(|returned| returned.sentence());
    let page = Page { of, edit: edit.filter(|_| of.edits), typed };
    Plain { title: SOLUTION.many.to_owned(), html: html(page.view(refused)) }
}

impl Page<'_> {
    fn view(&self, refused: Option<String>) -> AnyView {
        let count = self.of.solutions.len();
        let counts = (count > 0)
            .then(|| view! { <p class="page__count">{counted(count, "solution", "solutions")}</p> });
        let opens = self.typed.get(FORM).is_some_and(String::is_empty);
        let new = self.of.edits.then(|| {
            view! {
                <details class="figures__new" open=opens>
                    <summary class="button button--primary">"New solution"</summary>
                    <div class="panel">{solution_form(self.of, None, &self.typed)}</div>
                </details>
            }
        });
        let cards = self.of.solutions.iter().map(|solution| self.solution(solution)).collect_view();
        let body = if count == 0 {
            self.empty()
        } else {
            view! {
                {self.shared()}
                <div class="solutions__list">{cards}</div>
            }
            .into_any()
        };
        view! {
            <div class="page figures solutions">
                <header class="page__header">
                    <h1>"Solutions"</h1>
                    {counts}
                </header>
                {notice(refused)}
                {new}
                {body}
                {self.removed()}
            </div>
        }
        .into_any()
    }

    fn empty(&self) -> AnyView {
        let who = (!self.of.edits).then_some("An editor can create the first one.");
        let picture = view! { <path d="M10 12h26v18H10zM60 12h26v18H60zM35 44h26v18H35z"></path>
        <path d="M23 30v8h50v-8M48 38v6"></path> }
        .into_any();
        nothing_yet(
            picture,
            "See what belongs together",
            "A solution is made of products. When something in one of them slips, every solution that uses it says so.",
            who,
        )
    }

    fn part(&self, id: &ProductId) -> Option<&Part> {
        self.of.parts.get(id)
    }

    /// Products that several solutions use.
    fn shared(&self) -> Option<AnyView> {
        let rows = self.of.shared.iter().filter_map(|(id, uses)| {
            let part = self.part(id)?;
            let used = uses.iter().filter_map(|at| self.of.solutions.get(*at)).map(|solution| {
                view! {
                    <li>
                        <a class="link" href=format!("#solution-{}", solution.record.id) dir="auto">
                            {SOLUTION.name_of(&solution.record)}
                        </a>
                    </li>
                }
            });
            Some(view! {
                <tr>
                    <th scope="row">{product(part)}</th>
                    <td>{part.product.kind.label()}</td>
                    <td>
                        <ul class="solutions__uses">{used.collect_view()}</ul>
                    </td>
                    <td>{late(part)}</td>
                </tr>
            })
        });
        (!self.of.shared.is_empty()).then(|| {
            view! {
                <section aria-labelledby="solutions-shared">
                    <h2 id="solutions-shared">"Used by several"</h2>
                    {table("Products that several solutions use", &[Head::Text("Product"), Head::Text("Kind"), Head::Text("Solutions"), Head::Text("Late")], rows.collect_view().into_any())}
                </section>
            }
            .into_any()
        })
    }

    fn solution(&self, solution: &Solution) -> AnyView {
        let record = &solution.record;
        let (id, name) = (record.id, SOLUTION.name_of(record));
        if self.edit == Some(id) {
            return view! {
                <section class="panel solutions__one" id=format!("solution-{id}") aria-label="Edit solution">
                    <h2>"Edit solution"</h2>
                    {solution_form(self.of, Some(solution), &self.typed)}
                    <a class="button button--quiet" href="/solutions">
                        "Cancel"
                    </a>
                </section>
            }
            .into_any();
        }
        let owner = solution.owner.and_then(|owner| self.of.members.iter().find(|member| member.id == owner));
        let owner = owner.map(|owner| {
            view! {
                <p class="quiet">
                    "Owner: " <span dir="auto">{owner.name.to_string()}</span>
                </p>
            }
        });
        let purpose = record.text("purpose").map(|purpose| {
            view! {
                <p class="solutions__purpose" dir="auto">
                    {purpose.to_owned()}
                </p>
            }
        });
        let remove = [("id", id.to_string()), ("deletes", "true".to_owned())];
        let actions = self.of.edits.then(|| {
            view! {
                <div class="solutions__actions">
                    <a
                        class="button button--quiet"
                        href=format!("/solutions?edit={id}#solution-{id}")
                        aria-label=format!("Edit {name}")
                    >
                        "Edit"
                    </a>
                    {named_post("/api/bin_solution", &remove, "Remove", "button--quiet", Some(format!("Remove {name}")))}
                </div>
            }
        });
        view! {
            <article class="panel solutions__one" id=format!("solution-{id}") aria-labelledby=format!("name-{id}")>
                <header class="solutions__head">
                    <h2 id=format!("name-{id}") dir="auto">
                        {name.clone()}
                    </h2>
                    {actions}
                </header>
                {purpose}
                {owner}
                {self.warnings(solution)}
                {self.parts(solution, &name)}
            </article>
        }
        .into_any()
    }

    /// What is late in the parts of a solution.
    fn warnings(&self, solution: &Solution) -> Option<AnyView> {
        let items: Vec<AnyView> = solution.warnings.iter().map(|late| self.late_item(late)).collect();
        let count = items.len();
        let mut items = items.into_iter();
        let first: Vec<AnyView> = items.by_ref().take(NAMED).collect();
        let rest: Vec<AnyView> = items.collect();
        let rest = (!rest.is_empty()).then(|| {
            view! {
                <details>
                    <summary>{format!("{} more", rest.len())}</summary>
                    <ul>{rest}</ul>
                </details>
            }
        });
        (count > 0).then(|| {
            view! {
                <div class="notice notice--warning solutions__late" role="note">
                    <p>
                        <Icon name="warning" />
                        <strong>{counted(count, "item is late", "items are late")}</strong>
                    </p>
                    <ul>{first}</ul>
                    {rest}
                </div>
            }
            .into_any()
        })
    }

    fn late_item(&self, late: &LateItem) -> AnyView {
        let LateItem { key, title, slip } = late;
        let (promised, expected) = (promised_quarter(slip.promised), promised_quarter(slip.expected));
        view! {
            <li>
                <a class="link" href=format!("/p/{}/i/{key}", key.product)>
                    {key.to_string()}
                </a>
                " "
                <span dir="auto">{title.clone()}</span>
                {format!(": promised for {promised}, now {expected} at the earliest")}
            </li>
        }
        .into_any()
    }

    fn parts(&self, solution: &Solution, name: &str) -> AnyView {
        let rows: Vec<_> = solution
            .parts
            .iter()
            .filter_map(|id| self.part(id))
            .map(|part| {
                view! {
                    <tr>
                        <th scope="row">{product(part)}</th>
                        <td>{part.product.stage.label()}</td>
                        <td>{next(part)}</td>
                        <td>{late(part)}</td>
                    </tr>
                }
            })
            .collect();
        if rows.is_empty() {
            return view! { <p class="quiet">"It has no parts yet."</p> }.into_any();
        }
        view! {
            {table(format!("Parts of {name}"), &[Head::Text("Part"), Head::Text("Stage"), Head::Text("Next"), Head::Text("Late")], rows.into_any())}
        }
        .into_any()
    }

    fn removed(&self) -> Option<AnyView> {
        let records = &self.of.removed;
        let row = |record: &domain::Record| (SOLUTION.name_of(record), vec![("id", record.id.to_string())]);
        let rows = records.iter().filter(|_| self.of.edits).map(row).collect();
        let label = counted(records.len(), "removed solution", "removed solutions");
        removed(label, ("/api/bin_solution", ""), rows)
    }
}

fn product(part: &Part) -> AnyView {
    let archived =
        part.product.archived.then(|| view! { <span class="badge badge--warning">"Archived"</span> });
    view! {
        <a class="link" href=format!("/p/{}", part.product.key) dir="auto">
            {part.product.name.to_string()}
        </a>
        " "
        {archived}
    }
    .into_any()
}

/// What comes next in a part.
fn next(part: &Part) -> AnyView {
    if part.next.is_empty() {
        return view! { <span class="quiet">"No dates ahead"</span> }.into_any();
    }
    let items = part.next.iter().map(|NextItem { key, title, span }| {
        let when = match (span.end, span.start) {
            (Some(end), _) => format!("by {}", day(end)),
            (None, Some(start)) => format!("from {}", day(start)),
            (None, None) => String::new(),
        };
        view! {
            <li>
                <a class="link" href=format!("/p/{}/i/{key}", key.product) title=title.clone()>
                    {key.to_string()}
                </a>
                " "
                <span class="solutions__title" dir="auto">{title.clone()}</span>
                " "
                <span class="quiet">{when}</span>
            </li>
        }
    });
    view! { <ul class="solutions__next">{items.collect_view()}</ul> }.into_any()
}

/// Whether anything is late in a part.
fn late(part: &Part) -> AnyView {
    match part.late {
        0 => view! { <span class="figures__standing figures__standing--on">"On time"</span> }.into_any(),
        late => {
            view! { <span class="figures__standing figures__standing--off">{format!("{late} late")}</span> }
                .into_any()
        }
    }
}
