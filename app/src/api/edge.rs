//! Where requests become questions to services, and refusals become answers. Only on the server.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
};

use axum::extract::ConnectInfo;
use backend::{
    BUSY_SECONDS, Backend, Editor, Error, Owner, Viewer,
    exchange::Upload,
    people::{DEVICE_DAYS, NewSession, People, SESSION_DAYS, Secret, Visit, browser_name},
    voting::{Guest, Votings},
};
use domain::{
    ProductKey, Role, VotingId,
    exchange::{Answers, Mapping},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use super::{
    ApiError,
    form::Returned,
    returned::{self, BroughtBack},
    safe_next,
};
use crate::pages::account::data::Theme;

/// How browsers reach this site. Provided in context beside the [`Backend`].
#[derive(Clone, Debug, Default)]
pub struct Site {
    /// The address people type, without a slash at its end, when it was configured.
    pub public_url: Option<String>,
}

impl Site {
    /// Whether browsers come by HTTPS, so that cookies can insist on it.
    pub fn is_secure(&self) -> bool {
        self.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }

    /// The name of the cookie that lets a guest vote in one session.
    pub fn guest_cookie(&self) -> &'static str {
        if self.is_secure() { "__Host-cairn-guest" } else { "cairn-guest" }
    }

    /// The name of the cookie by which a browser is known in which somebody signed in before.
    fn device_cookie(&self) -> &'static str {
        if self.is_secure() { "__Host-cairn-device" } else { "cairn-device" }
    }

    /// The name of the cookie with the theme chosen in this browser.
    fn theme_cookie(&self) -> &'static str {
        if self.is_secure() { "__Host-cairn-theme" } else { "cairn-theme" }
    }

    /// The name of the cookie that leads a refused form back to its page.
    fn form_cookie(&self) -> &'static str {
        if self.is_secure() { "__Host-cairn-form" } else { "cairn-form" }
    }

    /// The name of the session's cookie. The prefix makes browsers refuse it from any other host or path.
    pub fn session_cookie(&self) -> &'static str {
        if self.is_secure() { "__Host-cairn" } else { "cairn" }
    }
}

/// How long a guest's browser keeps the secret.
const GUEST_DAYS: i64 = 90;

/// How long a browser keeps the theme; browsers keep no cookie longer.
const THEME_DAYS: i64 = 400;

/// In seconds.
const DAY: i64 = 24 * 60 * 60;

/// The session's secret in a request's cookies.
pub fn session_secret(headers: &HeaderMap, site: &Site) -> Option<Secret> {
    cookie(headers, site.session_cookie()).and_then(Secret::parse)
}

