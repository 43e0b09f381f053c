//! The balance of a quarter as HTML.

use std::collections::BTreeMap;

use backend::{Error, Viewer, balance::bands::Recorded};
use domain::{
    Investment, Product, ProductKey, Quarter, amount,
    balance::{Balance, Measure, Outside, Parts, Target, TargetMix, shares, target},
};
use leptos::prelude::*;

use crate::{
    api::Plain,
    pages::plain::{html, named_post, notice, person},
    ui::{self, Icon},
};

/// The page of a product, or of the portfolio, at a quarter as an address names it.
pub(super) fn address(key: Option<&ProductKey>, quarter: &str) -> String {
    let page = key.map_or_else(|| "/balance".to_owned(), |key| format!("/p/{key}/balance"));
    // What is not a quarter is left out: it comes from a form.
    match quarter.parse::<Quarter>() {
        Ok(quarter) => format!("{page}?quarter={quarter}"),
        Err(()) => page,
    }
}

struct Page<'a> {
    key: Option<&'a ProductKey>,
    quarter: Quarter,
    /// What the quarter is called.
    label: String,
    by: Measure,
    balance: Balance,
    is_cut: bool,
    own: Vec<Target>,
    all: Vec<Target>,
    may_set: bool,
    /// When the product last left the band of the quarter or came back, where that was recorded.
    recorded: Option<Recorded>,
    /// By whom.
    by_whom: String,
}

pub(super) async fn page(
    viewer: &Viewer,
    product: Option<&Product>,
    (quarter, now): (Quarter, Quarter),
    by: Measure,
    refused: Option<String>,
) -> Result<Plain, Error> {
    let mut products = match product {
        Some(product) => vec![product.clone()],
        None => viewer.products().await?,
    };
    products.retain(|other| !other.archived || product.is_some());
    let (work, is_cut) = viewer.work_of(&products, quarter).await?;
    let year = viewer.fiscal_year().await?;
    let key = product.map(|product| &product.key);
    let mut recorded = match product {
        Some(product) => viewer.recorded_breaches(product).await?,
        None => BTreeMap::new(),
    };
    let recorded = recorded.remove(&quarter);
    let by_whom = match &recorded {
        Some(recorded) => person(&viewer.members().await?, recorded.by),
        None => String::new(),
    };
    let page = Page {
        key,
        quarter,
        label: year.label(quarter),
        by,
        balance: Balance::of(work.iter().map(|work| work.weighed(by)), year.days(quarter)),
        is_cut,
        own: viewer.targets(key).await?,
        all: if key.is_some() { viewer.targets(None).await? } else { Vec::new() },
        may_set: product.map_or_else(
            || viewer.as_owner().is_ok(),
            |product| product.role.can_edit() && !product.archived,
        ),
        recorded,
        by_whom,
    };
    let link = |to: Quarter, words: &'static str| page.link(to, by, words, year.label(to));
    let ways = view! {
        {link(quarter.plus(-1), "Before:")} {link(quarter.plus(1), "After:")}
        {(quarter != now).then(|| page.link(now, by, "", "This quarter".to_owned()))}
    };
    let title = format!("Balance · {}", page.label);
    Ok(Plain { title, html: html(page.view(ways.into_any(), refused)) })
}

/// An amount as people read it.
fn written(by: Measure, amount_of: u64) -> String {
    match by {
        Measure::Effort if amount_of.is_multiple_of(10) => format!("{} d", amount_of / 10),
        Measure::Effort => format!("{}.{} d", amount_of / 10, amount_of % 10),
        Measure::Cost | Measure::Bookings => amount(i64::try_from(amount_of).unwrap_or(i64::MAX)),
    }
}

