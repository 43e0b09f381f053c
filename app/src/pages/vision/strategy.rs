//! The strategy of a product as HTML.

use backend::strategy::{Block, Strategy};
use domain::{Member, RecordDid, RecordEvent, STALE_AFTER_DAYS, STRATEGY_BLOCK, StrategyBlock, UserId};
use leptos::prelude::*;

use crate::{
    pages::plain::{Line, named_post, person, removed, seen},
    ui,
};

/// Draws a strategy. `texts` are those of its blocks as HTML.
pub(super) fn view(strategy: &Strategy, texts: Vec<String>) -> AnyView {
    let page = Page { strategy, key: strategy.product.key.to_string() };
    let (written, missing): (Vec<_>, Vec<_>) =
        strategy.blocks.iter().zip(texts).partition(|(block, _)| block.record.is_some());
    let stale = written.iter().filter(|(block, _)| block.is_stale).count();
    let stale = (stale > 0).then(|| {
        let says = match stale {
            1 => "One block may be out of date. Read it, and confirm or change it.".to_owned(),
            more => format!("{more} blocks may be out of date. Read them, and confirm or change them."),
        };
        view! { <p class="notice">{says}</p> }
    });
    let blocks = written.iter().map(|(block, text)| page.block(block, text)).collect_view();
    let missing: Vec<StrategyBlock> = missing.iter().map(|(block, _)| block.block).collect();
    view! {
        <section class="strategy" id="strategy" aria-labelledby="strategy-title">
            <h2 id="strategy-title">"Strategy"</h2>
            {stale}
            <div class="strategy__blocks">{blocks}</div>
            {page.missing(&missing)}
            {page.removed()}
        </section>
    }
    .into_any()
}

struct Page<'a> {
    strategy: &'a Strategy,
    key: String,
}

