//! Full-text search over everything that a person may see: items, comments, records of the workspace.

use std::collections::HashMap;

use domain::{FieldKind, ItemKey, ProductKey, RecordDef, RoadmapId, file_words};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, Statement, Value};

use crate::{
    Backend, Error, Viewer,
    codec::{json, parse, unsigned},
    entity::{comment, item, record},
};

/// The most hits of a search.
pub const MOST_HITS: usize = 30;

/// The fewest characters of a word that is looked for.
const SHORTEST: usize = 2;

/// The most words, and characters of one.
const MOST_WORDS: usize = 8;
const LONGEST: usize = 64;

/// Characters of a text before and after the place where a word is.
const BEFORE: usize = 40;
const AFTER: usize = 100;

/// How often an item may have been moved for its first key to find it.
const MOST_MOVES: usize = 20;

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    pub what: Found,
    /// Of a comment, of the item it is about.
    pub title: String,
    /// What stands around the first word in the text; empty where that is in the title.
    pub excerpt: String,
}

/// What was found, and where that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    Item { product: ProductKey, number: u32 },
    Comment { product: ProductKey, number: u32 },
    Record { kind: &'static str },
}

/// A row of the index.
struct Row {
    kind: String,
    place: String,
    id: String,
    item: String,
}

impl Viewer {
    /// What has all of these words, each a beginning of one, the best first; before them the item whose key it is. Words of one letter
    /// are not looked for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn search(&self, text: &str) -> Result<Vec<Hit>, Error> {
        let words = words(text);
        if words.is_empty() {
            return Ok(Vec::new());
        }
        let products: HashMap<RoadmapId, ProductKey> = {
            let seen = self.products().await?.into_iter();
            seen.map(|product| (product.roadmap, product.key)).collect()
        };
        let rows = self.rows(&words).await?;
        let called = self.item_called(text).await?;
        let mut hits: Vec<Hit> = called.iter().cloned().collect();
        let (items, comments, records) = self.found(&rows).await?;
        for row in &rows {
            // The index is asked beyond what this person may see: what that is, only the rows say.
            let hit = if row.place.is_empty() {
                let Some((name, rest)) = records.get(&row.id) else { continue };
                // Views of the portfolio belong to no product either, and some to one person alone.
                let Some(def) = RecordDef::find(&row.kind).filter(|def| def.is_of_workspace()) else {
                    continue;
                };
                Hit {
                    what: Found::Record { kind: def.kind },
                    title: name.clone(),
                    excerpt: excerpt(rest, &words),
                }
            } else {
                let roadmap: RoadmapId = parse(&row.place)?;
                let Some(product) = products.get(&roadmap).cloned() else { continue };
                let key = (row.place.clone(), row.item.clone());
                let Some(item) = items.get(&key) else { continue };
                let (number, title) =
                    (u32::try_from(unsigned(item.number)?).unwrap_or(0), item.title.clone());
                match comments.get(&(row.place.clone(), row.id.clone())) {
                    Some(body) => {
                        let what = Found::Comment { product, number };
                        Hit { what, title, excerpt: excerpt(body, &words) }
                    }
                    None => {
                        let what = Found::Item { product, number };
                        let in_title = has(&title, &words[0]);
                        let excerpt =
                            if in_title { String::new() } else { excerpt(&item.description, &words) };
                        Hit { what, title, excerpt }
                    }
                }
            };
            if called.as_ref().is_none_or(|called| called.what != hit.what) {
                hits.push(hit);
            }
            if hits.len() == MOST_HITS {
                break;
            }
        }
        Ok(hits)
    }

    /// The item with a key, such as `ERP-12`. One that was moved to another product is found by its old key, too.
    async fn item_called(&self, text: &str) -> Result<Option<Hit>, Error> {
        let Ok(asked) = text.trim().to_uppercase().parse::<ItemKey>() else { return Ok(None) };
        let mut key = asked.clone();
        for _ in 0..MOST_MOVES {
            let product = match self.product(&key.product).await {
                Ok(product) => product,
                Err(Error::NotFound(_)) => return Ok(None),
                Err(error) => return Err(error),
            };
            let row = item::Entity::find()
                .filter(item::Column::WorkspaceId.eq(self.workspace.to_string()))
                .filter(item::Column::RoadmapId.eq(product.roadmap.to_string()))
                .filter(item::Column::Number.eq(i64::from(key.number)))
                .one(self.backend.db.reader())
                .await?;
            let Some(row) = row else { return Ok(None) };
            if let Some(to) = &row.moved_to {
                key = parse(to)?;
                continue;
            }
            let excerpt = if key == asked { String::new() } else { format!("Was {asked}") };
            let what = Found::Item { product: key.product, number: key.number };
            return Ok(row.deleted_ms.is_none().then_some(Hit { what, title: row.title, excerpt }));
        }
        Ok(None)
    }

    /// The best rows of the index that are of no product which does not exist for this person.
    async fn rows(&self, words: &[String]) -> Result<Vec<Row>, Error> {
        let hidden = self.hidden_roadmaps().await?;
        let db = self.backend.db.reader();
        let backend = db.get_database_backend();
        let (query, asked) = match backend {
            DbBackend::Sqlite => {
                let asked: Vec<String> = words.iter().map(|word| format!("\"{word}\"*")).collect();
                let query = "SELECT r.kind, r.place, r.id, r.item_id FROM search_words \
                             JOIN search_row r ON r.n = search_words.rowid \
                             WHERE search_words MATCH $1 AND r.workspace_id = $2";
                (query, asked.join(" "))
            }
            _ => {
                let asked: Vec<String> = words.iter().map(|word| format!("'{word}':*")).collect();
                let query = "SELECT r.kind, r.place, r.id, r.item_id FROM search_row r \
                             WHERE r.words @@ to_tsquery('simple', $1) AND r.workspace_id = $2";
                (query, asked.join(" & "))
            }
        };
        let mut values: Vec<Value> = vec![asked.into(), self.workspace.to_string().into()];
        let mut query = query.to_owned();
        for roadmap in hidden {
            values.push(roadmap.into());
            query.push_str(&format!(" AND r.place <> ${}", values.len()));
        }
        // Comments stay in the index while their item lies in the bin.
        query.push_str(
            " AND (r.kind <> 'comment' OR EXISTS (SELECT 1 FROM item i WHERE i.workspace_id = r.workspace_id \
             AND i.roadmap_id = r.place AND i.id = r.item_id AND i.deleted_ms IS NULL))",
        );
        query.push_str(match backend {
            DbBackend::Sqlite => " ORDER BY bm25(search_words, 8.0, 1.0)",
            _ => " ORDER BY ts_rank(r.words, to_tsquery('simple', $1)) DESC",
        });
        query.push_str(&format!(" LIMIT {}", MOST_HITS * 2));
        let statement = Statement::from_sql_and_values(backend, query, values);
        let rows = db.query_all_raw(statement).await?;
        let read = |row: &sea_orm::QueryResult| {
            let text = |index| row.try_get_by_index::<String>(index);
            Ok::<_, sea_orm::DbErr>(Row { kind: text(0)?, place: text(1)?, id: text(2)?, item: text(3)? })
        };
        Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
    }

    /// The roadmaps of the products that do not exist for this person.
    async fn hidden_roadmaps(&self) -> Result<Vec<String>, Error> {
        let hidden = self.hidden_products().await?;
        if hidden.is_empty() {
            return Ok(Vec::new());
        }
        let rows = crate::entity::product::Entity::find()
            .filter(crate::entity::product::Column::WorkspaceId.eq(self.workspace.to_string()))
            .filter(crate::entity::product::Column::Id.is_in(hidden))
            .all(self.backend.db.reader())
            .await?;
        Ok(rows.into_iter().map(|row| row.roadmap_id).collect())
    }

    /// What the rows are about, as far as it is not in the bin: items by roadmap and id, bodies of comments, and records by id.
    async fn found(&self, rows: &[Row]) -> Result<(Items, Bodies, Records), Error> {
        let db = self.backend.db.reader();
        let workspace = self.workspace.to_string();
        let of = |kind: fn(&&Row) -> bool| rows.iter().filter(kind);
        let ids = of(|row| !row.place.is_empty()).map(|row| row.item.clone());
        let items = item::Entity::find()
            .filter(item::Column::WorkspaceId.eq(&workspace))
            .filter(item::Column::Id.is_in(ids))
            .filter(item::Column::DeletedMs.is_null())
            .all(db)
            .await?;
        let ids = of(|row| row.kind == "comment").map(|row| row.id.clone());
        let comments = comment::Entity::find()
            .filter(comment::Column::WorkspaceId.eq(&workspace))
            .filter(comment::Column::Id.is_in(ids))
            .filter(comment::Column::DeletedMs.is_null())
            .all(db)
            .await?;
        let ids = of(|row| row.place.is_empty()).map(|row| row.id.clone());
        let records = record::Entity::find()
            .filter(record::Column::WorkspaceId.eq(&workspace))
            .filter(record::Column::Id.is_in(ids))
            .filter(record::Column::DeletedMs.is_null())
            .all(db)
            .await?;
        let items = items.into_iter().map(|row| ((row.roadmap_id.clone(), row.id.clone()), row)).collect();
        let comments = comments.into_iter().map(|row| ((row.roadmap_id, row.id), row.body)).collect();
        let mut named = Records::new();
        for row in records {
            // Views of the portfolio belong to no product either, and some to one person alone.
            let Some(def) = RecordDef::find(&row.kind).filter(|def| def.is_of_workspace()) else { continue };
            let values: domain::Values = json(&row.field_values)?;
            let name = values.get("name").map(ToString::to_string).unwrap_or_default();
            let texts = def
                .fields
                .iter()
                .skip(1)
                .filter(|field| matches!(field.kind, FieldKind::Line | FieldKind::Text));
            let rest: Vec<String> =
                texts.filter_map(|field| values.get(&*field.key)).map(ToString::to_string).collect();
            named.insert(row.id, (name, rest.join(" ")));
        }
        Ok((items, comments, named))
    }
}