impl Page<'_> {
    fn link(&self, to: Quarter, by: Measure, words: &'static str, label: String) -> AnyView {
        let href = format!("{}&by={}", address(self.key, &to.to_string()), by.as_str());
        let name = (!words.is_empty()).then(|| format!("{words} {label}"));
        view! {
            <a class="button button--quiet" href=href aria-label=name>
                {label}
            </a>
        }
        .into_any()
    }

    fn view(&self, ways: AnyView, refused: Option<String>) -> AnyView {
        let measure = |by: Measure| {
            let href = format!("{}&by={}", address(self.key, &self.quarter.to_string()), by.as_str());
            let is_shown = (by == self.by).then_some("page");
            view! {
                <a class="tab" href=href aria-current=is_shown>
                    {by.label()}
                </a>
            }
        };
        let cut =
            self.is_cut.then(|| view! { <p class="quiet">"Only the first 20,000 items are counted."</p> });
        view! {
            <div class="page balance-page">
                <header class="page__header">
                    <h1>"Balance · " {self.label.clone()}</h1>
                </header>
                <nav class="balance-page__ways" aria-label="Quarters">
                    {ways}
                </nav>
                <nav class="subtabs" aria-label="Measure">
                    {Measure::ALL.iter().map(|by| measure(*by)).collect_view()}
                </nav>
                {notice(refused)}
                {self.table()}
                {self.recorded()}
                {cut}
                {self.targets()}
            </div>
        }
        .into_any()
    }

    /// Since when the work by effort is outside its band, or within it again.
    fn recorded(&self) -> Option<AnyView> {
        let Recorded { breach, at, .. } = self.recorded.as_ref().filter(|_| self.by == Measure::Effort)?;
        let verb =
            if breach.outside.is_empty() { "Brought back within its band by" } else { "Left its band by" };
        let view = view! {
            <p class="quiet">
                {format!("{verb} ")} <bdi>{self.by_whom.clone()}</bdi> ", " {ui::time(*at)} "."
            </p>
        };
        Some(view.into_any())
    }

    fn table(&self) -> AnyView {
        let Balance { planned, delivered, unsorted } = &self.balance;
        let Some(of_planned) = shares(planned) else {
            let words = format!(
                "Nothing is planned for {} that has an investment and counts by {}.",
                self.label,
                self.by.label().to_lowercase()
            );
            return view! { <p class="quiet">{words}</p> {self.unsorted(*unsorted)} }.into_any();
        };
        let of_delivered = shares(delivered);
        let mix = target(&[&self.own, &self.all], Some(self.quarter));
        let outside = mix.map_or([None; 4], |mix| mix.outside(planned));
        let row = |(at, kind): (usize, &Investment)| {
            let wanted =
                mix.map_or_else(|| "–".to_owned(), |mix| format!("{} ± {} %", mix.shares[at], mix.band));
            let share = |shares: Option<Parts<u8>>| {
                shares.map_or_else(|| "–".to_owned(), |shares| format!("{} %", shares[at]))
            };
            let state = match (mix, outside[at]) {
                (None, _) => ().into_any(),
                (Some(_), None) => view! { <span class="quiet">"Within the band"</span> }.into_any(),
                (Some(_), Some(side)) => {
                    let words = if side == Outside::Above { "Above the band" } else { "Below the band" };
                    view! {
                        <span class="balance-page__outside">
                            <Icon name="warning" />
                            {words}
                        </span>
                    }
                    .into_any()
                }
            };
            view! {
                <tr>
                    <th scope="row">
                        <span class=format!("balance-page__kind badge--{}", kind.as_str())>
                            <Icon name=kind.as_str() />
                            {kind.label()}
                        </span>
                    </th>
                    <td>{wanted}</td>
                    <td>{share(Some(of_planned))}</td>
                    <td>{written(self.by, planned[at])}</td>
                    <td>{share(of_delivered)}</td>
                    <td>{written(self.by, delivered[at])}</td>
                    <td class="balance-page__state">{state}</td>
                </tr>
            }
        };
        let sum = |parts: &Parts<u64>| written(self.by, parts.iter().sum());
        view! {
            <div class="balance-page__table">
                <table>
                    <caption class="visually-hidden">{format!("Balance of {} by {}", self.label, self.by.label().to_lowercase())}</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Investment"</th>
                            <th scope="col">"Target"</th>
                            <th scope="col" colspan="2">"Planned"</th>
                            <th scope="col" colspan="2">"Delivered"</th>
                            <th scope="col" class="balance-page__state">"Planned against target"</th>
                        </tr>
                    </thead>
                    <tbody>{Investment::ALL.iter().enumerate().map(row).collect_view()}</tbody>
                    <tfoot>
                        <tr>
                            <th scope="row">"All"</th>
                            <td></td>
                            <td>"100 %"</td>
                            <td>{sum(planned)}</td>
                            <td>{of_delivered.map(|_| "100 %")}</td>
                            <td>{sum(delivered)}</td>
                            <td></td>
                        </tr>
                    </tfoot>
                </table>
            </div>
            {self.unsorted(*unsorted)}
        }
        .into_any()
    }

    fn unsorted(&self, unsorted: u64) -> Option<AnyView> {
        (unsorted > 0).then(|| {
            let words = format!(
                "{} more is planned without an investment and is in no share.",
                written(self.by, unsorted)
            );
            view! { <p class="quiet">{words}</p> }.into_any()
        })
    }

    fn targets(&self) -> AnyView {
        let find = |targets: &[Target], quarter| {
            targets.iter().find(|target| target.quarter == quarter).map(|target| target.mix)
        };
        let form = |quarter: Option<Quarter>, heading: String, id: &'static str| {
            let own = find(&self.own, quarter);
            let usual = target(&[&self.own, &self.all], quarter);
            self.form(quarter, heading, id, own, usual)
        };
        let from_all = (self.key.is_some() && self.own.is_empty() && !self.all.is_empty()).then(|| {
            view! { <p class="quiet">"The portfolio’s target holds here until this product has one of its own."</p> }
        });
        let others =
            self.own.iter().filter_map(|target| target.quarter).filter(|other| *other != self.quarter);
        let others: Vec<_> =
            others.map(|quarter| self.link(quarter, self.by, "Target of", quarter.to_string())).collect();
        let others = (!others.is_empty()).then(|| {
            view! { <p class="balance-page__others"><span class="quiet">"Other quarters with a target:"</span> {others}</p> }
        });
        view! {
            <section aria-labelledby="targets">
                <h2 id="targets">"Target mix"</h2>
                {from_all}
                <div class="balance-page__targets">
                    {form(None, "Every quarter".to_owned(), "every")}
                    {form(Some(self.quarter), format!("Only {}", self.label), "one")}
                </div>
                {others}
            </section>
        }
        .into_any()
    }

    fn form(
        &self,
        quarter: Option<Quarter>,
        heading: String,
        id: &'static str,
        own: Option<TargetMix>,
        usual: Option<TargetMix>,
    ) -> AnyView {
        let fields = vec![
            ("key", self.key.map(ToString::to_string).unwrap_or_default()),
            ("quarter", quarter.map(|quarter| quarter.to_string()).unwrap_or_default()),
            ("shown", self.quarter.to_string()),
        ];
        if !self.may_set {
            let words = own.map_or_else(
                || "No target.".to_owned(),
                |mix| {
                    let shares = Investment::ALL.iter().zip(mix.shares);
                    let shares: Vec<_> =
                        shares.map(|(kind, share)| format!("{} {share} %", kind.label())).collect();
                    format!("{}, each ± {} points.", shares.join(", "), mix.band)
                },
            );
            return view! { <div class="panel"><h3>{heading}</h3><p>{words}</p></div> }.into_any();
        }
        let shown = own.or(usual);
        let input = |name: String, label: String, value: Option<u8>, most: &'static str| {
            let field = format!("{id}-{name}");
            view! {
                <div class="field balance-page__field">
                    <label for=field.clone()>{label}</label>
                    <input
                        id=field
                        name=name
                        type="number"
                        inputmode="numeric"
                        min="0"
                        max=most
                        step="1"
                        required
                        value=value.map(|value| value.to_string())
                    />
                </div>
            }
        };
        let shares = Investment::ALL.iter().enumerate().map(|(at, kind)| {
            input(
                format!("shares[{at}]"),
                format!("{}, %", kind.label()),
                shown.map(|mix| mix.shares[at]),
                "100",
            )
        });
        let hidden = fields
            .iter()
            .map(|(name, value)| view! { <input type="hidden" name=*name value=value.clone() /> });
        let remove = own.map(|_| {
            let name = Some(format!("Remove the target: {heading}"));
            named_post("/api/remove_target", &fields, "Remove", "button--quiet", name)
        });
        let note = (own.is_none() && shown.is_some()).then(
            || view! { <p class="quiet">"No target of its own yet: these are the shares that hold."</p> },
        );
        view! {
            <div class="panel balance-page__form">
                <h3>{heading.clone()}</h3>
                {note}
                <form method="post" action="/api/set_target" class="balance-page__shares">
                    {hidden.collect_view()}
                    {shares.collect_view()}
                    {input("band".to_owned(), "Band, ± points".to_owned(), shown.map(|mix| mix.band), "50")}
                    <button class="button button--primary" type="submit" aria-label=format!("Save the target: {heading}")>
                        "Save"
                    </button>
                </form>
                {remove}
            </div>
        }
        .into_any()
    }
}
