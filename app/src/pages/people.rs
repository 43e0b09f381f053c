//! Who belongs to the workspace, and who is invited.

pub(crate) mod api;
mod invitations;

use domain::{Member, Role, UserId, counted};
use leptos::{either::Either, html, prelude::*, server_fn::ServerFn as _, task::spawn_local};
use leptos_meta::Title;
use uuid::Uuid;

use crate::{
    api::{ApiError, FormState, use_form_and, use_refusal},
    frame::{ErrorPage, Session},
    live::{Heard, Records},
    pages::{
        people::api::{Invite, RemoveMember, SessionContext, SetRole},
        records,
    },
    ui::{Avatar, Toasts, each},
};
use invitations::{InvitePeople, OpenInvitations, clear_names};

/// Forms of this page that are posted without the application.
const FORMS: &[&str] = &["/api/set_role", "/api/remove_member", "/api/revoke_invitation"];

/// Members and, for owners, invitations. What others change appears by itself.
#[component]
pub fn PeoplePage() -> impl IntoView {
    let session = expect_context::<Session>().0;
    let invite = use_form_and::<Invite>(clear_names);
    let refused = StoredValue::new(use_refusal(FORMS));
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
                                Some(me) => {
                                    let people = People::new(me, context.members);
                                    Either::Right(view! { <Content people invite refused=refused.get_value() /> })
                                }
                            }
                        }
                    }
                })}
            </Transition>
        </div>
    }
}

/// The members as the page shows them.
#[derive(Clone, Copy)]
struct People {
    members: RwSignal<Vec<Member>>,
    /// Who looks, as the page was made for them.
    me: StoredValue<Member>,
    session: Resource<Result<SessionContext, ApiError>>,
    toasts: Toasts,
}

impl People {
    fn new(me: Member, members: Vec<Member>) -> Self {
        let (session, toasts) = (expect_context::<Session>().0, expect_context());
        Self { members: RwSignal::new(members), me: StoredValue::new(me), session, toasts }
    }

    fn manages(self) -> bool {
        self.me.with_value(|me| me.role.can_manage_people())
    }

    /// Reads the members again. What is about somebody who did not change stays as it is, with what is typed or chosen there.
    fn refresh(self) {
        spawn_local(async move {
            let Ok(context) = api::context().await else { return };
            // The page may be on its way out.
            match self.me.try_with_value(|me| context.me.as_ref() == Some(me)) {
                Some(true) => drop(self.members.try_set(context.members)),
                Some(false) => self.session.refetch(),
                None => {}
            }
        });
    }

    fn find(self, id: UserId) -> Option<Member> {
        self.members.read().iter().find(|member| member.id == id).cloned()
    }
}

#[component]
fn Content(people: People, invite: FormState<Invite>, refused: Option<String>) -> impl IntoView {
    let manages = people.manages();
    let open = manages.then(|| Resource::new_blocking(|| (), |()| api::invitations()));
    Effect::new(move |_| {
        let stream = Records::follow(None, move |heard| {
            if let Heard::From(_) | Heard::Members = heard {
                people.refresh();
                if let Some(open) = open {
                    open.refetch();
                }
            }
        });
        on_cleanup(move || drop(stream));
    });
    let active = move || people.members.read().iter().filter(|member| member.active).count();
    let ids = move || -> Vec<Uuid> {
        let members = people.members.read();
        members.iter().filter(|member| member.active).map(|member| member.id.0).collect()
    };
    view! {
        <div class="opener">
            <header class="page__header">
                <h1>"People"</h1>
                <p class="page__count">
                    {move || counted(active(), "member", "members")}
                </p>
            </header>
            {open.map(|_| view! { <InvitePeople form=invite open=untrack(active) == 1 /> })}
        </div>
        <nav class="subtabs" aria-label="People">
            {records::tabs(records::MEMBERS)}
        </nav>
        {refused.map(|refused| view! { <p class="notice notice--error" role="alert">{refused}</p> })}
        <section aria-labelledby="members">
            <h2 id="members" class="visually-hidden">
                "Members"
            </h2>
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
                <tbody>{each(ids, move |id| row(people, UserId(id)))}</tbody>
            </table>
            {(!manages)
                .then(|| view! { <p class="people__aside">"Owners invite people and set their roles."</p> })}
        </section>
        {open.map(|open| view! { <OpenInvitations open /> })}
        {move || {
            let members = people.members.read();
            let former: Vec<_> = members.iter().filter(|member| !member.active).cloned().collect();
            (!former.is_empty()).then(|| view! { <Former members=former /> })
        }}
    }
}

