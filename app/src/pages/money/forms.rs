//! Forms of the money page. All of them work without the application.

use backend::money::{MoneyEntry, ProductMoney};
use domain::{
    ItemId, amount,
    money::{Basis, MoneyKind},
};
use leptos::prelude::*;

use crate::pages::plain::{Line, seen};

/// The values of a form about an entry, by the names of its fields.
fn values(money: &ProductMoney, entry: Option<&MoneyEntry>, this_month: &str) -> [(&'static str, String); 6] {
    let Some(MoneyEntry { entry, .. }) = entry else {
        return [
            ("month", this_month.to_owned()),
            ("kind", MoneyKind::Cost.as_str().to_owned()),
            ("basis", Basis::Actual.as_str().to_owned()),
            ("amount", String::new()),
            ("label", String::new()),
            ("item", String::new()),
        ];
    };
    let key = |item: ItemId| money.items.get(&item).map(|(key, _)| key.to_string());
    [
        ("month", entry.month.to_string()),
        ("kind", entry.kind.as_str().to_owned()),
        ("basis", entry.basis.as_str().to_owned()),
        ("amount", amount(entry.amount)),
        ("label", entry.label.clone()),
        ("item", entry.item.and_then(key).unwrap_or_default()),
    ]
}

/// The fields of an entry, of a new one too.
pub(super) fn entry_form(money: &ProductMoney, entry: Option<&MoneyEntry>, this_month: &str) -> AnyView {
    let key = money.product.key.to_string();
    let at = entry.map_or_else(|| "new".to_owned(), |entry| entry.id.to_string());
    let values = values(money, entry, this_month);
    let [month, kind, basis, typed, label, item] = values.clone().map(|(_, value)| value);
    let seen = entry.map(|entry| {
        view! {
            <input type="hidden" name="id" value=entry.id.to_string() />
            {seen(values.clone())}
        }
    });
    let id = |field: &str| format!("money-{field}-{at}");
    let field = |name: &'static str, label: &str, most: u16, value: String| {
        Line::new(id(name), format!("entry[{name}]"), label, most).value(value)
    };
    let option = |value: &'static str, label: &'static str, chosen: &str| {
        let selected = value == chosen;
        view! {
            <option value=value selected=selected>
                {label}
            </option>
        }
    };
    let kinds = MoneyKind::ALL.iter().map(|of| option(of.as_str(), of.label(), &kind)).collect_view();
    let bases = Basis::ALL.iter().map(|of| option(of.as_str(), of.label(), &basis)).collect_view();
    let amount_label = money.settings.label("Amount");
    let submit = if entry.is_some() { "Save entry" } else { "Add entry" };
    view! {
        <form
            method="post"
            action="/api/save_money"
            class="stack keeps-draft figures__form"
            data-draft=format!("money-{key}-{at}")
        >
            <input type="hidden" name="key" value=key.clone() />
            {seen}
            <div class="figures__fields">
                {field("month", "Month", 40, month).required().placeholder("2027-01").view()}
                <div class="field">
                    <label for=id("kind")>"Kind"</label>
                    <select id=id("kind") name="entry[kind]" autocomplete="off">
                        {kinds}
                    </select>
                </div>
                <div class="field">
                    <label for=id("basis")>"Plan or actual"</label>
                    <select id=id("basis") name="entry[basis]" autocomplete="off">
                        {bases}
                    </select>
                </div>
                {field("amount", &amount_label, 40, typed).required().number().view()}
                {field("label", "Label", 80, label).placeholder("Optional").view()}
                {field("item", "Item", 40, item).placeholder(format!("{key}-12, optional")).view()}
            </div>
            <button class="button button--primary" type="submit">
                {submit}
            </button>
        </form>
    }
    .into_any()
}

/// Adds many entries at once.
pub(super) fn lines_form(key: &str) -> AnyView {
    view! {
        <form
            method="post"
            action="/api/money_lines"
            class="stack keeps-draft figures__form"
            data-draft=format!("money-lines-{key}")
        >
            <input type="hidden" name="key" value=key.to_owned() />
            <div class="field">
                <label for="money-lines">"Entries as CSV"</label>
                <textarea
                    id="money-lines"
                    name="lines"
                    rows="6"
                    required
                    maxlength="200000"
                    placeholder="2027-01,cost,plan,1200,Licences\n2027-01,revenue,actual,5000"
                    aria-describedby="money-lines-hint"
                ></textarea>
                <p class="field__hint" id="money-lines-hint">
                    "Paste CSV or cells of a spreadsheet: month, kind, plan or actual, amount and, if you like, label and item. At most 2,000 lines. Entries that are already here are not added again."
                </p>
            </div>
            <button class="button button--primary" type="submit">
                "Add all"
            </button>
        </form>
    }
    .into_any()
}
