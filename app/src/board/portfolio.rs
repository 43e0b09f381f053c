//! The roadmaps of several products as one page: `/portfolio`, `/portfolio/timeline` and `/portfolio/table`.
//!
//! Each product's roadmap is an open room; the whole is a room that shows them as one (`live/room/joint.rs`), so that every face
//! draws it as it draws a single roadmap. All rooms share one connection.

pub(crate) mod api;
mod products;
mod together;

use domain::{
    Face, Look, Product, Property, Record, RoadmapId,
    filter::Filter,
    wire::Snapshot,
    {Role, write_state},
};
use leptos::{context::Provider, prelude::*};
use leptos_meta::Title;
use leptos_router::{components::Outlet, hooks::use_location, params::ParamsMap};

use self::{api::PortfolioData, products::ProductsFilter};
use super::{
    Board, address,
    filter::FilterBar,
    ids,
    page::{self, ConnectionState},
    presence::Here,
    press::DROP_LINE,
    state::{Address, PORTFOLIO, Portfolio, axes},
};
use crate::{
    frame::ErrorPage,
    lazy::{face_part, panel_part},
    live::Room,
    ui::{Icon, Toasts},
};

#[component]
pub(crate) fn PortfolioPage() -> impl IntoView {
    // Not inside: on the server, what waits there may outlive the request, and with it the router.
    let (location, toasts) = (use_location(), expect_context::<Toasts>());
    let (path, query) = (location.pathname, location.query);
    let item = move || path.try_read_untracked()?.split_once("/i/").map(|(_, key)| key.to_owned());
    let said = query.try_read_untracked().and_then(|query| read(&query)).unwrap_or_default();
    let asked = RwSignal::new(products_asked(&said.0));
    // How it was looked at when it was asked for again: what the router knows of the address is older.
    let kept = StoredValue::new(None::<(Filter, Look)>);
    let portfolio =
        Resource::new_blocking(move || asked.get(), move |asked| api::load_portfolio(asked, item()));
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match portfolio.await {
                    Ok(data) if data.parts.is_empty() => view! { <NoProducts /> }.into_any(),
                    Ok(data) => view! { <OpenPortfolio data path query asked kept toasts /> }.into_any(),
                    Err(error) => view! { <ErrorPage error /> }.into_any(),
                }
            })}
        </Suspense>
        // Shows nothing; see `BoardPage`.
        <Outlet />
    }
}

/// As [`address::read`]; products, kinds and stages have parameters of their own.
fn read(query: &ParamsMap) -> Option<(Filter, Look)> {
    let said = address::read(query);
    let (mut filter, look) = said.clone().unwrap_or_default();
    filter.ask_products(|name| query.get(name));
    (said.is_some() || !filter.is_empty()).then_some((filter, look))
}

/// What is asked of products, as a page asks the server for it.
fn products_asked(filter: &Filter) -> String {
    let conditions = filter.of_product().into_iter().cloned().collect();
    write_state(&Filter { conditions, ..Filter::default() }, &Look::default())
}

