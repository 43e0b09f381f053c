//! The inbox below its heading, drawn by the server.

use backend::{
    Error, Viewer,
    inbox::{InboxItem, Notice},
};
use domain::{Change, Field, Member, NoticeKind, counted};
use leptos::prelude::*;

use super::api::InboxPart;
use crate::{
    pages::plain::{empty, html, named_post, post},
    ui::{
        Avatar,
        history::{comment, fact},
        time,
    },
};

/// See [`inbox`](super::api::inbox).
pub(crate) async fn inbox(viewer: &Viewer) -> Result<InboxPart, Error> {
    let (items, members) = (viewer.inbox().await?, viewer.members().await?);
    let unread = viewer.count_unread(&viewer.products().await?).await?;
    Ok(InboxPart { unread, html: html(page(items, &members)) })
}

fn page(items: Vec<InboxItem>, members: &[Member]) -> AnyView {
    if items.is_empty() {
        return nothing();
    }
    let (new, read): (Vec<_>, Vec<_>) = items.into_iter().partition(InboxItem::is_unread);
    let all = (!new.is_empty()).then(|| post("/api/read_notices", &[], "Mark all as read", ""));
    let count = counted(new.len(), "new item", "new items");
    let news = if new.is_empty() {
        view! { <p class="inbox__nothing">"Nothing new. You have read everything."</p> }.into_any()
    } else {
        list(&new, members)
    };
    let earlier = (!read.is_empty()).then(|| {
        view! {
            <h2 class="inbox__heading">"Earlier"</h2>
            {list(&read, members)}
        }
    });
    view! {
        <header class="page__header">
            <h1>"Inbox"</h1>
            <p class="page__count">{count}</p>
            {all}
        </header>
        {news}
        {earlier}
        <p class="inbox__keys quiet">
            <kbd>"↓"</kbd>
            " "
            <kbd>"↑"</kbd>
            " next and previous · "
            <kbd>"Enter"</kbd>
            " opens · "
            <kbd>"E"</kbd>
            " marks as read"
        </p>
    }
    .into_any()
}

/// What an inbox is for, for those who have nothing in it.
fn nothing() -> AnyView {
    let picture = view! {
        <path d="M12 40 24 14h48l12 26v18H12z"></path>
        <path d="M12 40h22l5 9h18l5-9h22"></path>
    };
    let text = "Changes to items you own, wrote or commented on appear here, and so do mentions. Choose Watch on any item to follow it.";
    empty(picture.into_any(), "Your inbox is empty", text, ("/my-work", "My work"))
}

fn list(items: &[InboxItem], members: &[Member]) -> AnyView {
    let rows = items.iter().map(|item| row(item, members)).collect_view();
    view! { <ul class="inbox__list">{rows}</ul> }.into_any()
}

fn row(item: &InboxItem, members: &[Member]) -> AnyView {
    let is_unread = item.is_unread();
    let key = &item.product.key;
    let name = format!("{key}-{}", item.number);
    let shown: Vec<&Notice> = item.notices.iter().filter(|notice| notice.unread > 0 || !is_unread).collect();
    let lines = shown.iter().map(|notice| line(notice, members)).collect_view();
    let about = [("roadmap", item.product.roadmap.to_string()), ("item", item.item.to_string())];
    let done = is_unread.then(|| {
        named_post("/api/read_notices", &about, "Done", "", Some(format!("Done with {}", item.title)))
    });
    let [roadmap, of] = about;
    let stop = [roadmap, of, ("watching", "false".to_owned())];
    let stop = (!item.has_stopped).then(|| {
        let name = Some(format!("Stop watching {}", item.title));
        named_post("/api/watch_item", &stop, "Stop watching", "button--quiet", name)
    });
    view! {
        <li class="inbox__item" class:inbox__item--new=is_unread>
            <div class="inbox__main">
                <div class="inbox__head">
                    <a class="inbox__title" href=format!("/p/{key}/i/{name}") dir="auto">
                        {item.title.clone()}
                    </a>
                    {is_unread.then(|| view! { <span class="visually-hidden">"New"</span> })}
                    {item.is_in_bin.then(|| view! { <span class="badge">"In the bin"</span> })}
                    <span class="inbox__aside">
                        <span title=item.product.name.to_string()>{name}</span>
                        " · "
                        {time(item.at())}
                    </span>
                </div>
                <ul class="inbox__what">{lines}</ul>
            </div>
            <div class="inbox__actions">{done} {stop}</div>
        </li>
    }
    .into_any()
}

/// What happened last of a kind, in the words of the history, and how often it did.
pub(crate) fn line(notice: &Notice, members: &[Member]) -> AnyView {
    let member = members.iter().find(|member| member.id == notice.actor);
    let (who, colour) =
        member.map_or_else(|| ("Someone".to_owned(), 0), |member| (member.name.to_string(), member.colour));
    let said = matches!(notice.kind, NoticeKind::Mention | NoticeKind::Comment);
    let body = notice.change.as_ref().and_then(Change::comment).filter(|_| said).map(comment);
    let more = notice.unread.saturating_sub(1);
    let more = (more > 0).then(|| {
        let (one, many) = match notice.kind {
            NoticeKind::Mention => ("more mention", "more mentions"),
            NoticeKind::Comment => ("more comment", "more comments"),
            NoticeKind::Assigned | NoticeKind::Change => ("more change", "more changes"),
        };
        view! { <span class="quiet">{format!("and {}", counted(more, one, many))}</span> }
    });
    view! {
        <li class="inbox__line">
            <span aria-hidden="true">
                <Avatar name=who.clone() colour />
            </span>
            <div class="inbox__told">
                <strong dir="auto">{who}</strong>
                " "
                {fact(sentence(notice, members), None, None)}
                " "
                {more}
                {body}
            </div>
        </li>
    }
    .into_any()
}

/// What happened, to be read behind a person's name and below the item's title.
fn sentence(notice: &Notice, members: &[Member]) -> String {
    let name = |user| {
        let member = members.iter().find(|member| member.id == user);
        member.map_or_else(|| "someone".to_owned(), |member| member.name.to_string())
    };
    match (notice.kind, &notice.change) {
        (NoticeKind::Mention, Some(change)) if change.comment().is_none() => {
            "mentioned you in the description".to_owned()
        }
        (NoticeKind::Mention, _) => "mentioned you in a comment".to_owned(),
        (NoticeKind::Assigned, _) => "made you the owner".to_owned(),
        (NoticeKind::Comment, _) => "commented".to_owned(),
        (NoticeKind::Change, Some(change)) => {
            let sentence = change.sentence(name);
            match change.item_title().filter(|_| !is_renaming(change)) {
                Some(title) => sentence.replacen(&format!("“{title}”"), "this", 1),
                None => sentence,
            }
        }
        (NoticeKind::Change, None) => "made a change too large to show here".to_owned(),
    }
}

fn is_renaming(change: &Change) -> bool {
    matches!(change, Change::ItemSet { field: Field::Title, .. })
}
