//! Views: how a roadmap is shown. The same items, each time in another face.

crate::choices! {
    /// As what a roadmap is shown.
    Face {
        Board = "board", "Board";
        Timeline = "timeline", "Timeline";
        Table = "table", "Table";
    }
}

impl Face {
    /// What its address has after the product's.
    pub fn path(self) -> &'static str {
        match self {
            Face::Board => "",
            Face::Timeline => "/timeline",
            Face::Table => "/table",
        }
    }

    /// The face of an address such as `/p/ERP/timeline/i/ERP-12`.
    pub fn of_path(path: &str) -> Self {
        let face = path.strip_prefix("/p/").and_then(|rest| rest.split('/').nth(1));
        match face {
            Some("timeline") => Face::Timeline,
            Some("table") => Face::Table,
            _ => Face::Board,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_its_face() {
        for face in Face::ALL {
            assert_eq!(Face::of_path(&format!("/p/ERP{}", face.path())), *face);
            assert_eq!(Face::of_path(&format!("/p/ERP{}/i/ERP-12", face.path())), *face);
        }
        assert_eq!(Face::of_path("/p/TABLE"), Face::Board);
    }
}
