//! The page of a product's access.

use backend::AccessFacts;
use domain::{Grant, Holder, Member, Product, Role, Visibility, voting::Segment};
use leptos::prelude::*;

use crate::{
    api::Plain,
    pages::{
        people::{role_label, role_says},
        plain::{html, named_post, notice},
        product_page::settings_tabs,
    },
    ui::Avatar,
};

/// The roles that a product can give.
const ROLES: [Role; 3] = [Role::Viewer, Role::Stakeholder, Role::Editor];

/// Who sees a product, by its key.
pub(crate) fn page(product: &Product, facts: &AccessFacts, refused: Option<String>) -> Plain {
    let key = product.key.to_string();
    let AccessFacts { access, people, groups } = facts;
    let owners = people.iter().filter(|member| member.role == Role::Owner).map(|owner| {
        view! {
            <li class="access__row">
                {who(owner.name.to_string(), Some(owner.colour), None)}
                <span class="quiet">"Owner of the workspace"</span>
            </li>
        }
    });
    let rows = access.grants.iter().map(|grant| row(&key, grant, people, groups)).collect_view();
    let everyone = (access.visibility == Visibility::Everyone).then(|| {
        view! {
            <li class="access__row">
                <span class="access__who">"Everyone else in the workspace"</span>
                <span class="quiet">"The role they have there"</span>
            </li>
        }
    });
    let page = view! {
        <div class="page page--reading access">
            <header class="page__header">
                <h1>"Access"</h1>
                <p class="page__count">{counted_roles(access.grants.len())}</p>
            </header>
            {settings_tabs(&key, "access", true)}
            {notice(refused)}
            <section aria-labelledby="access-roles">
                <h2 id="access-roles">"Roles in this product"</h2>
                <ul class="access__list">
                    {owners.collect_view()}
                    {rows}
                    {everyone}
                </ul>
                <p class="quiet">
                    "A person’s own role counts before the roles of their groups, and these before the role in the workspace."
                </p>
            </section>
            {give(&key, people, groups, &access.grants)}
            {visibility(&key, access.visibility)}
        </div>
    };
    Plain { title: format!("Access to {}", product.name), html: html(page) }
}

fn counted_roles(count: usize) -> String {
    if count == 0 { "No extra roles".to_owned() } else { domain::counted(count, "role", "roles") }
}

fn visibility(key: &str, chosen: Visibility) -> impl IntoView + use<> {
    let says = |visibility| match visibility {
        Visibility::Everyone => "Members find it in the list, with the role they have in the workspace.",
        Visibility::Chosen => "Hidden from everyone else: no name, no number, no link that opens.",
    };
    let options = Visibility::ALL.iter().map(|visibility| {
        view! {
            <label class="access__option">
                <input
                    type="radio"
                    name="visibility"
                    value=visibility.as_str()
                    checked=*visibility == chosen
                    autocomplete="off"
                />
                <span>
                    {visibility.label()}
                    <span class="access__says">{says(*visibility)}</span>
                </span>
            </label>
        }
    });
    view! {
        <form class="access__visibility panel" method="post" action="/api/show_product">
            <input type="hidden" name="key" value=key.to_owned() />
            <fieldset>
                <legend>"Visible to"</legend>
                {options.collect_view()}
            </fieldset>
            <button class="button button--primary" type="submit">
                "Save"
            </button>
        </form>
    }
}

