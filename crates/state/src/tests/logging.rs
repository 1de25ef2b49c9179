//! Live logs: in order, without a gap, whoever repeats what.

use super::world::{line, outcome};
use super::{World, contract};
use crate::{Decider, StateError};
use shipstack_types::DeploymentState::Failed;
use std::time::Duration;

contract!(
    lines_come_in_order_from_any_place,
    a_repeated_batch_adds_nothing,
    a_gap_is_refused_and_what_came_before_it_is_kept,
    the_next_holder_goes_on_where_the_last_one_stopped,
    once_settling_the_log_is_closed,
    a_reader_is_woken_by_a_line,
    a_reader_waits_no_longer_than_it_said,
    a_dropped_log_is_empty_and_keeps_counting,
);

async fn lines_come_in_order_from_any_place(world: World) {
    let claim = world.building("a", "w").await;
    let lines: Vec<_> = (1..=300).map(line).collect();
    for batch in lines.chunks(70) {
        world.state.append_log(&claim, batch).await.unwrap();
    }
    for from in [1, 2, 150, 300] {
        let page = world.state.read_log(&claim.id, from, 1000).await.unwrap();
        assert_eq!(page.lines, lines[usize::try_from(from - 1).unwrap()..]);
        assert!(!page.closed);
    }
    assert_eq!(world.state.read_log(&claim.id, 11, 90).await.unwrap().lines, lines[10..100]);
    assert!(world.state.read_log(&claim.id, 301, 10).await.unwrap().lines.is_empty());
}

async fn a_repeated_batch_adds_nothing(world: World) {
    let claim = world.building("a", "w").await;
    let lines: Vec<_> = (1..=5).map(line).collect();
    for upto in [3, 3, 5, 4, 5] {
        world.state.append_log(&claim, &lines[..upto]).await.unwrap();
    }
    assert_eq!(world.state.read_log(&claim.id, 0, 100).await.unwrap().lines, lines);
}

async fn a_gap_is_refused_and_what_came_before_it_is_kept(world: World) {
    let claim = world.building("a", "w").await;
    let answer = world.state.append_log(&claim, &[line(1), line(2), line(4)]).await;
    assert!(matches!(answer, Err(StateError::LogGap { missing: 3, .. })), "{answer:?}");
    assert_eq!(world.state.read_log(&claim.id, 1, 100).await.unwrap().lines, [line(1), line(2)]);
}

async fn the_next_holder_goes_on_where_the_last_one_stopped(world: World) {
    let claim = world.building("a", "w").await;
    assert_eq!(claim.next_log_seq, 1);
    world.state.append_log(&claim, &[line(1), line(2)]).await.unwrap();
    world.reap_after_lease().await;
    let heir = world.claim_build("x").await;
    assert_eq!(heir.next_log_seq, 3);
    world.state.append_log(&heir, &[line(3)]).await.unwrap();
    assert_eq!(world.state.read_log(&claim.id, 1, 100).await.unwrap().lines, [line(1), line(2), line(3)]);
}

async fn once_settling_the_log_is_closed(world: World) {
    let claim = world.building("a", "w").await;
    world.state.append_log(&claim, &[line(1), line(2), line(3)]).await.unwrap();
    world.state.decide(Decider::Holder(&claim), &outcome(Failed)).await.unwrap();
    assert!(world.state.append_log(&claim, &[line(4)]).await.is_err());
    let first = world.state.read_log(&claim.id, 1, 2).await.unwrap();
    assert_eq!((first.lines.len(), first.closed), (2, false), "a line is still to come");
    let rest = world.state.read_log(&claim.id, 3, 2).await.unwrap();
    assert_eq!((rest.lines.len(), rest.closed), (1, true));
}

async fn a_reader_is_woken_by_a_line(world: World) {
    let claim = world.building("a", "w").await;
    let mut watch = world.state.watch_job(&claim.id);
    world.state.append_log(&claim, &[line(1)]).await.unwrap();
    tokio::time::timeout(Duration::from_secs(5), watch.changed(Duration::from_mins(1))).await.expect("woken");
}

async fn a_reader_waits_no_longer_than_it_said(world: World) {
    let claim = world.building("a", "w").await;
    world.state.watch_job(&claim.id).changed(Duration::from_millis(10)).await;
}

async fn a_dropped_log_is_empty_and_keeps_counting(world: World) {
    let claim = world.building("a", "w").await;
    world.state.append_log(&claim, &[line(1)]).await.unwrap();
    world.state.drop_log(&claim.id).await.unwrap();
    world.state.append_log(&claim, &[line(1), line(2)]).await.unwrap();
    assert_eq!(world.state.read_log(&claim.id, 1, 100).await.unwrap().lines, [line(2)]);
}
