//! The currency of a workspace, and at which rate later money counts less.

use domain::{
    Role,
    money::{Currency, written},
};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, sea_query::OnConflict};
use serde_json::json;

use crate::{
    Error, Owner, Viewer,
    access::{RecordTx, change},
    audit::Action,
    entity::money_setting,
};

/// The usual discount rate of a year, 8 %.
const USUAL: u32 = 800;

/// The largest discount rate of a year, 100 %.
const MOST: u32 = 10_000;

/// How a workspace counts money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MoneySettings {
    /// `None` until an owner chooses one: amounts are then without a name.
    pub currency: Option<&'static Currency>,
    /// The discount rate of a year, in hundredths of a percent.
    pub discount: u32,
}

impl Default for MoneySettings {
    fn default() -> Self {
        Self { currency: None, discount: USUAL }
    }
}

impl MoneySettings {
    /// The settings that a form names: a code, empty for no currency, and a rate in percent.
    ///
    /// # Errors
    /// A sentence.
    pub fn read(currency: &str, discount: &str) -> Result<Self, String> {
        let currency = match currency.trim() {
            "" => None,
            code => Some(Currency::find(code).ok_or("Choose a currency from the list.")?),
        };
        let figure = domain::Figure::read(discount, "%")?;
        let rate = u32::try_from(figure.parts() / 100).ok().filter(|rate| *rate <= MOST);
        let rate = rate.filter(|_| figure.parts() % 100 == 0);
        let discount = rate.ok_or("Use a discount rate from 0 to 100 %, like 8 or 7.25.")?;
        Ok(Self { currency, discount })
    }

    /// These, with what of `before` was not edited since it was `seen`.
    fn over(self, before: Self, seen: Option<Self>) -> Self {
        let Some(seen) = seen else { return self };
        Self {
            currency: if self.currency == seen.currency { before.currency } else { self.currency },
            discount: if self.discount == seen.discount { before.discount } else { self.discount },
        }
    }

    /// The discount rate in percent, as it is typed.
    pub fn percent(self) -> String {
        let (whole, part) = (self.discount / 100, self.discount % 100);
        if part == 0 { whole.to_string() } else { format!("{whole}.{part:02}") }
    }

    /// An amount in hundredths as people read it, with the currency where there is one.
    pub fn amount(self, hundredths: i64) -> String {
        format!("{} {}", written(hundredths), self.code()).trim_end().to_owned()
    }

    /// What a field or a column of amounts is called: `Amount in EUR`.
    pub fn label(self, name: &str) -> String {
        match self.code() {
            "" => name.to_owned(),
            code => format!("{name} in {code}"),
        }
    }

    /// The code of the currency; empty without one.
    pub fn code(self) -> &'static str {
        self.currency.map_or("", |currency| currency.code)
    }
}

impl Viewer {
    /// How the workspace counts money.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn money_settings(&self) -> Result<MoneySettings, Error> {
        read(self.backend.db.reader(), &self.workspace.to_string()).await
    }
}

impl Owner {
    /// Sets how the workspace counts money, where that is not as it was seen. Amounts stay the numbers they are.
    ///
    /// # Errors
    /// When the person is not an owner any more, or the database fails.
    pub async fn set_money(&self, wanted: MoneySettings, seen: Option<MoneySettings>) -> Result<(), Error> {
        change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Owner).await?;
            let workspace = self.workspace.to_string();
            let before = read(tx, &workspace).await?;
            let settings = wanted.over(before, seen);
            if before == settings {
                return Ok(());
            }
            let row = money_setting::ActiveModel {
                workspace_id: Set(workspace.clone()),
                currency: Set(settings.code().to_owned()),
                discount: Set(settings.discount.into()),
            };
            let replaced = [money_setting::Column::Currency, money_setting::Column::Discount];
            let conflict =
                OnConflict::column(money_setting::Column::WorkspaceId).update_columns(replaced).to_owned();
            money_setting::Entity::insert(row).on_conflict(conflict).exec_without_returning(tx).await?;
            let told = |said: MoneySettings| json!({ "currency": said.code(), "discount": said.discount });
            let body = json!({ "money": { "before": told(before), "after": told(settings) } });
            change.audit(Action::WorkspaceEdited, &workspace, body).await
        })
    }
}

/// How a workspace counts money. What a newer program wrote and this one does not know is left out.
pub(super) async fn read(db: &impl ConnectionTrait, workspace: &str) -> Result<MoneySettings, Error> {
    let row = money_setting::Entity::find_by_id(workspace.to_owned()).one(db).await?;
    Ok(row.map_or_else(MoneySettings::default, |row| MoneySettings {
        currency: Currency::find(&row.currency),
        discount: u32::try_from(row.discount).ok().filter(|rate| *rate <= MOST).unwrap_or(USUAL),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_in_percent_and_written_so() {
        for (text, discount, written) in [("8", 800, "8"), ("7,25 %", 725, "7.25"), ("0", 0, "0")] {
            let settings = MoneySettings::read("eur", text).unwrap();
            assert_eq!((settings.discount, settings.code()), (discount, "EUR"));
            assert_eq!(settings.percent(), written);
        }
        for text in ["-1", "100.5", "8.125", "much", ""] {
            assert!(MoneySettings::read("", text).is_err(), "{text}");
        }
        assert!(MoneySettings::read("XYZ", "8").unwrap_err().contains("from the list"));
    }
}
