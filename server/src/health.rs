//! What is told to whoever watches over the server: whether it lives, whether it takes requests, and its figures. On an address
//! of its own, which is nobody's business outside.

use std::net::SocketAddr;

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::shared::Shared;

/// The text format of OpenMetrics.
const METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Serves `/metrics`, `/healthz` and `/readyz`.
pub(crate) fn serve(listener: TcpListener, shared: Shared) -> (Option<SocketAddr>, JoinHandle<()>) {
    let addr = listener.local_addr().ok();
    let router = Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .with_state(shared);
    let served = tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "figures are not told any more");
        }
    });
    (addr, served)
}

async fn metrics(State(shared): State<Shared>) -> Response {
    ([(header::CONTENT_TYPE, METRICS)], shared.backend.metrics()).into_response()
}

/// Whether the server and its database work.
pub(crate) async fn healthz(State(shared): State<Shared>) -> Response {
    match shared.backend.people().workspace().await {
        Ok(_) => {
            let (rooms, pages) = shared.backend.rooms.population();
            axum::Json(serde_json::json!({ "status": "ok", "rooms": rooms, "pages": pages })).into_response()
        }
        Err(error) => {
            tracing::error!(?error, "the health check failed");
            (StatusCode::SERVICE_UNAVAILABLE, axum::Json(serde_json::json!({ "status": "unavailable" })))
                .into_response()
        }
    }
}

/// Whether requests should be sent here: not to a server that is stopping.
pub(crate) async fn readyz(state: State<Shared>) -> Response {
    if state.gate.is_closing() {
        return (StatusCode::SERVICE_UNAVAILABLE, axum::Json(serde_json::json!({ "status": "stopping" })))
            .into_response();
    }
    healthz(state).await
}