fn row(key: &str, grant: &Grant, people: &[Member], groups: &[Segment]) -> impl IntoView + use<> {
    let (name, colour, kind) = match grant.to {
        Holder::Person(user) => {
            let member = people.iter().find(|member| member.id == user);
            let name = member.map_or_else(|| "Former member".to_owned(), |member| member.name.to_string());
            (name, Some(member.map_or(0, |member| member.colour)), None)
        }
        Holder::Group(group) => {
            let segment = groups.iter().find(|segment| segment.id == group);
            let name = segment.map_or_else(|| "Removed group".to_owned(), |segment| segment.name.to_string());
            let kind = segment.map_or("Group", |segment| segment.kind.label());
            (name, None, Some(kind))
        }
    };
    let to = grant.to.to_string();
    let fields = [("key", key.to_owned()), ("to", to.clone())];
    let take =
        named_post("/api/revoke_access", &fields, "Remove", "button--quiet", Some(format!("Remove {name}")));
    view! {
        <li class="access__row">
            {who(name.clone(), colour, kind)}
            <form class="access__role" method="post" action="/api/grant_access">
                <input type="hidden" name="key" value=key.to_owned() />
                <input type="hidden" name="to" value=to />
                {role_select(format!("Role of {name}"), grant.role)}
                <button class="button button--quiet" type="submit" aria-label=format!("Save the role of {name}")>
                    "Save"
                </button>
            </form>
            {take}
        </li>
    }
}

/// A person with their colour, or a group with its kind.
fn who(name: String, colour: Option<u8>, kind: Option<&'static str>) -> impl IntoView {
    let picture = colour.map(|colour| {
        view! {
            <span aria-hidden="true">
                <Avatar name=name.clone() colour />
            </span>
        }
    });
    view! {
        <span class="access__who">
            {picture} <span dir="auto">{name}</span> {kind.map(|kind| view! { <span class="quiet">{kind}</span> })}
        </span>
    }
}

fn role_select(name: String, chosen: Role) -> impl IntoView {
    let options = ROLES.map(|role| {
        view! {
            <option value=role.as_str() selected=role == chosen title=role_says(role)>
                {role_label(role)}
            </option>
        }
    });
    view! {
        <select class="select" name="role" aria-label=name autocomplete="off">
            {options.collect_view()}
        </select>
    }
}

/// The form that gives somebody a role who has none here yet.
fn give(key: &str, people: &[Member], groups: &[Segment], grants: &[Grant]) -> impl IntoView + use<> {
    let is_new = |holder: Holder| !grants.iter().any(|grant| grant.to == holder);
    let option = |holder: Holder, name: String| view! { <option value=holder.to_string()>{name}</option> };
    let people: Vec<_> = people
        .iter()
        .filter(|member| member.role != Role::Owner && is_new(Holder::Person(member.id)))
        .map(|member| option(Holder::Person(member.id), member.name.to_string()))
        .collect();
    let groups: Vec<_> = groups
        .iter()
        .filter(|segment| is_new(Holder::Group(segment.id)))
        .map(|segment| {
            let name = format!("{} ({})", segment.name, segment.kind.label().to_lowercase());
            option(Holder::Group(segment.id), name)
        })
        .collect();
    if people.is_empty() && groups.is_empty() {
        return view! { <p class="quiet">"Everyone in the workspace has a role here."</p> }.into_any();
    }
    let group_of = |label: &'static str, options: Vec<_>| {
        (!options.is_empty()).then(|| view! { <optgroup label=label>{options}</optgroup> })
    };
    view! {
        <form class="access__give panel" method="post" action="/api/grant_access">
            <h2>"Add person or group"</h2>
            <input type="hidden" name="key" value=key.to_owned() />
            <div class="field">
                <label for="access-to">"Person or group"</label>
                <select id="access-to" name="to" autocomplete="off" required>
                    <option value="">"Choose…"</option>
                    {group_of("People", people)}
                    {group_of("Groups", groups)}
                </select>
            </div>
            <div class="field">
                <label for="access-role">"Role"</label>
                <select id="access-role" name="role" autocomplete="off">
                    {ROLES
                        .map(|role| {
                            view! {
                                <option value=role.as_str()>{role_label(role)}</option>
                            }
                        })
                        .collect_view()}
                </select>
            </div>
            <button class="button button--primary" type="submit">
                "Add"
            </button>
        </form>
    }
    .into_any()
}