/// The secret of a voting session's guest in a request's cookies.
fn guest_secret(headers: &HeaderMap, site: &Site) -> Option<Secret> {
    cookie(headers, site.guest_cookie()).and_then(Secret::parse)
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// What a request is answered from. A page may be given up, or drawn a second time, while something of it is still asked for: the
/// context has gone by then. That has to end with an answer, since a page waits for all that it asked for, and for ever for a task that
/// panicked.
fn backend() -> Result<Backend, ApiError> {
    use_context::<Backend>().ok_or_else(|| ApiError::from(Error::Busy))
}

pub(crate) fn people() -> Result<People, ApiError> {
    Ok(backend()?.people())
}

/// Who is asking, if anybody is signed in.
pub(crate) async fn visitor() -> Result<Option<Viewer>, ApiError> {
    match secret() {
        Some(secret) => Ok(people()?.authenticate(&secret).await?),
        None => Ok(None),
    }
}

/// A member who is signed in.
pub(crate) async fn viewer() -> Result<Viewer, ApiError> {
    visitor().await?.ok_or_else(|| ApiError::new(401, "You are not signed in. Sign in and try again."))
}

pub(crate) async fn editor() -> Result<Editor, ApiError> {
    Ok(viewer().await?.as_editor()?)
}

/// Somebody who may change the product with this key.
pub(crate) async fn editor_of(key: &str) -> Result<(Editor, ProductKey), ApiError> {
    let (viewer, key) = (viewer().await?, product_key(key)?);
    Ok((viewer.as_editor_of(&key).await?, key))
}

pub(crate) async fn owner() -> Result<Owner, ApiError> {
    Ok(viewer().await?.as_owner()?)
}

/// The service for those who are not members: guests of voting sessions.
pub(crate) fn votings() -> Result<Votings, ApiError> {
    Ok(backend()?.votings())
}

/// Who looks at a voting session: a member, or the guest of just this session.
#[derive(Clone, Debug)]
pub enum Asker {
    Member(Viewer),
    Guest(Guest),
}

impl Asker {
    /// Who sends these headers.
    ///
    /// # Errors
    /// 401 for everybody else.
    pub async fn of(
        backend: &Backend,
        site: &Site,
        headers: &HeaderMap,
        id: VotingId,
    ) -> Result<Self, ApiError> {
        if let Some(secret) = session_secret(headers, site)
            && let Some(viewer) = backend.people().authenticate(&secret).await?
        {
            return Ok(Self::Member(viewer));
        }
        if let Some(secret) = guest_secret(headers, site)
            && let Some(guest) = backend.votings().guest(&secret).await?
            && guest.voting() == id
        {
            return Ok(Self::Guest(guest));
        }
        Err(ApiError::new(401, "You are not signed in. Sign in and try again."))
    }
}

/// Who sends the current request.
pub(crate) async fn asker(id: VotingId) -> Result<Asker, ApiError> {
    let site = use_context::<Site>().unwrap_or_default();
    let headers = use_context::<Parts>().map(|parts| parts.headers).unwrap_or_default();
    Asker::of(&backend()?, &site, &headers, id).await
}

/// A guest's secret in the current request.
pub(crate) fn guest() -> Option<Secret> {
    let site = use_context::<Site>().unwrap_or_default();
    guest_secret(&use_context::<Parts>()?.headers, &site)
}

/// Keeps a guest's secret in the browser.
pub(crate) fn remember_guest(secret: &Secret) {
    let site = use_context::<Site>().unwrap_or_default();
    keep_secret(site.guest_cookie(), secret.reveal(), GUEST_DAYS * DAY);
}

/// The whole address of a path of this site.
pub(crate) fn link(path: &str) -> String {
    let site = use_context::<Site>().unwrap_or_default();
    let host = use_context::<Parts>().and_then(|parts| {
        parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).map(str::to_owned)
    });
    match (site.public_url, host) {
        (Some(url), _) => format!("{url}{path}"),
        (None, Some(host)) => format!("http://{host}{path}"),
        (None, None) => path.to_owned(),
    }
}

/// What to know before passing that address on: others may be unable to open it.
pub(crate) fn link_warning(link: &str, asker: Role) -> Option<String> {
    let configured = use_context::<Site>().is_some_and(|site| site.public_url.is_some());
    super::reach::warning(link, configured, asker == Role::Owner).map(str::to_owned)
}

/// The session's secret in the current request.
pub(crate) fn secret() -> Option<Secret> {
    let site = use_context::<Site>().unwrap_or_default();
    session_secret(&use_context::<Parts>()?.headers, &site)
}

/// The network address the current request came from.
pub(crate) fn address() -> Option<IpAddr> {
    let parts = use_context::<Parts>()?;
    parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip())
}

/// Where the current request comes from.
pub(crate) fn visit() -> Visit {
    let site = use_context::<Site>().unwrap_or_default();
    let headers = use_context::<Parts>().map(|parts| parts.headers).unwrap_or_default();
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    Visit {
        address: address(),
        device: cookie(&headers, site.device_cookie()).and_then(Secret::parse),
        browser: agent.and_then(browser_name),
    }
}

/// Keeps a new session in the browser, in place of the one it had, which ends.
pub(crate) async fn remember(session: &NewSession) -> Result<(), ApiError> {
    if let Some(previous) = secret() {
        people()?.sign_out(&previous).await?;
    }
    set_session(session.secret.reveal(), SESSION_DAYS * DAY);
    remember_device(&session.device);
    Ok(())
}

/// Keeps in the browser by what it is known.
pub(crate) fn remember_device(device: &Secret) {
    let site = use_context::<Site>().unwrap_or_default();
    keep_secret(site.device_cookie(), device.reveal(), DEVICE_DAYS * DAY);
}

