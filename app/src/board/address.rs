//! What the board is filtered and sorted by stands in its address: a reload, a link and the way back show the same cards.

use domain::{Look, filter::Filter, write_state};
use leptos::prelude::*;
use leptos_router::params::ParamsMap;

use super::Board;
use crate::platform;

/// For how many frames the router may take to change the path.
const PATIENCE: u32 = 120;

/// What an address asks for: the filter, and how the roadmap is looked at; `None` where it says nothing. A form that is sent
/// without scripts repeats a parameter for each of its choices.
pub(super) fn read(query: &ParamsMap) -> Option<(Filter, Look)> {
    let get = |name: &str| query.get_all(name).map(|values| values.join(","));
    let said = (Filter::from_query(get), Look::from_query(get));
    // An empty text is how it says that nothing is asked for.
    (said != Default::default() || query.get("q").is_some()).then_some(said)
}

/// Keeps the address as the board is shown, from now on. Replaced and not added to the history: *Back* closes an item or
/// leaves the board.
pub(super) fn follow(board: Board) {
    Effect::new(move |_| {
        board.filter.track();
        board.look.track();
        board.open.track();
        board.address.track();
        board.views.track();
        write(board, PATIENCE);
    });
}

/// Writes the address once the path is that of what is open, which the router changes a little later.
fn write(board: Board, patience: u32) {
    let location = platform::window().location();
    let (Some(wanted), Ok(path), Ok(search)) = (wanted(board), location.pathname(), location.search()) else {
        return;
    };
    let (wanted_path, wanted_search) = wanted;
    if path != wanted_path {
        if patience > 0 {
            platform::next_frame(move || write(board, patience - 1));
        }
    } else if search != wanted_search
        && let Ok(history) = platform::window().history()
    {
        let state = history.state().unwrap_or_default();
        // A browser refuses when it is asked too often; the next change comes through.
        let _ = history.replace_state_with_url(&state, "", Some(&format!("{path}{wanted_search}")));
    }
}

/// The path and the query, while the board is there.
fn wanted(board: Board) -> Option<(String, String)> {
    let open = board.open.try_get_untracked()?;
    let path = open.map_or_else(|| board.face_path(), |id| board.panel_path(id));
    let address = board.address.try_get_untracked()?;
    let (filter, look) = (board.filter.try_get_untracked()?, board.look.try_get_untracked()?);
    let usual = board.views.try_read_untracked().map(|views| address.state(&views))?;
    let (mut filter, usual_filter) = (filter, usual.0);
    let is_usual = write_state(&filter, &look) == write_state(&usual_filter, &usual.1);
    let products = board.portfolio.map(|_| filter.take_products()).unwrap_or_default();
    let mut query = products;
    query.extend(filter.to_query());
    query.extend(look.to_query());
    if is_usual {
        query.clear();
    } else if query.is_empty() {
        // What a view asks for was given up.
        query.push(("q", String::new()));
    }
    let mut search = String::new();
    for (name, value) in query {
        let value: String = js_sys::encode_uri_component(&value).into();
        search.push(if search.is_empty() { '?' } else { '&' });
        search.push_str(name);
        search.push('=');
        search.push_str(&value.replace("%2C", ","));
    }
    Some((path, search))
}
