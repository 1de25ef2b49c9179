//! The invariants, one by one, after everything was healed: what was promised against what Redis, the store, Docker and
//! the sites say. Nothing here asks a process what it could answer from its own belief alone.

mod again;
mod ends;
mod grown;
mod left;
mod logs;
mod sites;
mod stored;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::client::{Client, Source};
use super::fault::Fault;
use super::hits::{Hit, Span, millis, now};
use super::ledger::{Broken, Entry, is_final};
use super::random::Random;
use super::resp::{Observer, Reply};
use super::site::Site;
use super::world::World;
pub(super) use grown::Baseline;

const LOOK_EVERY: Duration = Duration::from_millis(200);
/// Until a process has everything that it keeps open.
const STARTING: Duration = Duration::from_secs(2);

/// What was seen on the way.
pub(super) struct Seen {
    /// How long it took until all had ended.
    pub(super) settled: Duration,
    /// Jobs that were taken up more than once.
    pub(super) again: u64,
    /// Descriptors and memory of each kind of process, before and after.
    pub(super) held: BTreeMap<String, String>,
}

/// What a run is held to.
pub(super) struct Measure {
    /// How long what was acknowledged may take to end once all is well again.
    pub(super) settle: Duration,
    pub(super) baseline: Baseline,
}

/// Looks at everything; what is broken is written into the ledger.
pub(super) async fn judge(world: &Arc<World>, measure: &Measure, random: &mut Random) -> Result<Seen> {
    let client = Client::new(world)?;
    let settled = settle(world, measure.settle).await?;
    deploys_again(&client, random).await;
    left::nothing_is_left(world).await?;
    ends::each_ended_once(world)?;
    stored::what_is_stored_is_what_was_promised(world).await?;
    sites::right_bytes_from_everybody(world, &client).await;
    dispel_doubts(world);
    logs::readers_have_the_archive(world, &client).await?;
    let again = again::only_where_a_fault_hit(world)?;
    let held = grown::everything_came_back(world, &measure.baseline).await;
    let died = world.fleet().died.clone();
    for death in &died {
        let span = Span { from: death.seen, until: death.seen };
        // One that is started on a full disk cannot even lock its folder, and one that may open nothing in its first moments
        // cannot begin: both say so.
        let kept_from_its_start = |hit: &Hit| {
            let its_own = hit.victim.is_some_and(|(_, place)| place == death.place);
            let few = hit.fault == Fault::FewDescriptors && death.lived < STARTING;
            its_own && (few || hit.fault == Fault::FullDisk)
        };
        if !world.hits.struck(span, kept_from_its_start) {
            world.ledger.broke(Broken::Untrue, &death.name, "the process ended by itself");
        }
    }
    Ok(Seen { settled, again, held })
}

/// What is not explained by a fault of the kind that can explain it is a finding.
fn dispel_doubts(world: &World) {
    let doubts = std::mem::take(&mut world.ledger.book().doubts);
    for doubt in doubts {
        if !world.hits.struck(doubt.span, doubt.unless) {
            world.ledger.broke(Broken::Untrue, &doubt.id, doubt.what);
        }
    }
}

/// Waits until all that were acknowledged have an end, at most for `limit`; what has none is lost.
async fn settle(world: &World, limit: Duration) -> Result<Duration> {
    let started = Instant::now();
    loop {
        let open = open(world)?;
        if open.is_empty() {
            return Ok(started.elapsed());
        }
        if started.elapsed() > limit {
            for (id, status) in open {
                world.ledger.broke(
                    Broken::Lost,
                    &id,
                    format!("{status} after {} s of quiet", limit.as_secs()),
                );
            }
            return Ok(limit);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Acknowledged ids without an end, with what Redis says of them.
fn open(world: &World) -> Result<Vec<(String, String)>> {
    let mut observer = Observer::connect(&world.redis)?;
    let mut open = Vec::new();
    for ids in world.ledger.ids().chunks(200) {
        let mut words = vec!["HMGET", "status"];
        words.extend(ids.iter().map(String::as_str));
        let answer = observer.ask(&words)?;
        let said = ids.iter().zip(answer.list());
        open.extend(said.filter_map(|(id, reply)| {
            let status = reply.text().unwrap_or("unknown");
            (!is_final(status)).then(|| (id.clone(), status.to_owned()))
        }));
    }
    Ok(open)
}

/// The platform is as good as new: what is deployed now is served.
async fn deploys_again(client: &Client, random: &mut Random) {
    const PATIENCE: Duration = Duration::from_secs(30);
    let site = Arc::new(Site::of(random));
    let source = Source::Archive { tar: site.tar().unwrap_or_default(), prebuilt: true };
    let Some(id) = client.deploy(&source, &site, random).await else {
        client.ledger.broke(Broken::Lost, "afterwards", "a fresh deployment is not accepted");
        return;
    };
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        if client.status(&id, random).await.as_deref() == Some("deployed") {
            return;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    client.ledger.broke(Broken::Lost, &id, "a fresh deployment is not deployed");
}

/// The life of a deployment: from its acknowledgement to the end that was announced first, or until now.
fn life(world: &World, id: &str, entry: &Entry) -> Span {
    let ago = |at: Instant| now().saturating_sub(millis(at.elapsed()));
    let ended = world.recorder.record().ends.get(id).and_then(|ends| ends.first()).map(|end| end.at);
    Span { from: ago(entry.acknowledged), until: ended.map_or_else(now, ago) }
}

/// A field of a reply that is a list of names and values.
fn number(reply: &Reply, place: usize) -> i64 {
    reply.list().get(place).and_then(Reply::number).unwrap_or(0)
}
