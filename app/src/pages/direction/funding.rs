//! The money of objectives as HTML: budget, funding and what is drawn.

use backend::{Error, Viewer, money::MoneySettings};
use domain::{FUNDING, FiscalYear, Funding, MOST_FUNDING_LINES, Quarter, Record, RecordId, Value, amount};
use leptos::prelude::*;

use crate::pages::plain::{Line, named_post, removed, seen};

/// The money of a quarter's objectives.
pub(super) struct Funds {
    lines: Vec<Record>,
    removed: Vec<Record>,
    settings: MoneySettings,
    quarter: Quarter,
    year: FiscalYear,
    owns: bool,
}

impl Funds {
    pub(super) async fn read(
        viewer: &Viewer,
        (quarter, year): (Quarter, FiscalYear),
        objectives: &[Record],
    ) -> Result<Self, Error> {
        let ids: Vec<RecordId> = objectives.iter().map(|objective| objective.id).collect();
        let (lines, removed) =
            if ids.is_empty() { (Vec::new(), Vec::new()) } else { viewer.funding(&ids).await? };
        let (settings, owns) = (viewer.money_settings().await?, viewer.as_owner().is_ok());
        Ok(Self { lines, removed, settings, quarter, year, owns })
    }

    fn amount(&self, cents: i64) -> String {
        self.settings.amount(cents)
    }

