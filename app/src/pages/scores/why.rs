//! What a score is made of, how it could be another, and the form that rates.

use backend::scores::{Said, ScoredItem};
use domain::score::{Criterion, Input, NoScore, Number, Scale, Source, swap};
use leptos::prelude::*;

use super::plain::Page;
use crate::{pages::plain::person, ui::time};

impl Page {
    pub(super) fn why(&self, place: usize, item: &ScoredItem, name: &str) -> AnyView {
        let no_score = item.scored.score.as_ref().err().map(|why| {
            view! { <p class="scores__none">{self.no_score(why)}</p> }
        });
        let model = &self.board.model.model;
        let inputs = model.criteria.iter().zip(&item.scored.inputs).zip(&item.raters);
        let rows = inputs.map(|((criterion, input), raters)| self.input(criterion, input, *raters));
        let swaps: Vec<AnyView> =
            [true, false].into_iter().filter_map(|above| self.swap(place, above)).collect();
        let link = format!("/p/{}/i/{name}", self.key());
        let inside = view! {
            {no_score}
            <table class="scores__inputs">
                <thead>
                    <tr>
                        <th scope="col">"Criterion"</th>
                        <th scope="col" class="scores__number">"Value"</th>
                        <th scope="col">"From"</th>
                        <th scope="col" class="scores__number">"Spread"</th>
                        <th scope="col">"Latest"</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
            {self.people(item)}
            {(!swaps.is_empty()).then(|| view! { <ul class="scores__swaps">{swaps}</ul> })}
            {self.rates.then(|| self.form(item, name))}
            <p><a class="link" href=link>"Open " {name.to_owned()}</a></p>
        };
        view! { <div class="scores__why">{inside}</div> }.into_any()
    }

    fn no_score(&self, why: &NoScore) -> String {
        match why {
            NoScore::Missing(places) => {
                let criteria = &self.board.model.model.criteria;
                let names: Vec<String> = places
                    .iter()
                    .filter_map(|place| criteria.get(*place))
                    .map(|criterion| format!("“{}”", criterion.name))
                    .collect();
                let verb = if names.len() == 1 { "has" } else { "have" };
                format!("No score yet: {} {verb} no value.", names.join(" and "))
            }
            NoScore::DividedByNothing(divisor) => {
                format!("No score: the formula divides by {divisor}, which is 0 here.")
            }
            NoScore::TooLarge => "No score: a number in the formula is too large.".to_owned(),
        }
    }

    fn input(&self, criterion: &Criterion, input: &Input, raters: u32) -> AnyView {
        let value = input.value.map_or_else(|| "–".to_owned(), |value| value.to_string());
        let from = match &criterion.source {
            Source::Field(_) => "Field of the item".to_owned(),
            Source::Upvotes => "Upvotes".to_owned(),
            Source::VotingResult => "Last voting session".to_owned(),
            Source::Rating(_) => {
                let raters = usize::try_from(raters).unwrap_or_default();
                domain::counted(raters, "rater", "raters")
            }
        };
        let ratings = input.ratings.as_ref().filter(|ratings| ratings.raters > 0);
        let spread = ratings.filter(|ratings| ratings.raters > 1).map(|ratings| {
            format!("{}–{}", Number::hundredths(ratings.low), Number::hundredths(ratings.high))
        });
        let latest = ratings.and_then(|ratings| ratings.latest).map(time);
        view! {
            <tr>
                <th scope="row" dir="auto">{criterion.name.clone()}</th>
                <td class="scores__number">{value}</td>
                <td>{from}</td>
                <td class="scores__number">{spread}</td>
                <td>{latest}</td>
            </tr>
        }
        .into_any()
    }

