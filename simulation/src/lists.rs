//! A client that keeps lists, written from `docs/PROTOCOL.md` alone: it reads JSON, looks at ranks only in the document it
//! starts from, and puts things where the operations say.

use std::collections::{BTreeMap, HashSet};

use domain::{LaneId, Roadmap};
use serde_json::Value;

/// Lanes in order, and the items of each in order. What is deleted is in no list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lists {
    lanes: Vec<String>,
    items: BTreeMap<String, Vec<String>>,
}

impl Lists {
    /// The lists of a document, as it is sent.
    pub fn of(document: &Value) -> Self {
        let ranked = |kind: &str| {
            let all = document[kind].as_array().into_iter().flatten();
            let mut live: Vec<&Value> = all.filter(|thing| thing.get("deleted").is_none()).collect();
            live.sort_by_key(|thing| text(&thing["rank"]).into_bytes());
            live
        };
        let lanes: Vec<String> = ranked("lanes").into_iter().map(|lane| text(&lane["id"])).collect();
        let mut items: BTreeMap<String, Vec<String>> =
            lanes.iter().map(|lane| (lane.clone(), Vec::new())).collect();
        for item in ranked("items") {
            items.entry(text(&item["lane"])).or_default().push(text(&item["id"]));
        }
        Self { lanes, items }
    }

    /// Whether the board shows the same.
    pub fn shows(&self, roadmap: &Roadmap) -> bool {
        let list = |lane: &LaneId| {
            (lane.to_string(), roadmap.lane_items(*lane).iter().map(ToString::to_string).collect())
        };
        let lanes = roadmap.lane_order();
        let items = lanes.iter().map(list).collect();
        *self == Self { lanes: lanes.iter().map(ToString::to_string).collect(), items }
    }

    /// Does an operation of the log.
    pub fn apply(&mut self, op: &Value) {
        let (kind, content) = op.as_object().and_then(|op| op.iter().next()).expect("one key, its kind");
        let id = text(&content["id"]);
        match kind.as_str() {
            "create_item" => put(self.list(&content["lane"]), &[id], &content["place"]),
            "move_items" => {
                let ids = distinct(&content["ids"]);
                self.remove(&ids);
                put(self.list(&content["lane"]), &ids, &content["place"]);
            }
            "delete_items" => self.remove(&distinct(&content["ids"])),
            // Where it was, it lies in the bin.
            "send_item" => self.remove(&[id]),
            "receive_item" => {
                self.remove(std::slice::from_ref(&id));
                put(self.list(&content["lane"]), &[id], &content["place"]);
            }
            "restore_items" => {
                let mut ids = distinct(&content["ids"]).into_iter();
                for spot in content["spots"].as_array().into_iter().flatten() {
                    let count = spot["count"].as_u64().and_then(|count| usize::try_from(count).ok());
                    let ids: Vec<String> = ids.by_ref().take(count.expect("a number")).collect();
                    let list = self.list(&spot["lane"]);
                    let after = spot.get("after").map(text);
                    let index = after.and_then(|after| find(list, &after)).map_or(0, |before| before + 1);
                    list.splice(index..index, ids);
                }
            }
            "create_lane" | "restore_lane" => {
                self.items.insert(id.clone(), Vec::new());
                put(&mut self.lanes, &[id], &content["place"]);
            }
            "move_lane" => {
                self.lanes.retain(|lane| *lane != id);
                put(&mut self.lanes, &[id], &content["place"]);
            }
            "delete_lane" => {
                self.lanes.retain(|lane| *lane != id);
                let items = self.items.remove(&id).unwrap_or_default();
                self.list(&content["move_to"]).extend(items);
            }
            "batch" => content["ops"].as_array().into_iter().flatten().for_each(|op| self.apply(op)),
            _ => {}
        }
    }

    fn list(&mut self, lane: &Value) -> &mut Vec<String> {
        self.items.entry(text(lane)).or_default()
    }

    fn remove(&mut self, ids: &[String]) {
        let ids: HashSet<&String> = ids.iter().collect();
        self.items.values_mut().for_each(|list| list.retain(|id| !ids.contains(id)));
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn distinct(ids: &Value) -> Vec<String> {
    let mut seen = HashSet::new();
    ids.as_array().into_iter().flatten().map(text).filter(|id| seen.insert(id.clone())).collect()
}

fn find(list: &[String], id: &str) -> Option<usize> {
    list.iter().position(|other| other == id)
}

fn put(list: &mut Vec<String>, ids: &[String], place: &Value) {
    let beside = &place["beside"];
    let find = |name: &str| beside.get(name).and_then(|id| find(list, &text(id)));
    let index = match place.as_str() {
        Some("first") => 0,
        Some(_) => list.len(),
        None => find("after").map(|after| after + 1).or_else(|| find("before")).unwrap_or(list.len()),
    };
    list.splice(index..index, ids.iter().cloned());
}
