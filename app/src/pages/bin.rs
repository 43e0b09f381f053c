//! Deleted items, and getting them back.

pub(crate) mod api;

use domain::UserId;
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use crate::{
    api::{FormState, use_form},
    frame::{ErrorPage, ProductBar},
    pages::bin::api::{Bin, BinItem, RestoreItems},
    ui::{FormError, time},
};

/// `/p/:key/bin`.
#[component]
pub fn BinPage() -> impl IntoView {
    let params = use_params_map();
    let key = Memo::new(move |_| params.read().get("key").unwrap_or_default());
    let contents = Resource::new_blocking(move || key.get(), api::load_bin);
    let restore = use_form::<RestoreItems>();
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match contents.await {
                    Ok(bin) => view! { <Content bin restore /> }.into_any(),
                    Err(error) => view! { <ErrorPage error /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Content(bin: Bin, restore: FormState<RestoreItems>) -> impl IntoView {
    let title = format!("Bin of {}", bin.product.name);
    let product = bin.product.clone();
    let list = if bin.items.is_empty() {
        view! {
            <div class="empty">
                <h1>"The bin is empty"</h1>
                <p>"Items that are deleted on the board come here, with their comments and votes, and can be restored."</p>
                <div class="empty__actions">
                    <a class="button button--primary" href=format!("/p/{}", product.key)>
                        "Open the board"
                    </a>
                    <a class="button" href=format!("/p/{}/history", product.key)>
                        "See the history"
                    </a>
                </div>
            </div>
        }
        .into_any()
    } else {
        view! { <Items bin restore /> }.into_any()
    };
    view! {
        <Title text=title />
        <ProductBar product view="bin" />
        <div class="page bin">{list}</div>
    }
}

#[component]
fn Items(bin: Bin, restore: FormState<RestoreItems>) -> impl IntoView {
    let Bin { product, items, members, can_restore } = bin;
    let key = product.key.to_string();
    let who = |user: UserId| {
        let member = members.iter().find(|member| member.id == user);
        member.map_or_else(|| "Someone".to_owned(), |member| member.name.to_string())
    };
    let every_key = key.clone();
    let count = domain::counted(items.len(), "item", "items");
    let all = (can_restore && items.len() > 1).then(|| {
        let ids = items
            .iter()
            .enumerate()
            .map(|(index, item)| {
                view! { <input type="hidden" name=format!("ids[{index}]") value=item.id.to_string() /> }
            })
            .collect_view();
        view! {
            <ActionForm action=restore.action>
                <input type="hidden" name="key" value=every_key />
                {ids}
                <button class="button" type="submit" disabled=restore.pending()>
                    "Restore all"
                </button>
            </ActionForm>
        }
    });
    let rows = items
        .into_iter()
        .map(|item| {
            let by = who(item.deleted.by);
            view! { <Row key=key.clone() item by can_restore restore /> }
        })
        .collect_view();
    view! {
        <header class="page__header">
            <h1>"Bin"</h1>
            <p class="page__count">{count}</p>
            {all}
        </header>
        <FormError error=restore.general_error() />
        <table class="table">
            <thead>
                <tr>
                    <th scope="col">"Key"</th>
                    <th scope="col">"Title"</th>
                    <th scope="col" class="bin__when">
                        "Deleted"
                    </th>
                    <th scope="col" class="bin__who">
                        "By"
                    </th>
                    {can_restore.then(|| view! { <td class="bin__actions"></td> })}
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

#[component]
fn Row(
    /// The product's.
    key: String,
    item: BinItem,
    /// Who deleted it.
    by: String,
    can_restore: bool,
    restore: FormState<RestoreItems>,
) -> impl IntoView {
    let own_key = format!("{key}-{}", item.number);
    let label = format!("Restore {}", item.title);
    let action = can_restore.then(|| {
        view! {
            <td class="bin__action">
                <ActionForm action=restore.action>
                    <input type="hidden" name="key" value=key />
                    <input type="hidden" name="ids[0]" value=item.id.to_string() />
                    <button class="button" type="submit" aria-label=label disabled=restore.pending()>
                        "Restore"
                    </button>
                </ActionForm>
            </td>
        }
    });
    view! {
        <tr>
            <td class="bin__key">{own_key}</td>
            <td class="bin__title">{item.title}</td>
            <td class="bin__when">{time(item.deleted.at)}</td>
            <td class="bin__who" dir="auto">
                {by}
            </td>
            {action}
        </tr>
    }
}
