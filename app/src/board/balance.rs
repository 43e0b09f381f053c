//! The balance bar: what the planned work is for, against the mix that is wanted. It follows every change, and a card that is dragged
//! between columns before it is put down.

use std::collections::BTreeSet;

use domain::{
    Context, FiscalYear, Investment, Item, ItemId, Quarter, Roadmap, Span, Timestamp, amount, apply,
    balance::{Balance, Measure, Outside, Parts, TargetMix, Weighed, lacks_evidence, shares, target},
    capacity::TeamLine,
};
use leptos::{portal::Portal, prelude::*, task::spawn_local};

use super::{Board, capacity, cells::Cell, filter_menu::place, ids};
use crate::{
    live::{Connection, Room},
    pages::balance::api,
    platform,
    ui::Icon,
};

/// What the bar opens.
const MENU: &str = "balance-menu";

/// The most items that are listed as without evidence.
const LISTED: usize = 8;

/// Items that are dragged, and the cell in which they would land.
pub(super) type Aim = RwSignal<Option<(Vec<ItemId>, Cell)>>;

/// Of what the bar shows the balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Choice {
    /// All that is not done where it is none.
    quarter: Option<Quarter>,
    by: Measure,
}

impl Choice {
    fn read(text: &str) -> Self {
        let (quarter, by) = text.split_once(' ').unwrap_or(("", text));
        Self { quarter: quarter.parse().ok(), by: by.parse().unwrap_or(Measure::Effort) }
    }

    fn write(self) -> String {
        let quarter = self.quarter.map(|quarter| quarter.to_string()).unwrap_or_default();
        format!("{quarter} {}", self.by.as_str())
    }
}

/// What is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Drawn {
    choice: Choice,
    parts: Parts<u64>,
    delivered: Parts<u64>,
    unsorted: u64,
    mix: Option<TargetMix>,
    outside: Parts<Option<Outside>>,
}

/// The bar, above the board.
#[component]
pub(super) fn BalanceBar(aim: Aim) -> impl IntoView {
    let board = expect_context::<Board>();
    let board = Board { room: board.whole(), ..board };
    let Some(mount) = platform::element(ids::BALANCE) else { return ().into_any() };
    load(board);
    let kept = kept_as(board);
    let choice = RwSignal::new(Choice::read(&platform::kept(&kept).unwrap_or_default()));
    let choose = move |new: Choice| {
        platform::keep(&kept, &new.write());
        choice.set(new);
    };
    let drawn = Memo::new(move |_| {
        let choice = choice.get();
        let days = choice.quarter.and_then(|quarter| board.year.days(quarter));
        let mix = board.frame.with(|frame| target(&[&frame.own, &frame.all], choice.quarter));
        let weigh = |roadmap: &Roadmap| {
            let items = roadmap.items().filter(|item| item.deleted.is_none());
            Balance::of(items.map(|item| Weighed::new(&item.fields, choice.by)), days)
        };
        let aimed = aim.get();
        let balance = board.room.track_drawn(|roadmap| {
            let moved = aimed.and_then(|(items, cell)| board.moved(roadmap, &items, &cell));
            weigh(moved.as_ref().unwrap_or(roadmap))
        });
        let parts = if days.is_some() { balance.planned } else { balance.open() };
        Drawn {
            choice,
            parts,
            delivered: balance.delivered,
            unsorted: balance.unsorted,
            mix,
            outside: mix.map_or([None; 4], |mix| mix.outside(&parts)),
        }
    });
    let is_shown = Memo::new(move |_| {
        drawn.with(|drawn| {
            let usual = Choice { quarter: None, by: Measure::Effort };
            drawn.parts != [0; 4] || drawn.choice != usual || drawn.mix.is_some()
        })
    });
    view! {
        <Portal mount>
            <Show when=move || is_shown.get()>
                <button
                    type="button"
                    class="balance"
                    class:balance--of=move || drawn.with(|drawn| has_title(drawn.choice))
                    class:balance--outside=move || drawn.with(|drawn| drawn.outside != [None; 4])
                    popovertarget=MENU
                    aria-label=move || drawn.with(|drawn| words(drawn, board.year))
                    on:click=move |event| place(&event, MENU)
                >
                    {move || drawn.with(|drawn| bars(drawn, board.year))}
                </button>
            </Show>
        </Portal>
        <div class="display balance-menu" id=MENU popover="auto" role="group" aria-label="Balance">
            {choices(board, choice, choose)}
            {move || drawn.with(table)}
            {move || teams(board, choice.get().quarter)}
            {move || evidence(board, choice.get().quarter)}
            {link(board, choice)}
        </div>
    }
    .into_any()
}