    /// Who said what, one line each.
    fn people(&self, item: &ScoredItem) -> Option<AnyView> {
        let said = self.said.get(&item.scored.item)?;
        let mut users = Vec::new();
        for said in said {
            if !users.contains(&said.user) {
                users.push(said.user);
            }
        }
        let lines = users.into_iter().map(|user| {
            let name = person(&self.members, user);
            let mut own: Vec<&Said> = said.iter().filter(|said| said.user == user).collect();
            own.sort_by_key(|said| said.criterion);
            let words: Vec<String> = own.into_iter().filter_map(|said| self.said(said)).collect();
            view! { <li><b dir="auto">{name}</b> " " {words.join(" · ")}</li> }
        });
        Some(view! { <ul class="scores__people" aria-label="Ratings">{lines.collect_view()}</ul> }.into_any())
    }

    fn said(&self, said: &Said) -> Option<String> {
        let criterion = self.board.model.model.criteria.get(said.criterion)?;
        Some(format!("{} {}", criterion.name, Number::hundredths(said.value)))
    }

    /// What would be enough for the item to pass a neighbour.
    fn swap(&self, place: usize, above: bool) -> Option<AnyView> {
        let beside = if above { place.checked_sub(1)? } else { place + 1 };
        let other = self.board.items.get(beside).filter(|other| other.scored.score.is_ok())?;
        self.scored.get(place).filter(|item| item.score.is_ok())?;
        let other = format!("{}-{} {}", self.key(), other.number, other.title);
        let words = match swap(&self.board.model.model, &self.scored, place, above) {
            Some(swap) => {
                let criterion = &self.board.model.model.criteria.get(swap.input)?.name;
                let verb = if above { "Passes" } else { "Falls below" };
                format!("{verb} {other} with {criterion} {} instead of {}.", swap.to, swap.from)
            }
            None if above => format!("No single value is enough to pass {other}."),
            None => format!("No single value is enough to fall below {other}."),
        };
        Some(view! { <li dir="auto">{words}</li> }.into_any())
    }

    fn form(&self, item: &ScoredItem, name: &str) -> AnyView {
        let criteria = self.board.model.model.criteria.iter().zip(&item.own);
        let fields = criteria
            .filter_map(|(criterion, own)| Some(field(criterion, criterion.scale()?, *own, item.number)));
        view! {
            <form
                method="post"
                action="/api/rate_item"
                class="scores__rate"
                aria-label=format!("Your ratings of {name}")
            >
                <input type="hidden" name="key" value=self.key().to_string() />
                <input type="hidden" name="item" value=item.scored.item.to_string() />
                <input type="hidden" name="number" value=item.number.to_string() />
                <input type="hidden" name="model" value=self.board.model.key.clone() />
                {fields.collect_view()}
                <button class="button button--primary" type="submit">"Save ratings"</button>
            </form>
        }
        .into_any()
    }
}

/// A criterion to rate: a choice where there are few, or a number.
fn field(criterion: &Criterion, scale: &Scale, own: Option<i64>, number: u32) -> AnyView {
    let id = format!("rate-{number}-{}", criterion.name.replace(' ', "-"));
    let name = format!("ratings[{}]", criterion.name);
    let own = own.map(Number::hundredths);
    let control = match scale.choices() {
        Some(choices) => {
            let options = choices.into_iter().map(|choice| {
                let words = choice.to_string();
                view! { <option value=words.replace('−', "-") selected=own == Some(choice)>{words.clone()}</option> }
            });
            view! {
                <select id=id.clone() name=name>
                    <option value="">"–"</option>
                    {options.collect_view()}
                </select>
            }
            .into_any()
        }
        None => {
            let (low, high) = scale.bounds();
            let text = |number: Number| number.to_string().replace('−', "-");
            view! {
                <input
                    id=id.clone()
                    name=name
                    type="number"
                    inputmode="numeric"
                    min=text(low)
                    max=text(high)
                    step="1"
                    value=own.map(text)
                />
            }
            .into_any()
        }
    };
    view! {
        <div class="field scores__field">
            <label for=id dir="auto">{criterion.name.clone()}</label>
            {control}
        </div>
    }
    .into_any()
}
