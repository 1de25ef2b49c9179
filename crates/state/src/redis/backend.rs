//! [`Backend`] on Redis: arguments in, answers out; the work is in the scripts.

use super::event::{self, Entry};
use super::key::{Key, queue_word};
use super::{RedisBackend, health, line_json, reply, step_args};
use crate::backend::{Absence, Applied, Applying, Backend, LockRequest, Step};
use crate::line::BuildLine;
use crate::wake::Wakeups;
use crate::{
    Audit, Claim, ClaimRequest, DeadLetter, EventPage, IndexEntry, IndexQuery, IndexRun, JobView, LogPage,
    Outcome, QueueTake, Reaped, Repair, Reservation, Reserved, StateError, Warning, WorkerPresence,
    WorkerSeen,
};
use bytes::Bytes;
use shipstack_types::job::Holder;
use shipstack_types::{DeploymentId, DeploymentState, LogLine, PlanView, QueueName, Timestamp, WorkerId};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

/// Ids that one slice of reconcile looks at.
const SLICE: usize = 128;
/// Lines of one page at most, whatever is asked for.
const MAX_LINES: usize = 1000;

impl RedisBackend {
    async fn index_life(&self) -> Result<Option<String>, StateError> {
        let mut cmd = redis::cmd("GET");
        cmd.arg(self.key(Key::IndexLife));
        self.link.send("look for the life of the index", &cmd).await
    }

    async fn run_in(&self, life: &str) -> Result<IndexRun, StateError> {
        health::run(&self.link).await.map(|run| IndexRun::of(format!("{run} {life}")))
    }
}

/// Not the one before: the standard library's own seed, and a count.
fn new_life() -> String {
    format!("{:016x}", RandomState::new().build_hasher().finish())
}

impl Backend for RedisBackend {
    fn wakeups(&self) -> &Wakeups {
        &self.wakeups
    }

    async fn check(&self) -> Result<Vec<Warning>, StateError> {
        health::check(&self.link, &self.prefix).await
    }

