//! Signing in and out, members, invitations.

use domain::{Invitation, InvitationId, Member, Product, Role, UserId};
use leptos::{prelude::*, server_fn::codec::PostUrl};
use serde::{Deserialize, Serialize};

use crate::api::{ApiError, Json};
#[cfg(feature = "ssr")]
use crate::api::{
    edge::{field, forget, go, go_with, keep, link, owner, people, remember, secret, visit, visitor},
    safe_next,
};
#[cfg(feature = "ssr")]
use crate::pages::home::favourites;

/// What every page needs to know about who is looking at it. Loaded once per page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionContext {
    /// `None` before the first visitor has founded the workspace.
    pub workspace_name: Option<String>,
    /// Who is signed in.
    pub me: Option<Member>,
    /// Everybody who is or was a member; empty for strangers.
    pub members: Vec<Member>,
    /// Every product, archived ones too; empty for strangers.
    pub products: Vec<Product>,
    /// Whether anybody may sign in as a person of the sample organisation.
    pub demo: bool,
    /// How many voting sessions wait for the vote of whoever is signed in.
    pub waiting: u32,
    /// How many items have something new in their inbox.
    pub unread: u32,
    /// The rail's part with their favourites.
    pub favourites: String,
}

/// Who is looking, and what is around them.
#[server(endpoint = "context", input = Json, output = Json)]
pub async fn context() -> Result<SessionContext, ApiError> {
    let Some(workspace) = people()?.workspace().await? else { return Ok(SessionContext::default()) };
    let (workspace_name, demo) = (Some(workspace.name.to_string()), people()?.is_demo());
    let Some(viewer) = visitor().await? else {
        return Ok(SessionContext { workspace_name, demo, ..SessionContext::default() });
    };
    let (members, products) = (viewer.members().await?, viewer.products().await?);
    let (me, waiting) = (Some(viewer.member().clone()), viewer.count_waiting_votings().await?);
    let unread = viewer.count_unread(&products).await?;
    let favourites = favourites::rail(&viewer, &products).await?;
    Ok(SessionContext { workspace_name, me, members, products, demo, waiting, unread, favourites })
}

/// Founds the workspace; the visitor becomes its owner and is signed in.
#[server(endpoint = "set_up")]
pub async fn set_up(
    workspace: String,
    name: String,
    email: String,
    password: String,
) -> Result<String, ApiError> {
    keep([("workspace", &workspace), ("name", &name), ("email", &email)]);
    let workspace: domain::WorkspaceName = field("workspace", backend::tidy(&workspace).parse())?;
    let name: domain::PersonName = field("name", backend::tidy(&name).parse())?;
    let email: domain::Email = field("email", email.parse())?;
    let password =
        field("password", backend::people::Password::parse(&password, &[&workspace, &name, &email]))?;
    remember(&people()?.found(workspace, name, email, Some(password), visit()).await?.session).await?;
    Ok(go("/".to_owned()))
}

/// Signs in, and goes where the person was going.
#[server(endpoint = "sign_in")]
pub async fn sign_in(email: String, password: String, next: Option<String>) -> Result<String, ApiError> {
    keep([("email", &email)]);
    remember(&people()?.sign_in(&email, &password, visit()).await?).await?;
    Ok(go(safe_next(next.as_deref())))
}

/// Signs in as somebody of the sample organisation, if this is a demonstration.
#[server(endpoint = "demo_sign_in")]
pub async fn demo_sign_in(role: Role, next: Option<String>) -> Result<String, ApiError> {
    remember(&people()?.demo_sign_in(role, visit()).await?).await?;
    Ok(go(safe_next(next.as_deref())))
}

/// Ends the session.
#[server(endpoint = "sign_out")]
pub async fn sign_out() -> Result<String, ApiError> {
    if let Some(secret) = secret() {
        people()?.sign_out(&secret).await?;
    }
    forget();
    Ok(go("/sign-in".to_owned()))
}

/// What an invitation's link offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    pub workspace: String,
    pub role: Role,
    pub invited_by: String,
    /// What the inviter calls whoever the link is for.
    pub name: Option<String>,
}

/// What the holder of an invitation's link is offered.
#[server(endpoint = "look_up_invitation", input = Json, output = Json)]
pub async fn look_up_invitation(token: String) -> Result<Offer, ApiError> {
    let offer = people()?.offer(&invitation_secret(&token)?).await?;
    let (workspace, invited_by) = (offer.workspace.to_string(), offer.invited_by.to_string());
    let name = offer.name.map(|name| name.to_string());
    Ok(Offer { workspace, role: offer.role, invited_by, name })
}

