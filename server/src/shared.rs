//! What handlers share.

use app::{Program, api};
use axum::extract::FromRef;
use backend::Backend;
use leptos::config::LeptosOptions;

use crate::{
    bodies::Bodies, detached_render::Renders, files::FilePace, live::Gate, rates::Rates, visitor::Visitors,
    write_limit::Writing,
};

/// What handlers share. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    pub(crate) backend: Backend,
    /// How browsers reach the site.
    pub(crate) address: api::Site,
    pub(crate) gate: Gate,
    /// Every request comes by a proxy that says where from.
    pub(crate) behind_proxy: bool,
    /// Whose sessions came lately.
    pub(crate) visitors: Visitors,
    /// How often somebody may ask for something to be done.
    pub(crate) rates: Rates,
    /// How many bytes of files somebody may send.
    pub(crate) file_pace: FilePace,
    /// Bodies that are being read.
    pub(crate) bodies: Bodies,
    /// Places for requests that write.
    pub(crate) writing: Writing,
    /// Places for pages that are made.
    pub(crate) renders: Renders,
    pub(crate) leptos: LeptosOptions,
    /// Where pages find the program.
    pub(crate) program: Program,
}

impl FromRef<Shared> for LeptosOptions {
    fn from_ref(shared: &Shared) -> Self {
        shared.leptos.clone()
    }
}
