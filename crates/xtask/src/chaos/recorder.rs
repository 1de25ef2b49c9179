//! Every transition, as Redis's own event stream tells it: final states alone cannot show that something ended twice.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use shipstack_testkit::{Bucket, RedisServer};
use shipstack_types::Sha256Digest;

use super::ledger::is_final;
use super::resp::{Observer, Reply};

/// The stream keeps ten thousand events; this is read far more often than so many happen.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// An end that was announced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct End {
    /// How often Redis had been emptied before: an end is announced anew by a reindex.
    pub(super) epoch: u32,
    pub(super) word: String,
    pub(super) at: Instant,
}

/// What was seen.
#[derive(Debug, Default)]
pub(super) struct Record {
    cursor: String,
    epoch: u32,
    pub(super) ends: HashMap<String, Vec<End>>,
    pub(super) events: u64,
    /// Digest of each result as it was when its end was announced.
    pub(super) results: BTreeMap<String, Sha256Digest>,
    unread: Vec<String>,
}

/// Reads the stream past all faults until it is dropped.
pub(super) struct Recorder {
    record: Arc<Mutex<Record>>,
    stop: Arc<AtomicBool>,
}

impl Recorder {
    pub(super) fn start(redis: &Arc<RedisServer>, bucket: &Arc<Bucket>) -> Self {
        let record = Arc::new(Mutex::new(Record { cursor: "0-0".to_owned(), ..Record::default() }));
        let stop = Arc::new(AtomicBool::new(false));
        let (redis, stopped, shared) = (Arc::clone(redis), Arc::clone(&stop), Arc::clone(&record));
        std::thread::spawn(move || read_until(&stopped, &redis, &shared));
        let (bucket, stopped, shared) = (Arc::clone(bucket), Arc::clone(&stop), Arc::clone(&record));
        std::thread::spawn(move || keep_results_until(&stopped, &bucket, &shared));
        Self { record, stop }
    }

    pub(super) fn record(&self) -> MutexGuard<'_, Record> {
        lock(&self.record)
    }

    /// Empties Redis; what was announced until then is read in the same transaction, so nothing is missed.
    pub(super) fn empty(&self, redis: &RedisServer) -> Result<()> {
        let mut record = self.record();
        let mut observer = Observer::connect(redis)?;
        let after = format!("({}", record.cursor);
        observer.ask(&["MULTI"])?;
        observer.ask(&["XRANGE", "events", &after, "+"])?;
        observer.ask(&["FLUSHALL"])?;
        let answer = observer.ask(&["EXEC"])?;
        record.note(answer.list().first().context("no events")?);
        record.epoch += 1;
        Ok(())
    }

    /// Kills Redis and takes the end of its append-only file away, as a power cut does; what was announced until then
    /// is read first. What it forgets it announces anew.
    pub(super) fn forget(&self, redis: &RedisServer, bytes: u64) -> Result<()> {
        let mut record = self.record();
        let after = format!("({}", record.cursor);
        let announced = Observer::connect(redis)?.ask(&["XRANGE", "events", &after, "+"])?;
        redis.forget_after(redis.appended()?.saturating_sub(bytes))?;
        record.note(&announced);
        record.epoch += 1;
        Ok(())
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.stop.store(true, SeqCst);
    }
}

fn lock(record: &Mutex<Record>) -> MutexGuard<'_, Record> {
    record.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read_until(stop: &AtomicBool, redis: &RedisServer, record: &Mutex<Record>) {
    let mut observer = None;
    while !stop.load(SeqCst) {
        if observer.is_none() {
            observer = Observer::connect(redis).ok();
        }
        // A Redis that is away is looked at again; what it announces meanwhile is nothing.
        if observer.as_mut().is_some_and(|observer| look(observer, record).is_err()) {
            observer = None;
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

fn look(observer: &mut Observer, record: &Mutex<Record>) -> Result<()> {
    let mut record = lock(record);
    let after = format!("({}", record.cursor);
    let answer = observer.ask(&["XRANGE", "events", &after, "+"])?;
    record.note(&answer);
    Ok(())
}

impl Record {
    fn note(&mut self, entries: &Reply) {
        for entry in entries.list() {
            let [cursor, fields] = entry.list() else { continue };
            if let Some(cursor) = cursor.text() {
                cursor.clone_into(&mut self.cursor);
            }
            self.note_one(&fields_of(fields));
        }
    }

    fn note_one(&mut self, fields: &HashMap<&str, &str>) {
        self.events += 1;
        let field = |name: &str| fields.get(name).copied().unwrap_or_default();
        if field("change") != "state" || !is_final(field("word")) {
            return;
        }
        let id = field("id").to_owned();
        let end = End { epoch: self.epoch, word: field("word").to_owned(), at: Instant::now() };
        self.ends.entry(id.clone()).or_default().push(end);
        self.unread.push(id);
    }
}

fn fields_of(fields: &Reply) -> HashMap<&str, &str> {
    let pairs = fields.list().chunks(2);
    pairs.filter_map(|pair| Some((pair.first()?.text()?, pair.get(1)?.text()?))).collect()
}

/// Keeps each result as it is first seen; an end is for ever.
fn keep_results_until(stop: &AtomicBool, bucket: &Bucket, record: &Mutex<Record>) {
    while !stop.load(SeqCst) {
        std::thread::sleep(LOOK_EVERY);
        let unread = std::mem::take(&mut lock(record).unread);
        let unread: Vec<String> = {
            let record = lock(record);
            unread.into_iter().filter(|id| !record.results.contains_key(id)).collect()
        };
        let keys: Vec<String> = unread.iter().map(|id| format!("output/{id}/result.json")).collect();
        let Ok(results) = bucket.fetch_many(&keys) else { continue };
        let mut record = lock(record);
        for (id, bytes) in unread.into_iter().zip(results) {
            if let Some(bytes) = bytes {
                record.results.entry(id).or_insert_with(|| Sha256Digest::of(&bytes));
            }
        }
    }
}
