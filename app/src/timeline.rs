//! The roadmap as a timeline: a row for each item that is planned, on a calendar of fiscal quarters.
//!
//! What is drawn is SVG, placed by attributes, so that the server draws the same page as the browser: no style may be inline.

mod api;
mod aside;
mod bar;
mod calendar;
mod changes;
mod connect;
mod drag;
mod export;
mod feed;
mod ghosts;
mod keys;
mod links;
mod paper;
mod picture;
mod rows;
mod sight;
mod slip;
mod state;
mod titles;
mod tools;
mod words;

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

pub(crate) use self::keys::KEYS;
use self::state::Timeline;
use crate::board::Board;

pub(crate) fn timeline(board: Board) -> AnyView {
    let timeline = Timeline::new(board);
    sight::follow(timeline);
    keys::follow(timeline);
    paper::follow(timeline);
    // Baselines are of one product.
    if board.portfolio.is_none() {
        ghosts::follow(timeline);
    }
    let navigate = use_navigate();
    let open = {
        let navigate = navigate.clone();
        move |event| keys::clicked(timeline, &event, &navigate)
    };
    let key = move |event| keys::pressed(timeline, &event, &navigate);
    let is_empty = Memo::new(move |_| timeline.rows.read().is_empty());
    view! {
        <section class="timeline" aria-label="Timeline">
            {tools::tools(timeline)}
            <div class="timeline__stage">
                <div
                    class="timeline__scroll"
                    id=state::SCROLL
                    tabindex=move || is_empty.get().then_some("0")
                    role="group"
                    aria-label="Calendar"
                    on:scroll=move |_| sight::scrolled(timeline)
                    on:pointerdown=move |event| drag::pressed(timeline, &event)
                    on:dragstart=|event: web_sys::DragEvent| event.prevent_default()
                    on:mousedown=move |event| keys::keep_focus(&event)
                    on:click=open
                    on:keydown=key
                    on:focusin=move |event| keys::focused(timeline, &event)
                    on:focusout=move |_| timeline.focused.set(None)
                    on:pointerover=move |event| keys::pointed(timeline, &event)
                    on:pointerleave=move |_| timeline.pointed.set(None)
                >
                    {titles::corner(timeline)}
                    {calendar::head(timeline)}
                    {titles::titles(timeline)}
                    <div class="timeline__canvas" id=state::CANVAS>
                        <svg class="timeline__chart" width=move || timeline.width() height="100%">
                            {bar::patterns()}
                            {calendar::bands(timeline)}
                            {bar::rows(timeline)}
                            {links::links(timeline)}
                            {slip::ghosts(timeline)}
                            {calendar::today(timeline)}
                            {bar::landing(timeline)}
                            {connect::drawing(timeline)}
                        </svg>
                    </div>
                </div>
                {tools::nothing(timeline)}
                {slip::offer(timeline)}
                {aside::aside(timeline)}
            </div>
            {paper::paper(timeline)}
            {feed::dialog(timeline)}
        </section>
    }
    .into_any()
}