/// A member; owners can change the role or remove them.
fn row(people: People, id: UserId) -> AnyView {
    let role = Memo::new(move |_| people.find(id).map(|member| member.role));
    // Another role leaves the rest of the row as it is, with the focus in it.
    let person = Memo::new(move |_| people.find(id).map(|member| Member { role: Role::Viewer, ..member }));
    let manages = people.manages();
    let cells = move || {
        let member = person.get()?;
        let name = member.name.to_string();
        let role = if manages {
            Either::Left(view! { <RoleSelect people user=id name=name.clone() role /> })
        } else {
            Either::Right(move || role.get().map(role_label))
        };
        let is_me = people.me.with_value(|me| me.id == id);
        Some(view! {
            <td>
                <span class="people__who">
                    <Avatar name=name.clone() colour=member.colour />
                    <span>
                        <span dir="auto">{name.clone()}</span>
                        {is_me.then(|| view! { <span class="people__me">" (you)"</span> })}
                    </span>
                </span>
            </td>
            <td class="people__email">{member.email.map(String::from)}</td>
            <td>{role}</td>
            {manages.then(|| view! { <td class="people__end"><RemoveButton people user=id name /></td> })}
        })
    };
    view! { <tr>{cells}</tr> }.into_any()
}

#[component]
fn RoleSelect(people: People, user: UserId, name: String, role: Memo<Option<Role>>) -> impl IntoView {
    let label = format!("Role of {name}");
    let select = NodeRef::<html::Select>::new();
    let change = Action::new(move |chosen: &Role| {
        let (chosen, name) = (*chosen, name.clone());
        async move {
            match api::set_role(user, chosen).await {
                Ok(_) => {
                    people.toasts.info(format!("{name} is now {chosen}."));
                    people.refresh();
                }
                Err(error) => {
                    people.toasts.error(error.to_string());
                    if let (Some(select), Some(Some(role))) =
                        (select.try_get_untracked().flatten(), role.try_get_untracked())
                    {
                        select.set_value(role.as_str());
                    }
                }
            }
        }
    });
    let now = role.get_untracked();
    let options = Role::ALL
        .map(|choice| {
            view! {
                <option value=choice.as_str() selected=Some(choice) == now>
                    {role_label(choice)}
                </option>
            }
        })
        .collect_view();
    view! {
        <form class="row people__role" method="post" action=SetRole::url()>
            <input type="hidden" name="user" value=user.to_string() />
            <select
                class="select"
                name="role"
                aria-label=label
                node_ref=select
                prop:value=move || role.get().map_or("", Role::as_str)
                on:change=move |event| {
                    if let Ok(role) = event_target_value(&event).parse() {
                        change.dispatch(role);
                    }
                }
            >
                {options}
            </select>
            <button class="button no-life" type="submit">
                "Save"
            </button>
        </form>
    }
}

/// Asks for confirmation, because only a new invitation brings somebody back.
#[component]
fn RemoveButton(people: People, user: UserId, name: String) -> impl IntoView {
    let asking = RwSignal::new(false);
    let question = format!("Remove {name}");
    let plain = question.clone();
    let remove = Action::new(move |()| {
        // The row may go before the answer comes.
        let name = name.clone();
        async move {
            match api::remove_member(user).await {
                Ok(_) => people.toasts.info(format!("{name} was removed and signed out.")),
                Err(error) => people.toasts.error(error.to_string()),
            }
            people.refresh();
        }
    });
    view! {
        <span class="needs-life">
            {move || {
                let question = question.clone();
                if asking.get() {
                    Either::Left(view! {
                        <span class="row">
                            <button
                                type="button"
                                class="button button--danger"
                                dir="auto"
                                on:click=move |_| {
                                    remove.dispatch(());
                                }
                            >
                                {question}
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
                            aria-label=question
                            on:click=move |_| asking.set(true)
                        >
                            "Remove"
                        </button>
                    })
                }
            }}
        </span>
        <details class="no-life">
            <summary class="link-button">"Remove"</summary>
            <form method="post" action=RemoveMember::url()>
                <input type="hidden" name="user" value=user.to_string() />
                <button class="button button--danger" type="submit" dir="auto">
                    {plain}
                </button>
            </form>
        </details>
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
                        view! { <li><span dir="auto">{member.name.to_string()}</span> {email}</li> }
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
        Role::Owner => "Can invite people, set roles, and do all that editors do.",
        Role::Editor => "Can change roadmaps and products, and see who voted.",
        Role::Stakeholder => "Can vote and comment.",
        Role::Viewer => "Reads everything and changes nothing.",
    }
}
