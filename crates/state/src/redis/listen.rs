//! Hears the wake-ups of all processes and passes them on in this one.
//!
//! A lost message costs a poll interval. After every gap everybody is woken, for anything could have happened.

use super::key::queue_of;
use crate::wake::{Topic, Wakeups};
use futures_util::StreamExt as _;
use redis::{Client, Msg, RedisError};
use std::time::Duration;
use tokio::time::{sleep, timeout};

const CONNECT: Duration = Duration::from_secs(2);
/// A connection that nothing came over for this long is asked whether it is alive.
const SILENCE: Duration = Duration::from_secs(15);
const PAUSE: Duration = Duration::from_millis(500);

/// Listens for ever; the backend owns the task and ends it.
pub(super) async fn listen(client: Client, channel: String, wakeups: Wakeups) {
    loop {
        if let Err(error) = listen_once(&client, &channel, &wakeups).await {
            tracing::debug!(error = &error as &dyn std::error::Error, "not listening for wake-ups");
        }
        sleep(PAUSE).await;
    }
}

async fn listen_once(client: &Client, channel: &str, wakeups: &Wakeups) -> Result<(), RedisError> {
    let subscribing = async {
        let mut pubsub = client.get_async_pubsub().await?;
        pubsub.subscribe(channel).await?;
        Ok::<_, RedisError>(pubsub)
    };
    let Ok(pubsub) = timeout(CONNECT, subscribing).await else { return Ok(()) };
    let (mut sink, mut messages) = pubsub?.split();
    wakeups.wake_all();
    loop {
        match timeout(SILENCE, messages.next()).await {
            Ok(Some(message)) => pass_on(&message, wakeups),
            Ok(None) => return Ok(()),
            Err(_) => match timeout(CONNECT, sink.ping::<redis::Value>()).await {
                Ok(answer) => drop(answer?),
                Err(_) => return Ok(()),
            },
        }
    }
}

fn pass_on(message: &Msg, wakeups: &Wakeups) {
    let Ok(text) = message.get_payload::<String>() else { return };
    let topic = match text.split_once(':') {
        Some(("queue", queue)) => queue_of(queue).map(Topic::Queue),
        None if text == "events" => Some(Topic::Events),
        Some(("job", id)) => id.parse().ok().map(Topic::Job),
        _ => None,
    };
    if let Some(topic) = topic {
        wakeups.wake(&topic);
    }
}
