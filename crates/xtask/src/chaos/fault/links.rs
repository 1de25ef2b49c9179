//! Faults of the ways between the processes and their servers.

use std::time::Duration;

use shipstack_testkit::HttpFault;

use super::Fault;
use crate::chaos::random::Random;
use crate::chaos::world::World;

impl Fault {
    /// Spoils the way that this fault is about.
    pub(super) async fn spoil(self, world: &World, lasting: Duration, random: &mut Random) {
        match self {
            Self::Cut => cut(world, lasting).await,
            Self::EngineAway => {
                world.links.engine.refuse();
                tokio::time::sleep(lasting).await;
                world.links.engine.allow();
            }
            Self::EngineStall => {
                world.links.engine.stall();
                tokio::time::sleep(lasting).await;
                world.links.engine.flow();
            }
            Self::LoseWorkerReplies | Self::LoseUploadReplies | Self::Delay | Self::Split | Self::Stall => {
                self.spoil_link(world, lasting, random).await;
            }
            _ => self.spoil_store(world, lasting, random).await,
        }
    }

    async fn spoil_link(self, world: &World, lasting: Duration, random: &mut Random) {
        let (uploads, workers) = (&world.links.uploads, &world.links.workers);
        let share = 20 + random.below(150);
        match self {
            Self::LoseWorkerReplies => workers.lose_replies_at_random(share, random.next()),
            Self::LoseUploadReplies => uploads.lose_replies_at_random(share, random.next()),
            Self::Delay => [uploads, workers]
                .map(|link| link.delay(Duration::from_millis(share * 3)))
                .into_iter()
                .collect(),
            Self::Split => workers.refuse(),
            _ => [uploads, workers].map(shipstack_testkit::FaultProxy::stall).into_iter().collect(),
        }
        tokio::time::sleep(lasting).await;
        match self {
            Self::LoseWorkerReplies => workers.lose_replies_at_random(0, 1),
            Self::LoseUploadReplies => uploads.lose_replies_at_random(0, 1),
            Self::Delay => [uploads, workers].map(|link| link.delay(Duration::ZERO)).into_iter().collect(),
            Self::Split => workers.allow(),
            _ => [uploads, workers].map(shipstack_testkit::FaultProxy::flow).into_iter().collect(),
        }
    }

    async fn spoil_store(self, world: &World, lasting: Duration, random: &mut Random) {
        let cut_after = usize::try_from(random.below(2000)).unwrap_or(0);
        let (fault, share) = match self {
            Self::StoreErrors => (HttpFault::Status(500), 300),
            Self::StoreBusy => (HttpFault::Status(503), 700),
            // One forbidden call ends an attempt, and a job has some thirty of them.
            Self::StoreForbidden => (HttpFault::Status(403), 60),
            Self::StoreMissing => (HttpFault::Status(404), 300),
            Self::StoreLostReplies => (HttpFault::LoseReply, 200),
            Self::StoreCut => (HttpFault::CutAfter(cut_after), 200),
            _ => (HttpFault::Stall, 150),
        };
        let share = 20 + random.below(share);
        world.links.store.spoil_at_random(share, random.next(), fault);
        tokio::time::sleep(lasting).await;
        world.links.store.heal();
    }
}

/// Every connection to Redis, several times.
async fn cut(world: &World, lasting: Duration) {
    const EVERY: Duration = Duration::from_millis(250);
    let mut left = lasting;
    while !left.is_zero() {
        world.links.uploads.cut();
        world.links.workers.cut();
        tokio::time::sleep(EVERY).await;
        left = left.saturating_sub(EVERY);
    }
}