/// Loads what the work is compared to when the page is connected, and again after it was not.
fn load(board: Board) {
    let is_live = Memo::new(move |_| board.room.connection.get() == Connection::Live);
    Effect::new(move |_| {
        if !is_live.get() {
            return;
        }
        let key_of = |room: &Room| room.product.read_untracked().key.to_string();
        let (key, shown) = match board.portfolio {
            Some(portfolio) => (String::new(), portfolio.parts().iter().map(key_of).collect()),
            None => (key_of(&board.room), Vec::new()),
        };
        spawn_local(async move {
            // Without it there is nothing to compare to. The page may be left meanwhile.
            if let Ok(frame) = api::load_plan_frame(key, shown).await
                && board.frame.try_with_untracked(|present| *present != frame) == Some(true)
            {
                board.frame.set(frame);
            }
        });
    });
}

/// The name under which this browser keeps what the bar shows of a product, or of the portfolio.
fn kept_as(board: Board) -> String {
    match board.portfolio {
        Some(_) => "cairn-balance-portfolio".to_owned(),
        None => format!("cairn-balance-{}", board.room.product.read_untracked().id),
    }
}

impl Board {
    /// The roadmap as it would be with items in a cell; `None` where nothing would be different.
    fn moved(&self, roadmap: &Roadmap, items: &[ItemId], cell: &Cell) -> Option<Roadmap> {
        let ops = self.ops_to_cell(roadmap, items, cell).ok().filter(|ops| !ops.is_empty())?;
        let mut moved = roadmap.clone();
        let context = Context { actor: self.room.user(), at: Timestamp(0) };
        ops.iter().try_for_each(|op| apply(&mut moved, op, &context).map(drop)).ok()?;
        Some(moved)
    }
}

/// An amount as people read it.
fn written(by: Measure, of: u64) -> String {
    match by {
        Measure::Effort if of.is_multiple_of(10) => format!("{} d", of / 10),
        Measure::Effort => format!("{}.{} d", of / 10, of % 10),
        Measure::Cost | Measure::Bookings => amount(i64::try_from(of).unwrap_or(i64::MAX)),
    }
}

/// What the bar is of.
fn title(choice: Choice, year: FiscalYear) -> String {
    let of = choice.quarter.map_or_else(|| "Open work".to_owned(), |quarter| year.label(quarter));
    format!("{of} by {}", choice.by.label().to_lowercase())
}

/// Whether the bar says of what it is: of anything but the effort of all open work.
fn has_title(choice: Choice) -> bool {
    choice.quarter.is_some() || choice.by != Measure::Effort
}

/// Each investment that has a share, or should have one, with its share.
fn shown(drawn: &Drawn) -> impl Iterator<Item = (usize, &'static Investment, u8)> {
    let shares = shares(&drawn.parts).unwrap_or_default();
    let (parts, mix) = (drawn.parts, drawn.mix);
    let is_shown = move |at: usize| parts[at] > 0 || mix.is_some_and(|mix| mix.shares[at] > 0);
    Investment::ALL
        .iter()
        .enumerate()
        .filter(move |(at, _)| is_shown(*at))
        .map(move |(at, kind)| (at, kind, shares[at]))
}

