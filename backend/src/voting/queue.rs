//! Casts that wait for SQLite's one writer. What comes while some are decided and made durable is decided next, in one
//! transaction: a disk that syncs a thousand times a second keeps more casts than that.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::oneshot;

use super::cast::{Answer, Cast, decide};
use crate::{Backend, Error};

/// The most casts that wait; later ones are asked to retry.
const WAITING: usize = 1_024;

/// The most casts one transaction takes. More would not make it cheaper, only slower.
const TOGETHER: usize = 256;

/// The casts that wait.
#[derive(Debug, Default)]
pub(super) struct Queue(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    jobs: VecDeque<Job>,
    /// Whether a task is at work on them.
    worked_on: bool,
}

#[derive(Debug)]
struct Job {
    cast: Cast,
    reply: oneshot::Sender<Result<Answer, Error>>,
}

impl Queue {
    /// The casts to decide next. Without any, the next that comes starts a task again.
    fn next(&self) -> Option<Vec<Job>> {
        let mut waiting = self.lock();
        let some = waiting.jobs.len().min(TOGETHER);
        waiting.worked_on = some > 0;
        (some > 0).then(|| waiting.jobs.drain(..some).collect())
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Decides a cast together with others that wait. It is decided even if nobody waits for the answer any more.
pub(super) async fn cast(backend: &Backend, cast: Cast) -> Result<Answer, Error> {
    let (reply, answer) = oneshot::channel();
    let starts = {
        let mut waiting = backend.voting.queue.lock();
        if waiting.jobs.len() >= WAITING {
            return Err(Error::Busy);
        }
        waiting.jobs.push_back(Job { cast, reply });
        !std::mem::replace(&mut waiting.worked_on, true)
    };
    if starts {
        tokio::spawn(run(backend.clone()));
    }
    answer.await.unwrap_or_else(|_| Err(Error::internal("a cast was left without an answer")))
}

async fn run(backend: Backend) {
    while let Some(jobs) = backend.voting.queue.next() {
        // A task of its own: a fault in it costs these casts, and not all that come later.
        if let Err(error) = tokio::spawn(settle(backend.clone(), jobs)).await {
            tracing::error!(%error, "casts were left undecided");
        }
    }
}

/// Decides casts and answers them, once what was decided is durable.
async fn settle(backend: Backend, jobs: Vec<Job>) {
    let (casts, replies): (Vec<Cast>, Vec<_>) = jobs.into_iter().map(|job| (job.cast, job.reply)).unzip();
    match decide(&backend, &casts).await {
        Ok(answers) => {
            for (reply, answer) in replies.into_iter().zip(answers) {
                // A client that has gone away does not mind.
                drop(reply.send(Ok(answer)));
            }
        }
        Err(error) if casts.len() > 1 && !matches!(error, Error::Unavailable(_) | Error::Full(_)) => {
            // One of them is at fault; the others shall not suffer for it.
            tracing::error!(?error, "casts could not be decided together; they are tried one by one");
            for (cast, reply) in casts.into_iter().zip(replies) {
                drop(reply.send(decide(&backend, &[cast]).await.map(|mut answers| answers.remove(0))));
            }
        }
        Err(error) => {
            for reply in replies {
                drop(reply.send(Err(error.for_another())));
            }
        }
    }
}
