//! What the playbook of a stage suggests, with a box to tick for each.

use std::collections::BTreeMap;

use backend::{ModelPreview, Moved, StagePreview};
use domain::{Investment, KitFigure, Stage, balance::TargetMix, counted};
use leptos::prelude::*;

/// Under these names a form sends what was ticked, and brings it back when it is refused.
pub(super) const MODEL: &str = "model";
pub(super) const FIGURES: &str = "figures";
pub(super) const MIX: &str = "mix";

/// A mix as a form sends it: the shares and the band.
pub(super) fn mix_text(mix: TargetMix) -> String {
    let numbers = mix.shares.iter().chain([&mix.band]).map(ToString::to_string);
    numbers.collect::<Vec<_>>().join(" ")
}

/// Reads what [`mix_text`] writes.
pub(super) fn read_mix(text: &str) -> Option<TargetMix> {
    let numbers: Vec<u8> = text.split(' ').map(|number| number.parse().ok()).collect::<Option<_>>()?;
    let &[innovation, retention, run, retire, band] = &numbers[..] else { return None };
    Some(TargetMix { shares: [innovation, retention, run, retire], band })
}

fn mix_words(mix: TargetMix) -> String {
    let share = |(of, share): (&Investment, u8)| format!("{} {share} %", of.label().to_lowercase());
    let shares: Vec<String> = Investment::ALL.iter().zip(mix.shares).map(share).collect();
    format!("{}, ± {} points", shares.join(", "), mix.band)
}

fn tick(name: String, value: String, is_ticked: bool, words: String) -> AnyView {
    view! {
        <label class="lifecycle__point">
            <input type="checkbox" name=name value=value checked=is_ticked autocomplete="off" />
            <span dir="auto">{words}</span>
        </label>
    }
    .into_any()
}

/// What a product would get with its move; nothing where that is nothing.
pub(super) fn view(to: Stage, preview: &StagePreview, typed: &BTreeMap<String, String>) -> Option<AnyView> {
    let was = |name: &str| typed.get(name).map(String::as_str).unwrap_or_default();
    let model = preview.model.as_ref().map(|model| {
        let words = format!("Score items by {} instead of {}", model.name, model.now);
        view! {
            {tick(format!("ticked[{MODEL}]"), model.key.clone(), was(MODEL) == model.key, words)}
            {order(model)}
        }
    });
    let missing = preview.missing_model.as_ref().map(|name| {
        view! { <p class="quiet">{format!("The playbook names “{name}”, which isn’t a score model.")}</p> }
    });
    let figures = preview.figures.iter().enumerate().map(|(at, figure)| {
        let is_ticked = was(FIGURES).lines().any(|name| name == figure.name);
        let words = format!("Add the key figure {}, as proposed", told(figure));
        tick(format!("ticked[{FIGURES}][{at}]"), figure.name.clone(), is_ticked, words)
    });
    let mix = preview.mix.map(|(now, mix)| {
        let now = now.map_or_else(|| "none yet".to_owned(), mix_words);
        let words = format!("Set the balance for every quarter: {} (now: {now})", mix_words(mix));
        let text = mix_text(mix);
        tick(format!("ticked[{MIX}]"), text.clone(), was(MIX) == text, words)
    });
    (!preview.is_empty()).then(|| {
        view! {
            <fieldset class="lifecycle__points">
                <legend>{format!("What the playbook of {} suggests", to.label())}</legend>
                <p class="quiet">"Only what you tick is done."</p>
                {model}
                {missing}
                {figures.collect_view()}
                {mix}
            </fieldset>
        }
        .into_any()
    })
}

fn told(figure: &KitFigure) -> String {
    format!("{} ({})", figure.name, figure.words())
}

/// The first items in their new order.
fn order(model: &ModelPreview) -> AnyView {
    let (scored, all) = model.scored;
    if model.items.is_empty() {
        let says = match all {
            0 => "There are no items to score.".to_owned(),
            _ => format!("{} has no ratings here yet, so it ranks no item.", model.name),
        };
        return view! { <p class="quiet lifecycle__order">{says}</p> }.into_any();
    }
    let rows = model.items.iter().map(|Moved { key, title, was, will }| {
        let change = match was {
            None => "new".to_owned(),
            Some(was) if was == will => "same".to_owned(),
            Some(was) if was > will => format!("up {}", was - will),
            Some(was) => format!("down {}", will - was),
        };
        view! {
            <tr>
                <th scope="row">
                    <a class="link" href=format!("/p/{}/i/{key}", key.product)>
                        {key.to_string()}
                    </a>
                    " "
                    <span dir="auto">{title.clone()}</span>
                </th>
                <td class="lifecycle__place">{was.map_or_else(|| "–".to_owned(), |was| was.to_string())}</td>
                <td class="lifecycle__place">{will.to_string()}</td>
                <td>{change}</td>
            </tr>
        }
    });
    let rest = (scored < all)
        .then(|| format!("{} of {} have a score by it.", scored, counted(all, "item", "items")));
    view! {
        <div class="lifecycle__order" tabindex="0" role="region" aria-label="Items in their new order">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">"Item"</th>
                        <th scope="col" class="lifecycle__place">
                            "Was"
                        </th>
                        <th scope="col" class="lifecycle__place">
                            "Will be"
                        </th>
                        <th scope="col">"Change"</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
            {rest.map(|rest| view! { <p class="quiet">{rest}</p> })}
        </div>
    }
    .into_any()
}
