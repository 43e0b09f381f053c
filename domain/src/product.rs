//! Products: what IT runs as a product, from desktop support to a revenue service.

use serde::{Deserialize, Serialize};

use crate::{ProductId, ProductKey, ProductName, Purpose, RoadmapId, Role};

/// A product or service with a roadmap of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    pub id: ProductId,
    pub roadmap: RoadmapId,
    pub key: ProductKey,
    pub name: ProductName,
    pub kind: ProductKind,
    pub stage: Stage,
    pub purpose: Purpose,
    /// Archived products are read-only and hidden from the list.
    pub archived: bool,
    /// Whether it exists for chosen people and groups only.
    pub restricted: bool,
    /// What the reader may do in it.
    pub role: Role,
}

/// A product with what its roadmap holds, for the list of products.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductSummary {
    pub product: Product,
    /// Items that are not in the bin.
    pub items: u32,
    /// Standing upvotes of those items.
    pub votes: u32,
}

/// Declares an enum of named choices with its stored name and its label.
#[macro_export]
#[doc(hidden)]
macro_rules! choices {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $stored:literal, $label:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $stored)] $variant,)*
        }

        impl $name {
            /// Every choice, in the order people see them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name under which it is stored, exported and imported.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $stored,)* }
            }

            /// The name people read.
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            /// Takes the stored name or the label, in any case.
            fn from_str(text: &str) -> Result<Self, String> {
                let text = text.trim();
                Self::ALL
                    .iter()
                    .copied()
                    .find(|c| c.as_str().eq_ignore_ascii_case(text) || c.label().eq_ignore_ascii_case(text))
                    .ok_or_else(|| {
                        let known: Vec<_> = Self::ALL.iter().map(|c| c.as_str()).collect();
                        format!("“{text}” is not one of {}.", known.join(", "))
                    })
            }
        }
    };
}

choices! {
    /// What sort of deliverable a product is.
    ProductKind {
        Service = "service", "Service";
        Application = "application", "Application";
        Platform = "platform", "Platform";
        RevenueProduct = "revenue_product", "Revenue product";
        SupportService = "support_service", "Support service";
        Capability = "capability", "Capability";
    }
}

choices! {
    /// Where a product is in its life cycle.
    Stage {
        Ideation = "ideation", "Ideation";
        Development = "development", "Development";
        Launch = "launch", "Launch";
        Growth = "growth", "Growth";
        Maturity = "maturity", "Maturity";
        Retirement = "retirement", "Retirement";
    }
}
