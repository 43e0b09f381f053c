//! Calendars: `/calendar/<secret>.ics`, which programs read that cannot sign in.

use app::api::ApiError;
use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use backend::people::Secret;

use crate::{export::refuse, shared::Shared};

/// The calendar behind a link. The secret in it is all that is asked for.
pub(crate) async fn feed(
    State(shared): State<Shared>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Response {
    let secret = file.strip_suffix(".ics").and_then(Secret::parse);
    let Some(secret) = secret else {
        return refuse(&ApiError::new(404, "There is no such calendar. Copy the whole link."));
    };
    match shared.backend.people().calendar(&secret, site(&shared, &headers)).await {
        Ok(calendar) => {
            let name = format!("inline; filename=\"{}.ics\"", calendar.key);
            let name = HeaderValue::from_str(&name).expect("keys of products are letters and digits");
            let headers = [
                (header::CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8")),
                (header::CONTENT_DISPOSITION, name),
                (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
            ];
            (headers, calendar.body).into_response()
        }
        Err(error) => refuse(&ApiError::from(error)),
    }
}

/// What comes before the path of an address here.
fn site(shared: &Shared, headers: &HeaderMap) -> String {
    let host = || headers.get(header::HOST).and_then(|host| host.to_str().ok());
    match &shared.address.public_url {
        Some(url) => url.clone(),
        None => host().map_or_else(String::new, |host| format!("http://{host}")),
    }
}
