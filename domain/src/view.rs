//! Views: how a roadmap is shown. The same items, each time in another face.

use std::cmp::Ordering;

use crate::{
    Field, FiscalYear, ItemId, LaneId, Property, Roadmap, UserId, Value,
    filter::{Filter, escape, unescape},
    sorted,
};

/// The most properties that a view names for one purpose.
const MOST: usize = 60;

crate::choices! {
    /// As what a roadmap is shown.
    Face {
        Board = "board", "Board";
        Timeline = "timeline", "Timeline";
        Table = "table", "Table";
    }
}

crate::choices! {
    /// How much of the calendar a timeline shows at once.
    Zoom {
        Year = "year", "Year";
        Quarter = "quarter", "Quarter";
        Month = "month", "Month";
    }
}

/// How a roadmap is looked at, beside what is filtered: what an address says and a saved view keeps. What it does not say is as
/// usual for the face.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// What the board has its columns by; its lanes where nothing is said.
    pub columns: Option<Property>,
    /// What items are grouped by: swimlanes of the board, groups of timeline and table.
    pub group: Option<Property>,
    /// The first counts first; equal items stay in board order.
    pub sort: Vec<SortBy>,
    /// Badges of cards, or columns of the table, in this order.
    pub shown: Vec<Property>,
    pub zoom: Option<Zoom>,
    /// The baseline whose days a timeline shows below the present ones: its id, as it was read.
    pub baseline: String,
    /// Lanes of the board of which the header alone is shown: their ids between commas, as they were read.
    pub collapsed: String,
}

/// One of the properties that items are sorted by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SortBy {
    pub property: Property,
    /// The largest or last first. What is empty comes last in either case.
    pub descending: bool,
}

impl Look {
    /// Most upvotes first.
    pub fn by_votes() -> Vec<SortBy> {
        vec![SortBy { property: Property::Upvotes, descending: true }]
    }

    /// Reads the parameters of an address. What it does not know asks for nothing.
    pub fn from_query(get: impl Fn(&str) -> Option<String>) -> Self {
        let one = |name: &str| get(name).as_deref().and_then(Property::named);
        let list = |name: &str| get(name).unwrap_or_default();
        let sort = match list("sort").as_str() {
            "votes" => Self::by_votes(),
            sort => sort.split(',').filter_map(SortBy::read).take(MOST).collect(),
        };
        let shown = list("show").split(',').filter_map(Property::named).take(MOST).collect();
        let zoom = get("zoom").and_then(|zoom| zoom.parse().ok());
        let (baseline, collapsed) = (list("baseline"), list("collapsed"));
        Self { columns: one("columns"), group: one("group"), sort, shown, zoom, baseline, collapsed }
    }

