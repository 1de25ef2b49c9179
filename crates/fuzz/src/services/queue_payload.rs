//! What a stranger may write into Redis: ids in a queue, fields of a job, presence, entries of the event stream.

use crate::input::Input;
use crate::records::reads_as_written;
use shipstack_state::{ClaimRequest, DeadLetter, WorkerPresence, reading};
use shipstack_types::{DeploymentId, QueueName, WorkerId};

/// As a queue's element, and its lines as the fields of everything else.
pub(crate) fn check(data: &[u8]) {
    is_an_id_where_the_scripts_say_so(data);
    let fields: Vec<String> =
        data.split(|byte| *byte == b'\n').map(|line| String::from_utf8_lossy(line).into_owned()).collect();
    of_a_job(&fields);
    if let Some(seen) = reading::worker_seen(data) {
        let json = serde_json::to_string(&seen.presence).unwrap();
        let details = format!("{} {json}", seen.seen_at.as_millis());
        assert_eq!(reading::worker_seen(details.as_bytes()), Some(seen));
    }
    of_the_stream(data);
    reads_as_written::<DeadLetter>(data);
    reads_as_written::<WorkerPresence>(data);
}

/// `queue.lua` decides what is a job and what a dead letter; an id that only one side takes would be lost.
fn is_an_id_where_the_scripts_say_so(element: &[u8]) {
    let legal = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let to_the_scripts = (1..=63).contains(&element.len()) && element.iter().all(legal);
    let id = std::str::from_utf8(element).ok().and_then(|text| text.parse::<DeploymentId>().ok());
    assert_eq!(id.is_some(), to_the_scripts);
    assert!(id.is_none_or(|id| id.as_str().as_bytes() == element));
}

fn of_a_job(fields: &[String]) {
    if let Some(job) = reading::job(fields) {
        assert_eq!(job.state.to_string(), fields[0]);
        let starts: Vec<_> = job.phases.iter().skip(1).map(|phase| Some(phase.started_at)).collect();
        let ends: Vec<_> = job.phases.iter().map(|phase| phase.ended_at).collect();
        assert!(ends.starts_with(&starts), "a phase ends where the next begins");
        assert!(job.owner.is_none_or(|owner| !owner.as_str().is_empty()));
    }
    let request = ClaimRequest { worker: WorkerId::new("host", [0; 8]), nonce: 1 };
    for queue in [QueueName::Intake, QueueName::Build] {
        if let Some(claim) = reading::claim(fields, queue, &request) {
            assert_eq!(claim.id.as_str(), fields[0]);
            assert_eq!((claim.queue, &claim.worker), (queue, &request.worker));
        }
    }
    if let Some(reaped) = reading::reaped(fields) {
        assert_eq!(reaped.id.as_str(), fields[0]);
    }
}

/// Lines: the cursor; then entries, each an id and as many fields as its first byte says.
fn of_the_stream(data: &[u8]) {
    let mut input = Input::new(data);
    let after = input.text();
    if reading::is_cursor(&after) {
        let (time, count) = after.split_once('-').unwrap();
        assert!(time.parse::<u64>().is_ok() && count.parse::<u64>().is_ok());
    }
    let mut entries = Vec::new();
    while !input.is_empty() && entries.len() < 32 {
        let count = usize::from(input.byte() % 16);
        let id = input.text();
        entries.push((id, (0..count).map(|_| input.text()).collect::<Vec<_>>()));
    }
    let ids: Vec<String> = entries.iter().map(|(id, _)| id.clone()).collect();
    let Some(page) = reading::events(&after, entries, ids.len()) else { return };
    assert_eq!(&page.next, ids.last().unwrap_or(&after), "the next page begins where this one ended");
    assert!(page.events.iter().all(|event| ids.contains(&event.cursor)));
}
