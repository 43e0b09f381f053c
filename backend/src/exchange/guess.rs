//! What the columns of a file may mean, from their headers first and their values second.

use std::collections::BTreeSet;

use domain::{
    FIELDS, FieldPlan,
    exchange::{Mapping, Target},
};

use super::{
    dates::{self, Edge, Order},
    family::Family,
    grid::values,
    plan::MAX_NEW_LANES,
    table::Table,
    words,
};

/// Headers that say what a column is, in English, German, French and Spanish, in the order in which they claim it.
const NAMES: &[(Target, &[&str])] = &[
    (Target::OwnKey, &["cairnkey"]),
    (
        Target::Key,
        &[
            "key",
            "id",
            "issuekey",
            "itemkey",
            "sourcekey",
            "externalid",
            "identifier",
            "issueid",
            "ref",
            "taskid",
            "number",
            "schlüssel",
            "nummer",
            "nr",
            "vorgangsschlüssel",
            "kennung",
            "identifiant",
            "clé",
            "référence",
            "clave",
            "identificador",
        ],
    ),
    (
        Target::Title,
        &[
            "title",
            "name",
            "summary",
            "item",
            "feature",
            "goal",
            "epic",
            "subject",
            "initiative",
            "what",
            "task",
            "taskname",
            "featurename",
            "cardname",
            "itemname",
            "story",
            "userstory",
            "headline",
            "topic",
            "titel",
            "bezeichnung",
            "zusammenfassung",
            "thema",
            "betreff",
            "aufgabe",
            "vorhaben",
            "maßnahme",
            "massnahme",
            "funktion",
            "was",
            "titre",
            "nom",
            "résumé",
            "intitulé",
            "libellé",
            "sujet",
            "tâche",
            "fonctionnalité",
            "título",
            "titulo",
            "nombre",
            "resumen",
            "asunto",
            "tarea",
            "funcionalidad",
            "iniciativa",
        ],
    ),
    (
        Target::Description,
        &[
            "description",
            "details",
            "body",
            "descriptionmarkdown",
            "notes",
            "summarytext",
            "beschreibung",
            "einzelheiten",
            "notizen",
            "descriptif",
            "détails",
            "descripción",
            "descripcion",
            "detalles",
        ],
    ),
    (
        Target::Lane,
        &[
            "lane",
            "column",
            "period",
            "quarter",
            "horizon",
            "timeframe",
            "bucket",
            "milestone",
            "release",
            "list",
            "fixversion",
            "fixversions",
            "sprint",
            "phase",
            "bucketname",
            "listname",
            "section",
            "sectioncolumn",
            "iteration",
            "iterationpath",
            "swimlane",
            "zeitraum",
            "quartal",
            "spalte",
            "meilenstein",
            "abschnitt",
            "etappe",
            "trimestre",
            "colonne",
            "période",
            "jalon",
            "étape",
            "columna",
            "periodo",
            "período",
            "hito",
            "fase",
            "lista",
        ],
    ),
    (
        Target::Status,
        &[
            "status",
            "state",
            "progress",
            "zustand",
            "stand",
            "fortschritt",
            "statut",
            "état",
            "avancement",
            "estado",
        ],
    ),
    (
        Target::Kind,
        &[
            "type",
            "kind",
            "itemtype",
            "issuetype",
            "category",
            "workitemtype",
            "typ",
            "art",
            "vorgangstyp",
            "kategorie",
            "typedeticket",
            "catégorie",
            "tipo",
            "tipodeincidencia",
            "categoría",
        ],
    ),
    (Target::Investment, &["investment", "investmenttype", "investmentkind"]),
    (
        Target::Effort,
        &[
            "effort",
            "effortinpersondays",
            "persondays",
            "estimate",
            "size",
            "days",
            "effortdays",
            "aufwand",
            "aufwandinpt",
            "personentage",
            "pt",
            "schätzung",
            "tage",
            "charge",
            "chargejh",
            "estimation",
            "jours",
            "esfuerzo",
            "estimación",
            "días",
        ],
    ),
    (
        Target::Start,
        &[
            "start",
            "startdate",
            "begin",
            "from",
            "starts",
            "plannedstart",
            "beginn",
            "startdatum",
            "anfang",
            "von",
            "début",
            "datededébut",
            "du",
            "inicio",
            "fechadeinicio",
            "fechainicio",
            "desde",
        ],
    ),
    (
        Target::End,
        &[
            "end",
            "enddate",
            "due",
            "duedate",
            "finish",
            "until",
            "to",
            "targetdate",
            "deadline",
            "finishdate",
            "dueon",
            "ende",
            "enddatum",
            "fällig",
            "fälligam",
            "fälligkeit",
            "fälligkeitsdatum",
            "termin",
            "bis",
            "fin",
            "datedefin",
            "échéance",
            "datedéchéance",
            "au",
            "fechadefin",
            "fechafin",
            "vencimiento",
            "fechadevencimiento",
            "fechalímite",
            "hasta",
        ],
    ),
    (
        Target::Owner,
        &[
            "owner",
            "assignee",
            "lead",
            "responsible",
            "owneremail",
            "pointofcontact",
            "productmanager",
            "assignedto",
            "assignees",
            "assigneeemail",
            "ownername",
            "verantwortlich",
            "verantwortlicher",
            "zuständig",
            "zugewiesenan",
            "bearbeiter",
            "zugewieseneperson",
            "responsable",
            "assignéà",
            "attribuéà",
            "personneassignée",
            "propriétaire",
            "asignadoa",
            "personaasignada",
            "encargado",
            "wer",
            "who",
        ],
    ),
    (
        Target::Tags,
        &[
            "tags",
            "tag",
            "labels",
            "label",
            "teams",
            "team",
            "components",
            "component",
            "keywords",
            "stichwörter",
            "schlagwörter",
            "schlagworte",
            "etiketten",
            "bezeichnungen",
            "komponenten",
            "étiquettes",
            "motsclés",
            "équipe",
            "composants",
            "etiquetas",
            "etiqueta",
            "equipo",
            "componentes",
        ],
    ),
    (Target::Priority, &["priority", "prio", "priorität", "priorité", "prioridad"]),
];

