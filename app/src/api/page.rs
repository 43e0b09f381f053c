//! Pages that the server draws: they come as HTML, so that no browser loads the means to draw them.

use domain::Product;
use serde::{Deserialize, Serialize};

/// A page, or the part of one under its heading, as HTML.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plain {
    pub title: String,
    pub html: String,
}

/// A page that the server drew about a product, or about all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductPart {
    pub product: Option<Product>,
    pub page: Plain,
}

/// A page about a product that the server drew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductPage {
    pub product: Product,
    pub page: Plain,
}