    /// The parameters of an address that ask for the same, not encoded.
    pub fn to_query(&self) -> Vec<(&'static str, String)> {
        let one = |property: &Option<Property>| property.as_ref().map(|one| one.as_str().to_owned());
        let list = |names: Vec<String>| (!names.is_empty()).then(|| names.join(","));
        let text = |text: &String| (!text.is_empty()).then(|| text.clone());
        let sort = self.sort.iter().map(SortBy::written).collect();
        let shown = self.shown.iter().map(|property| property.as_str().to_owned()).collect();
        let parameters = [
            ("columns", one(&self.columns)),
            ("group", one(&self.group)),
            ("sort", if self.sort == Self::by_votes() { Some("votes".to_owned()) } else { list(sort) }),
            ("show", list(shown)),
            ("zoom", self.zoom.map(|zoom| zoom.as_str().to_owned())),
            ("baseline", text(&self.baseline)),
            ("collapsed", text(&self.collapsed)),
        ];
        parameters.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// Whether of a lane the header alone is shown.
    pub fn is_collapsed(&self, lane: LaneId) -> bool {
        !self.collapsed.is_empty() && self.collapsed.split(',').any(|id| id.parse() == Ok(lane))
    }

    /// Shows the header of a lane alone, or all of it again.
    pub fn toggle_collapsed(&mut self, lane: LaneId) {
        let mut ids: Vec<LaneId> = self.collapsed.split(',').filter_map(|id| id.parse().ok()).collect();
        let before = ids.len();
        ids.retain(|id| *id != lane);
        if ids.len() == before {
            ids.push(lane);
        }
        self.collapsed = ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    }

    /// Items in the order that is asked for. Fields that the roadmap has not any more do not count.
    pub fn sorted(
        &self,
        roadmap: &Roadmap,
        items: &[ItemId],
        year: FiscalYear,
        fold: fn(&str) -> String,
        person: &dyn Fn(UserId) -> String,
    ) -> Vec<ItemId> {
        let by: Vec<_> =
            self.sort.iter().filter_map(|by| Some((by, by.property.def(roadmap)?.into_owned()))).collect();
        if by.is_empty() {
            return items.to_vec();
        }
        let value = |id: &ItemId, by: &SortBy| by.property.get(roadmap, &**roadmap.item(*id)?, year);
        let values = |id: &ItemId| by.iter().map(|(by, _)| value(id, by)).collect::<Vec<_>>();
        let rows: Vec<(ItemId, Vec<Option<Value>>)> = items.iter().map(|id| (*id, values(id))).collect();
        let rows = sorted(&rows, |(_, a), (_, b)| {
            let orders = by.iter().zip(a.iter().zip(b)).map(|((by, def), (a, b))| {
                let order = def.order(a.as_ref(), b.as_ref(), fold, person);
                let is_whole = a.is_some() && b.is_some();
                if by.descending && is_whole { order.reverse() } else { order }
            });
            orders.fold(Ordering::Equal, Ordering::then)
        });
        rows.into_iter().map(|(id, _)| id).collect()
    }
}

/// A filter and a look as a saved view keeps them: as parameters of an address.
pub fn write_state(filter: &Filter, look: &Look) -> String {
    let mut text = String::new();
    for (name, value) in filter.to_query().into_iter().chain(look.to_query()) {
        text.push_str(if text.is_empty() { "" } else { "&" });
        text.push_str(name);
        text.push('=');
        escape(&mut text, &value, &['&', '=', '\n']);
    }
    text
}

/// What [`write_state`] has written. What it does not know asks for nothing.
pub fn read_state(text: &str) -> (Filter, Look) {
    let get = |wanted: &str| {
        let mut parameters = text.split('&').filter_map(|parameter| parameter.split_once('='));
        parameters.find(|(name, _)| *name == wanted).map(|(_, value)| unescape(value))
    };
    (Filter::from_query(get), Look::from_query(get))
}

impl SortBy {
    /// `end`, or `-end` for the last first.
    fn read(text: &str) -> Option<Self> {
        let (descending, name) = text.strip_prefix('-').map_or((false, text), |name| (true, name));
        Property::named(name).map(|property| Self { property, descending })
    }

    fn written(&self) -> String {
        format!("{}{}", if self.descending { "-" } else { "" }, self.property.as_str())
    }
}

crate::choices! {
    /// A ready-made look for those who ask a roadmap the same things: nothing changes but what is shown, and the order.
    Lens {
        Sales = "sales", "Sales";
        Development = "development", "Development";
    }
}

impl Lens {
    /// What is shown, and by what it is sorted.
    pub fn look(self) -> (Vec<Property>, Vec<SortBy>) {
        let (shown, sort): (&[&str], &str) = match self {
            Lens::Sales => (&["bookings", "retained_revenue", "upvotes", "promised"], "-bookings"),
            Lens::Development => {
                let shown = &["effort", "likelihood", "impact", "start", "end", "owner", "blocked", "blocks"];
                (shown, "start")
            }
        };
        let shown = shown.iter().filter_map(|name| Property::named(name)).collect();
        (shown, SortBy::read(sort).into_iter().collect())
    }
}

impl Property {
    /// Whether its values make groups that people can name: a few, or a step of the calendar.
    pub fn groups(&self, roadmap: &Roadmap) -> bool {
        use crate::FieldKind::{Checkbox, Choice, Line, Person, Quarter};
        if matches!(self, Property::Own(Field::Title | Field::SourceKey)) {
            return false;
        }
        let def = self.def(roadmap);
        def.is_some_and(|def| matches!(def.kind, Choice(_) | Person | Quarter | Line | Checkbox))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ItemChange, PersonDays,
        fixture::{done, items, roadmap, set},
    };

