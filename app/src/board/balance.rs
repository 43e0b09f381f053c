//! The balance bar: what the planned effort is spent for.

use domain::{Investment, PersonDays, Status};
use leptos::prelude::*;

use super::Board;
use crate::ui::Icon;

/// Shares of innovation, retention, run and retire in the effort of everything that is not done or dropped. Items
/// without an effort count as nothing; without any effort at all the bar is not shown.
#[component]
pub(super) fn BalanceBar() -> impl IntoView {
    let board = expect_context::<Board>();
    let shares = Memo::new(move |_| {
        board.room.track_drawn(|roadmap| {
            let open = roadmap.items().filter(|item| {
                item.deleted.is_none() && !matches!(item.fields.status, Status::Done | Status::Dropped)
            });
            let mut sums = [0_u32; 4];
            for item in open {
                if let (Some(kind), Some(effort)) = (item.fields.investment, item.fields.effort) {
                    let index = Investment::ALL.iter().position(|other| *other == kind).unwrap_or_default();
                    sums[index] += effort.tenths();
                }
            }
            sums
        })
    });
    move || {
        let sums = shares.get();
        let total: u32 = sums.iter().sum();
        if total == 0 {
            return None;
        }
        let mut from = 0;
        // Hundredths of a percent: numbers with a point of their own would bring the printing of them into the program.
        let share = |tenths: u32| u64::from(tenths) * 10_000 / u64::from(total);
        let percent = |share: u64| format!("{}.{:02}%", share / 100, share % 100);
        let parts = Investment::ALL.iter().zip(sums).filter(|(_, sum)| *sum > 0).map(|(kind, sum)| {
            let x = share(from);
            from += sum;
            let width = share(from) - x;
            let whole = (width + 50) / 100;
            let days = PersonDays::from_tenths(sum).map_or_else(String::new, |days| days.to_string());
            let words = format!("{} {whole} % ({days} d)", kind.label());
            (kind, x, width, whole, words)
        });
        let parts: Vec<_> = parts.collect();
        let summary = parts.iter().map(|(.., words)| words.as_str()).collect::<Vec<_>>().join(", ");
        let bars = parts.iter().map(|(kind, x, width, ..)| {
            view! {
                <rect
                    class=format!("balance__share balance__share--{}", kind.as_str())
                    x=percent(*x)
                    y="0"
                    width=percent(*width)
                    height="100%"
                ></rect>
            }
        });
        let bars = bars.collect_view();
        let legend = parts
            .into_iter()
            .map(|(kind, _, _, whole, words)| {
                view! {
                    <span class=format!("balance__label badge--{}", kind.as_str()) title=words>
                        <Icon name=kind.as_str() />
                        <span class="balance__kind">{kind.label()}</span>
                        <span class="balance__percent">{format!("{whole} %")}</span>
                    </span>
                }
            })
            .collect_view();
        Some(view! {
            <div class="balance" role="img" aria-label=format!("Effort by investment: {summary}")>
                <svg class="balance__bar" aria-hidden="true">
                    {bars}
                </svg>
                <div class="balance__legend" aria-hidden="true">
                    {legend}
                </div>
            </div>
        })
    }
}