fn side(outside: Outside) -> &'static str {
    match outside {
        Outside::Above => "above its band",
        Outside::Below => "below its band",
    }
}

/// The balance in words, for those who do not see the bar.
fn words(drawn: &Drawn, year: FiscalYear) -> String {
    let title = title(drawn.choice, year);
    if drawn.parts == [0; 4] {
        return format!("Balance of {title}: nothing planned");
    }
    let parts = shown(drawn).map(|(at, kind, share)| {
        let beyond = drawn.outside[at].map(|outside| format!(", {}", side(outside))).unwrap_or_default();
        format!("{} {share} % ({}){beyond}", kind.label(), written(drawn.choice.by, drawn.parts[at]))
    });
    format!("Balance of {title}: {}", parts.collect::<Vec<_>>().join("; "))
}

/// Rectangles of parts that add up to a hundred.
fn rects(parts: &Parts<u64>) -> impl IntoView + use<> {
    let all: u64 = parts.iter().sum::<u64>().max(1);
    let parts = *parts;
    let mut from = 0;
    // Hundredths of a percent, so that a small part is seen.
    let place = move |part: u64| u64::try_from(u128::from(part) * 10_000 / u128::from(all)).unwrap_or(0);
    let percent = |of: u64| format!("{}.{:02}%", of / 100, of % 100);
    let rect = move |(kind, part): (&'static Investment, u64)| {
        let x = place(from);
        from += part;
        let width = place(from) - x;
        view! {
            <rect
                class=format!("balance__share balance__share--{}", kind.as_str())
                x=percent(x)
                y="0"
                width=percent(width)
                height="100%"
            ></rect>
        }
    };
    Investment::ALL.iter().zip(parts).filter(|(_, part)| *part > 0).map(rect).collect_view()
}

fn bars(drawn: &Drawn, year: FiscalYear) -> AnyView {
    let label = |(at, kind, share): (usize, &'static Investment, u8)| {
        let outside = drawn.outside[at];
        let aim = drawn.mix.map(|mix| format!(", target {} ± {} %", mix.shares[at], mix.band));
        let beyond = outside.map(|outside| format!(", {}", side(outside)));
        let words = format!(
            "{} {share} % ({}){}{}",
            kind.label(),
            written(drawn.choice.by, drawn.parts[at]),
            aim.unwrap_or_default(),
            beyond.unwrap_or_default(),
        );
        let mark = outside.map(|outside| if outside == Outside::Above { "▲" } else { "▼" });
        view! {
            <span
                class=format!("balance__label badge--{}", kind.as_str())
                class:balance__label--outside=outside.is_some()
                title=words
            >
                <Icon name=kind.as_str() />
                <span class="balance__kind">{kind.label()}</span>
                <span class="balance__percent">{format!("{share} %")}</span>
                {mark.map(|mark| view! { <span class="balance__mark">{mark}</span> })}
            </span>
        }
    };
    let of = has_title(drawn.choice)
        .then(|| view! { <span class="balance__of">{title(drawn.choice, year)}</span> });
    let wanted = drawn.mix.map(|mix| {
        view! {
            <svg class="balance__target" aria-hidden="true">
                {rects(&mix.shares.map(u64::from))}
            </svg>
        }
    });
    let warning = (drawn.outside != [None; 4]).then(|| view! { <Icon name="warning" /> });
    let legend = if drawn.parts == [0; 4] {
        view! { <span class="balance__none">"Nothing planned"</span> }.into_any()
    } else {
        shown(drawn).map(label).collect_view().into_any()
    };
    view! {
        <span class="balance__bars">
            <svg class="balance__bar" aria-hidden="true">
                {rects(&drawn.parts)}
            </svg>
            {wanted}
        </span>
        <span class="balance__legend" aria-hidden="true">
            {of}
            {legend}
            {warning}
        </span>
    }
    .into_any()
}

