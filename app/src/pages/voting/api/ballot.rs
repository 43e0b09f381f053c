//! Casting a ballot, for oneself or for a customer, and coming in as a guest.

use std::collections::BTreeMap;

use domain::{
    CastId, ItemId, VotingId,
    voting::{BallotPage, CastDone, Segment},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::api::edge::{
    Asker, address, asker, editor, field, go, guest, keep, remember_guest, take_returned_of,
    votings as services,
};
#[cfg(feature = "ssr")]
use crate::api::form::Returned;
use crate::api::{ApiError, FieldKey, Json};

/// Where ballots are sent.
#[cfg(feature = "ssr")]
pub(super) const FORM: &str = "/api/cast_ballot";

/// For whom an editor casts a ballot, as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Customer {
    pub name: String,
    pub source: String,
    /// The id of a segment, or nothing.
    pub segment: String,
}

/// An empty ballot to be cast for a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerPage {
    pub page: BallotPage,
    pub cast: CastId,
    pub segments: Vec<Segment>,
    /// What was typed before the form was refused.
    pub customer: Customer,
    pub refused: Option<String>,
}

/// Casts a ballot: what each item is given, as it was typed; nothing for those left out.
#[server(endpoint = "cast_ballot", output = Json)]
pub async fn cast_ballot(
    id: VotingId,
    cast: CastId,
    #[server(default)] amounts: BTreeMap<FieldKey<ItemId>, String>,
    #[server(default)] customer: Option<Customer>,
) -> Result<CastDone, ApiError> {
    let typed = serde_json::to_string(&amounts).unwrap_or_default();
    keep([("amounts", &typed)]);
    let choices = choices(&amounts)?;
    let done = match customer {
        Some(customer) => {
            keep([
                ("amounts", &typed),
                ("name", &customer.name),
                ("source", &customer.source),
                ("segment", &customer.segment),
            ]);
            let name = field("name", backend::tidy(&customer.name).parse())?;
            let source = field("source", backend::tidy(&customer.source).parse())?;
            let segment = super::segments::chosen(&customer.segment)?;
            let done = editor().await?.vote_for_customer(id, name, source, segment, choices).await?;
            go(format!("/voting/{id}"));
            done
        }
        None => {
            let done = match asker(id).await? {
                Asker::Member(viewer) => viewer.cast(id, cast, choices).await?,
                Asker::Guest(guest) => guest.cast(cast, choices).await?,
            };
            go(format!("/voting/{id}#cast"));
            done
        }
    };
    Ok(done)
}

/// Reads the numbers that were typed.
#[cfg(feature = "ssr")]
fn choices(amounts: &BTreeMap<FieldKey<ItemId>, String>) -> Result<Vec<domain::voting::Choice>, ApiError> {
    use domain::voting::Choice;
    let typed = amounts.iter().filter(|(_, amount)| !amount.trim().is_empty());
    let choice = |(FieldKey(item), amount): (&FieldKey<ItemId>, &String)| match amount.trim().parse() {
        Ok(amount) => Ok(Choice { item: *item, amount }),
        Err(_) => Err(ApiError::new(422, format!("“{amount}” is not a whole number. Put one in its place."))),
    };
    typed.map(choice).collect()
}

/// The form in which an editor casts the ballot of a customer.
#[server(endpoint = "customer_ballot", input = Json, output = Json)]
pub async fn customer_ballot(id: VotingId) -> Result<CustomerPage, ApiError> {
    let editor = editor().await?;
    let mut page = editor.customer_ballot_page(id).await?;
    let mut segments = editor.segments().await?;
    segments.retain(|segment| Some(segment.kind) == page.facts.draft.split);
    let mut customer = Customer::default();
    let refused = returned(&mut page).and_then(|mut returned| {
        let mut typed = |name: &str| returned.typed.remove(name).unwrap_or_default();
        customer = Customer { name: typed("name"), source: typed("source"), segment: typed("segment") };
        returned.sentence()
    });
    Ok(CustomerPage { page, cast: backend::new_cast(), segments, customer, refused })
}

/// A ballot that was refused, put back on its page as it was typed, and why it was.
#[cfg(feature = "ssr")]
pub(super) fn returned(page: &mut BallotPage) -> Option<Returned> {
    let returned = take_returned_of(&[FORM])?;
    let typed = returned.typed.get("amounts").and_then(|typed| serde_json::from_str(typed).ok());
    if let Some(typed) = typed {
        let typed: BTreeMap<FieldKey<ItemId>, String> = typed;
        page.ballot = typed
            .into_iter()
            .filter_map(|(FieldKey(item), amount)| Some((item, amount.trim().parse().ok()?)))
            .filter(|(_, amount)| {
                *amount > 0 || page.facts.draft.rules.mode == domain::voting::Mode::Importance
            })
            .collect();
    }
    Some(returned)
}

/// Lets a guest in who has a code, and remembers them. Codes are tried here alone: requests that other sites can cause, such as
/// loading a picture, neither use up a network's guesses nor show whether a code exists.
#[server(endpoint = "enter_voting")]
pub async fn enter_voting(code: String, name: String) -> Result<String, ApiError> {
    keep([("code", &code), ("name", &name)]);
    let arrival = backend::voting::Arrival { code, name, known: guest(), address: address() };
    let (voting, secret) = match services()?.enter(arrival).await {
        // Of what is typed only the name can be invalid.
        Err(error @ backend::Error::Invalid(_)) => field("name", Err(error))?,
        entered => entered?,
    };
    remember_guest(&secret);
    Ok(go(format!("/voting/{voting}")))
}
