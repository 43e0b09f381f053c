//! The page of a vision as HTML.

use backend::{Error, Viewer, strategy::Strategy, vision::VisionPage};
use domain::{
    Member, Opinion, ProductKey, Record, StrategyBlock, VISION, VISION_SCALE, VisionCheck, counted,
    vision_number,
};
use leptos::prelude::*;

use super::strategy;
use crate::{
    api::Plain,
    pages::{
        lifecycle::used_by,
        plain::{html, notice, person},
    },
    ui,
};

/// The address of a vision: of a product, or of the workspace.
pub(super) fn address(key: Option<&ProductKey>) -> String {
    key.map_or_else(|| "/vision".to_owned(), |key| format!("/p/{key}/vision"))
}

/// The address of a block of a strategy.
pub(super) fn block_address(key: &ProductKey, block: StrategyBlock) -> String {
    format!("{}#{}", address(Some(key)), block.as_str())
}

struct Page<'a> {
    vision: &'a VisionPage,
    members: Vec<Member>,
    /// Of the version that is shown.
    text: String,
    /// The solutions that the product is a part of.
    solutions: Vec<Record>,
}

pub(super) async fn page(
    viewer: &Viewer,
    vision: &VisionPage,
    strategy: Option<&Strategy>,
    refused: Option<String>,
) -> Result<Plain, Error> {
    let own = vision.version().and_then(|version| version.text("text")).unwrap_or_default().to_owned();
    let of_blocks = strategy.iter().flat_map(|strategy| &strategy.blocks);
    let of_blocks = of_blocks.map(|block| {
        let text = block.record.as_ref().and_then(|record| record.text("text"));
        text.unwrap_or_default().to_owned()
    });
    let texts: Vec<String> = [own].into_iter().chain(of_blocks).collect();
    let mut texts = viewer.render_markdown(texts).await?.into_iter();
    let text = texts.next().unwrap_or_default();
    let solutions = match &vision.product {
        Some(product) => viewer.solutions_of(product.id).await?,
        None => Vec::new(),
    };
    let page = Page { vision, members: viewer.members().await?, text, solutions };
    let strategy = strategy.map(|strategy| strategy::view(strategy, texts.collect()));
    let title = match &vision.product {
        Some(product) => format!("Vision and strategy of {}", product.name),
        None => "Vision".to_owned(),
    };
    Ok(Plain { title, html: html(page.view(refused, strategy)) })
}

/// A mean with how many said it.
fn told(opinion: Opinion) -> String {
    opinion.mean().unwrap_or_else(|| "–".to_owned())
}

/// `2 to 5`, or one number where all say the same.
fn spread(opinion: Opinion) -> String {
    match (opinion.raters, opinion.spread()) {
        (0, _) => "–".to_owned(),
        (_, 0) => opinion.low.to_string(),
        _ => format!("{} to {}", opinion.low, opinion.high),
    }
}

