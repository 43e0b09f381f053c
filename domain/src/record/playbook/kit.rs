//! What a playbook suggests for a product of its stage: by which model it is scored, what it is measured by, and for what its work
//! should be.

use crate::{
    Figure, Investment, MOST_KPIS, Record,
    balance::{Target, TargetMix},
};

/// The most characters of a key figure's name and of its unit.
const MAX_NAME: usize = 200;
const MAX_UNIT: usize = 40;

/// What a playbook suggests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kit {
    /// The name of a score model, or of a method.
    pub model: Option<String>,
    pub figures: Vec<KitFigure>,
    pub mix: Option<TargetMix>,
}

/// A key figure that a product of a stage should have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KitFigure {
    pub name: String,
    /// May be empty.
    pub unit: String,
    pub lower_is_better: bool,
    pub target: Option<Figure>,
}

impl KitFigure {
    /// Its direction as a key figure keeps it.
    pub fn direction(&self) -> &'static str {
        if self.lower_is_better { "down" } else { "up" }
    }

    /// Where it should be, as people read it: “up to 500 users”.
    pub fn words(&self) -> String {
        let target = self.target.map(|target| format!(" to {target}")).unwrap_or_default();
        format!("{}{target} {}", self.direction(), self.unit).trim_end().to_owned()
    }

    /// Reads a line: `Active users: up to 500 users`.
    fn read(line: &str) -> Result<Self, String> {
        let wrong = || format!("“{line}” isn’t a key figure. Write it like “Active users: up to 500 users”.");
        // A name may have a colon of its own.
        let (name, rest) = line.rsplit_once(':').ok_or_else(wrong)?;
        let name = name.trim();
        let mut words = rest.split_whitespace();
        let lower_is_better = match words.next() {
            Some(word) if word.eq_ignore_ascii_case("up") => false,
            Some(word) if word.eq_ignore_ascii_case("down") => true,
            _ => return Err(wrong()),
        };
        let mut words = words.peekable();
        let target = match words.next_if(|word| word.eq_ignore_ascii_case("to")) {
            Some(_) => Some(Figure::read(words.next().ok_or_else(wrong)?, "")?),
            None => None,
        };
        let unit = words.collect::<Vec<_>>().join(" ");
        if name.is_empty() || name.chars().count() > MAX_NAME || unit.chars().count() > MAX_UNIT {
            return Err(wrong());
        }
        Ok(Self { name: name.to_owned(), unit, lower_is_better, target })
    }
}

/// What a playbook suggests.
///
/// # Errors
/// A sentence where it cannot be read.
pub fn kit_of(playbook: &Record) -> Result<Kit, String> {
    let lines = playbook.text("figures").unwrap_or_default().lines().map(str::trim);
    let figures =
        lines.filter(|line| !line.is_empty()).map(KitFigure::read).collect::<Result<Vec<_>, _>>()?;
    if figures.len() > MOST_KPIS {
        return Err(format!("A product has at most {MOST_KPIS} key figures."));
    }
    let names: Vec<String> = figures.iter().map(|figure| figure.name.to_lowercase()).collect();
    if let Some(twice) = names.iter().enumerate().position(|(at, name)| names[..at].contains(name)) {
        return Err(format!("“{}” is among the key figures twice.", figures[twice].name));
    }
    let mix = playbook.text("mix").map(read_mix).transpose()?;
    let model = playbook.text("score_model").map(|model| model.trim().to_owned());
    Ok(Kit { model: model.filter(|model| !model.is_empty()), figures, mix })
}