/// Quarter and measure.
fn choices(
    board: Board,
    choice: RwSignal<Choice>,
    choose: impl Fn(Choice) + Clone + Send + 'static,
) -> AnyView {
    let quarters = Memo::new(move |_| {
        let mut quarters: BTreeSet<Quarter> = board.room.track_drawn(|roadmap| {
            let items = roadmap.items().filter(|item| item.deleted.is_none());
            items.filter_map(|item| item.quarter(board.year)).collect()
        });
        board.frame.with(|frame| {
            quarters.extend(frame.own.iter().chain(&frame.all).filter_map(|target| target.quarter));
        });
        quarters.extend(choice.get().quarter);
        quarters
    });
    let to_quarter = choose.clone();
    let set_quarter = move |value: String| {
        to_quarter(Choice { quarter: value.parse().ok(), ..choice.get_untracked() });
    };
    let set_measure = move |value: String| {
        let by = value.parse().unwrap_or(Measure::Effort);
        choose(Choice { by, ..choice.get_untracked() });
    };
    let option = move |quarter: Quarter| {
        let is_chosen = move || choice.get().quarter == Some(quarter);
        view! {
            <option value=quarter.to_string() prop:selected=is_chosen>
                {board.year.label(quarter)}
            </option>
        }
    };
    let measure = move |by: Measure| {
        view! {
            <option value=by.as_str() prop:selected=move || choice.get().by == by>
                {by.label()}
            </option>
        }
    };
    view! {
        <div class="balance-menu__choices">
            <label>
                <span class="visually-hidden">"Quarter"</span>
                <select on:change:target=move |event| set_quarter(event.target().value())>
                    <option value="" prop:selected=move || choice.get().quarter.is_none()>
                        "Open work"
                    </option>
                    {move || quarters.get().into_iter().map(option).collect_view()}
                </select>
            </label>
            <label>
                <span class="visually-hidden">"Measure"</span>
                <select on:change:target=move |event| set_measure(event.target().value())>
                    {Measure::ALL.iter().map(|by| measure(*by)).collect_view()}
                </select>
            </label>
        </div>
    }
    .into_any()
}

fn table(drawn: &Drawn) -> AnyView {
    let by = drawn.choice.by;
    let of_parts = shares(&drawn.parts);
    let in_quarter = drawn.choice.quarter.is_some();
    let of_delivered = shares(&drawn.delivered);
    let row = |(at, kind): (usize, &Investment)| {
        let share = |shares: Option<Parts<u8>>| {
            shares.map_or_else(|| "–".to_owned(), |shares| format!("{} %", shares[at]))
        };
        let beyond = drawn.outside[at].map(|outside| {
            view! {
                <span class="balance-menu__outside">
                    <Icon name="warning" />
                    {if outside == Outside::Above { "Above" } else { "Below" }}
                </span>
            }
        });
        view! {
            <tr>
                <th scope="row" class=format!("badge--{}", kind.as_str())>
                    <Icon name=kind.as_str() />
                    {kind.label()}
                </th>
                <td>{share(of_parts)} {beyond}</td>
                <td>{written(by, drawn.parts[at])}</td>
                {drawn.mix.map(|mix| view! { <td>{format!("{} ± {} %", mix.shares[at], mix.band)}</td> })}
                {in_quarter.then(|| view! { <td>{share(of_delivered)}</td> })}
            </tr>
        }
    };
    let unsorted = (drawn.unsorted > 0).then(|| {
        let words = format!("{} without an investment, in no share.", written(by, drawn.unsorted));
        view! { <p class="quiet">{words}</p> }
    });
    view! {
        <table class="balance-menu__table">
            <thead>
                <tr>
                    <th scope="col">"Investment"</th>
                    <th scope="col">"Planned"</th>
                    <th scope="col">{by.label()}</th>
                    {drawn.mix.map(|_| view! { <th scope="col">"Target"</th> })}
                    {in_quarter.then(|| view! { <th scope="col">"Delivered"</th> })}
                </tr>
            </thead>
            <tbody>{Investment::ALL.iter().enumerate().map(row).collect_view()}</tbody>
        </table>
        {unsorted}
    }
    .into_any()
}