    async fn apply(&self, id: &DeploymentId, step: &Step) -> Applying {
        let args = step_args(id.as_str(), step)?;
        let args: Vec<&[u8]> = args.iter().map(Vec::as_slice).collect();
        let answer: Vec<String> = self.link.run(&self.scripts.apply, &args).await?;
        let words: Vec<&str> = answer.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["ok", cancel, standing] => Ok(Ok(Applied { cancel: *cancel != "0", held: *standing == "held" })),
            [word] => {
                reply::refusal(word).map(Err).ok_or(StateError::unreadable(self.scripts.apply.operation))
            }
            _ => Err(StateError::unreadable(self.scripts.apply.operation)),
        }
    }

    async fn wait_for_work(&self, queue: QueueName, at_most: Duration) -> Result<(), StateError> {
        let list = self.key(Key::Queue(queue));
        let seconds = at_most.as_secs_f64().to_string();
        if self.take == QueueTake::Brpop && queue == QueueName::Build {
            let mut cmd = redis::cmd("BRPOP");
            cmd.arg(list).arg(seconds);
            let popped: Option<(String, Vec<u8>)> =
                self.waits.block(self.link.client(), &cmd, at_most).await?;
            if let Some((_, element)) = popped {
                self.keep_popped(element);
            }
            return Ok(());
        }
        // Moves the oldest element to where it is: a wait that pops nothing.
        let mut cmd = redis::cmd("BLMOVE");
        cmd.arg(&list).arg(&list).arg("RIGHT").arg("RIGHT").arg(seconds);
        self.waits.block::<redis::Value>(self.link.client(), &cmd, at_most).await.map(|_| ())
    }

    async fn claim_next(
        &self,
        queue: QueueName,
        request: &ClaimRequest,
    ) -> Result<Option<Claim>, StateError> {
        if self.take == QueueTake::Claim || queue == QueueName::Intake {
            return self.claim(queue, request, None).await;
        }
        let Some(element) = self.take_popped() else { return Ok(None) };
        let claim = self.claim(queue, request, Some(&element)).await;
        if claim.is_err() {
            self.keep_popped(element);
        }
        claim
    }

    async fn sweep(
        &self,
        queue: QueueName,
        worker: &WorkerId,
        in_hands: &[DeploymentId],
    ) -> Result<u32, StateError> {
        let mut args = vec![queue_word(queue).as_bytes(), worker.as_str().as_bytes()];
        args.extend(in_hands.iter().map(|id| id.as_str().as_bytes()));
        self.link.run(&self.scripts.sweep, &args).await
    }

    async fn reap(&self, absence: Absence) -> Result<Vec<Reaped>, StateError> {
        let absent: &[u8] = if absence == Absence::Seen { b"1" } else { b"0" };
        let flat: Vec<String> = self.link.run(&self.scripts.reap, &[absent]).await?;
        let reaped: Option<Vec<Reaped>> = flat.chunks(4).map(reply::reaped).collect();
        reaped.ok_or(StateError::unreadable(self.scripts.reap.operation))
    }

    async fn promote_due(&self) -> Result<u32, StateError> {
        self.link.run(&self.scripts.promote, &[]).await
    }

    async fn unfinished(&self, cursor: u64) -> Result<(Vec<DeploymentId>, u64), StateError> {
        let mut cmd = redis::cmd("SSCAN");
        cmd.arg(self.key(Key::Unfinished)).arg(cursor).arg("COUNT").arg(SLICE);
        let (next, ids): (u64, Vec<String>) = self.link.send("list unfinished jobs", &cmd).await?;
        // Only our scripts add here; what is no id was put there by hand and is nobody's job.
        Ok((ids.iter().filter_map(|id| id.parse().ok()).collect(), next))
    }

    async fn repair(&self, id: &DeploymentId) -> Result<Repair, StateError> {
        let word: String = self.link.run(&self.scripts.repair, &[id.as_str().as_bytes()]).await?;
        reply::repair(&word).ok_or(StateError::unreadable(self.scripts.repair.operation))
    }

    async fn audit(&self, id: &DeploymentId) -> Result<Option<Audit>, StateError> {
        let script = &self.scripts.audit;
        let fields: Vec<String> = self.link.run(script, &[id.as_str().as_bytes()]).await?;
        if fields.is_empty() {
            return Ok(None);
        }
        reply::audit(&fields).map(Some).ok_or(StateError::unreadable(script.operation))
    }

    async fn up_since(&self) -> Result<Timestamp, StateError> {
        health::up_since(&self.link).await
    }

    async fn outcome(&self, id: &DeploymentId) -> Result<Option<Outcome>, StateError> {
        let answer: Vec<Vec<u8>> = self.link.run(&self.scripts.outcome, &[id.as_str().as_bytes()]).await?;
        let Ok([state, record]) = <[Vec<u8>; 2]>::try_from(answer) else { return Ok(None) };
        let state = std::str::from_utf8(&state).ok().and_then(|word| word.parse().ok());
        let state = state.ok_or(StateError::unreadable(self.scripts.outcome.operation))?;
        Ok(Some(Outcome { state, record: Bytes::from(record) }))
    }

    async fn status(&self, id: &DeploymentId) -> Result<Option<DeploymentState>, StateError> {
        let mut cmd = redis::cmd("HGET");
        cmd.arg(self.key(Key::Status)).arg(id.as_str());
        let word: Option<Vec<u8>> = self.link.send("read a status", &cmd).await?;
        let word = word.as_deref().and_then(|word| std::str::from_utf8(word).ok());
        match word.map(str::parse) {
            Some(Ok(state)) => Ok(Some(state)),
            // Somebody wrote a word of his own; the job knows better.
            Some(Err(_)) => Ok(self.job(id).await?.map(|job| job.state)),
            None => Ok(None),
        }
    }

    async fn job(&self, id: &DeploymentId) -> Result<Option<JobView>, StateError> {
        let fields: Vec<String> = self.link.run(&self.scripts.view, &[id.as_str().as_bytes()]).await?;
        Ok(reply::job(&fields))
    }

    async fn append_log(
        &self,
        id: &DeploymentId,
        holder: &Holder,
        lines: &[LogLine],
    ) -> Result<(), StateError> {
        let number = holder.number.to_string();
        let mut args = vec![
            id.as_str().as_bytes().to_vec(),
            queue_word(holder.queue).into(),
            holder.worker.as_str().into(),
            number.into_bytes(),
        ];
        for line in lines {
            args.extend([line.seq.to_string().into_bytes(), line_json(line)?]);
        }
        let args: Vec<&[u8]> = args.iter().map(Vec::as_slice).collect();
        let answer: Vec<String> = self.link.run(&self.scripts.append_log, &args).await?;
        let words: Vec<&str> = answer.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["ok"] => Ok(()),
            ["lease-lost"] => Err(StateError::LeaseLost { id: id.clone() }),
            ["gap", missing] => {
                Err(StateError::LogGap { id: id.clone(), missing: missing.parse().unwrap_or_default() })
            }
            _ => Err(StateError::unreadable(self.scripts.append_log.operation)),
        }
    }

    async fn note_plan(&self, id: &DeploymentId, holder: &Holder, plan: &PlanView) -> Result<(), StateError> {
        let unreadable = || StateError::unreadable(self.scripts.note_plan.operation);
        let (number, plan) = (holder.number.to_string(), serde_json::to_vec(plan).map_err(|_| unreadable())?);
        let queue = queue_word(holder.queue).as_bytes();
        let args =
            [id.as_str().as_bytes(), queue, holder.worker.as_str().as_bytes(), number.as_bytes(), &plan];
        let answer: String = self.link.run(&self.scripts.note_plan, &args).await?;
        match answer.as_str() {
            "ok" => Ok(()),
            "lease-lost" => Err(StateError::LeaseLost { id: id.clone() }),
            _ => Err(unreadable()),
        }
    }

    async fn read_log(&self, id: &DeploymentId, from_seq: u64, max: usize) -> Result<LogPage, StateError> {
        let (first, most) = (from_seq.to_string(), max.min(MAX_LINES).to_string());
        let args = [id.as_str().as_bytes(), first.as_bytes(), most.as_bytes()];
        let answer: Vec<Vec<u8>> = self.link.run(&self.scripts.read_log, &args).await?;
        let mut answer = answer.into_iter();
        let closed = answer.next().as_deref() == Some(b"closed");
        // A line that cannot be read was put there by hand.
        let lines = answer.filter_map(|line| serde_json::from_slice(&line).ok()).collect();
        Ok(LogPage { lines, closed })
    }

    async fn drop_log(&self, id: &DeploymentId) -> Result<(), StateError> {
        let mut cmd = redis::cmd("DEL");
        cmd.arg(format!("{}{id}", self.key(Key::Log)));
        self.link.send("drop a log", &cmd).await
    }

    async fn index_complete(&self) -> Result<bool, StateError> {
        let mut cmd = redis::cmd("GET");
        cmd.arg(self.key(Key::IndexComplete));
        let marked: Option<String> = self.link.send("look for the index marker", &cmd).await?;
        let Some(marked) = marked else { return Ok(false) };
        let Some(life) = self.index_life().await? else { return Ok(false) };
        Ok(self.run_in(&life).await? == IndexRun::of(marked))
    }

    async fn index_run(&self) -> Result<IndexRun, StateError> {
        let mut cmd = redis::cmd("SET");
        cmd.arg(self.key(Key::IndexLife)).arg(new_life()).arg("NX");
        self.link.send::<Option<String>>("begin a life of the index", &cmd).await?;
        // Emptied again in between, it is of no life, and complete for none.
        let life = self.index_life().await?.unwrap_or_default();
        self.run_in(&life).await
    }

    async fn mark_index_complete(&self, run: &IndexRun) -> Result<(), StateError> {
        let mut cmd = redis::cmd("SET");
        cmd.arg(self.key(Key::IndexComplete)).arg(run.as_str());
        self.link.send("set the index marker", &cmd).await
    }

    async fn try_lock(&self, request: LockRequest<'_>) -> Result<bool, StateError> {
        // Nought would give it back.
        let millis = request.lease.as_millis().max(1).to_string();
        let args = [request.name.as_bytes(), request.holder.as_str().as_bytes(), millis.as_bytes()];
        self.link.run(&self.scripts.lock, &args).await
    }

    async fn unlock(&self, name: &str, holder: &WorkerId) -> Result<(), StateError> {
        let args = [name.as_bytes(), holder.as_str().as_bytes(), b"0"];
        self.link.run::<redis::Value>(&self.scripts.lock, &args).await.map(|_| ())
    }

    async fn dead_letters(&self, max: usize) -> Result<Vec<DeadLetter>, StateError> {
        let mut cmd = redis::cmd("LRANGE");
        cmd.arg(self.key(Key::DeadLetters)).arg(0).arg(max.saturating_sub(1));
        let letters: Vec<Vec<u8>> = self.link.send("read dead letters", &cmd).await?;
        Ok(letters.iter().filter_map(|letter| serde_json::from_slice(letter).ok()).collect())
    }

    async fn announce(&self, presence: &WorkerPresence, at_most: Duration) -> Result<(), StateError> {
        let details =
            serde_json::to_vec(presence).map_err(|_| StateError::unreadable("announce a worker"))?;
        let millis = at_most.as_millis().to_string();
        let args = [presence.worker.as_str().as_bytes(), &details, millis.as_bytes()];
        self.link.run::<redis::Value>(&self.scripts.workers, &args).await.map(|_| ())
    }

    async fn workers(&self) -> Result<Vec<WorkerSeen>, StateError> {
        let details: Vec<Vec<u8>> = self.link.run(&self.scripts.workers, &[]).await?;
        let mut workers: Vec<WorkerSeen> =
            details.iter().filter_map(|text| reply::worker_seen(text)).collect();
        workers.sort_by(|one, other| one.presence.worker.cmp(&other.presence.worker));
        Ok(workers)
    }

    async fn list(&self, query: &IndexQuery) -> Result<Vec<IndexEntry>, StateError> {
        self.read_list(query).await
    }

    async fn forget(&self, id: &DeploymentId) -> Result<bool, StateError> {
        self.link.run(&self.scripts.forget, &[id.as_str().as_bytes()]).await
    }

    async fn add_child(
        &self,
        parent: &DeploymentId,
        child: &DeploymentId,
        at: Timestamp,
    ) -> Result<(), StateError> {
        self.write_child(parent, child, at).await
    }

    async fn children(&self, parent: &DeploymentId, most: usize) -> Result<Vec<DeploymentId>, StateError> {
        self.read_children(parent, most).await
    }

    async fn reserve(&self, wanted: &Reservation) -> Result<Reserved, StateError> {
        self.write_reservation(wanted).await
    }

    async fn newest_event(&self) -> Result<String, StateError> {
        let mut cmd = redis::cmd("XREVRANGE");
        cmd.arg(self.key(Key::Events)).arg("+").arg("-").arg("COUNT").arg(1);
        let newest: Vec<Entry> = self.link.send("read the newest event", &cmd).await?;
        Ok(newest.into_iter().next().map_or_else(|| event::BEGINNING.to_owned(), |(cursor, _)| cursor))
    }

    async fn events(&self, after: &str, max: usize) -> Result<Option<EventPage>, StateError> {
        if !event::is_cursor(after) {
            return Ok(None);
        }
        // From the cursor's own event on: whether that is still there says whether anything was forgotten since.
        let mut cmd = redis::cmd("XRANGE");
        cmd.arg(self.key(Key::Events)).arg(after).arg("+").arg("COUNT").arg(max.saturating_add(1));
        let entries = self.link.send("read events", &cmd).await?;
        let mut cmd = redis::cmd("XLEN");
        cmd.arg(self.key(Key::Events));
        let length = if after == event::BEGINNING { self.link.send("count events", &cmd).await? } else { 0 };
        Ok(event::page(after, entries, length))
    }

    async fn build_line(&self, id: &DeploymentId) -> Result<Option<BuildLine>, StateError> {
        let fields: Vec<String> = self.link.run(&self.scripts.line, &[id.as_str().as_bytes()]).await?;
        if fields.is_empty() {
            return Ok(None);
        }
        reply::line(&fields).map(Some).ok_or(StateError::unreadable(self.scripts.line.operation))
    }

    async fn waiting_beside(&self, id: &DeploymentId) -> Result<Vec<DeploymentId>, StateError> {
        let ids: Vec<String> = self.link.run(&self.scripts.beside, &[id.as_str().as_bytes()]).await?;
        Ok(ids.iter().filter_map(|id| id.parse().ok()).collect())
    }

    async fn queue_length(&self, queue: QueueName) -> Result<u64, StateError> {
        let mut cmd = redis::cmd("LLEN");
        cmd.arg(self.key(Key::Queue(queue)));
        self.link.send("measure a queue", &cmd).await
    }
}

impl RedisBackend {
    async fn claim(
        &self,
        queue: QueueName,
        request: &ClaimRequest,
        popped: Option<&[u8]>,
    ) -> Result<Option<Claim>, StateError> {
        let nonce = request.nonce.to_string();
        let mut args =
            vec![queue_word(queue).as_bytes(), request.worker.as_str().as_bytes(), nonce.as_bytes()];
        args.extend(popped);
        let fields: Vec<String> = self.link.run(&self.scripts.claim, &args).await?;
        let unreadable = || StateError::unreadable(self.scripts.claim.operation);
        let (dead, fields) = fields.split_first().ok_or_else(unreadable)?;
        if dead != "0" {
            tracing::warn!(
                queue = queue_word(queue),
                count = dead,
                "the queue held what is no job: see dead-letters"
            );
        }
        if fields.is_empty() {
            return Ok(None);
        }
        reply::claim(fields, queue, request).map(Some).ok_or_else(unreadable)
    }
}
