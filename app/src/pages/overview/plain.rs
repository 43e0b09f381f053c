//! The overview of a product as HTML: sections that each lead to the page with the whole of it.

use backend::{
    Error, Viewer,
    figures::{Kpi, ProductFigures},
    money::ProductMoney,
    outcomes::ProductOutcomes,
    scores::Scoreboard,
    vision::VisionPage,
};
use domain::{
    Investment, OBJECTIVE, ObjectiveState, OwnerSide, Product, ProductKey, Quarter, Record, RecordId,
    balance::{Balance, Measure, shares, target},
    capacity::{TeamLine, lines},
    counted, figure_of, kpi_is_on_target,
    money::MoneyYear,
    objective_state, unit_of,
};
use leptos::prelude::*;

use crate::{
    api::{Plain, ProductPage},
    board::capacity_words,
    pages::{
        figures::chart::sparkline,
        lifecycle::used_by,
        plain::{html, person},
    },
    ui,
};

/// How many items, and how many key figures, are named.
const NAMED: usize = 5;

/// An objective of the quarter with the product's own items that serve it.
struct Served {
    id: RecordId,
    name: String,
    items: usize,
    done: usize,
}

struct Page {
    product: Product,
    quarter: Quarter,
    /// What the quarter is called.
    label: String,
    vision: VisionPage,
    /// As HTML.
    vision_text: String,
    figures: ProductFigures,
    scores: Scoreboard,
    served: Vec<Served>,
    /// Items of the quarter that serve none of its objectives.
    unaligned: usize,
    balance: Balance,
    mix: Option<domain::balance::TargetMix>,
    lines: Vec<TeamLine>,
    money: ProductMoney,
    outcomes: ProductOutcomes,
    /// What the product is a part of.
    solutions: Vec<Record>,
}

pub(super) async fn page(viewer: &Viewer, key: &ProductKey) -> Result<ProductPage, Error> {
    let product = viewer.product(key).await?;
    let year = viewer.fiscal_year().await?;
    let quarter = year.quarter(backend::now().utc().date);
    let own = std::slice::from_ref(&product);
    let plan = viewer.quarter(quarter, own).await?;
    let shares = plan.objectives.iter().zip(&plan.alignment.objectives);
    let open = shares.filter(|(objective, _)| objective_state(objective) != ObjectiveState::Draft);
    let served = open.map(|(objective, share)| Served {
        id: objective.id,
        name: OBJECTIVE.name_of(objective),
        items: share.items.len(),
        done: share.done,
    });
    let served = served.collect();
    let (work, _) = viewer.work_of(own, quarter).await?;
    let targets = [viewer.targets(Some(key)).await?, viewer.targets(None).await?];
    let teams = viewer.team_quarters(quarter, &[product.roadmap], viewer.products().await?).await?;
    let view = viewer.view(product.roadmap).await?;
    let mut lines = lines(&view.roadmap, year, &teams);
    lines.retain(|line| line.quarter == quarter && line.planned > 0);
    let vision = viewer.vision(Some(key), None).await?;
    let text = vision.version().and_then(|version| version.text("text")).unwrap_or_default().to_owned();
    let vision_text = viewer.render_markdown(vec![text]).await?.pop().unwrap_or_default();
    let page = Page {
        quarter,
        label: year.label(quarter),
        vision,
        vision_text,
        figures: viewer.product_figures(key).await?,
        scores: viewer.scoreboard(key).await?,
        served,
        unaligned: plan.alignment.none.items.len(),
        balance: Balance::of(work.iter().map(|work| work.weighed(Measure::Effort)), year.days(quarter)),
        mix: target(&[&targets[0], &targets[1]], Some(quarter)),
        lines,
        money: viewer.product_money(key).await?,
        outcomes: viewer.product_outcomes(key).await?,
        solutions: viewer.solutions_of(product.id).await?,
        product: product.clone(),
    };
    let title = format!("Overview of {}", product.name);
    let page = Plain { title, html: html(page.view()) };
    Ok(ProductPage { product, page })
}

/// Words that somebody has to look at.
fn warning(words: String) -> AnyView {
    view! {
        <span class="overview__warning">
            <ui::Icon name="warning" />
            {words}
        </span>
    }
    .into_any()
}

impl Page {
    /// A section under a heading that leads to its page.
    fn section(&self, title: &'static str, path: &str, body: AnyView) -> AnyView {
        let href = format!("/p/{}/{path}", self.product.key);
        self.section_at(title, href, body)
    }