impl Page<'_> {
    fn person(&self, user: UserId) -> String {
        person(&self.strategy.members, user)
    }

    fn block(&self, block: &Block, text: &str) -> AnyView {
        let id = block.block.as_str();
        let title = block.block.label();
        let owner =
            block.record.as_ref().and_then(|record| record.text("owner")).and_then(|id| id.parse().ok());
        let owner = owner.map(|owner| {
            view! { <span class="strategy__owner">"Owner: " <span dir="auto">{self.person(owner)}</span></span> }
        });
        let changed = block.changed().map(|stamp| {
            view! {
                <span>"Changed " {ui::time(stamp.at)} " by " <span dir="auto">{self.person(stamp.by)}</span></span>
            }
        });
        let confirmed = block.confirmed().map(|stamp| {
            view! {
                <span>"Confirmed " {ui::time(stamp.at)} " by " <span dir="auto">{self.person(stamp.by)}</span></span>
            }
        });
        let stale = block.is_stale.then(|| {
            let title = format!("Neither changed nor confirmed for {STALE_AFTER_DAYS} days");
            view! { <span class="badge badge--warning" title=title>"Stale"</span> }
        });
        let items = block.items.iter().map(|item| {
            view! {
                <li>
                    <a class="link" href=item.path.clone()>
                        <span class="direction__key">{item.key.clone()}</span>
                        " "
                        <span dir="auto">{item.title.clone()}</span>
                    </a>
                    <span class="quiet">{item.status.label()}</span>
                </li>
            }
        });
        let items = (!block.items.is_empty()).then(|| {
            view! { <ul class="strategy__items" aria-label=format!("Items of {title}")>{items.collect_view()}</ul> }
        });
        view! {
            <article class="panel strategy__block" id=id aria-labelledby=format!("{id}-title")>
                <header class="strategy__head">
                    <h3 id=format!("{id}-title")>{title}</h3>
                    {stale}
                </header>
                <div class="prose" dir="auto" inner_html=text.to_owned()></div>
                {items}
                <p class="quiet strategy__facts">{owner} {changed} {confirmed}</p>
                {self.actions(block)}
            </article>
        }
        .into_any()
    }

    fn actions(&self, block: &Block) -> AnyView {
        let title = block.block.label();
        let edits = block.record.as_ref().filter(|_| self.strategy.edits).map(|record| {
            let confirm = [
                ("key", self.key.clone()),
                ("id", record.id.to_string()),
                ("read", record.version.to_string()),
            ];
            let class = if block.is_stale { "button--primary" } else { "" };
            let remove = [("key", self.key.clone()), ("id", record.id.to_string()), ("deletes", "true".to_owned())];
            view! {
                {named_post("/api/confirm_strategy_block", &confirm, "Still true", class, Some(format!("Still true: {title}")))}
                <details class="vision__more">
                    <summary class="button" aria-label=format!("Edit {title}")>"Edit"</summary>
                    {self.form(block)}
                </details>
                {named_post("/api/bin_strategy_block", &remove, "Remove", "button--quiet", Some(format!("Remove {title}")))}
            }
        });
        let history = block.history.iter().map(|event| self.event(event)).collect_view();
        view! {
            <div class="strategy__actions">
                {edits}
                <details class="vision__more">
                    <summary class="button button--quiet" aria-label=format!("History of {title}")>"History"</summary>
                    <ol class="strategy__history">{history}</ol>
                </details>
            </div>
        }
        .into_any()
    }

    /// A line of a block's history. Links are told without their keys: the reader may not see all of them.
    fn event(&self, event: &RecordEvent) -> AnyView {
        let confirms =
            !event.changes.is_empty() && event.changes.iter().all(|change| *change.field == *"confirmed");
        let did = match event.did {
            _ if confirms => "confirmed it".to_owned(),
            RecordDid::Created => "wrote it".to_owned(),
            RecordDid::Deleted => "removed it".to_owned(),
            RecordDid::Restored => "restored it".to_owned(),
            RecordDid::Changed => {
                let fields: Vec<String> =
                    event.changes.iter().map(|change| change.told(&STRATEGY_BLOCK).0).collect();
                format!("changed {}", fields.join(", "))
            }
        };
        let before = event.changes.iter().find(|change| *change.field == *"text" && change.was.is_some());
        let before = before.map(|change| {
            let (_, was, _) = change.told(&STRATEGY_BLOCK);
            view! {
                <details>
                    <summary>"Text before"</summary>
                    <p class="strategy__before" dir="auto">{was.text().to_owned()}</p>
                </details>
            }
        });
        view! {
            <li>
                <span dir="auto">{self.person(event.by)}</span>
                {format!(" {did} ")}
                <span class="quiet">{ui::time(event.at)}</span>
                {before}
            </li>
        }
        .into_any()
    }

    fn form(&self, block: &Block) -> AnyView {
        let id = |field: &str| format!("{field}-{}", block.block.as_str());
        let said = |field: &str| {
            let record = block.record.as_ref();
            record.and_then(|record| record.text(field)).unwrap_or_default().to_owned()
        };
        let (text, owner) = (said("text"), said("owner"));
        let keys: Vec<&str> = block.items.iter().map(|item| &*item.key).collect();
        let keys = keys.join(", ");
        let shown: Vec<String> = block.items.iter().map(|item| item.id.to_string()).collect();
        let seen = seen([("text", text.clone()), ("owner", owner.clone()), ("items", keys.clone())]);
        let items = Line::new(id("items"), "typed[items]", "Items", 1000)
            .value(keys)
            .placeholder(format!("{0}-12, {0}-4", self.key));
        view! {
            <form
                method="post"
                action="/api/save_strategy_block"
                class="stack keeps-draft strategy__form"
                data-draft=format!("strategy-{}-{}", self.key, block.block.as_str())
            >
                <input type="hidden" name="key" value=self.key.clone() />
                <input type="hidden" name="block" value=block.block.as_str() />
                <input type="hidden" name="shown" value=shown.join(" ") />
                {seen}
                <div class="field">
                    <label for=id("text")>{block.block.label()}</label>
                    <textarea
                        id=id("text")
                        name="typed[text]"
                        rows="6"
                        required
                        maxlength="5000"
                        dir="auto"
                        aria-describedby=id("hint")
                    >
                        {text}
                    </textarea>
                    <p class="field__hint" id=id("hint")>{block.block.question()} " Markdown works here."</p>
                </div>
                <div class="strategy__fields">
                    <div class="field">
                        <label for=id("owner")>"Owner"</label>
                        <select id=id("owner") name="typed[owner]" autocomplete="off">
                            <option value="">"Nobody"</option>
                            {people(&self.strategy.members, &owner)}
                        </select>
                    </div>
                    {items.view()}
                </div>
                <button class="button button--primary" type="submit">
                    "Save"
                </button>
            </form>
        }
        .into_any()
    }

    /// Blocks that nobody has written: an invitation to those who can.
    fn missing(&self, blocks: &[StrategyBlock]) -> Option<AnyView> {
        if blocks.is_empty() {
            return None;
        }
        let labels: Vec<&str> = blocks.iter().map(|block| block.label()).collect();
        if !self.strategy.edits {
            let says = format!("Not written yet: {}.", labels.join(", "));
            return Some(view! { <p class="quiet">{says}</p> }.into_any());
        }
        let rows = blocks
            .iter()
            .filter_map(|block| self.strategy.blocks.iter().find(|of| of.block == *block))
            .map(|block| {
                let label = block.block.label();
                view! {
                    <li id=block.block.as_str()>
                        <details class="vision__more">
                            <summary>
                                <strong>{label}</strong>
                                <span class="quiet">{block.block.question()}</span>
                            </summary>
                            {self.form(block)}
                        </details>
                    </li>
                }
            });
        Some(
            view! {
                <div class="strategy__missing">
                    <h3>"Still to write"</h3>
                    <ul>{rows.collect_view()}</ul>
                </div>
            }
            .into_any(),
        )
    }

    fn removed(&self) -> Option<AnyView> {
        let rows = self.strategy.removed.iter().filter(|_| self.strategy.edits).map(|record| {
            let fields = vec![("key", self.key.clone()), ("id", record.id.to_string())];
            (STRATEGY_BLOCK.name_of(record), fields)
        });
        let label = "Removed blocks".to_owned();
        removed(label, ("/api/bin_strategy_block", ""), rows.collect())
    }
}

fn people(members: &[Member], chosen: &str) -> AnyView {
    let is_shown = |member: &&Member| member.active || member.id.to_string() == chosen;
    members
        .iter()
        .filter(is_shown)
        .map(|member| {
            let id = member.id.to_string();
            let selected = id == chosen;
            view! { <option value=id selected=selected>{member.name.to_string()}</option> }
        })
        .collect_view()
        .into_any()
}
