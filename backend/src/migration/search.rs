//! The index of the full-text search: what is on roadmaps, what was said about it, and records of the workspace. The database
//! keeps it with triggers, in the transaction of whatever is written; copies do not carry it, because rows that are copied in
//! fill it again. Version 20.

use sea_orm::DbBackend;

use super::Step;

pub(super) fn steps(backend: DbBackend) -> Vec<Step> {
    let statements: &[&'static str] = if backend == DbBackend::Sqlite { SQLITE } else { POSTGRES };
    statements.iter().map(|statement| Step::Sql(statement)).collect()
}

/// `place` is the roadmap, or empty; ids are unique within a place alone. Words are kept without the texts. Of fields those that hold
/// text are read; ids have 36 characters.
const SQLITE: &[&str] = &[
    "CREATE TABLE search_row (n INTEGER PRIMARY KEY, workspace_id TEXT NOT NULL, kind TEXT NOT NULL, place TEXT NOT NULL, \
     id TEXT NOT NULL, item_id TEXT NOT NULL, UNIQUE (place, kind, id))",
    "CREATE VIRTUAL TABLE search_words USING fts5 (title, body, content = '', contentless_delete = 1, \
     tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3')",
    "CREATE TRIGGER search_item_added AFTER INSERT ON item WHEN NEW.deleted_ms IS NULL BEGIN \
     INSERT INTO search_row (workspace_id, kind, place, id, item_id) \
     VALUES (NEW.workspace_id, 'item', NEW.roadmap_id, NEW.id, NEW.id); \
     INSERT INTO search_words (rowid, title, body) SELECT n, NEW.title, NEW.description || ' ' || \
     coalesce((SELECT group_concat(value, ' ') FROM json_each(NEW.field_values) WHERE type = 'text' AND length(value) <> 36), '') \
     FROM search_row WHERE place = NEW.roadmap_id AND kind = 'item' AND id = NEW.id; END",
    "CREATE TRIGGER search_item_changed AFTER UPDATE ON item WHEN OLD.title IS NOT NEW.title \
     OR OLD.description IS NOT NEW.description OR OLD.field_values IS NOT NEW.field_values \
     OR (OLD.deleted_ms IS NULL) <> (NEW.deleted_ms IS NULL) BEGIN \
     DELETE FROM search_words WHERE rowid = \
     (SELECT n FROM search_row WHERE place = OLD.roadmap_id AND kind = 'item' AND id = OLD.id); \
     DELETE FROM search_row WHERE place = OLD.roadmap_id AND kind = 'item' AND id = OLD.id; \
     INSERT INTO search_row (workspace_id, kind, place, id, item_id) \
     SELECT NEW.workspace_id, 'item', NEW.roadmap_id, NEW.id, NEW.id WHERE NEW.deleted_ms IS NULL; \
     INSERT INTO search_words (rowid, title, body) SELECT n, NEW.title, NEW.description || ' ' || \
     coalesce((SELECT group_concat(value, ' ') FROM json_each(NEW.field_values) WHERE type = 'text' AND length(value) <> 36), '') \
     FROM search_row WHERE place = NEW.roadmap_id AND kind = 'item' AND id = NEW.id; END",
    "CREATE TRIGGER search_item_removed AFTER DELETE ON item BEGIN \
     DELETE FROM search_words WHERE rowid = \
     (SELECT n FROM search_row WHERE place = OLD.roadmap_id AND kind = 'item' AND id = OLD.id); \
     DELETE FROM search_row WHERE place = OLD.roadmap_id AND kind = 'item' AND id = OLD.id; END",
    "CREATE TRIGGER search_comment_added AFTER INSERT ON comment WHEN NEW.deleted_ms IS NULL BEGIN \
     INSERT INTO search_row (workspace_id, kind, place, id, item_id) \
     VALUES (NEW.workspace_id, 'comment', NEW.roadmap_id, NEW.id, NEW.item_id); \
     INSERT INTO search_words (rowid, title, body) SELECT n, '', NEW.body \
     FROM search_row WHERE place = NEW.roadmap_id AND kind = 'comment' AND id = NEW.id; END",
    "CREATE TRIGGER search_comment_changed AFTER UPDATE ON comment WHEN OLD.body IS NOT NEW.body \
     OR (OLD.deleted_ms IS NULL) <> (NEW.deleted_ms IS NULL) BEGIN \
     DELETE FROM search_words WHERE rowid = \
     (SELECT n FROM search_row WHERE place = OLD.roadmap_id AND kind = 'comment' AND id = OLD.id); \
     DELETE FROM search_row WHERE place = OLD.roadmap_id AND kind = 'comment' AND id = OLD.id; \
     INSERT INTO search_row (workspace_id, kind, place, id, item_id) \
     SELECT NEW.workspace_id, 'comment', NEW.roadmap_id, NEW.id, NEW.item_id WHERE NEW.deleted_ms IS NULL; \
     INSERT INTO search_words (rowid, title, body) SELECT n, '', NEW.body \
     FROM search_row WHERE place = NEW.roadmap_id AND kind = 'comment' AND id = NEW.id; END",
    "CREATE TRIGGER search_comment_removed AFTER DELETE ON comment BEGIN \
     DELETE FROM search_words WHERE rowid = \
     (SELECT n FROM search_row WHERE place = OLD.roadmap_id AND kind = 'comment' AND id = OLD.id); \
     DELETE FROM search_row WHERE place = OLD.roadmap_id AND kind = 'comment' AND id = OLD.id; END",
    "CREATE TRIGGER search_record_added AFTER INSERT ON record \
     WHEN NEW.deleted_ms IS NULL AND NEW.product_id IS NULL BEGIN \
     INSERT INTO search_row (workspace_id, kind, place, id, item_id) \
     VALUES (NEW.workspace_id, NEW.kind, '', NEW.id, NEW.id); \
     INSERT INTO search_words (rowid, title, body) SELECT n, coalesce(json_extract(NEW.field_values, '$.name'), ''), \
     coalesce((SELECT group_concat(value, ' ') FROM json_each(NEW.field_values) WHERE key <> 'name' AND type = 'text' AND length(value) <> 36), '') \
     FROM search_row WHERE place = '' AND kind = NEW.kind AND id = NEW.id; END",
    "CREATE TRIGGER search_record_changed AFTER UPDATE ON record WHEN NEW.product_id IS NULL BEGIN \
     DELETE FROM search_words WHERE rowid = \
     (SELECT n FROM search_row WHERE place = '' AND kind = OLD.kind AND id = OLD.id); \
     DELETE FROM search_row WHERE place = '' AND kind = OLD.kind AND id = OLD.id; \
     INSERT INTO search_row (workspace_id, kind, place, id, item_id) \
     SELECT NEW.workspace_id, NEW.kind, '', NEW.id, NEW.id WHERE NEW.deleted_ms IS NULL; \
     INSERT INTO search_words (rowid, title, body) SELECT n, coalesce(json_extract(NEW.field_values, '$.name'), ''), \
     coalesce((SELECT group_concat(value, ' ') FROM json_each(NEW.field_values) WHERE key <> 'name' AND type = 'text' AND length(value) <> 36), '') \
     FROM search_row WHERE place = '' AND kind = NEW.kind AND id = NEW.id; END",
    "CREATE TRIGGER search_record_removed AFTER DELETE ON record BEGIN \
     DELETE FROM search_words WHERE rowid = \
     (SELECT n FROM search_row WHERE place = '' AND kind = OLD.kind AND id = OLD.id); \
     DELETE FROM search_row WHERE place = '' AND kind = OLD.kind AND id = OLD.id; END",
    // What is there already.
    "INSERT INTO search_row (workspace_id, kind, place, id, item_id) \
     SELECT workspace_id, 'item', roadmap_id, id, id FROM item WHERE deleted_ms IS NULL",
    "INSERT INTO search_row (workspace_id, kind, place, id, item_id) \
     SELECT workspace_id, 'comment', roadmap_id, id, item_id FROM comment WHERE deleted_ms IS NULL",
    "INSERT INTO search_row (workspace_id, kind, place, id, item_id) \
     SELECT workspace_id, kind, '', id, id FROM record WHERE deleted_ms IS NULL AND product_id IS NULL",
    "INSERT INTO search_words (rowid, title, body) SELECT r.n, i.title, i.description || ' ' || \
     coalesce((SELECT group_concat(value, ' ') FROM json_each(i.field_values) WHERE type = 'text' AND length(value) <> 36), '') FROM search_row r \
     JOIN item i ON i.workspace_id = r.workspace_id AND i.roadmap_id = r.place AND i.id = r.id WHERE r.kind = 'item'",
    "INSERT INTO search_words (rowid, title, body) SELECT r.n, '', c.body FROM search_row r \
     JOIN comment c ON c.workspace_id = r.workspace_id AND c.roadmap_id = r.place AND c.id = r.id \
     WHERE r.kind = 'comment'",
    "INSERT INTO search_words (rowid, title, body) SELECT r.n, coalesce(json_extract(e.field_values, '$.name'), ''), \
     coalesce((SELECT group_concat(value, ' ') FROM json_each(e.field_values) WHERE key <> 'name' AND type = 'text' AND length(value) <> 36), '') \
     FROM search_row r JOIN record e ON e.workspace_id = r.workspace_id AND e.id = r.id WHERE r.place = ''",
];

/// Longer texts are indexed by their beginning: a vector of words is at most a megabyte.
const POSTGRES: &[&str] = &[
    "CREATE TABLE search_row (workspace_id TEXT NOT NULL, kind TEXT NOT NULL, place TEXT NOT NULL, id TEXT NOT NULL, \
     item_id TEXT NOT NULL, words TSVECTOR NOT NULL, PRIMARY KEY (place, kind, id))",
    // Signs separate words, as they do in what is asked for: the parser would keep `node.js` as one.
    "CREATE FUNCTION search_words(text TEXT) RETURNS TSVECTOR LANGUAGE sql IMMUTABLE AS \
     $$ SELECT to_tsvector('simple', translate(left(text, 100000), '!\"#$%&''()*+,-./:;<=>?@[\\]^_`{|}~', repeat(' ', 32))) $$",
    "CREATE FUNCTION search_vector(title TEXT, body TEXT) RETURNS TSVECTOR LANGUAGE sql IMMUTABLE AS \
     $$ SELECT setweight(search_words(title), 'A') || setweight(search_words(body), 'D') $$",
    "CREATE FUNCTION search_values(field_values TEXT, without TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE AS \
     $$ SELECT coalesce((SELECT string_agg(value #>> '{}', ' ') FROM json_each(field_values::json) \
     WHERE key <> without AND json_typeof(value) = 'string' AND length(value #>> '{}') <> 36), '') $$",
    "CREATE FUNCTION search_item() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN \
     IF TG_OP = 'UPDATE' AND OLD.title = NEW.title AND OLD.description = NEW.description \
     AND OLD.field_values IS NOT DISTINCT FROM NEW.field_values \
     AND (OLD.deleted_ms IS NULL) = (NEW.deleted_ms IS NULL) THEN RETURN NULL; END IF; \
     IF TG_OP <> 'INSERT' THEN \
     DELETE FROM search_row WHERE place = OLD.roadmap_id AND kind = 'item' AND id = OLD.id; END IF; \
     IF TG_OP <> 'DELETE' AND NEW.deleted_ms IS NULL THEN \
     INSERT INTO search_row VALUES (NEW.workspace_id, 'item', NEW.roadmap_id, NEW.id, NEW.id, \
     search_vector(NEW.title, NEW.description || ' ' || search_values(NEW.field_values, ''))); END IF; \
     RETURN NULL; END $$",
    "CREATE FUNCTION search_comment() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN \
     IF TG_OP = 'UPDATE' AND OLD.body = NEW.body \
     AND (OLD.deleted_ms IS NULL) = (NEW.deleted_ms IS NULL) THEN RETURN NULL; END IF; \
     IF TG_OP <> 'INSERT' THEN \
     DELETE FROM search_row WHERE place = OLD.roadmap_id AND kind = 'comment' AND id = OLD.id; END IF; \
     IF TG_OP <> 'DELETE' AND NEW.deleted_ms IS NULL THEN \
     INSERT INTO search_row VALUES (NEW.workspace_id, 'comment', NEW.roadmap_id, NEW.id, NEW.item_id, \
     search_vector('', NEW.body)); END IF; RETURN NULL; END $$",
    "CREATE FUNCTION search_record() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN \
     IF TG_OP <> 'INSERT' THEN DELETE FROM search_row WHERE place = '' AND kind = OLD.kind AND id = OLD.id; END IF; \
     IF TG_OP <> 'DELETE' AND NEW.deleted_ms IS NULL AND NEW.product_id IS NULL THEN \
     INSERT INTO search_row VALUES (NEW.workspace_id, NEW.kind, '', NEW.id, NEW.id, \
     search_vector(coalesce(NEW.field_values::json ->> 'name', ''), search_values(NEW.field_values, 'name'))); END IF; \
     RETURN NULL; END $$",
    "CREATE TRIGGER search_item AFTER INSERT OR UPDATE OR DELETE ON item \
     FOR EACH ROW EXECUTE FUNCTION search_item()",
    "CREATE TRIGGER search_comment AFTER INSERT OR UPDATE OR DELETE ON comment \
     FOR EACH ROW EXECUTE FUNCTION search_comment()",
    "CREATE TRIGGER search_record AFTER INSERT OR UPDATE OR DELETE ON record \
     FOR EACH ROW EXECUTE FUNCTION search_record()",
    // What is there already.
    "INSERT INTO search_row SELECT workspace_id, 'item', roadmap_id, id, id, \
     search_vector(title, description || ' ' || search_values(field_values, '')) FROM item WHERE deleted_ms IS NULL",
    "INSERT INTO search_row SELECT workspace_id, 'comment', roadmap_id, id, item_id, search_vector('', body) \
     FROM comment WHERE deleted_ms IS NULL",
    "INSERT INTO search_row SELECT workspace_id, kind, '', id, id, \
     search_vector(coalesce(field_values::json ->> 'name', ''), search_values(field_values, 'name')) \
     FROM record WHERE deleted_ms IS NULL AND product_id IS NULL",
    "CREATE INDEX search_words ON search_row USING gin (words)",
];
