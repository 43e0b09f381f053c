//! The alignment matrix as HTML.

use backend::matrix::{Cell, HIGHEST, Matrix, Row};
use domain::{OBJECTIVE, Opinion, Quarter, Record, UserId, counted, objective_state};
use leptos::prelude::*;

use crate::{
    api::Plain,
    pages::plain::{html, notice, person},
    ui,
};

pub(super) fn address(quarter: Quarter) -> String {
    format!("/direction/{quarter}/alignment")
}

pub(super) fn page(matrix: &Matrix, cell: Option<&str>, refused: Option<String>) -> Plain {
    let title = format!("Alignment, {}", matrix.year.label(matrix.quarter));
    Plain { title, html: html(Page { matrix }.view(cell, refused)) }
}

struct Page<'a> {
    matrix: &'a Matrix,
}

/// The name of a cell in forms and addresses. It begins with a letter: what begins with a digit is a place in a list there.
fn named(row: &Row, objective: &Record) -> String {
    format!("{}.{}", row.product.key, objective.id)
}

/// `2 raters, 1 to 3`.
fn said(all: Opinion) -> String {
    let raters = counted(all.raters as usize, "rater", "raters");
    match all.spread() {
        0 => raters,
        _ => format!("{raters}, {} to {}", all.low, all.high),
    }
}