/// Accepts an invitation: makes an account, or takes the one that has the address, and signs in.
#[server(endpoint = "accept_invitation")]
pub async fn accept_invitation(
    token: String,
    name: String,
    email: String,
    password: String,
) -> Result<String, ApiError> {
    keep([("name", &name), ("email", &email)]);
    let email = field("email", email.parse())?;
    let newcomer = backend::people::Newcomer { name, email, password, visit: visit() };
    remember(&people()?.accept(&invitation_secret(&token)?, newcomer).await?).await?;
    Ok(go("/".to_owned()))
}

#[cfg(feature = "ssr")]
fn invitation_secret(token: &str) -> Result<backend::people::Secret, ApiError> {
    backend::people::Secret::parse(token).ok_or_else(|| {
        ApiError::new(404, "There is no such invitation. Check that the whole link was copied.")
    })
}

/// The invitations that can still be used.
#[server(endpoint = "invitations", input = Json, output = Json)]
pub async fn invitations() -> Result<Vec<Invitation>, ApiError> {
    Ok(owner().await?.invitations().await?)
}

/// A link just made. It cannot be had again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeLink {
    /// For whom it is.
    pub name: Option<String>,
    pub link: String,
}

/// Makes invitations: `personal` ones, a link for each line of `names`, or one for nobody in particular; or a `shared` one, with
/// which so many can join within so many days.
#[server(endpoint = "invite", input = PostUrl, output = Json)]
pub async fn invite(
    kind: String,
    names: String,
    role: Role,
    uses: String,
    days: String,
) -> Result<Vec<MadeLink>, ApiError> {
    use backend::people::NewInvitation;
    let owner = owner().await?;
    keep([("kind", &kind), ("names", &names), ("role", role.as_str()), ("uses", &uses), ("days", &days)]);
    let links = if kind == "shared" {
        vec![NewInvitation::shared(role, number(&uses), number(&days))?]
    } else {
        let names = field("names", names_of(&names))?;
        names.into_iter().map(|name| NewInvitation::personal(role, name)).collect()
    };
    let made = field("names", owner.invite(&links).await)?;
    let made: Vec<MadeLink> = made
        .into_iter()
        .map(|(invitation, secret)| MadeLink {
            name: invitation.name.map(|name| name.to_string()),
            link: link(&format!("/invite/{}", secret.reveal())),
        })
        .collect();
    go_with("/people", ("made", serde_json::to_string(&made).unwrap_or_default()));
    Ok(made)
}

/// The names in a list as people write or paste it: one a line, or between semicolons, an address behind a name left out.
#[cfg(feature = "ssr")]
fn names_of(list: &str) -> Result<Vec<Option<domain::PersonName>>, backend::Error> {
    let names = list.split(['\n', ';']).map(|line| {
        let line = line.trim();
        let name = line.split_once('<').map_or(line, |(name, _)| name.trim().trim_matches('"'));
        backend::tidy(if name.is_empty() { line.trim_matches(['<', '>']) } else { name })
    });
    let names: Vec<_> = names
        .filter(|name| !name.is_empty())
        .map(|name| name.parse::<domain::PersonName>().map(Some))
        .collect::<Result<_, _>>()?;
    Ok(if names.is_empty() { vec![None] } else { names })
}

/// A number that somebody typed; 0, which is within no bounds, for anything else.
#[cfg(feature = "ssr")]
fn number(text: &str) -> u32 {
    text.trim().parse().unwrap_or(0)
}

/// Makes an invitation useless.
#[server(endpoint = "revoke_invitation")]
pub async fn revoke_invitation(id: InvitationId) -> Result<String, ApiError> {
    owner().await?.revoke_invitation(id).await?;
    Ok(go("/people".to_owned()))
}

/// Gives a member another role.
#[server(endpoint = "set_role")]
pub async fn set_role(user: UserId, role: Role) -> Result<String, ApiError> {
    owner().await?.set_role(user, role).await?;
    Ok(go("/people".to_owned()))
}

/// Removes a member and ends their sessions.
#[server(endpoint = "remove_member")]
pub async fn remove_member(user: UserId) -> Result<String, ApiError> {
    owner().await?.remove_member(user).await?;
    Ok(go("/people".to_owned()))
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::names_of;

    #[test]
    fn names_are_read_from_lists_as_people_paste_them() {
        let read = |list: &str| -> Vec<Option<String>> {
            names_of(list).unwrap().into_iter().map(|name| name.map(|name| name.to_string())).collect()
        };
        let named = |names: &[&str]| names.iter().map(|name| Some((*name).to_owned())).collect::<Vec<_>>();
        assert_eq!(read("Ada Lovelace\r\n\n  Grace Hopper \n"), named(&["Ada Lovelace", "Grace Hopper"]));
        assert_eq!(
            read("\"Lovelace, Ada\" <ada@example.org>; <grace@example.org>; kay@example.org"),
            named(&["Lovelace, Ada", "grace@example.org", "kay@example.org"])
        );
        assert_eq!(read(" \n;"), [None], "one link for nobody in particular");
        assert!(names_of(&format!("Ada\n{}", "x".repeat(81))).is_err());
    }
}