/// The theme chosen in the browser that sends the current request; `None` for the system's.
pub(crate) fn theme() -> Option<Theme> {
    let site = use_context::<Site>().unwrap_or_default();
    Theme::of(cookie(&use_context::<Parts>()?.headers, site.theme_cookie())?)
}

/// Keeps the theme in the browser; `None` follows the system again. Scripts may read it: a page that the browser kept is older
/// than the choice.
pub(crate) fn remember_theme(theme: Option<Theme>) {
    let site = use_context::<Site>().unwrap_or_default();
    let (name, value) = (site.theme_cookie(), theme.map_or("", Theme::as_str));
    let seconds = if theme.is_some() { THEME_DAYS * DAY } else { 0 };
    set_cookie(name, value, "", seconds);
}

/// Makes the browser forget its session, and all it kept of what the person saw and did.
pub(crate) fn forget() {
    set_session("", 0);
    if let Some(response) = use_context::<ResponseOptions>() {
        let (name, value) =
            (HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"storage\""));
        response.insert_header(name, value);
    }
}

fn set_session(value: &str, seconds: i64) {
    let site = use_context::<Site>().unwrap_or_default();
    keep_secret(site.session_cookie(), value, seconds);
}

fn keep_secret(name: &str, value: &str, seconds: i64) {
    set_cookie(name, value, "; HttpOnly", seconds);
}

fn set_cookie(name: &str, value: &str, attributes: &str, seconds: i64) {
    let site = use_context::<Site>().unwrap_or_default();
    let secure = if site.is_secure() { "; Secure" } else { "" };
    let cookie = format!("{name}={value}; Path=/{attributes}; SameSite=Lax; Max-Age={seconds}{secure}");
    if let (Some(response), Ok(value)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(&cookie)) {
        response.append_header(header::SET_COOKIE, value);
    }
}

/// Sends a posted form on to `path`; a living page goes there by itself. Returns the path.
pub(crate) fn go(path: String) -> String {
    if is_posted_form() {
        leptos_axum::redirect(&path);
    }
    path
}

/// A form posted by a browser in which the application is not alive.
fn is_posted_form() -> bool {
    use_context::<Parts>().is_some_and(|parts| {
        let accept = parts.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
        accept.is_some_and(|accept| accept.contains("text/html"))
    })
}

/// What was typed into the form of the current request.
#[derive(Clone, Debug)]
struct Typed(BTreeMap<String, String>);

/// Remembers what was typed, in case the form is refused: in this process's memory, see [`returned`](super::returned). Not for
/// passwords.
pub(crate) fn keep<const N: usize>(fields: [(&str, &str); N]) {
    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    provide_context(Typed(fields.collect()));
}

/// Reads a field of a form; what is wrong with it is shown there.
pub(crate) fn field<T, E: Into<Error>>(name: &str, value: Result<T, E>) -> Result<T, ApiError> {
    value.map_err(|error| ApiError { field: Some(name.to_owned()), ..ApiError::from(error.into()) })
}

/// The key in a page's address. What cannot be a key names no product.
pub(crate) fn product_key(text: &str) -> Result<ProductKey, ApiError> {
    text.parse()
        .map_err(|_| ApiError::new(404, format!("There is no product {text} here. Look for it in the list.")))
}

/// A file as a page sends it: its text, or its bytes in base 64.
pub(crate) fn upload(
    file: String,
    is_base64: bool,
    mapping: Option<Mapping>,
    answers: Answers,
) -> Result<Upload, ApiError> {
    let bytes = if is_base64 { Upload::from_base64(&file)? } else { file.into_bytes().into() };
    Ok(Upload { bytes, mapping, answers })
}

