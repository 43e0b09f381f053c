//! Which address leads where.

use std::time::Instant;

use app::{App, api::ApiError, shell};
use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, MatchedPath, Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use leptos::{
    nonce::use_nonce,
    prelude::{IntoView, provide_context, use_context},
};
use leptos_axum::{LeptosRoutes, ResponseOptions, generate_route_list_with_exclusions_and_ssg_and_context};
use tower_http::{
    CompressionLevel,
    compression::{
        CompressionLayer,
        predicate::{DefaultPredicate, NotForContentType, Predicate as _},
    },
    csrf::CsrfLayer,
};

use crate::{
    bodies, calendar, detached_render, export, files, headers, health, live, proxy,
    refusal::{Refuse, explain_method},
    shared::Shared,
    site::Site,
    voting, write_limit,
};

/// Every route, with the layers that guard them.
pub(crate) fn router(shared: Shared, site: &Site, csrf: CsrfLayer) -> Router {
    let context = {
        let shared = shared.clone();
        move || {
            provide_context(shared.backend.clone());
            provide_context(shared.address.clone());
        }
    };
    let page = {
        let shared = shared.clone();
        move || page(&shared)
    };
    // Pictures and most other files are compressed already.
    let packed = DefaultPredicate::new().and(NotForContentType::const_new(files::DOWNLOAD));
    // Listing the routes begins to load what the pages load, and that asks for the context.
    let routes = generate_route_list_with_exclusions_and_ssg_and_context(App, None, context.clone()).0;
    Router::new()
        .leptos_routes_with_context(&shared, routes, context, page)
        .fallback(missing)
        .route("/voting/{id}/record.json", get(voting::record))
        .route("/voting/{id}/result.csv", get(voting::result_csv))
        .route("/voting/{id}/result.json", get(voting::result_json))
        .route("/voting/{id}/ballots.csv", get(voting::ballots))
        .route("/p/{key}/export", get(export::chosen))
        .route("/p/{key}/export.csv", get(export::csv))
        .route("/p/{key}/export.xlsx", get(export::xlsx))
        .route("/p/{key}/export.json", get(export::json))
        .route("/p/{key}/figures/{file}", get(export::figures))
        .route("/direction/{quarter}/alignment.csv", get(export::alignment))
        .route("/p/{key}/money.csv", get(export::money))
        .route("/p/{key}/outcomes.csv", get(export::outcomes))
        .route("/reports/{file}", get(export::report))
        .route("/calendar/{file}", get(calendar::feed))
        .layer(from_fn_with_state(shared.clone(), detached_render::guard))
        .route("/live", any(live::enter))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/p/{key}/files", post(files::attach))
        .route("/files/{hash}/{name}", get(files::read))
        .route("/sw.js", get(service_worker))
        .route("/voting/{id}/events", get(voting::events))
        // `bodies` has bounds for each.
        .layer(DefaultBodyLimit::disable())
        .with_state(shared.clone())
        .merge(site.routes())
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(packed))
        .layer(from_fn_with_state(shared.clone(), write_limit::guard))
        .layer(from_fn_with_state(shared.clone(), bodies::guard))
        .layer(csrf)
        .layer(from_fn_with_state(shared.clone(), proxy::guard))
        .layer(from_fn_with_state(shared, guard))
}

/// A page, with the policy that names its nonce.
fn page(shared: &Shared) -> impl IntoView + use<> {
    let nonce = use_nonce().map(|nonce| nonce.to_string());
    let policy = nonce.and_then(|nonce| headers::page_policy(&nonce, shared.address.is_secure()));
    if let (Some(policy), Some(response)) = (policy, use_context::<ResponseOptions>()) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
    shell(shared.leptos.clone(), &shared.program)
}

/// What no route knows is still a page, which says so.
async fn missing(State(shared): State<Shared>, request: Request<Body>) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let sentence = "There is nothing at this address. Open the page and use what is on it.";
        return Refuse::to(&request).with(ApiError::new(404, sentence));
    }
    let context = {
        let shared = shared.clone();
        move || {
            provide_context(shared.backend.clone());
            provide_context(shared.address.clone());
        }
    };
    let render = leptos_axum::render_app_to_stream_with_context(context, move || page(&shared));
    let mut response = render(request).await.into_response();
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}

/// The script with which boards open without a network. Asked for again each time, so that no page is held by an old one.
async fn service_worker() -> impl IntoResponse {
    const SCRIPT: &str = include_str!("../../frontend/service-worker.js");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::CONTENT_SECURITY_POLICY, headers::WORKER),
    ];
    (headers, SCRIPT)
}

/// Adds the headers every answer carries, and notes the request in the log.
async fn guard(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let since = Instant::now();
    let (method, route) = (request.method().clone(), route(&request));
    let refuse = Refuse::to(&request);
    let mut response = explain_method(refuse, next.run(request).await);
    headers::add(response.headers_mut(), shared.address.is_secure());
    let (status, microseconds) = (response.status().as_u16(), since.elapsed().as_micros());
    tracing::debug!(%method, route, status, microseconds, "answered");
    response
}

/// The route that a request took, as it is written here: `/join/{code}`. What stands in an address is not for logs: it may be a
/// code, however it is spelled.
fn route(request: &Request) -> String {
    request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned())
}