impl Page<'_> {
    fn key(&self) -> Option<&ProductKey> {
        self.vision.product.as_ref().map(|product| &product.key)
    }

    /// The key of the product as forms send it.
    fn hidden_key(&self) -> Option<AnyView> {
        let key = self.key()?.to_string();
        Some(view! { <input type="hidden" name="key" value=key /> }.into_any())
    }

    fn view(&self, refused: Option<String>, strategy: Option<AnyView>) -> AnyView {
        let title = if self.key().is_some() { "Vision and strategy" } else { "Vision" };
        let way = self.key().is_none().then(|| {
            view! {
                <nav class="direction__ways" aria-label="Direction">
                    <a class="button button--quiet" href="/direction">"This quarter"</a>
                </nav>
            }
        });
        let above = self.key().is_some().then(|| view! { <h2 id="vision">"Vision"</h2> });
        let body = match self.vision.version() {
            Some(version) => self.version(version),
            None => self.empty(),
        };
        view! {
            <div class="page vision">
                <header class="page__header">
                    <h1>{title}</h1>
                </header>
                {way}
                {notice(refused)}
                {used_by(&self.solutions)}
                <section aria-label="Vision">{above} {body}</section>
                {strategy}
            </div>
        }
        .into_any()
    }

    fn empty(&self) -> AnyView {
        let says = match (self.vision.publishes, self.key().is_some()) {
            (true, _) => {
                "Write where this goes in three to five years: what is different then, and for whom."
            }
            (false, true) => "Nobody has published a vision yet. An editor of this product can.",
            (false, false) => "Nobody has published a vision yet. An owner of the workspace can.",
        };
        view! {
            <p class="quiet">{says}</p>
            {self.publish(None)}
        }
        .into_any()
    }

    fn version(&self, version: &Record) -> AnyView {
        let newest = (!self.vision.is_newest()).then(|| {
            view! {
                <p class="notice">
                    "This is an older version. "
                    <a class="link" href=address(self.key())>"Read the newest"</a>
                </p>
            }
        });
        let publish = self.vision.is_newest().then(|| self.publish(Some(version)));
        view! {
            {newest}
            <div class="vision__body">
                <div class="vision__read">
                    <div class="prose vision__text" dir="auto" inner_html=self.text.clone()></div>
                    {self.by(version)}
                    {publish}
                    {self.older()}
                </div>
                {self.rating(version)}
            </div>
        }
        .into_any()
    }

    /// Which version this is, when it was published, and by whom.
    fn by(&self, version: &Record) -> AnyView {
        let who = person(&self.members, version.created.by);
        view! {
            <p class="quiet vision__by">
                {VISION.name_of(version)} ", published " {ui::time(version.created.at)} " by "
                <span dir="auto">{who}</span>
            </p>
        }
        .into_any()
    }

    /// The other versions.
    fn older(&self) -> Option<AnyView> {
        let shown = self.vision.shown;
        let others: Vec<_> =
            self.vision.versions.iter().enumerate().filter(|(n, _)| Some(*n) != shown).collect();
        let label = counted(others.len(), "other version", "other versions");
        (!others.is_empty()).then(|| {
            let rows = others.into_iter().map(|(place, version)| {
                let href = match place {
                    0 => address(self.key()),
                    _ => format!("{}?version={}", address(self.key()), version.id),
                };
                view! {
                    <li>
                        <a class="link" href=href>{VISION.name_of(version)}</a>
                        <span class="quiet">
                            {ui::time(version.created.at)} " by "
                            <span dir="auto">{person(&self.members, version.created.by)}</span>
                        </span>
                    </li>
                }
            });
            view! {
                <details class="vision__more">
                    <summary class="button button--quiet">{label}</summary>
                    <ul class="vision__versions">{rows.collect_view()}</ul>
                </details>
            }
            .into_any()
        })
    }

    /// The form for a new version, which begins with the newest.
    fn publish(&self, newest: Option<&Record>) -> Option<AnyView> {
        let text = newest.and_then(|newest| newest.text("text")).unwrap_or_default().to_owned();
        let seen =
            newest.map(|newest| view! { <input type="hidden" name="seen" value=newest.id.to_string() /> });
        let next = newest.map_or(1, |newest| vision_number(newest) + 1);
        let draft = format!("vision-{}-{next}", self.key().map(ToString::to_string).unwrap_or_default());
        let asks = (newest.is_some() && self.vision.checks.iter().any(|check| check.all.raters > 0)).then(|| {
            view! { <p class="field__hint">"Everyone is asked to rate the new version. Ratings of this one stay with it."</p> }
        });
        let label = if newest.is_some() { "New version" } else { "Write the vision" };
        let submit = if newest.is_some() { "Publish new version" } else { "Publish" };
        self.vision.publishes.then(|| {
            view! {
                <details class="vision__more">
                    <summary class="button">{label}</summary>
                    <form method="post" action="/api/publish_vision" class="stack keeps-draft" data-draft=draft>
                        {self.hidden_key()} {seen}
                        <div class="field">
                            <label for="vision-text">"Vision"</label>
                            <textarea
                                id="vision-text"
                                name="text"
                                rows="10"
                                required
                                maxlength="5000"
                                dir="auto"
                                aria-describedby="vision-text-hint"
                            >
                                {text}
                            </textarea>
                            <p class="field__hint" id="vision-text-hint">"Markdown works here."</p>
                        </div>
                        {asks}
                        <button class="button button--primary" type="submit">
                            {submit}
                        </button>
                    </form>
                </details>
            }
            .into_any()
        })
    }

    /// What people say about the version, and what the reader is asked.
    fn rating(&self, version: &Record) -> AnyView {
        let asked = self.vision.asks();
        let rows = self.vision.checks.iter().map(|check| {
            view! {
                <tr>
                    <th scope="row">{check.check.label()}</th>
                    <td class="vision__number"><strong>{told(check.all)}</strong></td>
                    <td class="vision__number">{check.all.raters.to_string()}</td>
                    <td class="vision__number">{spread(check.all)}</td>
                </tr>
            }
        });
        let nobody = self.vision.checks.iter().all(|check| check.all.raters == 0);
        let results = if nobody {
            view! { <p class="quiet">"Nobody has rated this version yet."</p> }.into_any()
        } else {
            view! {
                <table class="table vision__results">
                    <caption class="visually-hidden">"Ratings of this version, from 1 to 5"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Rated 1 to 5"</th>
                            <th scope="col" class="vision__number">"Mean"</th>
                            <th scope="col" class="vision__number">"Raters"</th>
                            <th scope="col" class="vision__number">"Spread"</th>
                        </tr>
                    </thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            }
            .into_any()
        };
        view! {
            <aside class="vision__rating" aria-label="Ratings">
                {asked.then(|| self.rate(version, "Rate this vision"))}
                <section class="vision__said" aria-labelledby="vision-said">
                    <h3 id="vision-said">"What people say"</h3>
                    {results}
                    {self.segments()}
                </section>
                {(self.vision.rates && !asked).then(|| self.changed(version))}
            </aside>
        }
        .into_any()
    }

    /// The form again, for those who have rated everything.
    fn changed(&self, version: &Record) -> AnyView {
        let own = self.vision.checks.iter().filter_map(|check| check.own).map(|own| own.to_string());
        let own = own.collect::<Vec<_>>().join(", ");
        view! {
            <details class="vision__more">
                <summary class="button button--quiet">{format!("Your rating: {own}")}</summary>
                {self.rate(version, "Change your rating")}
            </details>
        }
        .into_any()
    }

    fn rate(&self, version: &Record, title: &'static str) -> AnyView {
        let fields = self.vision.checks.iter().map(|check| rate_field(check.check, check.own)).collect_view();
        view! {
            <form id="rating" method="post" action="/api/rate_vision" class="panel stack vision__rate">
                <h3>{title}</h3>
                <p class="quiet">"1 is not at all, 5 is fully."</p>
                {self.hidden_key()}
                <input type="hidden" name="id" value=version.id.to_string() />
                {fields}
                <button class="button button--primary" type="submit">
                    "Save rating"
                </button>
            </form>
        }
        .into_any()
    }

    /// The same by segments that are large enough.
    fn segments(&self) -> Vec<AnyView> {
        let groups = self.vision.groups.iter();
        groups
            .map(|group| {
                // A segment may be large enough for one check and not for another.
                let mut names: Vec<&String> = Vec::new();
                for (_, found) in &group.checks {
                    names.extend(found.iter().map(|(name, _)| name));
                }
                let rest = names.iter().any(|name| *name == "Everybody else");
                names.retain(|name| *name != "Everybody else");
                names.sort();
                names.dedup();
                let names = names.into_iter().map(String::as_str).chain(rest.then_some("Everybody else"));
                let rows = names.map(|name| {
                    let cells = group.checks.iter().map(|(_, found)| {
                        let of = found.iter().find(|(of, _)| of == name).map(|(_, of)| *of).unwrap_or_default();
                        let raters = (of.raters > 0).then(|| counted(of.raters as usize, "rater", "raters"));
                        view! { <td class="vision__number" title=raters>{told(of)}</td> }
                    });
                    view! {
                        <tr>
                            <th scope="row" dir="auto">{name.to_owned()}</th>
                            {cells.collect_view()}
                        </tr>
                    }
                });
                let heads = VisionCheck::ALL.iter().map(|check| {
                    view! { <th scope="col" class="vision__number">{check.label()}</th> }
                });
                view! {
                    <div class="vision__segments" tabindex="0" role="region" aria-label=format!("By {}", group.kind.label().to_lowercase())>
                        <table class="table">
                            <thead>
                                <tr>
                                    <th scope="col">{group.kind.label()}</th>
                                    {heads.collect_view()}
                                </tr>
                            </thead>
                            <tbody>{rows.collect_view()}</tbody>
                        </table>
                    </div>
                }
                .into_any()
            })
            .collect()
    }
}

/// The ratings of a check to choose from.
fn rate_field(check: VisionCheck, own: Option<u8>) -> AnyView {
    let name = format!("ratings[{}]", check.as_str());
    let seen = format!("seen[{}]", check.as_str());
    let own_text = own.map(|own| own.to_string()).unwrap_or_default();
    let none = view! {
        <label class="vision__choice">
            <input type="radio" name=name.clone() value="" checked=own.is_none() autocomplete="off" />
            <span aria-hidden="true">"–"</span>
            <span class="visually-hidden">"No rating"</span>
        </label>
    };
    let (low, high) = VISION_SCALE;
    let choices = (low..=high).map(|value| {
        view! {
            <label class="vision__choice">
                <input type="radio" name=name.clone() value=value.to_string() checked=own == Some(value) autocomplete="off" />
                <span>{value.to_string()}</span>
            </label>
        }
    });
    view! {
        <fieldset class="vision__check">
            <legend>{check.label()}</legend>
            <p class="field__hint">{check.question()}</p>
            <input type="hidden" name=seen value=own_text />
            <div class="vision__choices">{choices.collect_view()} {none}</div>
        </fieldset>
    }
    .into_any()
}
