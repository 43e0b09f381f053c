//! Words that people and other tools use for what an item has, in English, German, French and Spanish.

use domain::{Investment, ItemKind, NATIVE, PersonDays, Status};

/// Letters and digits in lower case: `Fix version/s` and `fix_versions` are one word.
pub(super) fn folded(text: &str) -> String {
    // A letter and a mark after it are one letter.
    let text = if text.is_ascii() { text.to_owned() } else { (NATIVE.compatible)(text) };
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Names that look the same, as one.
pub(super) fn alike(name: &str) -> String {
    domain::fold(name, &NATIVE)
}

/// A text with each letter and its marks in one form.
pub(super) fn composed(text: &str) -> String {
    if text.is_ascii() { text.to_owned() } else { (NATIVE.composed)(text) }
}

pub(super) fn status(text: &str) -> Option<Status> {
    let status = match folded(text).as_str() {
        "accepted"
        | "approved"
        | "committed"
        | "todo"
        | "ready"
        | "scheduled"
        | "open"
        | "selected"
        | "selectedfordevelopment"
        | "next"
        | "notstarted"
        | "opened"
        | "reopened"
        | "unstarted"
        | "tostart"
        | "offen"
        | "geplant"
        | "zuerledigen"
        | "nichtgestartet"
        | "nichtbegonnen"
        | "bereit"
        | "freigegeben"
        | "àfaire"
        | "afaire"
        | "planifié"
        | "ouvert"
        | "noncommencé"
        | "validé"
        | "porhacer"
        | "planificado"
        | "planificada"
        | "pendiente"
        | "abierto"
        | "noiniciado"
        | "sininiciar"
        | "readyfordevelopment" => Status::Planned,
        "new" | "idea" | "draft" | "backlog" | "underconsideration" | "candidate" | "submitted"
        | "requested" | "triage" | "ideas" | "icebox" | "needsreview" | "newidea" | "vorgeschlagen"
        | "idee" | "neu" | "entwurf" | "proposé" | "idée" | "nouveau" | "brouillon" | "propuesto"
        | "propuesta" | "nuevo" | "borrador" => Status::Proposed,
        "doing" | "started" | "active" | "wip" | "ongoing" | "indevelopment" | "inreview" | "intesting"
        | "underway" | "inflight" | "codereview" | "review" | "inqa" | "qa" | "testing" | "implementing"
        | "development" | "indelivery" | "inbearbeitung" | "inarbeit" | "begonnen" | "laufend" | "läuft"
        | "intest" | "prüfung" | "inprüfung" | "encours" | "commencé" | "enrevue" | "encurso"
        | "enprogreso" | "enproceso" | "enrevisión" | "iniciado" => Status::InProgress,
        "complete" | "completed" | "shipped" | "released" | "closed" | "delivered" | "launched"
        | "resolved" | "finished" | "live" | "merged" | "deployed" | "fertig" | "erledigt"
        | "abgeschlossen" | "geschlossen" | "umgesetzt" | "veröffentlicht" | "terminé" | "terminée"
        | "fini" | "fermé" | "livré" | "résolu" | "fait" | "hecho" | "hecha" | "terminado" | "terminada"
        | "completado" | "completada" | "cerrado" | "finalizado" | "resuelto" | "100" => Status::Done,
        "notaccepted" | "rejected" | "declined" | "cancelled" | "canceled" | "wontdo" | "wontfix"
        | "abandoned" | "withdrawn" | "notplanned" | "removed" | "duplicate" | "wontimplement"
        | "obsolete" | "willnotimplement" | "verworfen" | "abgelehnt" | "abgebrochen" | "storniert"
        | "annulé" | "annulée" | "abandonné" | "rejeté" | "refusé" | "cancelado" | "cancelada"
        | "rechazado" | "descartado" => Status::Dropped,
        _ => return choice(text),
    };
    Some(status)
}

pub(super) fn kind(text: &str) -> Option<ItemKind> {
    let kind = match folded(text).as_str() {
        "story" | "userstory" | "epic" | "newfeature" | "task" | "initiative" | "subtask"
        | "productbacklogitem" | "requirement" | "funktion" | "aufgabe" | "fonctionnalité" | "tâche"
        | "récit" | "epos" | "funcionalidad" | "tarea" | "historia" | "épica" => ItemKind::Feature,
        "improvement" | "change" | "verbesserung" | "änderung" | "amélioration" | "mejora" => {
            ItemKind::Enhancement
        }
        "bug" | "bugfix" | "defect" | "incident" | "problem" | "issue" | "fehler" | "störung"
        | "anomalie" | "bogue" | "error" | "incidencia" => ItemKind::Fix,
        "enabler" | "architecture" => ItemKind::Capability,
        "spike" | "research" | "discovery" | "prototype" => ItemKind::Experiment,
        "removal" | "sunset" | "deprecation" | "decommission" => ItemKind::Retirement,
        _ => return choice(text),
    };
    Some(kind)
}

pub(super) fn investment(text: &str) -> Option<Investment> {
    let investment = match folded(text).as_str() {
        "innovate" | "growth" | "grow" | "new" => Investment::Innovation,
        "retain" | "customers" => Investment::Retention,
        "runthebusiness" | "keepthelightson" | "ktlo" | "maintenance" | "operations" => Investment::Run,
        "retirement" | "sunset" | "decommission" => Investment::Retire,
        _ => return choice(text),
    };
    Some(investment)
}

/// The stored name or the label, with any spelling between words.
fn choice<T: std::str::FromStr<Err = String>>(text: &str) -> Option<T> {
    let joined = text.trim().split([' ', '-', '_']).filter(|word| !word.is_empty()).collect::<Vec<_>>();
    joined.join("_").parse().or_else(|_| text.parse()).ok()
}

/// `3`, `2.5`, `3 d`, `3 days`, `3 person-days`, `2w`.
pub(super) fn effort(text: &str) -> Result<PersonDays, &'static str> {
    const WRONG: &str = "This is not an effort. Write person-days, like 3 or 2.5.";
    let number = text.trim().trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = folded(&text.trim()[number.len()..]);
    // Spreadsheets write fractions with as many digits as they have.
    let number = match number.split_once('.') {
        Some((whole, fraction))
            if fraction.len() > 1 && fraction.bytes().skip(1).all(|byte| byte == b'0') =>
        {
            format!("{whole}.{}", &fraction[..1])
        }
        _ => number.to_owned(),
    };
    let days: PersonDays = number.parse().map_err(|_| WRONG)?;
    match unit.as_str() {
        "" | "d" | "day" | "days" | "pd" | "persondays" | "personday" | "pt" | "t" | "tag" | "tage"
        | "personentage" | "j" | "jour" | "jours" | "jh" | "día" | "días" | "manday" | "mandays" | "md" => {
            Ok(days)
        }
        "w" | "week" | "weeks" | "wochen" | "woche" | "personweeks" => {
            days.tenths().checked_mul(5).and_then(PersonDays::from_tenths).ok_or(WRONG)
        }
        _ => Err(WRONG),
    }
}

