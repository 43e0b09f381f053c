//! Templates of products: made of a product, and what new ones begin with. Templates of items are records of a product like views.

use domain::{
    BUILT_IN_TEMPLATES, Face, ITEM_TEMPLATE, ItemFields, ProductKey, RecordChange, RecordId, SetUp, TEMPLATE,
    VIEW, Value, item_template_of,
};

use crate::{Editor, Error, Viewer, codec::to_json, records::Saved};

/// The most characters of what an item template holds, as of any text of a record.
const MOST_CONTENT: usize = 5_000;

impl Viewer {
    /// What a template says: one that comes with the program by its key, or one of the workspace by its id.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none.
    pub async fn set_up_of(&self, template: &str) -> Result<SetUp, Error> {
        if let Some(built_in) = BUILT_IN_TEMPLATES.iter().find(|one| one.key == template) {
            return Ok(built_in.set_up());
        }
        let unknown = || Error::NotFound("This template was removed. Choose another.".to_owned());
        let id: RecordId = template.parse().map_err(|_| unknown())?;
        let records = self.records(&TEMPLATE).await?;
        let record = records.iter().find(|record| record.id == id).ok_or_else(unknown)?;
        SetUp::of(record).map_err(Error::Invalid)
    }
}

impl Viewer {
    /// Saves what an item has as a template of its product, under the name of its title.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the name is taken, or there is too much for a template; also [`Error::Refused`] for those who may not
    /// edit the product.
    pub async fn save_item_template(&self, key: &ProductKey, item: &ItemFields) -> Result<RecordId, Error> {
        let content = to_json(&item_template_of(item));
        let changes = vec![set("name", &item.title), set("content", &content)];
        let saved = self.save_product_record(&ITEM_TEMPLATE, Some(key), None, changes).await;
        match saved {
            Err(Error::Invalid(_)) if content.chars().count() > MOST_CONTENT => Err(Error::Invalid(
                "This item is too long for a template. Shorten its description first.".to_owned(),
            )),
            saved => Ok(saved?.record.id),
        }
    }
}

impl Editor {
    /// Saves the set-up of a product under a name: its lanes, fields and shared views, and its items if that is wanted.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the name is taken, or the set-up is too large for a template.
    pub async fn save_as_template(
        &self,
        key: &ProductKey,
        name: &str,
        with_items: bool,
    ) -> Result<Saved, Error> {
        let product = self.product(key).await?;
        let roadmap = self.view(product.roadmap).await?.roadmap;
        let views = self.product_records(&VIEW, Some(key)).await?;
        let of_workspace = self.workspace_fields().await?;
        let texts =
            SetUp::from_roadmap(&roadmap, &views, &of_workspace, with_items).map_err(Error::Invalid)?;
        let mut changes = vec![set("name", name)];
        changes.extend(texts.iter().filter(|(_, text)| !text.is_empty()).map(|(key, text)| set(key, text)));
        self.save_record(&TEMPLATE, None, changes, None).await
    }

    /// Adds a shared view to a product.
    pub(crate) async fn add_view(
        &self,
        key: &ProductKey,
        name: &str,
        face: Face,
        state: &str,
    ) -> Result<(), Error> {
        let mut changes = vec![set("name", name), set("face", face.as_str())];
        if !state.is_empty() {
            changes.push(set("state", state));
        }
        let shared = RecordChange { to: Some(Value::Yes), ..set("shared", "") };
        changes.push(shared);
        self.save_product_record(&VIEW, Some(key), None, changes).await.map(drop)
    }
}

fn set(field: &str, to: &str) -> RecordChange {
    let field = field.parse().expect("a test checks the keys of the table");
    RecordChange { field, was: None, to: Some(Value::Text(to.to_owned())) }
}