/// Items by roadmap and id, bodies of comments by roadmap and id, and names and texts of records by id.
type Items = HashMap<(String, String), item::Model>;
type Bodies = HashMap<(String, String), String>;
type Records = HashMap<String, (String, String)>;

impl Backend {
    /// Adds to the problems that the index does not have every item, comment and record.
    pub(crate) async fn check_search(&self, problems: &mut Vec<String>) -> Result<(), Error> {
        let db = self.db.reader();
        let count = "SELECT (SELECT COUNT(*) FROM item WHERE deleted_ms IS NULL) \
                     + (SELECT COUNT(*) FROM comment WHERE deleted_ms IS NULL) \
                     + (SELECT COUNT(*) FROM record WHERE deleted_ms IS NULL AND product_id IS NULL) AS there, \
                     (SELECT COUNT(*) FROM search_row) AS found";
        let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), count)).await?;
        let Some(row) = row else { return Ok(()) };
        let (there, found): (i64, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        if there != found {
            problems.push(format!(
                "The search index has {found} of {there} entries. Make a backup and restore it."
            ));
        }
        Ok(())
    }
}

/// The words of a text that are looked for, without what an index takes for its own.
fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() >= SHORTEST);
    words.take(MOST_WORDS).map(|word| word.to_lowercase().chars().take(LONGEST).collect()).collect()
}