/// Whether a yes-or-no cell says yes; nothing counts as no.
pub(super) fn yes(text: &str) -> Result<bool, &'static str> {
    match folded(text).as_str() {
        "yes" | "y" | "true" | "x" | "1" | "ja" | "oui" | "si" | "sí" | "wahr" | "vrai" | "verdadero" => {
            Ok(true)
        }
        "no" | "n" | "false" | "0" | "nein" | "non" | "falsch" | "faux" | "falso" => Ok(false),
        // A tick has neither letters nor digits.
        "" => Ok(matches!(text.trim(), "✓" | "✔" | "☑" | "✅")),
        _ => Err("This is neither yes nor no. Write yes, or leave it empty."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_tools_words_are_understood() {
        for (text, expected) in [
            ("Accepted", Status::Planned),
            ("Not accepted", Status::Dropped),
            ("PROPOSED", Status::Proposed),
            ("in-progress", Status::InProgress),
            ("in_progress", Status::InProgress),
            ("Won't do", Status::Dropped),
            ("Zu erledigen", Status::Planned),
            ("In Arbeit", Status::InProgress),
            ("Terminé", Status::Done),
            ("En curso", Status::InProgress),
            ("Removed", Status::Dropped),
        ] {
            assert_eq!(status(text), Some(expected), "{text}");
        }
        assert_eq!(status("perhaps"), None);
        assert_eq!(kind("User story"), Some(ItemKind::Feature));
        assert_eq!(kind("Fehler"), Some(ItemKind::Fix));
        assert_eq!(kind("enhancement"), Some(ItemKind::Enhancement));
        assert_eq!(investment("Keep the lights on"), Some(Investment::Run));
        assert_eq!(investment("x"), None);
    }

    #[test]
    fn every_choice_is_understood_as_it_is_exported_and_shown() {
        for choice in Status::ALL {
            assert_eq!((status(choice.as_str()), status(choice.label())), (Some(*choice), Some(*choice)));
        }
        for choice in ItemKind::ALL {
            assert_eq!((kind(choice.as_str()), kind(choice.label())), (Some(*choice), Some(*choice)));
        }
        for choice in Investment::ALL {
            let both = (investment(choice.as_str()), investment(choice.label()));
            assert_eq!(both, (Some(*choice), Some(*choice)));
        }
    }

    #[test]
    fn effort_may_name_its_unit() {
        let tenths = |text| effort(text).map(PersonDays::tenths);
        assert_eq!(tenths("3"), Ok(30));
        assert_eq!(tenths("2,5 days"), Ok(25));
        assert_eq!(tenths("2.50"), Ok(25));
        assert_eq!(tenths("12 person-days"), Ok(120));
        assert_eq!(tenths("3 weeks"), Ok(150));
        assert!(tenths("3 months").is_err());
        assert!(tenths("d").is_err());
        assert!(tenths("-3").is_err());
    }

    #[test]
    fn yes_is_recognised() {
        assert_eq!(yes("Yes"), Ok(true));
        assert_eq!(yes("✓"), Ok(true));
        assert_eq!(yes(""), Ok(false));
        assert_eq!(yes("FALSE"), Ok(false));
        assert!(yes("maybe").is_err());
    }
}