impl Page<'_> {
    fn view(&self, cell: Option<&str>, refused: Option<String>) -> AnyView {
        let quarter = self.matrix.quarter;
        let label = self.matrix.year.label(quarter);
        let is_empty = self.matrix.objectives.is_empty() || self.matrix.rows.is_empty();
        let body = if is_empty { self.empty() } else { self.table() };
        let cut = self.matrix.is_cut.then(|| {
            view! { <p class="quiet">{format!("The first {} objectives are shown.", self.matrix.objectives.len())}</p> }
        });
        let csv = (!is_empty).then(|| {
            view! {
                <a class="button button--quiet" href=format!("{}.csv", address(quarter)) rel="external" download>
                    "CSV"
                </a>
            }
        });
        view! {
            <div class="page matrix">
                <header class="page__header">
                    <h1>"Alignment"</h1>
                    <p class="page__count">{label}</p>
                </header>
                <nav class="direction__ways" aria-label="Direction">
                    <a class="button button--quiet" href=format!("/direction/{quarter}")>"Objectives"</a>
                    <a class="button button--quiet" href=address(quarter.plus(-1))>{self.matrix.year.label(quarter.plus(-1))}</a>
                    <a class="button button--quiet" href=address(quarter.plus(1))>{self.matrix.year.label(quarter.plus(1))}</a>
                    {csv}
                </nav>
                {notice(refused)}
                {body}
                {cut}
                {cell.and_then(|cell| self.detail(cell))}
            </div>
        }
        .into_any()
    }

    fn empty(&self) -> AnyView {
        let says = if self.matrix.objectives.is_empty() {
            "This quarter has no objectives yet."
        } else {
            "There are no products to align."
        };
        view! { <p class="quiet">{says}</p> }.into_any()
    }

    fn table(&self) -> AnyView {
        let quarter = self.matrix.quarter;
        let rates = self.matrix.rows.iter().any(|row| row.rates);
        let help = rates.then(|| {
            view! {
                <p class="quiet" id="matrix-help">
                    {format!("How much does each product serve each objective? Rate 0 to {HIGHEST}. Arrow keys move, digits rate, Delete clears.")}
                </p>
            }
        });
        let heads = self.matrix.objectives.iter().map(|objective| {
            let state = objective_state(objective).label();
            view! {
                <th scope="col">
                    <span dir="auto">{OBJECTIVE.name_of(objective)}</span>
                    <span class="matrix__state">{state}</span>
                </th>
            }
        });
        let rows =
            self.matrix.rows.iter().enumerate().map(|(place, row)| self.row(place, row)).collect_view();
        let class = if rates { "matrix__column matrix__column--beside" } else { "matrix__column" };
        let sums =
            self.matrix.column_sums().into_iter().map(|sum| view! { <td class=class>{sum.to_string()}</td> });
        let save = rates.then(|| {
            view! {
                <button class="button button--primary matrix__save" type="submit">
                    "Save ratings"
                </button>
            }
        });
        view! {
            {help}
            <form method="post" action="/api/rate_alignment" class="matrix__form">
                <input type="hidden" name="quarter" value=quarter.to_string() />
                <div class="matrix__scroll" tabindex="0" role="region" aria-label="Products by objectives">
                    <table class="table matrix__table">
                        <thead>
                            <tr>
                                <th scope="col">"Product"</th>
                                {heads.collect_view()}
                                <th scope="col" class="matrix__total">"Total"</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                        <tfoot>
                            <tr>
                                <th scope="row">"Total"</th>
                                {sums.collect_view()}
                                <td class="matrix__total">{self.matrix.sum().to_string()}</td>
                            </tr>
                        </tfoot>
                    </table>
                </div>
                {save}
            </form>
        }
        .into_any()
    }

    fn row(&self, place: usize, row: &Row) -> AnyView {
        let cells = self.matrix.objectives.iter().zip(&row.cells).enumerate();
        let cells = cells.map(|(column, (objective, cell))| self.cell((place, column), row, objective, cell));
        view! {
            <tr>
                <th scope="row">
                    <a class="link" href=format!("/p/{}/vision", row.product.key) dir="auto">
                        {row.product.name.to_string()}
                    </a>
                </th>
                {cells.collect_view()}
                <td class="matrix__total">{row.sum().to_string()}</td>
            </tr>
        }
        .into_any()
    }

    fn cell(
        &self,
        (row_at, column_at): (usize, usize),
        row: &Row,
        objective: &Record,
        cell: &Cell,
    ) -> AnyView {
        let name = named(row, objective);
        let called = format!("{}: {}", row.product.name, OBJECTIVE.name_of(objective));
        let own = cell.own.map(|own| own.to_string()).unwrap_or_default();
        let field = (row.rates && Matrix::is_open(objective)).then(|| {
            view! {
                <input type="hidden" name=format!("seen[{name}]") value=own.clone() />
                <input
                    class="matrix__own"
                    id=format!("cell-{name}")
                    name=format!("cells[{name}]")
                    value=own.clone()
                    inputmode="numeric"
                    pattern=format!("[0-{HIGHEST}]")
                    maxlength="1"
                    autocomplete="off"
                    aria-label=format!("Your rating of {called}")
                    data-cell=name.clone()
                    data-row=row_at.to_string()
                    data-column=column_at.to_string()
                />
            }
        });
        let all = cell.all;
        let sum = if all.raters > 0 {
            let href = format!("{}?cell={name}#cell", address(self.matrix.quarter));
            let says = said(all);
            view! {
                <a class="matrix__sum" href=href aria-label=format!("{called}: {} by {says}", all.sum)>
                    <strong>{all.sum.to_string()}</strong>
                    <span class="quiet">{says.clone()}</span>
                </a>
            }
            .into_any()
        } else {
            view! { <span class="quiet matrix__sum">"–"</span> }.into_any()
        };
        // As dark as the mean is high: 0 to 3.
        let shade = (all.sum + all.raters / 2).checked_div(all.raters).unwrap_or(0);
        view! {
            <td class=format!("matrix__cell matrix__cell--{shade}")>
                <div class="matrix__both">{field} {sum}</div>
            </td>
        }
        .into_any()
    }

    fn person(&self, user: UserId) -> String {
        person(&self.matrix.members, user)
    }

    /// Who rated a cell, what, and when.
    fn detail(&self, cell: &str) -> Option<AnyView> {
        let (row, objective, cell) = self.matrix.rows.iter().find_map(|row| {
            let cells = self.matrix.objectives.iter().zip(&row.cells);
            let (objective, found) =
                cells.into_iter().find(|(objective, _)| named(row, objective) == cell)?;
            Some((row, objective, found))
        })?;
        let title = format!("{}: {}", row.product.name, OBJECTIVE.name_of(objective));
        let mean = cell
            .all
            .mean()
            .map(|mean| format!("{} in all, {mean} on average, {}.", cell.all.sum, said(cell.all)));
        let rows = cell.said.iter().map(|said| {
            view! {
                <tr>
                    <td dir="auto">{self.person(said.user)}</td>
                    <td class="matrix__total">{said.value.to_string()}</td>
                    <td class="quiet">{ui::time(said.at)}</td>
                </tr>
            }
        });
        Some(
            view! {
                <section class="matrix__detail" id="cell" aria-labelledby="cell-title">
                    <h2 id="cell-title" dir="auto">{title}</h2>
                    <p class="quiet">{mean.unwrap_or_else(|| "Nobody has rated this yet.".to_owned())}</p>
                    <table class="table">
                        <thead>
                            <tr>
                                <th scope="col">"Who"</th>
                                <th scope="col" class="matrix__total">"Rating"</th>
                                <th scope="col">"When"</th>
                            </tr>
                        </thead>
                        <tbody>{rows.collect_view()}</tbody>
                    </table>
                    <a class="button button--quiet" href=address(self.matrix.quarter)>"Close"</a>
                </section>
            }
            .into_any(),
        )
    }
}
