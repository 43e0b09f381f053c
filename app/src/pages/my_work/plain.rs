//! What somebody has to do, drawn by the server.

use backend::{
    Error, Viewer,
    inbox::{InboxItem, Notice},
    now,
    rooms::OwnItem,
};
use domain::{Date, Member, NoticeKind, Product, counted, voting::VotingSummary};
use leptos::prelude::*;

use crate::{
    board::badges,
    pages::{
        inbox::plain::line,
        plain::{empty, html},
        voting,
    },
    ui::time,
};

/// Days from today on that are soon.
const SOON: i32 = 14;

/// The most items with changes that are listed here; the inbox has more.
const CHANGED: usize = 10;

/// What somebody has to do.
pub(crate) struct Work {
    pub(crate) own: Vec<OwnItem>,
    pub(crate) votes: Vec<VotingSummary>,
    pub(crate) inbox: Vec<InboxItem>,
}

impl Work {
    /// On the roadmaps of these products.
    pub(crate) async fn of(viewer: &Viewer, products: &[Product]) -> Result<Self, Error> {
        let (own, votes) = (viewer.own_items(products).await?, viewer.waiting_votings().await?);
        Ok(Self { own, votes, inbox: viewer.inbox().await? })
    }

    /// Items with mentions that were not read yet.
    pub(crate) fn asked(&self, heading: AnyView, members: &[Member], most: usize) -> Option<AnyView> {
        let is_question = |notice: &Notice| notice.kind == NoticeKind::Mention && notice.unread > 0;
        part(heading, ASKED, &self.inbox, members, most, is_question)
    }

    /// The reader's own items, what is due first before the others.
    pub(crate) fn by_date(&self) -> Vec<&OwnItem> {
        let mut own: Vec<&OwnItem> = self.own.iter().collect();
        // What has no date stays as it was: in progress first.
        own.sort_by_key(|item| (item.end.is_none(), item.end));
        own
    }
}

/// The element id of the heading above what was asked.
pub(crate) const ASKED: &str = "answers";

/// See [`my_work`](super::api::my_work).
pub(crate) async fn my_work(viewer: &Viewer) -> Result<String, Error> {
    let mut products = viewer.products().await?;
    products.retain(|product| !product.archived);
    let work = Work::of(viewer, &products).await?;
    let members = viewer.members().await?;
    let asked =
        work.asked(view! { <h2 id=ASKED>"Waiting for your answer"</h2> }.into_any(), &members, usize::MAX);
    let is_change = |notice: &Notice| notice.kind != NoticeKind::Mention && notice.unread > 0;
    let heading = view! { <h2 id="changed">"Changed on what you watch"</h2> }.into_any();
    let changed = part(heading, "changed", &work.inbox, &members, CHANGED, is_change);
    let Work { own, votes, .. } = work;
    let is_idle = own.is_empty() && votes.is_empty() && asked.is_none() && changed.is_none();
    let votes = (!votes.is_empty()).then(|| voting::plain::list::waiting(&votes));
    let body = if is_idle { nothing() } else { owned(&own, &products, now().utc().date) };
    let header = (!is_idle).then(|| {
        view! {
            <header class="page__header">
                <h1>"My work"</h1>
                {(!own.is_empty()).then(|| view! { <p class="page__count">{counted(own.len(), "item", "items")}</p> })}
            </header>
        }
    });
    Ok(html(view! {
        {header}
        {votes.map(|html| view! { <div class="my-work__part" inner_html=html></div> })}
        {asked}
        {body}
        {changed}
    }))
}

/// What this page is for, for those who have nothing to do.
fn nothing() -> AnyView {
    let picture = view! {
        <path d="M22 12h52v52H22z"></path>
        <path d="M34 28h28M34 40h28M34 52h16"></path>
    };
    let text = "Items you own come here by date, with votes and mentions that wait for you. Make yourself the owner of an item to see it here.";
    empty(picture.into_any(), "Nothing is waiting for you", text, ("/inbox", "Inbox"))
}

/// Items of the reader's own, by when they are due.
fn owned(items: &[OwnItem], products: &[Product], today: Date) -> AnyView {
    if items.is_empty() {
        return ().into_any();
    }
    let due = |item: &OwnItem| match item.end.map(|end| end.days_since(today)) {
        Some(days) if days < 0 => "Overdue",
        Some(days) if days <= SOON => "In the next two weeks",
        Some(_) => "Later",
        None => "Without a date",
    };
    let groups = ["Overdue", "In the next two weeks", "Later", "Without a date"].map(|heading| {
        let mut own: Vec<&OwnItem> = items.iter().filter(|item| due(item) == heading).collect();
        own.sort_by_key(|item| (item.end, item.number));
        let lines: Vec<_> = own.into_iter().filter_map(|item| own_line(item, products, today)).collect();
        (!lines.is_empty()).then(|| {
            view! {
                <h3 class="my-work__when" class:my-work__when--late=heading == "Overdue">
                    {heading}
                </h3>
                <ul>{lines}</ul>
            }
        })
    });
    view! {
        <section class="my-work__part" aria-labelledby="owned">
            <h2 id="owned">"Items I own"</h2>
            {groups.into_iter().collect_view()}
        </section>
    }
    .into_any()
}

/// A line with an item of the reader's own, and when it is due.
pub(crate) fn own_line(item: &OwnItem, products: &[Product], today: Date) -> Option<AnyView> {
    let key = &products.iter().find(|product| product.roadmap == item.roadmap)?.key;
    let name = format!("{key}-{}", item.number);
    let end = item.end.map(|end| {
        view! { <span class:news__late=end < today>{format!(" · by {}", badges::day(end))}</span> }
    });
    Some(
        view! {
            <li class="news__line">
                {badges::mark(item.status, item.status.label().to_owned())}
                <a class="news__what" href=format!("/p/{key}/i/{name}") dir="auto">
                    {item.title.clone()}
                </a>
                <span class="news__aside">{name} {end}</span>
            </li>
        }
        .into_any(),
    )
}

/// Items of the inbox with notices of some kinds. Nothing without any.
fn part(
    heading: AnyView,
    id: &'static str,
    inbox: &[InboxItem],
    members: &[Member],
    most: usize,
    is_wanted: fn(&Notice) -> bool,
) -> Option<AnyView> {
    let wanted = inbox.iter().filter(|item| item.notices.iter().any(is_wanted));
    let rows: Vec<AnyView> = wanted
        .take(most)
        .map(|item| {
            let key = &item.product.key;
            let name = format!("{key}-{}", item.number);
            let lines =
                item.notices.iter().filter(|notice| is_wanted(notice)).map(|notice| line(notice, members));
            view! {
                <li class="inbox__item">
                    <div class="inbox__main">
                        <div class="inbox__head">
                            <a class="inbox__title" href=format!("/p/{key}/i/{name}") dir="auto">
                                {item.title.clone()}
                            </a>
                            <span class="inbox__aside">{name} " · " {time(item.at())}</span>
                        </div>
                        <ul class="inbox__what">{lines.collect_view()}</ul>
                    </div>
                </li>
            }
            .into_any()
        })
        .collect();
    (!rows.is_empty()).then(|| {
        view! {
            <section class="my-work__part" aria-labelledby=id>
                {heading}
                <ul class="inbox__list">{rows}</ul>
            </section>
        }
        .into_any()
    })
}
