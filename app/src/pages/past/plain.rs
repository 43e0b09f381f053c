//! The board as it was and what is different later, drawn by the server.

mod board;
mod changes;

use backend::{
    Error, Viewer,
    rooms::{Changes, Moment, Past},
};
use domain::{Baseline, Member, Product, Timestamp, UserId, counted};
use leptos::prelude::*;

use crate::{
    pages::{
        past::data::PastPage,
        plain::{html, named_post, notice},
    },
    ui::time,
};

const WEEK: i64 = 7 * 86_400_000;

/// The page of a product's roadmap at a moment, compared with a later one; see
/// [`load_past`](crate::pages::past::api::load_past).
pub(crate) async fn page(
    viewer: &Viewer,
    product: Product,
    at: Option<Moment>,
    until: Option<Moment>,
    refused: Option<String>,
) -> Result<PastPage, Error> {
    let roadmap = product.roadmap;
    let now = viewer.past(roadmap, Moment::Seq(u64::MAX)).await?;
    let a_week_ago = Moment::Time(Timestamp(backend::now().0 - WEEK));
    let shown = viewer.past(roadmap, at.unwrap_or(a_week_ago)).await?;
    // A roadmap younger than that has nothing to show there.
    let shown = if at.is_none() && shown.seq == 0 { now.clone() } else { shown };
    let later = match until {
        Some(moment) => Some(viewer.past(roadmap, moment).await?).filter(|later| later.seq < now.seq),
        None => None,
    };
    let other = later.as_ref().unwrap_or(&now);
    let (from, to) = if shown.seq > other.seq { (other, &shown) } else { (&shown, other) };
    let changes = viewer.changes_between(roadmap, from, to).await?;
    let baselines = viewer.baselines(roadmap).await?;
    let drawing = Drawing {
        members: viewer.members().await?,
        edits: product.role.can_edit(),
        refused,
        product: &product,
        shown: &shown,
        from,
        to,
        now: now.seq,
    };
    Ok(PastPage {
        head: now.seq,
        seq: shown.seq,
        day: shown.at.map(|at| at.utc().date),
        words: drawing.words(),
        until: later.as_ref().map(|later| later.seq),
        html: drawing.html(&changes, &baselines),
        baselines: baselines.iter().map(|it| (it.seq, it.name.to_string())).collect(),
        product: product.clone(),
    })
}

/// What is drawn of the past, and for whom.
struct Drawing<'a> {
    product: &'a Product,
    members: Vec<Member>,
    /// Whether whoever looks may name moments.
    edits: bool,
    /// Why a form of this page was refused.
    refused: Option<String>,
    /// The moment that is shown.
    shown: &'a Past,
    /// The earlier and the later of the moments that are compared.
    from: &'a Past,
    to: &'a Past,
    /// The place of the present.
    now: u64,
}

impl Drawing<'_> {
    /// When the moment was that is shown, and by whose hand.
    fn words(&self) -> String {
        html(match (self.shown.seq, self.shown.at) {
            (0, _) | (_, None) => "Before anything was there".into_any(),
            (seq, Some(at)) => {
                let by = if self.shown.actor == UserId::NIL {
                    String::new()
                } else {
                    format!(" by {}", self.name(self.shown.actor))
                };
                let now = if seq == self.now { "Now; last changed " } else { "" };
                view! { {now} {time(at)} {by} }.into_any()
            }
        })
    }

    fn html(&self, changes: &Changes, baselines: &[Baseline]) -> String {
        let number = changes.comparison.items.len() + changes.comparison.lanes.len();
        let below = if number == 0 {
            "Show baselines".to_owned()
        } else {
            format!("Show {}", counted(number, "change", "changes"))
        };
        html(view! {
            <div class="past__row">
                <a class="link past__below" href="#past-changes">
                    {below}
                </a>
                <aside class="past__aside" id="past-changes" aria-label="What is different">
                    {notice(self.refused.clone())} {self.changes(changes)} {self.baselines(baselines)}
                </aside>
                {self.board(&changes.comparison)}
            </div>
        })
    }

    fn name(&self, user: UserId) -> String {
        let member = self.members.iter().find(|member| member.id == user);
        member.map_or_else(|| "someone".to_owned(), |member| member.name.to_string())
    }

    fn colour(&self, user: UserId) -> u8 {
        self.members.iter().find(|member| member.id == user).map_or(0, |member| member.colour)
    }

    /// The address of an item's panel.
    fn item_path(&self, number: u32) -> String {
        let key = &self.product.key;
        format!("/p/{key}/i/{key}-{number}")
    }

    /// The address of this page at a moment.
    fn path(&self, at: u64) -> String {
        format!("/p/{}/past?at={at}", self.product.key)
    }

    /// How a moment is called between two others.
    fn moment_words(&self, past: &Past) -> AnyView {
        match past.at {
            _ if past.seq == self.now => "now".into_any(),
            None => "the beginning".into_any(),
            Some(at) => time(at),
        }
    }

    fn baselines(&self, baselines: &[Baseline]) -> AnyView {
        let key = self.product.key.to_string();
        let rows = baselines
            .iter()
            .map(|baseline| {
                let remove = self.edits.then(|| {
                    let fields = [("key", key.clone()), ("id", baseline.id.to_string())];
                    let name = format!("Remove the baseline {}", baseline.name);
                    named_post("/api/remove_baseline", &fields, "Remove", "button--quiet", Some(name))
                });
                let here = (baseline.seq == self.shown.seq).then_some("true");
                view! {
                    <li class="past__baseline">
                        <a class="past__baseline-name" href=self.path(baseline.seq) aria-current=here dir="auto">
                            {baseline.name.to_string()}
                        </a>
                        {remove}
                    </li>
                }
            })
            .collect_view();
        let none = baselines.is_empty().then(|| {
            view! {
                <p class="quiet">
                    "A moment with a name, such as the plan of a quarter, is easy to come back to and to compare with."
                </p>
            }
        });
        let form = self.edits.then(|| {
            view! {
                <form
                    class="past__name keeps-draft"
                    data-draft=format!("baseline-{key}")
                    method="post"
                    action="/api/name_baseline"
                >
                    <input type="hidden" name="key" value=key.clone() />
                    <input type="hidden" name="seq" value=self.shown.seq.to_string() />
                    <label class="field">
                        <span class="field__label">"Name this moment"</span>
                        <input type="text" name="name" dir="auto" maxlength="80" required placeholder="Plan of the quarter" />
                    </label>
                    <button class="button" type="submit">
                        "Save baseline"
                    </button>
                </form>
            }
        });
        view! {
            <section class="past__part">
                <h2>"Baselines"</h2>
                {none}
                <ul class="past__baselines">{rows}</ul>
                {form}
            </section>
        }
        .into_any()
    }
}