/// Reads a mix: `60/25/10/5, band 10`, in the order of [`Investment::ALL`].
fn read_mix(text: &str) -> Result<TargetMix, String> {
    let wrong = || {
        let order = Investment::ALL.iter().map(|of| of.label().to_lowercase()).collect::<Vec<_>>().join(", ");
        format!(
            "“{text}” isn’t a balance. Write the shares of {order} and the band, like “60/25/10/5, band 10”."
        )
    };
    let words = text.split(|c: char| c.is_whitespace() || "/,;±".contains(c));
    let words = words.map(|word| word.trim_end_matches('%')).filter(|word| !word.is_empty());
    let numbers = words.filter(|word| !word.eq_ignore_ascii_case("band")).map(str::parse::<u8>);
    let numbers: Vec<u8> = numbers.collect::<Result<_, _>>().map_err(|_| wrong())?;
    let &[innovation, retention, run, retire, band] = &numbers[..] else { return Err(wrong()) };
    let shares = [innovation, retention, run, retire];
    let sum: u32 = shares.iter().map(|share| u32::from(*share)).sum();
    match (sum, band) {
        (100, 0..=50) => Ok(TargetMix { shares, band }),
        (100, _) => Err("The band is at most 50 points.".to_owned()),
        _ => Err(format!("The shares add up to {sum} %. Make them add up to 100 %.")),
    }
}

/// The mix that a product has for every quarter, among its targets.
pub fn usual_mix(targets: &[Target]) -> Option<TargetMix> {
    targets.iter().find(|target| target.quarter.is_none()).map(|target| target.mix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PLAYBOOK, RecordId, Stamp, Timestamp, UserId, Value};

    fn playbook(texts: &[(&str, &str)]) -> Record {
        let stamp = Stamp { by: UserId::NIL, at: Timestamp(0) };
        let usual = [("name", "Grow"), ("stage", "growth")];
        let texts = usual.iter().chain(texts).map(|(key, text)| (*key, Value::Text((*text).to_owned())));
        let values = texts.map(|(key, value)| (key.parse().unwrap(), value)).collect();
        let id = RecordId::new(1, [1; 10]);
        Record { id, product: None, version: 1, values, created: stamp, changed: stamp, deleted: None }
    }

    #[test]
    fn key_figures_of_a_stage_are_lines() {
        let figures =
            "Active users: up to 1200 users\n\nClosing time: Down to 2,5 days\nNPS: up\nSLA: all: up %";
        let kit = kit_of(&playbook(&[("figures", figures)])).unwrap();
        let told: Vec<_> = kit.figures.iter().map(|figure| (&*figure.name, figure.words())).collect();
        assert_eq!(
            told,
            [
                ("Active users", "up to 1200 users".to_owned()),
                ("Closing time", "down to 2.5 days".to_owned()),
                ("NPS", "up".to_owned()),
                ("SLA: all", "up %".to_owned()),
            ]
        );
        assert_eq!((kit.model, kit.mix), (None, None));
        let refused = |figures: &str| {
            let playbook = playbook(&[("figures", figures)]);
            PLAYBOOK.check(&playbook, &[]).unwrap_err()
        };
        assert!(refused("Active users").contains("Write it like"));
        assert!(refused("Active users: sideways").contains("Write it like"));
        assert!(refused("Active users: up to many").contains("isn’t a number"));
        assert!(refused("A: up\na : down").contains("twice"));
    }

    #[test]
    fn the_mix_of_a_stage_adds_up_or_is_left_out() {
        let all = [("score_model", " Growth weights "), ("mix", "60/25 / 10 % / 5 %, band 10")];
        let kit = kit_of(&playbook(&all)).unwrap();
        assert_eq!(kit.mix, Some(TargetMix { shares: [60, 25, 10, 5], band: 10 }));
        assert_eq!(kit.model.as_deref(), Some("Growth weights"));
        assert_eq!(kit_of(&playbook(&[])).unwrap(), Kit::default());
        let refused = |mix: &str| PLAYBOOK.check(&playbook(&[("mix", mix)]), &[]).unwrap_err();
        assert!(refused("60/25/10/4, band 10").contains("add up to 99 %"));
        assert!(refused("60/25/10/5").contains("like “60/25/10/5, band 10”"));
        assert!(refused("60/25/10/5, band 51").contains("at most 50"));
        assert!(refused("a lot").contains("innovation, retention, run, retire"));
    }
}