/// The days of teams in a quarter, and what does not fit.
fn teams(board: Board, quarter: Option<Quarter>) -> Option<AnyView> {
    let lines = board.team_lines();
    let lines: Vec<_> = lines.iter().filter(|line| Some(line.quarter) == quarter).collect();
    let item = |id: &ItemId| {
        board.room.with(|roadmap| {
            let item = roadmap.item(*id)?;
            let key = format!("{}-{}", board.product_key(roadmap, item), item.number);
            let path = board.at(*id).item_path(item.number);
            let title = item.fields.title.to_string();
            Some(view! { <li><a class="link" href=path><span class="quiet">{key}</span> " " <span dir="auto">{title}</span></a></li> })
        })
    };
    let row = |line: &TeamLine| {
        let is_over = !line.below.is_empty();
        let listed = line.below.iter().take(LISTED).filter_map(item).collect_view();
        view! {
            <p class:balance-menu__outside=is_over>
                {is_over.then(|| view! { <Icon name="warning" /> })}
                {capacity::words(line)}
            </p>
            {is_over.then(|| view! { <ul>{listed}</ul> })}
        }
    };
    let rows: Vec<_> = lines.into_iter().map(row).collect();
    (!rows.is_empty()).then(|| {
        view! {
            <section class="balance-menu__evidence" aria-label="Capacity of teams">
                {rows}
            </section>
        }
        .into_any()
    })
}

/// Retention that nobody has asked for.
fn evidence(board: Board, quarter: Option<Quarter>) -> Option<AnyView> {
    let days = quarter.and_then(|quarter| board.year.days(quarter));
    let is_then = |item: &Item| {
        let span = Span { start: item.fields.start, end: item.fields.end };
        days.is_none_or(|(from, to)| span.shown().is_some_and(|(first, last)| first <= to && last >= from))
    };
    let (count, listed) = board.room.track_drawn(|roadmap| {
        let without = roadmap.board_order().filter_map(|id| roadmap.item(id));
        let mut without = without.filter(|item| is_then(item) && lacks_evidence(roadmap, item));
        let listed: Vec<_> = without
            .by_ref()
            .take(LISTED)
            .map(|item| {
                let key = format!("{}-{}", board.product_key(roadmap, item), item.number);
                (board.at(item.id).item_path(item.number), key, item.fields.title.to_string())
            })
            .collect();
        (listed.len() + without.count(), listed)
    });
    let more = count - listed.len();
    let row = |(path, key, title): (String, String, String)| {
        view! {
            <li>
                <a class="link" href=path>
                    <span class="quiet">{key}</span>
                    " "
                    <span dir="auto">{title}</span>
                </a>
            </li>
        }
    };
    (count > 0).then(|| {
        view! {
            <section class="balance-menu__evidence" aria-label="Retention without evidence">
                <p class="balance-menu__outside">
                    <Icon name="warning" />
                    {format!("Retention without evidence: {count}")}
                </p>
                <p class="quiet">"Nobody has upvoted or commented on these."</p>
                <ul>
                    {listed.into_iter().map(row).collect_view()}
                    {(more > 0).then(|| view! { <li class="quiet">{format!("{more} more")}</li> })}
                </ul>
            </section>
        }
        .into_any()
    })
}

/// The way to the page of the balance, where the target is set.
fn link(board: Board, choice: RwSignal<Choice>) -> AnyView {
    let page = match board.portfolio {
        Some(_) => "/balance".to_owned(),
        None => format!("/p/{}/balance", board.room.product.read_untracked().key),
    };
    let href = move || {
        let Choice { quarter, by } = choice.get();
        let quarter = quarter.map(|quarter| format!("quarter={quarter}&")).unwrap_or_default();
        format!("{page}?{quarter}by={}", by.as_str())
    };
    view! {
        <a class="button" href=href>
            "Balance and target mix"
        </a>
    }
    .into_any()
}