fn has(text: &str, word: &str) -> bool {
    text.to_lowercase().contains(word)
}

/// What stands around the first word that is in a text, or its beginning.
fn excerpt(text: &str, words: &[String]) -> String {
    let text = &*file_words(text);
    let lower = text.to_lowercase();
    let at = words.iter().filter_map(|word| lower.find(word.as_str())).min().unwrap_or(0);
    // Small letters may take other bytes than capital ones: places are counted in characters.
    let at = lower[..at].chars().count();
    let from = at.saturating_sub(BEFORE);
    let some: String = text.chars().skip(from).take(BEFORE + AFTER).collect();
    let some = some.split_whitespace().collect::<Vec<_>>().join(" ");
    let (before, after) = (
        if from > 0 { "…" } else { "" },
        if text.chars().count() > from + BEFORE + AFTER { "…" } else { "" },
    );
    format!("{before}{some}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_what_people_type_without_signs() {
        assert_eq!(words("  Single sign-on, \"OR\" a x* ÄÖ"), ["single", "sign", "on", "or", "äö"]);
        assert_eq!(words("a - ' ; --"), Vec::<String>::new());
        assert_eq!(words(&"many words ".repeat(9)).len(), MOST_WORDS);
    }

    #[test]
    fn an_excerpt_shows_the_place() {
        let text = format!("{} the invoice is late {}", "x".repeat(300), "y".repeat(300));
        let shown = excerpt(&text, &["invoice".to_owned()]);
        assert!(shown.starts_with('…') && shown.ends_with('…') && shown.contains("the invoice is late"));
        assert_eq!(excerpt("Short", &["none".to_owned()]), "Short");
    }
}
