//! Rows that should not be there, as `cairn check` tells of them.

use domain::counted;
use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait, Select};

use crate::Error;

/// Tells how many rows there are that should not be, such as `3 ratings are of items that don’t exist.`
pub(crate) async fn tell_rows<E>(
    problems: &mut Vec<String>,
    db: &impl ConnectionTrait,
    rows: Select<E>,
    (one, many): (&str, &str),
    why: &str,
) -> Result<(), Error>
where
    E: EntityTrait<Model: Send + Sync>,
{
    let count = usize::try_from(rows.count(db).await?).unwrap_or(usize::MAX);
    if count > 0 {
        problems.push(format!("{} {why}.", counted(count, one, many)));
    }
    Ok(())
}
