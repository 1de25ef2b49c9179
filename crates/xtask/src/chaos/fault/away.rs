//! Redis, the store and the engine gone altogether, one after the other; what visitors know goes on being served.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use shipstack_testkit::HttpFault;

use crate::chaos::client::{Client, shown};
use crate::chaos::hits::{Millis, Span, now};
use crate::chaos::ledger::Doubt;
use crate::chaos::random::Random;
use crate::chaos::site::Site;
use crate::chaos::world::World;

/// Sites that are asked for all the time.
const KNOWN: usize = 4;
const ASK_EVERY: Duration = Duration::from_millis(500);
/// From one coming back to the next one's going, at most: time to get over it.
const BETWEEN: Duration = Duration::from_secs(20);

#[derive(Clone, Copy, Debug)]
enum Server {
    Redis,
    Store,
    Engine,
}

impl Server {
    const ALL: [Self; 3] = [Self::Redis, Self::Store, Self::Engine];

    fn goes(self, world: &World, random: &mut Random) {
        match self {
            Self::Redis => world.redis.kill(),
            Self::Store => {
                let silent = random.chance(500);
                world.links.store.spoil_all(if silent { HttpFault::Stall } else { HttpFault::Close });
            }
            Self::Engine => world.links.engine.refuse(),
        }
    }

    fn comes_back(self, world: &World) -> Result<()> {
        match self {
            Self::Redis => world.redis.restart()?,
            Self::Store => world.links.store.heal(),
            Self::Engine => world.links.engine.allow(),
        }
        Ok(())
    }
}

/// How long it takes in all.
pub(super) fn in_all(each: Duration) -> Duration {
    (each + each.min(BETWEEN)) * 3
}

/// Each of the three for so long.
pub(super) async fn away(world: &World, lasting: Duration, mut random: Random) -> Result<()> {
    let client = Client::new(world)?;
    for server in Server::ALL {
        let since = now();
        let known = known(world, &client, &mut random).await;
        server.goes(world, &mut random);
        let asking = ask_without_end(world, &client, (&known, since));
        let _for_so_long = tokio::time::timeout(lasting, asking).await;
        server.comes_back(world)?;
        tokio::time::sleep(lasting.min(BETWEEN)).await;
    }
    Ok(())
}

/// A site that every process which serves was just asked for.
struct Known {
    id: String,
    site: Arc<Site>,
}

async fn known(world: &World, client: &Client, random: &mut Random) -> Vec<Known> {
    let deployed: Vec<_> = {
        let book = world.ledger.book();
        let entries = book.entries.iter().filter(|(_, entry)| entry.told.as_deref() == Some("deployed"));
        entries.map(|(id, entry)| (id.clone(), Arc::clone(&entry.site))).collect()
    };
    let mut known = Vec::new();
    for _ in 0..KNOWN {
        let Some((id, site)) = random.pick(&deployed).cloned() else { break };
        known.push(Known { id, site });
    }
    ask(world, client, (&known, now())).await;
    known
}

async fn ask_without_end(world: &World, client: &Client, known: (&[Known], Millis)) {
    loop {
        tokio::time::sleep(ASK_EVERY).await;
        ask(world, client, known).await;
    }
}

/// Every file of them from every process, which is right or has to be explained by another fault since they were known: what
/// a process forgets because of one it gets back only with the store.
async fn ask(world: &World, client: &Client, (known, since): (&[Known], Millis)) {
    for Known { id, site } in known {
        for base in client.serving() {
            for (path, bytes) in &site.files {
                let answer = client.visit_at(base, id, path).await;
                if let Some((status, _)) = &answer {
                    world.ledger.answered("known", *status);
                }
                if !answer.as_ref().is_some_and(|(status, body)| *status == 200 && body == bytes) {
                    let what = format!("while a server was away, {path} was answered with {}", shown(answer));
                    world.ledger.doubted(Doubt {
                        id: id.clone(),
                        span: Span { from: since, until: now() },
                        what,
                        unless: |hit| !hit.fault.is_absence(),
                    });
                }
            }
        }
    }
}
