//! Who belongs to the workspace, and who is invited.

mod invitations;

use domain::{Member, Role, UserId};
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;

use crate::{
    api::{ApiError, people},
    shell::{ErrorPage, Session},
    ui::{Avatar, Toasts},
};
use invitations::Invitations;

/// Members and, for owners, invitations.
#[component]
pub fn PeoplePage() -> impl IntoView {
    let session = expect_context::<Session>().0;
    view! {
        <Title text="People" />
        <div class="page">
            <Transition>
                {move || Suspend::new(async move {
                    match session.await {
                        Err(error) => Either::Left(view! { <ErrorPage error /> }),
                        Ok(context) => {
                            match context.me {
                                None => {
                                    let error = ApiError::new(401, "You are not signed in.");
                                    Either::Left(view! { <ErrorPage error /> })
                                }
                                Some(me) => Either::Right(view! { <Content me members=context.members /> }),
                            }
                        }
                    }
                })}
            </Transition>
        </div>
    }
}

#[component]
fn Content(me: Member, members: Vec<Member>) -> impl IntoView {
    let (active, former): (Vec<_>, Vec<_>) = members.into_iter().partition(|member| member.active);
    let manages = me.role.can_manage_people();
    let count = active.len();
    let rows = active.into_iter().map(|member| view! { <Row me=me.id manages member /> }).collect_view();
    view! {
        <header class="page__header">
            <h1>"People"</h1>
            <p class="page__count">{if count == 1 { "1 member".to_owned() } else { format!("{count} members") }}</p>
        </header>
        {manages.then(|| view! { <Invitations /> })}
        <section aria-labelledby="members">
            <h2 id="members">"Members"</h2>
            <table class="table people">
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col" class="people__email">
                            "E-mail"
                        </th>
                        <th scope="col">"Role"</th>
                        {manages.then(|| view! { <th scope="col"><span class="visually-hidden">"Remove"</span></th> })}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            {(!manages)
                .then(|| view! { <p class="people__aside">"Owners invite people and set their roles."</p> })}
        </section>
        {(!former.is_empty()).then(|| view! { <Former members=former /> })}
    }
}

/// A member; owners can change the role or remove them.
#[component]
fn Row(me: UserId, manages: bool, member: Member) -> impl IntoView {
    let name = member.name.to_string();
    let role = if manages {
        Either::Left(view! { <RoleSelect user=member.id name=name.clone() role=member.role /> })
    } else {
        Either::Right(role_label(member.role))
    };
    view! {
        <tr>
            <td>
                <span class="people__who">
                    <Avatar name=name.clone() colour=member.colour />
                    <span>
                        {name.clone()}
                        {(member.id == me).then(|| view! { <span class="people__me">" (you)"</span> })}
                    </span>
                </span>
            </td>
            <td class="people__email">{member.email.map(String::from)}</td>
            <td>{role}</td>
            {manages.then(|| view! { <td class="people__end"><RemoveButton user=member.id name /></td> })}
        </tr>
    }
}

#[component]
fn RoleSelect(user: UserId, name: String, role: Role) -> impl IntoView {
    let (session, toasts) = (expect_context::<Session>().0, expect_context::<Toasts>());
    let change = Action::new({
        let name = name.clone();
        move |chosen: &Role| {
            let (chosen, name) = (*chosen, name.clone());
            async move {
                match people::set_role(user, chosen).await {
                    Ok(()) => toasts.info(format!("{name} is now {}.", chosen)),
                    Err(error) => toasts.error(error.to_string()),
                }
                // Also after a refusal, which puts the choice back.
                session.refetch();
            }
        }
    });
    let options = Role::ALL
        .map(|choice| {
            view! {
                <option value=choice.as_str() selected=choice == role>
                    {role_label(choice)}
                </option>
            }
        })
        .collect_view();
    view! {
        <select
            class="select"
            aria-label=format!("Role of {name}")
            on:change=move |event| {
                if let Ok(role) = event_target_value(&event).parse() {
                    change.dispatch(role);
                }
            }
        >
            {options}
        </select>
    }
}

/// Asks once more, because only a new invitation brings somebody back.
#[component]
fn RemoveButton(user: UserId, name: String) -> impl IntoView {
    let (session, toasts) = (expect_context::<Session>().0, expect_context::<Toasts>());
    let asking = RwSignal::new(false);
    let name = StoredValue::new(name);
    let remove = Action::new(move |()| async move {
        match people::remove_member(user).await {
            Ok(()) => toasts.info(format!("{} was removed and signed out.", name.get_value())),
            Err(error) => toasts.error(error.to_string()),
        }
        session.refetch();
    });
    move || {
        if asking.get() {
            Either::Left(view! {
                <span class="row">
                    <button
                        type="button"
                        class="button button--danger"
                        on:click=move |_| {
                            remove.dispatch(());
                        }
                    >
                        {format!("Remove {}", name.get_value())}
                    </button>
                    <button type="button" class="button button--quiet" on:click=move |_| asking.set(false)>
                        "Keep"
                    </button>
                </span>
            })
        } else {
            Either::Right(view! {
                <button
                    type="button"
                    class="button button--quiet"
                    aria-label=format!("Remove {}", name.get_value())
                    on:click=move |_| asking.set(true)
                >
                    "Remove"
                </button>
            })
        }
    }
}

#[component]
fn Former(members: Vec<Member>) -> impl IntoView {
    view! {
        <details class="people__former">
            <summary>{format!("Former members ({})", members.len())}</summary>
            <ul class="people__list">
                {members
                    .into_iter()
                    .map(|member| {
                        let email = member.email.map(|email| format!(" · {email}"));
                        view! { <li>{member.name.to_string()} {email}</li> }
                    })
                    .collect_view()}
            </ul>
        </details>
    }
}

/// A role as a heading.
pub(super) fn role_label(role: Role) -> &'static str {
    match role {
        Role::Owner => "Owner",
        Role::Editor => "Editor",
        Role::Stakeholder => "Stakeholder",
        Role::Viewer => "Viewer",
    }
}

/// What a role means, in a sentence.
pub(super) fn role_says(role: Role) -> &'static str {
    match role {
        Role::Owner => "Invites people, sets roles, and does all that editors do.",
        Role::Editor => "Changes roadmaps and products, and sees who voted.",
        Role::Stakeholder => "Votes and comments.",
        Role::Viewer => "Reads.",
    }
}