#[component]
fn OpenPortfolio(
    data: PortfolioData,
    path: Memo<String>,
    query: Memo<ParamsMap>,
    asked: RwSignal<String>,
    kept: StoredValue<Option<(Filter, Look)>>,
    toasts: Toasts,
) -> impl IntoView {
    let PortfolioData { parts, members, user, year, left_out, views } = data;
    let views = RwSignal::new(views);
    let role = parts.iter().map(|(product, _)| product.role).max().unwrap_or(Role::Viewer);
    let first = parts[0].0.clone();
    let parts: Vec<Room> = parts
        .into_iter()
        .map(|(product, snapshot)| {
            let role = product.role;
            Room::new(product, members.clone(), snapshot, user, role, toasts)
        })
        .collect();
    let nothing = Snapshot { roadmap: RoadmapId::NIL, epoch: 0, head: 0, document: Default::default() };
    let whole = Room::new(all_products(first), members, nothing, user, role, toasts);
    whole.join(&parts);
    let portfolio = Portfolio::new(whole, parts.clone());
    let open = Memo::new(move |_| item_key(&path.read()));
    // An address of another page is that of one that is about to go.
    let address = Memo::new(move |former: Option<&Address>| {
        Address::of_portfolio(&path.read()).or(former.copied()).unwrap_or(Address::Product)
    });
    let item_of = move |(key, number): (String, u32)| {
        let part = portfolio.part(&key)?;
        part.track(|roadmap| roadmap.item_numbered(number).map(|item| item.id))
    };
    let open_item = Memo::new(move |_| item_of(open.get()?));
    let said = || query.try_read_untracked().and_then(|query| read(&query));
    let said = kept.try_update_value(Option::take).flatten().or_else(said);
    let state = said.unwrap_or_else(|| usual(address.get_untracked(), &views.read_untracked()));
    let board = Board::new(whole, address, views, year, open_item, state);
    let face = board.face;
    let axes = axes(whole, face, board.look, year, Property::Quarter);
    let board = Board { portfolio: Some(portfolio), axes, ..board };
    together::follow(board, &parts);
    page::follow_address(board, query, read, usual);
    let is_gone = move || matches!(address.get(), Address::View(_)) && board.view().is_none();
    let has_default = move || views.with(|views| Address::Product.view(views).is_some());
    // What was left out may be asked for. Products that are named are here: only what is here can be chosen.
    let names_those_here = move |filter: &Filter| {
        let is_here = |key: &String| portfolio.part(key).is_some();
        filter
            .of_product()
            .iter()
            .any(|one| one.property == Property::Product && one.values.iter().all(is_here))
    };
    Effect::new(move |_| {
        let (wanted, is_here) =
            board.filter.with(|filter| (products_asked(filter), names_those_here(filter)));
        if left_out > 0 && !is_here && wanted != asked.get_untracked() {
            kept.set_value(Some((board.filter.get_untracked(), board.look.get_untracked())));
            asked.set(wanted);
        }
    });
    let work = page::open(board);
    let panel = move || {
        let (key, number) = open.get()?;
        Some(match open_item.get() {
            // In the room of its product, whose fields, lanes and comments it has.
            Some(id) => {
                let board = board.at(id);
                view! { <Provider value=board>{panel_part(id)}</Provider> }.into_any()
            }
            None => view! { <NoSuchItem key number /> }.into_any(),
        })
    };
    // Read when the page comes to life; see `lazy`.
    let part = move || if face.get() == Face::Board { "columns" } else { face.get().as_str() };
    view! {
        <Title text="Portfolio" />
        <header class="product-bar">
            <div class="product-bar__product">
                <h1 class="product-bar__name">"Portfolio"</h1>
                <span class="product-bar__stage">{domain::counted(parts.len(), "product", "products")}</span>
            </div>
            <nav class="tabs" aria-label="Views">
                {tab(face, Face::Board, move || if has_default() { "/portfolio/board" } else { PORTFOLIO })}
                {tab(face, Face::Timeline, || "/portfolio/timeline")}
                {tab(face, Face::Table, || "/portfolio/table")}
                <a href="/lifecycle" class="tab" title="Life cycle">
                    <Icon name="products" />
                    <span class="tab__label">"Life cycle"</span>
                </a>
            </nav>
            <ProductsFilter />
            <div class="product-bar__end">
                <Here />
                <ConnectionState />
            </div>
        </header>
        <div class="board-tools">
            <FilterBar />
            <div id=ids::BALANCE class="balance-slot"></div>
        </div>
        <Show when=is_gone>
            <p class="notice board-notice" role="status">
                "This view was removed, or is not shared with you."
            </p>
        </Show>
        {(left_out > 0)
            .then(|| {
                let products = domain::counted(left_out, "more product is", "more products are");
                view! {
                    <p class="notice board-notice" role="status">
                        {format!("{products} not shown. Choose products, kinds or stages to see others.")}
                    </p>
                }
            })}
        <div class="board-row" data-part=part>
            {move || face_part(board, face.get())}
            {panel}
        </div>
        <div class="drop-line" id=DROP_LINE hidden></div>
        {work}
    }
}

fn tab(
    face: Memo<Face>,
    own: Face,
    path: impl Fn() -> &'static str + Send + Sync + 'static,
) -> impl IntoView {
    view! {
        <a href=path class="tab" title=own.label() aria-current=move || (face.get() == own).then_some("page")>
            <Icon name=own.as_str() />
            <span class="tab__label">{own.label()}</span>
        </a>
    }
}

/// How the portfolio is looked at where the address says nothing: as its saved view has it, or rows product by product.
fn usual(address: Address, views: &[Record]) -> (Filter, Look) {
    let is_rows = matches!(address, Address::Face(Face::Timeline | Face::Table));
    let (filter, look) = address.state(views);
    (filter, Look { group: look.group.or(is_rows.then_some(Property::Product)), ..look })
}

/// Stands where a page of one product has it.
fn all_products(first: Product) -> Product {
    let name = "Portfolio".parse().unwrap_or_else(|_| first.name.clone());
    Product { roadmap: RoadmapId::NIL, name, archived: false, restricted: false, ..first }
}

/// The item whose panel an address opens: the key of its product, and its number.
fn item_key(path: &str) -> Option<(String, u32)> {
    let (product, number) = path.split_once("/i/")?.1.rsplit_once('-')?;
    Some((product.to_owned(), number.parse().ok()?))
}

#[component]
fn NoProducts() -> impl IntoView {
    view! {
        <Title text="Portfolio" />
        <div class="page">
            <div class="empty">
                <h1>"No products yet"</h1>
                <p>"The roadmaps of all products appear here together."</p>
                <a class="button" href="/">
                    "Products"
                </a>
            </div>
        </div>
    }
}

#[component]
fn NoSuchItem(key: String, number: u32) -> impl IntoView {
    let board = expect_context::<Board>();
    view! {
        <aside class="item-panel" aria-label="Item">
            <div class="empty">
                <p>{format!("There is no item {key}-{number} on these roadmaps.")}</p>
                <a class="button" href=board.face_path()>
                    "Close"
                </a>
            </div>
        </aside>
    }
}
