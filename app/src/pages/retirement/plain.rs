//! The retirement plan as HTML.

use backend::retirement::{PlannedMove, RetirementPlan};
use domain::{
    CONTRACT, Contract, Notice, Record, RecordDef, RecordId, Stage, USER_MOVE, counted, money::written,
};
use leptos::prelude::*;

use super::forms::{FORM, Typed, contract_form, move_form, name};
use crate::{
    api::{Plain, form::Returned},
    pages::{
        figures::chart::day,
        money::month,
        plain::{Head, html, named_post, nothing_yet, notice, removed, table},
    },
};

struct Page<'a> {
    key: String,
    plan: &'a RetirementPlan,
    edits: bool,
    /// The group or contract that is edited.
    edit: Option<RecordId>,
    /// What was typed into a form that was refused.
    typed: Typed,
}

pub(super) fn page(plan: &RetirementPlan, edit: Option<RecordId>, returned: Option<Returned>) -> Plain {
    let typed = returned.as_ref().map(|returned| returned.typed.clone()).unwrap_or_default();
    let refused = returned.and_then(|returned| returned.sentence());
    let edits = plan.product.role.can_edit() && !plan.product.archived;
    let page = Page { key: plan.product.key.to_string(), plan, edits, edit: edit.filter(|_| edits), typed };
    let title = format!("Retirement of {}", plan.product.name);
    Plain { title, html: html(page.view(refused)) }
}

