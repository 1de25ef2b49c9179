//! From push to claim on a real Redis whose append-only file reaches the disk every second, as in `deploy/compose.yaml`: with
//! a full queue, and with a worker that waits at an empty one. The rival is what the Node system did: `LPUSH` and `BRPOP` of
//! as many bare ids on the same server.
//!
//! `cargo xtask bench dispatch [--json]`; a line of JSON each, in milliseconds.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench")]

use std::time::{Duration, Instant};

use redis::AsyncCommands as _;
use serde_json::json;
use shipstack_state::{
    Claim, ClaimRequest, Decider, Outcome, QueueName, QueueTake, RedisConfig, State, StateConfig, Timing,
};
use shipstack_testkit::{RedisOptions, RedisServer};
use shipstack_types::{ClaimNumber, DeploymentId, DeploymentState, SystemClock, WorkerId};
use std::sync::Arc;

const QUEUED: u32 = 10_000;
const GROUPS: u32 = 100;
const SAMPLES: u32 = 1_000;
/// Long enough for a worker that found nothing to be waiting again.
const IDLE: Duration = Duration::from_millis(5);

#[tokio::main]
async fn main() {
    let server = redis();
    let state = connect(&server).await;
    for number in 0..QUEUED {
        push(&state, number).await;
    }
    let mut list = rival(&server, QUEUED).await;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for number in QUEUED..QUEUED + SAMPLES {
        let began = Instant::now();
        push(&state, number).await;
        let claimed = claim(&state, number).await;
        ours.push(began.elapsed());
        end(&state, &claimed.unwrap()).await;
        let began = Instant::now();
        let () = list.lpush("rival", id(number).as_str()).await.unwrap();
        let _: (String, String) = list.brpop("rival", 1.0).await.unwrap();
        theirs.push(began.elapsed());
    }
    print("push to claim, 10,000 queued", &mut ours, &mut theirs);
    drop(list);
    let (mut ours, mut theirs) = waiting(&redis()).await;
    print("push to claim, a worker waiting", &mut ours, &mut theirs);
}

fn redis() -> RedisServer {
    RedisServer::try_start(&RedisOptions::as_deployed()).unwrap()
}

/// A worker waits at an empty queue, in a task of its own, until a job is pushed.
async fn waiting(server: &RedisServer) -> (Vec<Duration>, Vec<Duration>) {
    let (pusher, worker) = (connect(server).await, connect(server).await);
    let (mut lists, mut popper) = (rival(server, 0).await, rival(server, 0).await);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for number in 0..SAMPLES {
        let taking = async {
            loop {
                if let Some(claim) = claim(&worker, number).await {
                    return (claim, Instant::now());
                }
                worker.wait_for_work(QueueName::Build).await.unwrap();
            }
        };
        let pushing = async {
            tokio::time::sleep(IDLE).await;
            let began = Instant::now();
            push(&pusher, number).await;
            began
        };
        let ((claim, claimed), began) = tokio::join!(taking, pushing);
        ours.push(claimed - began);
        end(&worker, &claim).await;
        let popping = async {
            let _: (String, String) = popper.brpop("rival", 1.0).await.unwrap();
            Instant::now()
        };
        let pushing = async {
            tokio::time::sleep(IDLE).await;
            let began = Instant::now();
            let () = lists.lpush("rival", id(number).as_str()).await.unwrap();
            began
        };
        let (came, began) = tokio::join!(popping, pushing);
        theirs.push(came - began);
    }
    (ours, theirs)
}

async fn connect(server: &RedisServer) -> State {
    let config = RedisConfig { url: server.url().into(), prefix: String::new(), take: QueueTake::Claim };
    State::connect(&StateConfig::Redis(config), Timing::default(), Arc::new(SystemClock)).await.unwrap()
}

/// A plain list with as many bare ids.
async fn rival(server: &RedisServer, queued: u32) -> redis::aio::MultiplexedConnection {
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    for number in 0..queued {
        let () = connection.lpush("rival", id(number).as_str()).await.unwrap();
    }
    connection
}

async fn push(state: &State, number: u32) {
    let group = format!("group-{}", number % GROUPS);
    state.queue_build(&id(number), &group, ClaimNumber::FIRST).await.unwrap();
}

async fn claim(state: &State, nonce: u32) -> Option<Claim> {
    let request = ClaimRequest { worker: WorkerId::new("bench", [0; 8]), nonce: u64::from(nonce) + 1 };
    state.claim_next(QueueName::Build, &request).await.unwrap()
}

/// A worker holds a few jobs at a time and not all that there ever were; outside of what is measured.
async fn end(state: &State, claim: &Claim) {
    let outcome = Outcome { state: DeploymentState::Deployed, record: "{}".into() };
    state.decide(Decider::Holder(claim), &outcome).await.unwrap();
    state.settle(&claim.id).await.unwrap();
}

fn id(number: u32) -> DeploymentId {
    let mut random = [0; 16];
    for (place, byte) in
        random.iter_mut().zip(number.to_be_bytes().iter().flat_map(|byte| [byte >> 4, byte & 15]))
    {
        *place = byte;
    }
    DeploymentId::from_random(random)
}

fn print(name: &str, ours: &mut [Duration], rival: &mut [Duration]) {
    ours.sort();
    rival.sort();
    let at = |samples: &[Duration], per_mille: usize| {
        samples.get(samples.len() * per_mille / 1000).map_or(0.0, Duration::as_secs_f64) * 1000.0
    };
    let ratio = at(ours, 990) / at(rival, 990);
    println!(
        "{}",
        json!({
            "name": name, "unit": "ms", "p50": at(ours, 500), "p99": at(ours, 990), "longest": at(ours, 999),
            "rivalP50": at(rival, 500), "rivalP99": at(rival, 990), "ratioP99": ratio,
        })
    );
}
