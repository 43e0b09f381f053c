//! Favourites as the server draws them: in the rail, and on the first page, where they are put in order.

use backend::{Error, Favourite, Viewer};
use domain::{FavouriteKind, Product};
use leptos::prelude::*;

use crate::{pages::plain::html, ui::Icon};

/// The most favourites in the rail.
const IN_RAIL: usize = 20;

fn icon(kind: FavouriteKind) -> &'static str {
    match kind {
        FavouriteKind::Product => "products",
        FavouriteKind::View => "view",
        FavouriteKind::Item => "board",
    }
}

fn href(one: &Favourite) -> String {
    let key = &one.product.key;
    match (one.kind, one.number) {
        (FavouriteKind::View, _) => format!("/p/{key}/v/{}", one.id),
        (FavouriteKind::Item, Some(number)) => format!("/p/{key}/i/{key}-{number}"),
        _ => format!("/p/{key}"),
    }
}

/// The key of an item, or of the product that a view belongs to.
fn aside(one: &Favourite) -> String {
    let key = &one.product.key;
    one.number.map_or_else(|| key.to_string(), |number| format!("{key}-{number}"))
}

/// How a page finds out whether something is starred; see [`super::is_starred`].
fn star(one: &Favourite) -> String {
    format!("{}:{}", one.kind.as_str(), one.id)
}

/// The part of the rail with the favourites of a person; nothing without any. Those for which it has no room are in it to be found by
/// the page, and not shown.
pub(crate) async fn rail(viewer: &Viewer, products: &[Product]) -> Result<String, Error> {
    let list = viewer.favourites(products).await?;
    if list.is_empty() {
        return Ok(String::new());
    }
    let more = list.len() > IN_RAIL;
    let lines = list.iter().enumerate().map(|(at, one)| {
        let is_beyond = at >= IN_RAIL;
        view! {
            <li data-star=star(one) hidden=is_beyond>
                <a href=href(one)>
                    <Icon name=icon(one.kind) />
                    <span class="rail__product" dir="auto">
                        {one.name.clone()}
                    </span>
                    <span class="rail__key">{aside(one)}</span>
                </a>
            </li>
        }
    });
    let all = more.then(|| {
        view! {
            <li>
                <a href="/#favourites">"All favourites"</a>
            </li>
        }
    });
    Ok(html(view! {
        <p class="rail__heading" id="rail-favourites">
            "Favourites"
        </p>
        <ul class="rail__list" aria-labelledby="rail-favourites">
            {lines.collect_view()}
            {all}
        </ul>
    }))
}

/// The favourites on the first page, each with the means to move and remove it. Without any, how to get one.
pub(super) fn section(list: &[Favourite]) -> AnyView {
    let last = list.len().saturating_sub(1);
    let lines = list.iter().enumerate().map(|(at, one)| {
        let act = |action: &'static str, name: &'static str, value: bool, icon: &'static str, label: String, off: bool| {
            view! {
                <form method="post" action=action>
                    <input type="hidden" name="kind" value=one.kind.as_str() />
                    <input type="hidden" name="id" value=one.id.to_string() />
                    <input type="hidden" name=name value=value.to_string() />
                    <button type="submit" class="icon-button" aria-label=label.clone() title=label disabled=off>
                        <Icon name=icon />
                    </button>
                </form>
            }
        };
        let name = &one.name;
        view! {
            <li class="news__line favourites__line" data-star=star(one)>
                <Icon name=icon(one.kind) />
                <a class="news__what favourites__name" href=href(one) dir="auto" aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown">
                    {name.clone()}
                </a>
                <span class="favourites__actions">
                    {act("/api/move_favourite", "up", true, "previous", format!("Move “{name}” up"), at == 0)}
                    {act("/api/move_favourite", "up", false, "next", format!("Move “{name}” down"), at == last)}
                    {act(
                        "/api/set_favourite",
                        "starred",
                        false,
                        "close",
                        format!("Remove “{name}” from favourites"),
                        false,
                    )}
                </span>
                <span class="news__aside">{aside(one)}</span>
            </li>
        }
    });
    let body = if list.is_empty() {
        view! {
            <p class="quiet favourites__none">
                "Press " <kbd>"S"</kbd> " on a card, or choose " <b>"Add to favourites"</b>
                " in a product’s bar, the menu of an item or the menu of views."
            </p>
        }
        .into_any()
    } else {
        view! { <ul class="favourites">{lines.collect_view()}</ul> }.into_any()
    };
    view! {
        <section class="home__part" id="favourites" aria-labelledby="favourites-title">
            <h2 id="favourites-title">"Favourites"</h2>
            {body}
        </section>
    }
    .into_any()
}