/// Columns that are exported for people and never read back.
const OURS: &[&str] = &["votes", "fiscalquarter"];

/// Parts of headers whose values are worth keeping in the description.
const WORTH_KEEPING: &[&str] = &[
    "issue",
    "ticket",
    "link",
    "url",
    "reference",
    "note",
    "comment",
    "storypoint",
    "parent",
    "notiz",
    "kommentar",
];

/// What a column with this header is, in the files of a tool or in general.
pub(super) fn named(folded: &str, family: Option<&Family>) -> Option<Target> {
    let in_family = family.and_then(|family| family.columns.iter().find(|(name, _)| *name == folded));
    let in_general = || NAMES.iter().find(|(_, names)| names.contains(&folded)).map(|(target, _)| *target);
    in_family.map(|(_, target)| *target).or_else(in_general).or_else(|| field(folded))
}

/// The field of the table that a column with this header is.
fn field(folded: &str) -> Option<Target> {
    let is = |name: &str| words::folded(name) == folded;
    let found = FIELDS.iter().find(|field| is(&field.label) || field.headers.iter().any(|name| is(name)));
    found.and_then(Target::of)
}

/// A mapping of before, in which columns that became fields are taken for them.
pub(super) fn settled(mut mapping: Mapping, plan: &FieldPlan) -> Mapping {
    for (header, target) in &mut mapping.0 {
        let is_it = |name: &str| words::folded(name) == words::folded(header);
        let made =
            plan.all().find(|field| field.is_custom && plan.is_used(&field.key) && is_it(&field.label));
        if *target == Target::NewField
            && let Some(made) = made.and_then(|field| Target::of(&field))
        {
            *target = made;
        }
    }
    mapping
}

/// A mapping to begin with.
pub(super) fn guess(table: &Table, plan: &FieldPlan) -> Mapping {
    let mut guess = Guess { table, plan, targets: vec![None; table.headers.len()] };
    for (name, target) in table.family.map_or(&[][..], |family| family.columns) {
        guess.claim(*target, name);
    }
    // What people named themselves means that.
    let own = plan.all().filter(|field| field.is_custom && plan.is_used(&field.key));
    for (target, name) in own.filter_map(|field| Some((Target::of(&field)?, words::folded(&field.label)))) {
        // A row without these isn’t an item.
        if !matches!(named(&name, None), Some(Target::Title | Target::Key | Target::OwnKey)) {
            guess.claim(target, &name);
        }
    }
    // In our own exports their names mean them alone; elsewhere teams and priorities have become tags for long.
    let is_ours = table.family.is_some_and(|family| family.name == "Cairn");
    if is_ours {
        guess.claim_fields();
    }
    for (target, names) in NAMES {
        for name in *names {
            guess.claim(*target, name);
        }
    }
    guess.claim_fields();
    let mut taken: BTreeSet<Target> = guess.targets.iter().flatten().copied().collect();
    for index in 0..table.headers.len() {
        if guess.targets[index].is_none() {
            let target = if table.family.is_some() && !taken.contains(&Target::Title) {
                Target::Ignore
            } else {
                by_values(table, index, &table.folded[index], &taken)
            };
            guess.targets[index] = Some(target);
            taken.insert(target);
        }
    }
    let mut targets = guess.targets;
    if !taken.contains(&Target::Title)
        && let Some(index) = likeliest_title(table, &targets)
    {
        targets[index] = Some(Target::Title);
    }
    let targets = targets.into_iter().map(|target| target.unwrap_or(Target::Ignore));
    Mapping(table.headers.iter().cloned().zip(targets).collect())
}

struct Guess<'a> {
    table: &'a Table,
    plan: &'a FieldPlan,
    targets: Vec<Option<Target>>,
}

