//! Whether a database is all of one: part of `cairn check`.

use sea_orm::{DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait};

use super::{Database, tables, with_suffix};
use crate::{
    copying::{BESIDE, PART},
    entity::workspace,
    migration,
};

/// What is missing, without which nothing else can be checked: one sentence each.
pub(crate) async fn missing(tx: &DatabaseTransaction) -> Result<Vec<String>, DbErr> {
    let mut problems = Vec::new();
    for table in migration::tables(migration::VERSIONS) {
        if tables::columns(tx, &table).await?.is_empty() {
            problems.push(format!(
                "The table {table} is missing: this is only part of a database. Use another backup."
            ));
        }
    }
    if problems.is_empty() && workspace::Entity::find().count(tx).await? == 0 {
        problems.push(
            "There is no workspace in this database: it is empty, or only part of one. Check where yours is, or use \
             another backup."
                .to_owned(),
        );
    }
    Ok(problems)
}

/// What a copy that was cut short left beside the file: one sentence each.
pub(crate) fn leftovers(database: &Database) -> Vec<String> {
    let Some(file) = database.file() else { return Vec::new() };
    let part = with_suffix(file, PART);
    let beside = BESIDE.map(|suffix| with_suffix(&part, suffix));
    let mut problems: Vec<String> = [part]
        .into_iter()
        .chain(beside)
        .filter(|left| left.exists())
        .map(|left| {
            format!(
                "{} is left of a copy that was cut short. Remove it, and make the copy again.",
                left.display()
            )
        })
        .collect();
    if file.to_string_lossy().ends_with(PART) {
        problems.push(format!("{} is the beginning of a copy that was cut short.", file.display()));
    }
    problems
}
