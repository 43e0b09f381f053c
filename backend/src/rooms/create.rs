//! A new product's roadmap: its room begins with what a template says, as entries of its log.

use std::sync::Arc;

use domain::{
    ClientId, FieldId, ItemId, LaneId, ProductId, Role, SetUp, Timestamp, UserId,
    wire::{Outcome, Pushed},
};
use sea_orm::{ActiveValue::Set, DatabaseTransaction, EntityTrait};

use super::{
    decide::Work,
    room::{Published, Room},
    rows::RoomId,
    store,
};
use crate::{Error, clock::new_id, codec::signed, entity::roadmap};

/// A restore raises it.
const FIRST_EPOCH: u64 = 1;

/// Makes a room within the transaction that makes its product.
pub(crate) async fn create(
    tx: &DatabaseTransaction,
    id: RoomId,
    product: ProductId,
    set_up: &SetUp,
    (actor, at): (UserId, Timestamp),
) -> Result<(), Error> {
    roadmap::Entity::insert(roadmap::ActiveModel {
        workspace_id: Set(id.workspace.to_string()),
        id: Set(id.roadmap.to_string()),
        product_id: Set(product.to_string()),
        head: Set(0),
        epoch: Set(signed(FIRST_EPOCH)),
        last_number: Set(0),
    })
    .exec_without_returning(tx)
    .await?;

    let base = Published {
        roadmap: Arc::default(),
        head: 0,
        epoch: FIRST_EPOCH,
        product: product.to_string().into(),
    };
    let mut work = Work::new(Arc::new(Room::new(id)), base);
    // Whether the actor may make a product was asked before.
    work.roles.insert(actor, Some(Role::Owner));
    let first = set_up.ops(|| new_id(LaneId::new), || new_id(FieldId::new), || new_id(ItemId::new));
    let ops: Vec<Pushed> = (1..).zip(first).map(|(cseq, op)| Pushed { cseq, op }).collect();
    let answers = work.decide(actor, new_id(ClientId::new), &ops, at);
    if let Some(refused) = answers.iter().find(|answer| matches!(answer.outcome, Outcome::Refused(_))) {
        return Err(Error::Invalid(format!("The template can’t be used: {}", why(&refused.outcome))));
    }
    store::write(tx, &[&work], at, None).await
}

fn why(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Refused(reject) => reject.to_string(),
        Outcome::Accepted { .. } => String::new(),
    }
}