impl Page<'_> {
    fn view(&self, refused: Option<String>) -> AnyView {
        let product = &self.plan.product;
        let stage = (product.stage != Stage::Retirement).then(|| {
            view! {
                <p class="quiet money__words">
                    {format!("{} is in {}. ", product.name, product.stage.label())} "You can plan ahead. "
                    <a class="link" href=format!("/lifecycle?product={}", self.key)>"Its stages"</a>
                </p>
            }
        });
        let is_empty = self.plan.moves.is_empty() && self.plan.contracts.is_empty();
        let body = match is_empty {
            true => self.empty(),
            false => view! { {self.moves()} {self.contracts()} }.into_any(),
        };
        view! {
            <div class="page figures money retirement">
                <header class="page__header">
                    <h1>"Retirement plan"</h1>
                </header>
                {notice(refused)}
                {stage}
                {(!is_empty).then(|| self.sums())}
                {self.editing()}
                {self.actions()}
                {body}
                {self.removed()}
            </div>
        }
        .into_any()
    }

    fn amount(&self, amount: i64) -> String {
        self.plan.settings.amount(amount)
    }

    fn empty(&self) -> AnyView {
        let who = (!self.edits).then_some("An editor of this product can begin the plan.");
        let picture = view! { <path d="M14 60V20h28v40M8 60h80M54 40h26M70 30l10 10-10 10"></path>
        <path d="M22 30h12M22 40h12" stroke-dasharray="4 4"></path> }
        .into_any();
        nothing_yet(
            picture,
            "End it in good order",
            "List who has to move, where to and by when. List the contracts that end. You see what is left, and what ending it saves.",
            who,
        )
    }

    /// What the plan adds up to.
    fn sums(&self) -> AnyView {
        let sums = &self.plan.sums;
        let users = match sums.users {
            0 => "Nobody yet".to_owned(),
            all if sums.left() == 0 => format!("None of {all}"),
            all => format!("{} of {all}", sums.left()),
        };
        let ends = match sums.next_end {
            Some(end) => day(end),
            None if self.plan.contracts.is_empty() => "No contract yet".to_owned(),
            None => "All have ended".to_owned(),
        };
        let cost = match self.plan.cost {
            Some((_, cost)) => self.amount(cost),
            None => "Not known".to_owned(),
        };
        let fact = |label: &'static str, value: String, hint: Option<String>| {
            view! {
                <div>
                    <dt>{label}</dt>
                    <dd>{value}</dd>
                    {hint.map(|hint| view! { <dd class="quiet">{hint}</dd> })}
                </div>
            }
        };
        let released = match self.plan.contracts.len() {
            0 => None,
            contracts => Some(format!("by {}", counted(contracts, "contract", "contracts"))),
        };
        let since = self.plan.cost.map(|(first, _)| format!("{} to {}", month(first), month(first.plus(11))));
        view! {
            <dl class="retirement__sums">
                {fact("Users left to move", users, None)} {fact("Next contract end", ends, None)}
                {fact("Released per year", self.amount(sums.released), released)}
                {fact("Cost of the last four quarters", cost, since)}
            </dl>
        }
        .into_any()
    }

    /// The form of the group or contract that is edited.
    fn editing(&self) -> Option<AnyView> {
        let id = self.edit?;
        let group = self.plan.moves.iter().find(|planned| planned.record.id == id);
        let contract = self.plan.contracts.iter().find(|(record, _)| record.id == id);
        let (title, form) = match (group, contract) {
            (Some(group), _) => ("Edit group", move_form(self.plan, Some(group), &self.typed)),
            (_, Some(contract)) => ("Edit contract", contract_form(self.plan, Some(contract), &self.typed)),
            _ => return None,
        };
        Some(
            view! {
                <section class="panel money__edit" id="edit" aria-labelledby="retirement-edit">
                    <h2 id="retirement-edit">{title}</h2>
                    {form}
                    <a class="button button--quiet" href=format!("/p/{}/retirement", self.key)>
                        "Cancel"
                    </a>
                </section>
            }
            .into_any(),
        )
    }

    fn actions(&self) -> Option<AnyView> {
        let opens = |def: &RecordDef| self.typed.get(FORM).is_some_and(|form| *form == name(def, None));
        self.edits.then(|| {
            view! {
                <div class="figures__actions money__actions">
                    <details class="figures__more" open=opens(&USER_MOVE)>
                        <summary class="button button--primary">"Add group"</summary>
                        <div class="panel">{move_form(self.plan, None, &self.typed)}</div>
                    </details>
                    <details class="figures__more" open=opens(&CONTRACT)>
                        <summary class="button">"Add contract"</summary>
                        <div class="panel">{contract_form(self.plan, None, &self.typed)}</div>
                    </details>
                </div>
            }
            .into_any()
        })
    }

    /// What a row can be done to.
    fn row_actions(
        &self,
        def: &'static RecordDef,
        record: &Record,
        more: Option<AnyView>,
    ) -> Option<AnyView> {
        let (id, name) = (record.id, def.name_of(record));
        let remove = [
            ("key", self.key.clone()),
            ("kind", def.kind.to_owned()),
            ("id", id.to_string()),
            ("deletes", "true".to_owned()),
        ];
        self.edits.then(|| {
            view! {
                <td class="money__row-actions">
                    {more}
                    <a
                        class="button button--quiet"
                        href=format!("/p/{}/retirement?edit={id}#edit", self.key)
                        aria-label=format!("Edit {name}")
                    >
                        "Edit"
                    </a>
                    {named_post("/api/bin_retirement", &remove, "Remove", "button--quiet", Some(format!("Remove {name}")))}
                </td>
            }
            .into_any()
        })
    }

    /// Who has to move.
    fn moves(&self) -> Option<AnyView> {
        let rows = self.plan.moves.iter().map(|planned| self.group(planned)).collect_view();
        let sums = &self.plan.sums;
        (!self.plan.moves.is_empty()).then(|| {
            view! {
                <section aria-labelledby="retirement-moves">
                    <h2 id="retirement-moves">"Who has to move"</h2>
                    <p class="quiet money__words">
                        {format!("{} of {} users have moved.", sums.moved, sums.users)}
                    </p>
                    {table("Groups to move", &[Head::Text("Group"), Head::Number("Users"), Head::Text("Moves to"), Head::Text("By"), Head::Text("State"), Head::Actions(self.edits)], rows.into_any())}
                </section>
            }
            .into_any()
        })
    }

    fn group(&self, planned: &PlannedMove) -> AnyView {
        let PlannedMove { record, group, to } = planned;
        let name = USER_MOVE.name_of(record);
        let product = to.as_ref().map(|to| {
            view! {
                <a class="link" href=format!("/p/{}", to.key) dir="auto">
                    {to.name.to_string()}
                </a>
            }
        });
        let text = record.text("to").map(str::to_owned);
        let text = match (to, text, group.product) {
            (Some(_), Some(text), _) => Some(format!(", {text}")),
            (None, Some(text), _) => Some(text),
            // A product that the reader does not see.
            (None, None, Some(_)) => Some("Elsewhere".to_owned()),
            (None, None, None) => Some("Not decided".to_owned()),
            (Some(_), None, _) => None,
        };
        let state = if group.moved {
            view! { <span class="figures__standing figures__standing--on">"Moved"</span> }.into_any()
        } else if group.is_late(self.plan.today) {
            view! { <span class="figures__standing figures__standing--off">"Late"</span> }.into_any()
        } else {
            view! { <span class="figures__standing">"To move"</span> }.into_any()
        };
        let (label, words) = match group.moved {
            true => ("Not moved", format!("{name} has not moved")),
            false => ("Moved", format!("{name} has moved")),
        };
        let fields =
            [("key", self.key.clone()), ("id", record.id.to_string()), ("moved", (!group.moved).to_string())];
        let mark = named_post("/api/mark_moved", &fields, label, "button--quiet", Some(words));
        view! {
            <tr>
                <th scope="row" dir="auto">
                    {name}
                </th>
                <td class="figures__number">{group.users.to_string()}</td>
                <td dir="auto">{product} {text}</td>
                <td class="retirement__day">{group.by.map(day)}</td>
                <td>{state}</td>
                {self.row_actions(&USER_MOVE, record, Some(mark))}
            </tr>
        }
        .into_any()
    }

    /// Which contracts end.
    fn contracts(&self) -> Option<AnyView> {
        let rows = self.plan.contracts.iter().map(|contract| self.contract(contract)).collect_view();
        let cost = match self.plan.settings.code() {
            "" => "Cost per year".to_owned(),
            code => format!("{code} per year"),
        };
        (!self.plan.contracts.is_empty()).then(|| {
            view! {
                <section aria-labelledby="retirement-contracts">
                    <h2 id="retirement-contracts">"Contracts"</h2>
                    {table("Contracts by their end", &[Head::Text("Contract"), Head::Text("Supplier"), Head::Text("Ends on"), Head::Text("Notice until"), Head::Text("State"), Head::Number(&cost), Head::Actions(self.edits)], rows.into_any())}
                </section>
            }
            .into_any()
        })
    }

    fn contract(&self, (record, contract): &(Record, Contract)) -> AnyView {
        let note = record.text("note").map(|note| {
            view! {
                <p class="quiet retirement__note" dir="auto">
                    {note.to_owned()}
                </p>
            }
        });
        let (class, words) = match contract.notice_on(self.plan.today) {
            Notice::Ended => ("figures__standing--on", "Ended".to_owned()),
            Notice::Past => ("figures__standing--off", "Notice date has passed".to_owned()),
            Notice::Near(0) => ("figures__standing--off", "Give notice today".to_owned()),
            Notice::Near(left) => {
                let left = counted(usize::try_from(left).unwrap_or_default(), "day", "days");
                ("figures__standing--off", format!("{left} to give notice"))
            }
            Notice::Open => ("", "Runs".to_owned()),
        };
        view! {
            <tr>
                <th scope="row" dir="auto">
                    {CONTRACT.name_of(record)}
                    {note}
                </th>
                <td dir="auto">{record.text("supplier").map(str::to_owned)}</td>
                <td class="retirement__day">{day(contract.ends)}</td>
                <td class="retirement__day">{contract.notice.map(day)}</td>
                <td>
                    <span class=format!("figures__standing {class}")>{words}</span>
                </td>
                <td class="figures__number">{written(contract.cost)}</td>
                {self.row_actions(&CONTRACT, record, None)}
            </tr>
        }
        .into_any()
    }

    fn removed(&self) -> Option<AnyView> {
        let records = &self.plan.removed;
        let row = |(def, record): &(&'static RecordDef, Record)| {
            let fields =
                vec![("key", self.key.clone()), ("kind", def.kind.to_owned()), ("id", record.id.to_string())];
            (format!("{} {}", def.one, def.name_of(record)), fields)
        };
        let rows = records.iter().filter(|_| self.edits).map(row).collect();
        let label = format!("{} removed", records.len());
        removed(label, ("/api/bin_retirement", "the "), rows)
    }
}