/// Gives the answer its status; a posted form goes back to its page instead, with the refusal and what was typed.
pub(crate) fn answer(error: &ApiError) {
    let Some(response) = use_context::<ResponseOptions>() else { return };
    if !is_posted_form() {
        let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        response.set_status(status);
        if let Some(seconds) = error.retry_after {
            response.insert_header(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        return;
    }
    let Some(parts) = use_context::<Parts>() else { return };
    let typed = use_context::<Typed>().map(|typed| typed.0).unwrap_or_default();
    bring_back(Returned { path: parts.uri.path().to_owned(), error: Some(error.clone()), typed });
    response.insert_header(header::LOCATION, referrer(&parts.headers));
    response.set_status(StatusCode::SEE_OTHER);
}

/// Keeps for its page what a posted form brings back.
fn bring_back(returned: Returned) {
    let site = use_context::<Site>().unwrap_or_default();
    let seconds = i64::try_from(returned::KEPT.as_secs()).unwrap_or_default();
    keep_secret(site.form_cookie(), &returned::put(returned), seconds);
}

/// As [`go`], for a form whose outcome is shown once, on the page at `path`.
pub(crate) fn go_with(path: &str, outcome: (&str, String)) {
    if let Some(parts) = use_context::<Parts>().filter(|_| is_posted_form()) {
        let typed = BTreeMap::from([(outcome.0.to_owned(), outcome.1)]);
        bring_back(Returned { path: parts.uri.path().to_owned(), error: None, typed });
        leptos_axum::redirect(path);
    }
}

/// The path of the page the form is on.
fn referrer(headers: &HeaderMap) -> HeaderValue {
    let path = headers
        .get(header::REFERER)
        .and_then(|value| value.to_str().ok())
        .and_then(|url| url.parse::<http::Uri>().ok())
        .and_then(|uri| Some(safe_next(Some(uri.path_and_query()?.as_str()))));
    path.and_then(|path| HeaderValue::from_str(&path).ok()).unwrap_or(HeaderValue::from_static("/"))
}

/// What the form of a server function was refused for, once.
pub(crate) fn take_returned(path: &str) -> Option<Returned> {
    take_returned_of(&[path])
}

/// Why one of the forms at these paths was refused that a browser sent without the application.
pub(crate) fn refusal(paths: &[&str]) -> Option<String> {
    take_returned_of(paths)?.sentence()
}

/// What the form of one of these server functions was refused for, once.
pub(crate) fn take_returned_of(paths: &[&str]) -> Option<Returned> {
    let parts = use_context::<Parts>()?;
    let site = use_context::<Site>().unwrap_or_default();
    let brought = parts.extensions.get::<BroughtBack>().cloned().unwrap_or_default();
    let returned = brought.take(cookie(&parts.headers, site.form_cookie())?, paths)?;
    keep_secret(site.form_cookie(), "", 0);
    Some(returned)
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        use domain::{Reject, voting::CastRefusal};
        let status = match &error {
            Error::Unauthenticated(_) => 401,
            Error::Forbidden(_)
            | Error::Refused(Reject::NotAllowed(_) | Reject::NotMember | Reject::NoAccess)
            | Error::Cast(CastRefusal::NotInvited) => 403,
            Error::NotFound(_) => 404,
            Error::Conflict(_) | Error::Cancelled | Error::Refused(_) | Error::Cast(_) => 409,
            Error::Invalid(_) => 422,
            Error::TooMany { .. } => 429,
            Error::Busy | Error::Unavailable(_) | Error::Files(_) => 503,
            Error::Full(_) => 507,
            Error::Internal(_) => 500,
        };
        if status >= 500 && !matches!(error, Error::Busy) {
            tracing::error!(?error, "a request failed");
        }
        let retry_after = match &error {
            Error::TooMany { wait, .. } => u32::try_from(wait.as_secs_f64().ceil() as u64).ok(),
            _ => (status == 503).then_some(BUSY_SECONDS),
        };
        ApiError { retry_after, ..ApiError::new(status, error.to_string()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_after_a_page_was_given_up_is_answered() {
        assert_eq!(people().map(drop).unwrap_err().status, 503);
        assert_eq!(votings().map(drop).unwrap_err().status, 503);
    }

    #[test]
    fn the_session_is_found_among_other_cookies() {
        let secret = "A".repeat(42) + "E";
        let site = Site { public_url: Some("https://roadmaps.example".into()) };
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, format!("a=b; __Host-cairn={secret}").parse().unwrap());
        assert_eq!(session_secret(&headers, &site).unwrap().reveal(), secret);
        assert!(session_secret(&headers, &Site::default()).is_none());
    }
}