    #[test]
    fn what_an_address_says_is_written_as_it_was_read() {
        let look = |query: &str| {
            let pairs: Vec<(&str, &str)> =
                query.split('&').filter_map(|parameter| parameter.split_once('=')).collect();
            Look::from_query(|name| {
                pairs.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
            })
        };
        let written = |look: &Look| {
            let parameters = look.to_query();
            let parameters: Vec<String> =
                parameters.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
            parameters.join("&")
        };
        for query in [
            "",
            "sort=votes",
            "columns=status&group=team&sort=-effort,end&show=owner,confidence&zoom=quarter",
            "group=c0123456789abcdef0123456789abcdef",
            "baseline=01938a4e-8000-7000-8000-000000000a01&collapsed=01938a4e-8000-7000-8000-000000000101,01938a4e-8000-7000-8000-000000000102",
        ] {
            assert_eq!(written(&look(query)), query);
        }
        assert_eq!(written(&look("columns=No such&zoom=day&sort=,&show=,,&baseline=&collapsed=")), "");
        assert_eq!(look("sort=votes"), look("sort=-upvotes"));
    }

    #[test]
    fn lanes_are_collapsed_one_by_one() {
        let (one, other) = (crate::fixture::lane(1), crate::fixture::lane(2));
        let mut look = Look { collapsed: "what,ever".to_owned(), ..Look::default() };
        assert!(!look.is_collapsed(one));
        look.toggle_collapsed(one);
        look.toggle_collapsed(other);
        assert_eq!(look.collapsed, format!("{one},{other}"));
        look.toggle_collapsed(one);
        assert!(!look.is_collapsed(one) && look.is_collapsed(other));
        look.toggle_collapsed(other);
        assert_eq!(look.collapsed, "");
    }

    #[test]
    fn a_view_is_kept_as_it_was() {
        let query = [("q", "a & b = 50%"), ("where", "title~has~x%2cy"), ("columns", "quarter")];
        let get =
            |name: &str| query.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned());
        let (filter, look) = (Filter::from_query(get), Look::from_query(get));
        let state = write_state(&filter, &look);
        assert_eq!(state, "q=a %26 b %3d 50%25&where=title~has~x%252cy&columns=quarter");
        assert_eq!(read_state(&state), (filter, look));
        assert_eq!(read_state("what=ever&&="), Default::default());
        assert_eq!(write_state(&Filter::default(), &Look::default()), "");
    }

    #[test]
    fn items_are_sorted_by_one_after_the_other_and_what_is_empty_comes_last() {
        let mut roadmap = roadmap();
        let effort = |tenths| ItemChange::Effort(PersonDays::from_tenths(tenths));
        done(&mut roadmap, &set(1, effort(50)), 1);
        done(&mut roadmap, &set(3, effort(90)), 1);
        done(&mut roadmap, &set(4, effort(50)), 1);
        done(&mut roadmap, &set(4, ItemChange::Kind(crate::ItemKind::Fix)), 1);
        let order = |sort: &str| {
            let look = Look::from_query(|name| (name == "sort").then(|| sort.to_owned()));
            look.sorted(
                &roadmap,
                &items(&[1, 2, 3, 4]),
                FiscalYear::default(),
                |text| text.to_lowercase(),
                &|_| String::new(),
            )
        };
        assert_eq!(order(""), items(&[1, 2, 3, 4]));
        assert_eq!(order("effort"), items(&[1, 4, 3, 2]));
        assert_eq!(order("-effort"), items(&[3, 1, 4, 2]));
        assert_eq!(order("-effort,-type"), items(&[3, 4, 1, 2]));
        assert_eq!(order("-title"), items(&[4, 3, 2, 1]));
        assert_eq!(order("votes"), items(&[1, 2, 3, 4]));
    }
}
