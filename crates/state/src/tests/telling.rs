//! Events: everything that changed, once and in order, for whoever comes back with a cursor.

use super::world::{id, outcome};
use super::{World, contract};
use crate::{Change, Decider, StateEvent};
use shipstack_types::DeploymentState::{self, Building, Failed, Uploaded};
use shipstack_types::{DeploymentId, Phase};
use std::time::Duration;

contract!(
    every_change_of_state_and_phase_is_told_once_and_in_order,
    a_reader_goes_on_where_it_stopped,
    a_cursor_that_is_not_ours_is_unknown,
    a_cursor_whose_successors_are_forgotten_is_unknown,
    a_watcher_is_woken_by_an_event,
);

fn seen(event: &StateEvent) -> (&str, DeploymentState, Phase, Change) {
    (event.word.as_str(), event.status, event.phase, event.change)
}

async fn every_change_of_state_and_phase_is_told_once_and_in_order(world: World) {
    let start = world.state.newest_event().await.unwrap();
    let claim = world.building("a", "w").await;
    world.state.enter_phase(&claim, Phase::Preparing, None).await.unwrap();
    world.state.heartbeat(&claim).await.unwrap();
    world.state.enter_phase(&claim, Phase::Building, None).await.unwrap();
    world.state.enter_phase(&claim, Phase::Building, None).await.unwrap();
    world.state.decide(Decider::Holder(&claim), &outcome(Failed)).await.unwrap();
    world.state.settle(&claim.id).await.unwrap();
    let page = world.state.events(&start, 100).await.unwrap().expect("a known cursor");
    let events: Vec<_> = page.events.iter().map(seen).collect();
    assert_eq!(
        events,
        [
            ("uploaded", Uploaded, Phase::Queued, Change::State),
            ("building", Building, Phase::Preparing, Change::State),
            ("building", Building, Phase::Building, Change::Phase),
            ("settling", Building, Phase::Building, Change::State),
            ("failed", Failed, Phase::Building, Change::State),
        ]
    );
}

async fn a_reader_goes_on_where_it_stopped(world: World) {
    let ids: Vec<DeploymentId> = (0..20).map(|number| id(&format!("d{number}"))).collect();
    world.archive("before", "g").await;
    let mut cursor = world.state.newest_event().await.unwrap();
    for id in &ids {
        world.archive(id.as_str(), "g").await;
    }
    let mut read = Vec::new();
    loop {
        let page = world.state.events(&cursor, 7).await.unwrap().expect("known");
        if page.events.is_empty() {
            assert_eq!(page.next, cursor);
            break;
        }
        cursor = page.next;
        read.extend(page.events.into_iter().map(|event| event.id));
    }
    assert_eq!(read, ids);
    assert_eq!(cursor, world.state.newest_event().await.unwrap());
}

async fn a_cursor_that_is_not_ours_is_unknown(world: World) {
    world.archive("a", "g").await;
    let newest = world.state.newest_event().await.unwrap();
    let (epoch, number) = newest.split_once('-').unwrap();
    for cursor in [
        "",
        "-",
        "1",
        "1-1",
        "x-y",
        "+",
        "$",
        "99999999999999999999-0",
        "18446744073709551615-18446744073709551615",
        &format!("{epoch}-+{number}"),
        &format!("{epoch}-{}", number.parse::<u64>().unwrap() + 1),
        &format!("{newest} "),
    ] {
        assert_eq!(world.state.events(cursor, 10).await.unwrap(), None, "{cursor:?}");
    }
    assert!(world.state.events(&newest, 10).await.unwrap().is_some());
}

async fn a_cursor_whose_successors_are_forgotten_is_unknown(world: World) {
    world.archive("a", "g").await;
    let old = world.state.newest_event().await.unwrap();
    for number in 0..10_200 {
        world.archive(&format!("d{number}"), "g").await;
    }
    assert_eq!(world.state.events(&old, 10).await.unwrap(), None);
}

async fn a_watcher_is_woken_by_an_event(world: World) {
    let mut watch = world.state.watch_events();
    // With Redis, the first thing that wakes is that it is listened to.
    let woken = async {
        loop {
            watch.changed(Duration::from_mins(1)).await;
            if !world.all_events().await.is_empty() {
                return;
            }
        }
    };
    let told = async { world.archive("a", "g").await };
    let both = async { tokio::join!(woken, told) };
    tokio::time::timeout(Duration::from_secs(10), both).await.expect("woken");
}
