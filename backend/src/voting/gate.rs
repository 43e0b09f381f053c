//! The gate at which casts and the close of a session meet: a few counters, of which each cast moves one.
//!
//! A cast, or several that are decided together, passes with one conditional statement, `UPDATE … SET casts = casts + 1
//! WHERE stripe = ? AND open = 1`, and the close shuts the gate with `UPDATE … SET open = 0`. Both change the same
//! rows, so the second of them waits for the first to end and then looks at the row as it is: a cast either is in the
//! count, or finds no open counter. Locks on the session's row did not decide this. PostgreSQL (15.18 at least) forgets
//! a `FOR KEY SHARE` that is taken while another transaction updates the row and has released its page, to store a long
//! value or to find a page with room.
//!
//! The counters also say how many casts there were, which the close compares with the ballots it counts. Which counter
//! a cast moves is chance.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter,
    sea_query::Expr,
};

use super::session::{self, Session};
use crate::{Error, entity::voting_count, people::tokens::random_bytes};

/// How many counters a session has: casts that move different ones do not wait for each other.
const STRIPES: u8 = 16;

/// Makes the gate of a session that opens, after `casts` that were counted before there were gates.
pub(super) async fn open(tx: &DatabaseTransaction, session: &Session, casts: i64) -> Result<(), Error> {
    let row = |stripe| voting_count::ActiveModel {
        workspace_id: Set(session.workspace.to_string()),
        voting_id: Set(session.id.to_string()),
        stripe: Set(i64::from(stripe)),
        open: Set(1),
        casts: Set(if stripe == 0 { casts } else { 0 }),
    };
    voting_count::Entity::insert_many((0..STRIPES).map(row)).exec_without_returning(tx).await?;
    Ok(())
}

/// Casts that have passed the gate: the close waits for their transaction.
#[derive(Debug)]
pub(super) struct Pass {
    stripe: i64,
}

/// Counts casts, and lets them pass unless the gate is shut.
pub(super) async fn pass(
    tx: &DatabaseTransaction,
    session: &Session,
    casts: usize,
) -> Result<Option<Pass>, Error> {
    let [byte] = random_bytes::<1>();
    let stripe = i64::from(byte % STRIPES);
    let moved = voting_count::Entity::update_many()
        .col_expr(voting_count::Column::Casts, Expr::col(voting_count::Column::Casts).add(number(casts)))
        .filter(of(session))
        .filter(voting_count::Column::Stripe.eq(stripe))
        .filter(voting_count::Column::Open.eq(1))
        .exec(tx)
        .await?;
    Ok((moved.rows_affected == 1).then_some(Pass { stripe }))
}

impl Pass {
    /// Does not count some of the casts after all: they were repetitions, or refused.
    pub(super) async fn give_back(
        &self,
        tx: &DatabaseTransaction,
        session: &Session,
        casts: usize,
    ) -> Result<(), Error> {
        if casts > 0 { subtract(tx, session, self.stripe, number(casts)).await } else { Ok(()) }
    }
}

fn number(casts: usize) -> i64 {
    i64::try_from(casts).expect("fewer casts are decided together")
}

/// Waits for the casts that have passed, and holds up others until the transaction ends.
pub(super) async fn hold(tx: &DatabaseTransaction, session: &Session) -> Result<(), Error> {
    voting_count::Entity::update_many()
        .col_expr(voting_count::Column::Open, Expr::col(voting_count::Column::Open))
        .filter(of(session))
        .exec(tx)
        .await?;
    Ok(())
}

/// Takes casts out of the count, whose ballot is discarded. The gate is held.
pub(super) async fn discard(tx: &DatabaseTransaction, session: &Session, casts: i64) -> Result<(), Error> {
    subtract(tx, session, 0, casts).await
}

/// Shuts the gate, waits for the casts that have passed, and returns how many there were.
pub(super) async fn shut(tx: &DatabaseTransaction, session: &Session) -> Result<i64, Error> {
    voting_count::Entity::update_many()
        .col_expr(voting_count::Column::Open, Expr::value(0))
        .filter(of(session))
        .exec(tx)
        .await?;
    casts(tx, session).await
}

/// Removes the gate of a session that is closed.
pub(super) async fn remove(tx: &DatabaseTransaction, session: &Session) -> Result<(), Error> {
    voting_count::Entity::delete_many().filter(of(session)).exec(tx).await?;
    Ok(())
}

/// How many casts were counted.
pub(super) async fn casts(db: &impl ConnectionTrait, session: &Session) -> Result<i64, Error> {
    session::sum_of_casts(db, voting_count::Entity::find().filter(of(session))).await
}

/// The counters as they are, for a report of what does not add up.
pub(super) async fn counters(
    db: &impl ConnectionTrait,
    session: &Session,
) -> Result<Vec<voting_count::Model>, Error> {
    Ok(voting_count::Entity::find().filter(of(session)).all(db).await?)
}

async fn subtract(tx: &DatabaseTransaction, session: &Session, stripe: i64, casts: i64) -> Result<(), Error> {
    voting_count::Entity::update_many()
        .col_expr(voting_count::Column::Casts, Expr::col(voting_count::Column::Casts).sub(casts))
        .filter(of(session))
        .filter(voting_count::Column::Stripe.eq(stripe))
        .exec(tx)
        .await?;
    Ok(())
}

fn of(session: &Session) -> sea_orm::Condition {
    sea_orm::Condition::all()
        .add(voting_count::Column::WorkspaceId.eq(session.workspace.to_string()))
        .add(voting_count::Column::VotingId.eq(session.id.to_string()))
}
