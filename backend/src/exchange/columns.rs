//! The columns of a file with what each is taken for.

use std::collections::BTreeMap;

use domain::exchange::{Answers, Choice, Mapping, Question, Questions, Target};

use super::{
    dates::{Evidence, Order},
    table::Table,
};

#[derive(Debug)]
pub(super) struct Columns<'a> {
    headers: &'a [String],
    by_target: BTreeMap<Target, Vec<usize>>,
    orders: BTreeMap<usize, Order>,
}

impl<'a> Columns<'a> {
    /// Also looks at every date, to find out in which order days and months are; returns what can be chosen about that.
    pub(super) fn new(table: &'a Table, mapping: &Mapping, answers: &Answers) -> (Self, Option<Questions>) {
        let mut by_target: BTreeMap<Target, Vec<usize>> = BTreeMap::new();
        for (index, header) in table.headers.iter().enumerate() {
            by_target.entry(mapping.target(header)).or_default().push(index);
        }
        let dates = [Target::Start, Target::End].iter().filter_map(|target| by_target.get(target)).flatten();
        let evidence: Vec<(usize, Evidence)> = dates
            .map(|index| {
                let mut evidence = Evidence::default();
                table.values(*index).for_each(|value| evidence.add(value));
                (*index, evidence)
            })
            .collect();
        let file = evidence.iter().fold(Evidence::default(), |sum, (_, evidence)| sum.plus(*evidence));
        let mut orders = BTreeMap::new();
        let mut questions = Vec::new();
        for (index, evidence) in evidence {
            let id = format!("dates:{}", table.headers[index]);
            let chosen = answers.0.get(&id).and_then(|answer| Order::from_id(answer));
            let order = chosen.unwrap_or_else(|| evidence.order(file));
            orders.insert(index, order);
            if evidence.open > 0 {
                let (label, count) = (table.headers[index].clone(), evidence.open);
                questions.push(Question { id, label, count, answer: order.id().to_owned() });
            }
        }
        let choice =
            |order: Order, label: &str| Choice { id: order.id().to_owned(), label: label.to_owned() };
        let asked = (!questions.is_empty()).then(|| Questions {
            title: "Dates like 03/04/2026".to_owned(),
            options: vec![
                choice(Order::DayFirst, "Day first: 3 April"),
                choice(Order::MonthFirst, "Month first: 4 March"),
            ],
            questions,
        });
        (Self { headers: &table.headers, by_target, orders }, asked)
    }

    /// The columns taken for a target.
    pub(super) fn of(&self, target: Target) -> impl Iterator<Item = usize> + use<'_> {
        self.by_target.get(&target).into_iter().flatten().copied()
    }

    /// What columns are taken for.
    pub(super) fn targets(&self) -> impl Iterator<Item = Target> + use<'_> {
        self.by_target.keys().copied()
    }

    pub(super) fn header(&self, index: usize) -> &'a str {
        &self.headers[index]
    }

    pub(super) fn len(&self) -> usize {
        self.headers.len()
    }

    pub(super) fn order(&self, index: usize) -> Order {
        self.orders.get(&index).copied().unwrap_or_default()
    }
}