    fn section_at(&self, title: &'static str, href: String, body: AnyView) -> AnyView {
        view! {
            <section class="panel overview__part" aria-label=title>
                <h2>
                    <a class="link" href=href>
                        {title}
                    </a>
                </h2>
                {body}
            </section>
        }
        .into_any()
    }

    fn view(&self) -> AnyView {
        let product = &self.product;
        let purpose =
            (!product.purpose.is_empty()).then(|| view! { <p dir="auto">{product.purpose.to_string()}</p> });
        view! {
            <div class="page overview">
                <header class="page__header">
                    <h1>"Overview"</h1>
                    <p class="page__count">
                        {product.kind.label()} " · " {product.stage.label()}
                    </p>
                </header>
                {purpose} {self.owners()} {used_by(&self.solutions)}
                <div class="overview__parts">
                    {self.section("Vision", "vision", self.vision())}
                    {self.section_at(
                        "This quarter",
                        format!("/direction/{}", self.quarter),
                        self.objectives(),
                    )} {self.section("Highest scores", "scores", self.scores())}
                    {self.section("Key figures", "figures", self.figures())}
                    {self.section("Balance", "balance", self.balance())}
                    {self.section_at("Capacity", "/capacity".to_owned(), self.capacity())}
                    {self.section("Money", "money", self.money())}
                    {self.section("Outcomes", "outcomes", self.outcomes())}
                </div>
            </div>
        }
        .into_any()
    }

    fn owners(&self) -> AnyView {
        let said = OwnerSide::ALL.iter().map(|side| {
            let owner = self.figures.owners.of(*side);
            let who =
                owner.map_or_else(|| "nobody yet".to_owned(), |user| person(&self.figures.members, user));
            view! {
                <span>
                    {side.label()} ": " <strong dir="auto">{who}</strong>
                </span>
            }
        });
        view! { <p class="overview__owners">{said.collect_view()}</p> }.into_any()
    }

    fn vision(&self) -> AnyView {
        if self.vision.version().is_none() {
            return view! { <p class="quiet">"Nobody has published a vision yet."</p> }.into_any();
        }
        let checks = self.vision.checks.iter().filter_map(|check| {
            let mean = check.all.mean()?;
            Some(view! {
                <div>
                    <dt>{check.check.label()}</dt>
                    <dd>{mean}</dd>
                </div>
            })
        });
        view! {
            <div class="markdown" dir="auto" inner_html=self.vision_text.clone()></div>
            <dl class="overview__numbers">{checks.collect_view()}</dl>
        }
        .into_any()
    }

    fn objectives(&self) -> AnyView {
        let rows = self.served.iter().map(|served| {
            let of = match served.items {
                0 => "no items of this product".to_owned(),
                items => format!("{} of {} done", served.done, counted(items, "item", "items")),
            };
            view! {
                <li>
                    <a class="link" dir="auto" href=format!("/direction/{}#{}", self.quarter, served.id)>
                        {served.name.clone()}
                    </a>
                    " "
                    <span class="quiet">{of}</span>
                </li>
            }
        });
        let rows: Vec<_> = rows.collect();
        let none = rows.is_empty().then(|| {
            let words = format!("No objective is open in {}.", self.label);
            view! { <p class="quiet">{words}</p> }
        });
        let unaligned = (self.unaligned > 0).then(|| {
            let words = format!("{} without an objective", counted(self.unaligned, "item", "items"));
            view! { <p class="quiet">{words}</p> }
        });
        view! {
            {none}
            <ul class="overview__list">{rows}</ul>
            {unaligned}
        }
        .into_any()
    }

    fn scores(&self) -> AnyView {
        let scored =
            self.scores.items.iter().filter_map(|item| Some((item, item.scored.score.as_ref().ok()?)));
        let rows: Vec<_> = scored
            .take(NAMED)
            .map(|(item, score)| {
                let key = format!("{}-{}", self.product.key, item.number);
                view! {
                    <li>
                        <strong class="overview__score">{score.to_string()}</strong>
                        " "
                        <a class="link" dir="auto" href=format!("/p/{}/i/{key}", self.product.key)>
                            {item.title.clone()}
                        </a>
                    </li>
                }
            })
            .collect();
        if rows.is_empty() {
            return view! { <p class="quiet">"Nothing has a score yet."</p> }.into_any();
        }
        view! {
            <p class="quiet" dir="auto">{format!("By {}", self.scores.model.name)}</p>
            <ol class="overview__list">{rows}</ol>
        }
        .into_any()
    }