    fn of<'a>(lines: &'a [Record], objective: &Record) -> Vec<(&'a Record, Funding)> {
        let id = objective.id;
        let line = |line: &'a Record| Some((line, Funding::of(line)?));
        lines.iter().filter_map(line).filter(|(_, funding)| funding.objective == id).collect()
    }

    /// Budget, funding, what is drawn and what is left of an objective.
    pub(super) fn view(&self, objective: &Record, name: &str, drawn: i64) -> Option<AnyView> {
        let budget = match objective.values.get("budget") {
            Some(Value::Number(cents)) => Some(*cents),
            _ => None,
        };
        let lines = Self::of(&self.lines, objective);
        let funded = lines.iter().filter(|(_, line)| line.pays_in(self.quarter));
        let funded = (!lines.is_empty()).then(|| funded.map(|(_, line)| line.amount).sum::<i64>());
        if budget.is_none() && funded.is_none() && drawn == 0 && !self.owns {
            return None;
        }
        let left = budget.or(funded).map(|limit| limit - drawn);
        let is_over = left.is_some_and(|left| left < 0);
        let rows = [
            ("Budget", budget),
            ("Funded", funded),
            ("Drawn", (drawn != 0).then_some(drawn)),
            ("Left", left),
        ];
        let said: Vec<_> = rows
            .iter()
            .filter_map(|(label, cents)| {
                let class = if *label == "Left" && is_over { "direction__over" } else { "" };
                let words = self.amount((*cents)?);
                Some(view! { <div><dt>{*label}</dt> <dd class=class>{words}</dd></div> })
            })
            .collect();
        let over = left.filter(|_| is_over).map(|left| {
            let limit = if budget.is_some() { "budget" } else { "funding" };
            let says = format!("Overdrawn: items cost {} more than the {limit}.", self.amount(-left));
            view! { <p class="direction__over">{says}</p> }
        });
        let short = budget.zip(funded).filter(|(budget, funded)| funded < budget).map(|(budget, funded)| {
            let says =
                format!("{} of the budget is not funded in this quarter.", self.amount(budget - funded));
            view! { <p class="quiet">{says}</p> }
        });
        let list: Vec<_> = lines.iter().map(|(line, funding)| self.line(line, funding)).collect();
        let list = (!list.is_empty()).then(|| view! { <ul>{list}</ul> });
        let actions = self.owns.then(|| {
            let adds = (lines.len() < MOST_FUNDING_LINES).then(|| {
                view! {
                    <details class="direction__close">
                        <summary class="button button--quiet" aria-label=format!("Add funding: {name}")>
                            "Add funding"
                        </summary>
                        {self.line_form(objective.id, None)}
                    </details>
                }
            });
            view! { <div class="direction__actions">{self.budget_form(objective, name, budget)} {adds}</div> }
        });
        let said = (!said.is_empty()).then(|| view! { <dl class="direction__funds">{said}</dl> });
        Some(
            view! {
                <div class="direction__results">
                    <h4>"Money"</h4>
                    {said}
                    {over}
                    {short}
                    {list}
                    {actions}
                    {self.removed(objective)}
                </div>
            }
            .into_any(),
        )
    }

    /// For which quarters a funding line is.
    fn period(&self, funding: &Funding) -> String {
        let label = |quarter: Quarter| self.year.label(quarter);
        match (funding.from, funding.to) {
            (None, None) => String::new(),
            (Some(from), Some(to)) if from == to => label(from),
            (Some(from), Some(to)) => format!("{} to {}", label(from), label(to)),
            (Some(from), None) => format!("from {}", label(from)),
            (None, Some(to)) => format!("until {}", label(to)),
        }
    }

    fn line(&self, line: &Record, funding: &Funding) -> AnyView {
        let name = FUNDING.name_of(line);
        let mut said = vec![self.amount(funding.amount)];
        said.extend(Some(self.period(funding)).filter(|period| !period.is_empty()));
        if !funding.pays_in(self.quarter) {
            said.push("not in this quarter".to_owned());
        }
        let actions = self.owns.then(|| {
            let remove = [
                ("id", line.id.to_string()),
                ("quarter", self.quarter.to_string()),
                ("deletes", "true".to_owned()),
            ];
            view! {
                <div class="direction__actions">
                    <details class="direction__close">
                        <summary class="button button--quiet" aria-label=format!("Edit funding {name}")>
                            "Edit"
                        </summary>
                        {self.line_form(funding.objective, Some((line, funding)))}
                    </details>
                    {named_post("/api/bin_funding", &remove, "Remove", "button--quiet", Some(format!("Remove funding {name}")))}
                </div>
            }
        });
        view! {
            <li>
                <p class="direction__result" dir="auto">
                    {name.clone()}
                </p>
                <p class="quiet">{said.join(" · ")}</p>
                {actions}
            </li>
        }
        .into_any()
    }

    /// The fields of a funding line, of a new one too.
    fn line_form(&self, objective: RecordId, line: Option<(&Record, &Funding)>) -> AnyView {
        let at = line.map_or_else(|| format!("new-{objective}"), |(line, _)| line.id.to_string());
        let id = |field: &str| format!("funding-{field}-{at}");
        let quarter = |quarter: Option<Quarter>| quarter.map(|at| at.to_string()).unwrap_or_default();
        let values = match line {
            Some((line, funding)) => [
                ("name", FUNDING.name_of(line)),
                ("amount", amount(funding.amount)),
                ("from", quarter(funding.from)),
                ("to", quarter(funding.to)),
            ],
            None => ["name", "amount", "from", "to"].map(|name| (name, String::new())),
        };
        let seen = line.map(|(line, _)| {
            view! {
                <input type="hidden" name="id" value=line.id.to_string() />
                {seen(values.clone())}
            }
        });
        let [name, typed, from, to] = values.clone().map(|(_, value)| value);
        let amount_label = self.settings.label("Amount");
        let field = |name: &'static str, label: &str, most: u16, value: String| {
            Line::new(id(name), format!("line[{name}]"), label, most).value(value)
        };
        let when = |name: &'static str, label: &'static str, value: String| {
            field(name, label, 20, value).placeholder(format!("{}, optional", self.quarter)).view()
        };
        view! {
            <form
                method="post"
                action="/api/save_funding"
                class="stack keeps-draft"
                data-draft=format!("funding-{at}")
            >
                <input type="hidden" name="objective" value=objective.to_string() />
                <input type="hidden" name="quarter" value=self.quarter.to_string() />
                {seen}
                {field("name", "Source", 200, name).required().view()}
                {field("amount", &amount_label, 40, typed).required().number().view()}
                {when("from", "From quarter", from)}
                {when("to", "To quarter", to)}
                <button class="button button--primary" type="submit">
                    "Save funding"
                </button>
            </form>
        }
        .into_any()
    }

    fn budget_form(&self, objective: &Record, name: &str, budget: Option<i64>) -> AnyView {
        let id = format!("budget-{}", objective.id);
        let value = budget.map(amount).unwrap_or_default();
        let label = self.settings.label("Budget");
        let words = if budget.is_some() { "Change budget" } else { "Set budget" };
        view! {
            <details class="direction__close">
                <summary class="button button--quiet" aria-label=format!("{words}: {name}")>
                    {words}
                </summary>
                <form method="post" action="/api/set_budget" class="stack keeps-draft" data-draft=id.clone()>
                    <input type="hidden" name="id" value=objective.id.to_string() />
                    <input type="hidden" name="quarter" value=self.quarter.to_string() />
                    <input type="hidden" name="seen" value=value.clone() />
                    {Line::new(id.clone(), "budget", label, 40).number().value(value.clone()).view()}
                    <button class="button button--primary" type="submit">
                        "Save budget"
                    </button>
                </form>
            </details>
        }
        .into_any()
    }

    fn removed(&self, objective: &Record) -> Option<AnyView> {
        let lines = Self::of(&self.removed, objective);
        let label = domain::counted(lines.len(), "removed funding line", "removed funding lines");
        let rows = lines
            .into_iter()
            .filter(|_| self.owns)
            .map(|(line, _)| {
                let fields = vec![("id", line.id.to_string()), ("quarter", self.quarter.to_string())];
                (FUNDING.name_of(line), fields)
            })
            .collect();
        removed(label, ("/api/bin_funding", "funding "), rows)
    }
}