impl Guess<'_> {
    /// Takes the columns that are called like fields of the table.
    fn claim_fields(&mut self) {
        for index in 0..self.targets.len() {
            let target = field(&self.table.folded[index]);
            let is_used = |target: &Target| !matches!(target, Target::Field(key) if !self.plan.is_used(key));
            if let Some(target) = target.filter(is_used) {
                self.claim(target, &self.table.folded[index]);
            }
        }
    }

    /// Takes the columns of a name for a target, unless another has it already or they cannot be it.
    fn claim(&mut self, target: Target, name: &str) {
        for index in 0..self.targets.len() {
            if self.table.folded[index] != name || self.targets[index].is_some() {
                continue;
            }
            let is_taken = !target.is_shared() && self.targets.contains(&Some(target));
            let has_values = self.table.values(index).next().is_some();
            if is_taken {
                // What else says when something happens is worth keeping; what else says who or what it is, is not.
                if target == Target::Lane && has_values {
                    self.targets[index] = Some(Target::Append);
                }
            } else if target == Target::Lane && self.is_too_varied(index) {
                self.targets[index] = Some(Target::Append);
            // Of the columns that a tool may have for a target, the first that is in use.
            } else if has_values || self.table.family.is_none_or(|family| family.name == "Cairn") {
                self.targets[index] = Some(target);
            }
        }
    }

    /// Of so many lanes nobody sees any.
    fn is_too_varied(&self, index: usize) -> bool {
        let mut different = BTreeSet::new();
        for value in self.table.values(index).filter_map(|value| values(value).last()) {
            different.insert(value.to_lowercase());
            if different.len() > MAX_NEW_LANES {
                return true;
            }
        }
        false
    }
}

fn by_values(table: &Table, column: usize, header: &str, taken: &BTreeSet<Target>) -> Target {
    let all = |check: &dyn Fn(&str) -> bool| {
        let mut values = table.values(column).peekable();
        values.peek().is_some() && values.all(check)
    };
    let free = |target: Target| !taken.contains(&target);
    let is_day = |value: &str| dates::day(value, Edge::First, Order::DayFirst).is_ok();
    if OURS.contains(&header) || table.values(column).next().is_none() {
        Target::Ignore
    } else if all(&|value| words::yes(value).is_ok())
        && table.values(column).any(|value| words::yes(value) == Ok(true))
    {
        // Counts and numbers are zeros and ones now and then.
        let is_count = all(&|value| value.bytes().all(|byte| byte.is_ascii_digit()));
        if is_count || table.family.is_some() { Target::Ignore } else { Target::TagIfYes }
    } else if free(Target::Status) && table.family.is_none() && all(&|value| words::status(value).is_some()) {
        Target::Status
    } else if free(Target::Owner)
        && table.family.is_none()
        && all(&|value| value.parse::<domain::Email>().is_ok())
    {
        Target::Owner
    } else if all(&is_day) {
        let has = |words: &[&str]| words.iter().any(|word| header.contains(word));
        if has(&["start", "begin", "début", "inicio"]) && free(Target::Start) {
            Target::Start
        } else if has(&["end", "due", "finish", "target", "fällig", "fin", "échéance"]) && free(Target::End)
        {
            Target::End
        } else {
            Target::Ignore
        }
    } else if WORTH_KEEPING.iter().any(|word| header.contains(word)) && !header.contains("count") {
        Target::Append
    } else {
        Target::Ignore
    }
}

/// The column with most text that nothing else is known about: words, neither days, numbers and ids nor whole paragraphs.
fn likeliest_title(table: &Table, targets: &[Option<Target>]) -> Option<usize> {
    let score = |column: usize| -> u64 {
        let (mut count, mut length, mut titles, mut spaced) = (0_u64, 0_u64, 0_u64, 0_u64);
        let mut different = BTreeSet::new();
        for value in table.values(column).take(500) {
            let characters = value.chars().count() as u64;
            let is_title = value.chars().any(char::is_alphabetic)
                && characters <= 200
                && !value.contains('\n')
                && !value.starts_with("http")
                && value.parse::<domain::Email>().is_err()
                && dates::day(value, Edge::First, Order::DayFirst).is_err();
            count += 1;
            length += characters;
            titles += u64::from(is_title);
            spaced += u64::from(is_title && value.contains(' '));
            different.insert(value);
        }
        if 2 * titles < count || count == 0 {
            return 0;
        }
        // Words rather than single ones; different rather than alike; rather long.
        1 + 1_000 * spaced / count + 1_000 * different.len() as u64 / count + (length / count).min(100)
    };
    let free = (0..targets.len()).filter(|index| {
        matches!(targets[*index], Some(Target::Ignore)) && !OURS.contains(&&*table.folded[*index])
    });
    let scored = free.map(|index| (score(index), index)).filter(|(score, _)| *score > 0);
    let best = scored.max_by_key(|(score, index)| (*score, usize::MAX - index)).map(|(_, index)| index);
    // Rather a poor title than none.
    best.or_else(|| {
        let has = |target: Target| targets.iter().position(|it| *it == Some(target));
        has(Target::Description).or_else(|| has(Target::Append)).or_else(|| has(Target::TagIfYes))
    })
    .or_else(|| (0..targets.len()).find(|index| table.values(*index).next().is_some()))
}

#[cfg(test)]
mod tests;