    fn figures(&self) -> AnyView {
        let row = |kpi: &Kpi| {
            let unit = unit_of(&kpi.record);
            let newest = kpi.newest();
            let value =
                newest.map_or_else(|| "not measured".to_owned(), |newest| format!("{} {unit}", newest.value));
            let goal = figure_of(&kpi.record, "target").map(|target| format!(" of {target} {unit}"));
            let state = newest
                .and_then(|newest| kpi_is_on_target(&kpi.record, newest.value))
                .map(|is| if is { "on target" } else { "off target" });
            view! {
                <li>
                    <span dir="auto">{domain::KPI.name_of(&kpi.record)}</span>
                    " "
                    <strong dir="auto">{value}</strong>
                    <span class="quiet">{goal} {state.map(|state| format!(" · {state}"))}</span>
                    {sparkline(&kpi.measurements)}
                </li>
            }
        };
        let kpis = &self.figures.kpis;
        if kpis.is_empty() {
            return view! { <p class="quiet">"There are no key figures yet."</p> }.into_any();
        }
        let more = kpis.len().saturating_sub(NAMED);
        view! {
            <ul class="overview__list">{kpis.iter().take(NAMED).map(row).collect_view()}</ul>
            {(more > 0).then(|| view! { <p class="quiet">{format!("{more} more")}</p> })}
        }
        .into_any()
    }

    fn balance(&self) -> AnyView {
        let Some(parts) = shares(&self.balance.planned) else {
            let words = format!("Nothing with an investment is planned for {}.", self.label);
            return view! { <p class="quiet">{words}</p> }.into_any();
        };
        let outside = self.mix.map(|mix| mix.outside(&self.balance.planned)).unwrap_or_default();
        let rows = Investment::ALL.iter().enumerate().map(|(at, investment)| {
            let wanted = self.mix.map(|mix| format!(" of {} ± {} %", mix.shares[at], mix.band));
            let warning = outside[at].is_some().then(|| warning("outside the band".to_owned()));
            view! {
                <div>
                    <dt>{investment.label()}</dt>
                    <dd>
                        {format!("{} %", parts[at])} <span class="quiet">{wanted}</span> {warning}
                    </dd>
                </div>
            }
        });
        view! { <dl class="overview__numbers">{rows.collect_view()}</dl> }.into_any()
    }

    fn capacity(&self) -> AnyView {
        if self.lines.is_empty() {
            let words = format!("No team whose days are known works on it in {}.", self.label);
            return view! { <p class="quiet">{words}</p> }.into_any();
        }
        let row = |line: &TeamLine| {
            let words = capacity_words(line);
            let words = if line.below.is_empty() { words.into_any() } else { warning(words) };
            view! { <li dir="auto">{words}</li> }
        };
        view! { <ul class="overview__list">{self.lines.iter().map(row).collect_view()}</ul> }.into_any()
    }

    fn outcomes(&self) -> AnyView {
        let (measuring, settled) = (self.outcomes.measuring.len(), self.outcomes.settled.len());
        let falling = self.outcomes.falling.len();
        if measuring + settled + falling == 0 {
            return view! { <p class="quiet">"Nothing has shipped yet."</p> }.into_any();
        }
        let number = |label, count: usize| {
            view! {
                <div>
                    <dt>{label}</dt>
                    <dd>{count}</dd>
                </div>
            }
        };
        view! {
            <dl class="overview__numbers">
                {number("Measuring", measuring)} {number("Recorded or waived", settled)}
                {(falling > 0).then(|| number("Used less and less", falling))}
            </dl>
        }
        .into_any()
    }

    fn money(&self) -> AnyView {
        let entries = self.money.entries.iter().map(|entry| &entry.entry);
        let total = MoneyYear::of(entries, self.money.year, self.quarter.year).map(|year| year.total());
        let sums = total.map(|total| [("Planned profit", total.plan), ("Actual profit", total.actual)]);
        let rows = sums.into_iter().flatten().filter_map(|(label, sums)| {
            let profit = self.money.settings.amount(sums?.profit());
            Some(view! {
                <div>
                    <dt>{label}</dt>
                    <dd>{profit}</dd>
                </div>
            })
        });
        let rows: Vec<_> = rows.collect();
        if rows.is_empty() {
            let words = format!("There are no entries for {}.", self.quarter.year);
            return view! { <p class="quiet">{words}</p> }.into_any();
        }
        view! {
            <p class="quiet">{format!("In {}", self.quarter.year)}</p>
            <dl class="overview__numbers">{rows}</dl>
        }
        .into_any()
    }
}
