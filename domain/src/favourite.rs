//! What people keep at hand.

crate::choices! {
    /// What somebody has starred.
    FavouriteKind {
        Product = "product", "Product";
        View = "view", "View";
        Item = "item", "Item";
    }
}
