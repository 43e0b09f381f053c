//! One's own account: name, colour, password, theme, and where one is signed in.

use domain::FeedId;
use leptos::prelude::*;

use crate::api::{ApiError, Json, Plain};
#[cfg(feature = "ssr")]
use crate::{
    api::edge::{
        field, go, keep, people, remember_device, remember_theme, take_returned_of, theme, viewer, visit,
    },
    pages::account::{data::Theme, plain},
};

/// The page of one's account. `done` says which of its forms was just accepted.
#[server(endpoint = "account", input = Json, output = Json)]
pub async fn account(done: Option<String>) -> Result<Plain, ApiError> {
    let viewer = viewer().await?;
    let returned = take_returned_of(&[
        "/api/save_profile",
        "/api/change_password",
        "/api/end_session",
        "/api/end_other_sessions",
        "/api/set_theme",
        "/api/revoke_feed",
    ]);
    Ok(plain::page(plain::Account {
        sessions: viewer.sessions().await?,
        feeds: viewer.feeds().await?,
        has_password: viewer.has_password().await?,
        theme: theme(),
        done: done.as_deref(),
        typed_name: returned.as_ref().and_then(|returned| returned.typed.get("name").cloned()),
        refused: returned.and_then(|returned| Some((returned.path.clone(), returned.sentence()?))),
        me: viewer.member(),
    }))
}

/// Changes one's own name and colour.
#[server(endpoint = "save_profile")]
pub async fn save_profile(name: String, colour: u8) -> Result<String, ApiError> {
    keep([("name", &name)]);
    let viewer = viewer().await?;
    let name = field("name", backend::tidy(&name).parse())?;
    field("colour", viewer.set_profile(name, colour).await)?;
    Ok(go("/account?done=profile".to_owned()))
}

/// Changes one's own password, which signs out every other browser.
#[server(endpoint = "change_password")]
pub async fn change_password(current: String, new: String, repeat: String) -> Result<String, ApiError> {
    use backend::{Error, people::Password};
    let viewer = viewer().await?;
    let workspace = people()?.workspace().await?.map(|workspace| workspace.name.to_string());
    let me = viewer.member();
    let about =
        [&*me.name, me.email.as_deref().unwrap_or_default(), workspace.as_deref().unwrap_or_default()];
    if new != repeat {
        let sentence = "The two new passwords differ. Type the same one twice.";
        return field("repeat", Err(Error::Invalid(sentence.into())));
    }
    let new = field("new", Password::parse(&new, &about))?;
    remember_device(&field("current", viewer.change_password(&current, new, visit()).await)?);
    Ok(go("/account?done=password".to_owned()))
}

/// Chooses how pages look in this browser: `light`, `dark`, or as the `system` does.
#[server(endpoint = "set_theme")]
pub async fn set_theme(theme: String) -> Result<String, ApiError> {
    let chosen = Theme::of(&theme);
    if chosen.is_none() && theme != "system" {
        return Err(ApiError::new(422, "There is no such theme. Choose system, light or dark."));
    }
    remember_theme(chosen);
    Ok(go("/account".to_owned()))
}

/// Signs out one of one's own browsers.
#[server(endpoint = "end_session")]
pub async fn end_session(id: String) -> Result<String, ApiError> {
    viewer().await?.end_session(&id).await?;
    Ok(go("/account?done=session".to_owned()))
}

/// Signs out all of one's own browsers but this one.
#[server(endpoint = "end_other_sessions")]
pub async fn end_other_sessions() -> Result<String, ApiError> {
    viewer().await?.end_other_sessions().await?;
    Ok(go("/account?done=sessions".to_owned()))
}

/// Makes one of one's own calendar links useless.
#[server(endpoint = "revoke_feed")]
pub async fn revoke_feed(id: FeedId) -> Result<String, ApiError> {
    viewer().await?.revoke_feed(id).await?;
    Ok(go("/account?done=feed".to_owned()))
}
