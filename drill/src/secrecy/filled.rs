//! Editors who vote for customers beside a voter or two, so that there are enough ballots to publish them.

use anyhow::{Result, ensure};
use domain::{
    CastId, Role, SegmentId,
    voting::{Mode, Rules, Secrecy as Level, SegmentKind},
};
use rand::{RngExt as _, rngs::StdRng};

use super::Secrecy;
use crate::{
    edits,
    server::Server,
    session::{Session, http_client},
    votes::{Answer, Booth, Customer, Poll, candidates, some_dots},
};

/// So many voters of a group have to vote themselves for it to be shown.
const SHOWN: usize = 3;

const DEPARTMENT: &str = "Harbour";

/// Holds sessions in which a group, or all who vote, are a few voters and many customers. Returns how many groups were filled
/// up; with as many voters as it takes, a group has to be shown, or the drill looks at too little.
pub(super) async fn fill(arguments: &Secrecy, rng: &mut StdRng) -> Result<usize> {
    let mut server = Server::prepare(arguments.folder.as_deref(), true)?;
    server.start().await?;
    let owner = Session::demo(&server, Role::Owner).await?;
    let department = owner.new_department(DEPARTMENT).await?;
    let mut filled = 0;
    for round in 0..arguments.pairs.clamp(1, 20) {
        for split in [true, false] {
            for voters in 1..=SHOWN {
                let customers = rng.random_range(SHOWN + 1 - voters..=SHOWN + 2);
                let group = Group { department, round, split, voters, customers };
                let shown = group.hold(&server, &owner, rng).await?;
                ensure!(
                    shown == (voters >= SHOWN),
                    "a group of {voters} voters and {customers} customers is {}",
                    if shown { "shown" } else { "not shown" }
                );
                filled += usize::from(!shown);
            }
        }
    }
    server.stop().await?;
    Ok(filled)
}

struct Group {
    department: SegmentId,
    round: usize,
    /// The department beside others, or alone.
    split: bool,
    voters: usize,
    customers: usize,
}

impl Group {
    /// Whether its ballots are published as a group's.
    async fn hold(&self, server: &Server, editor: &Session, rng: &mut StdRng) -> Result<bool> {
        let candidates = candidates(editor).await?;
        let poll = Poll {
            title: format!("Group {} {} {}", self.round, self.split, self.voters),
            rules: Rules { mode: Mode::Dots, tokens: 10, most: 0 },
            secrecy: Level::Secret,
            candidates: candidates.clone(),
            split: Some(SegmentKind::Department),
        };
        let voting = editor.open_poll(&poll).await?;
        let department = Some(self.department);
        let mut groups = vec![(department, self.voters)];
        if self.split {
            groups.push((None, SHOWN));
        }
        for (segment, voters) in groups {
            let code = editor.entry_code(voting, segment).await?;
            for number in 0..voters {
                let booth = Booth::enter(http_client()?, &[server.origin()], &code, number).await?;
                let cast = edits::id(rng, CastId::new);
                let (answer, _) = booth.cast(voting, cast, &some_dots(&candidates, rng), rng).await?;
                ensure!(matches!(answer, Answer::Counted { .. }), "a cast is answered {answer:?}");
            }
        }
        for number in 0..self.customers {
            let customer = Customer { name: format!("Customer {number}"), segment: department };
            editor.vote_for(voting, &customer, &some_dots(&candidates, rng)).await?;
        }
        editor.close_poll(voting).await?;
        let record = editor.record(voting).await?;
        if !self.split {
            return Ok(record.is_some());
        }
        let marked = record.is_some_and(|record| record.ballots.iter().any(|b| b.group == department));
        let table = editor.open(&format!("/voting/{voting}/result.csv")).await?.text().await?;
        ensure!(marked == table.contains(DEPARTMENT), "record and table disagree on who is shown");
        Ok(marked)
    }
}
