//! What visitors and readers get in the end: the right bytes of every file from every process, nothing of what was not
//! deployed, and logs without a gap.

use futures_util::{StreamExt as _, stream};

use crate::chaos::client::Client;
use crate::chaos::ledger::{Broken, Entry};
use crate::chaos::random::Random;
use crate::chaos::world::World;

const AT_ONCE: usize = 16;

pub(super) async fn right_bytes_and_whole_logs(world: &World, client: &Client) {
    let entries = world.ledger.book().entries.clone();
    let looks = entries.iter().map(|(id, entry)| async move {
        look_at_site(client, id, entry).await;
        look_at_log(client, id, entry).await;
    });
    stream::iter(looks).buffer_unordered(AT_ONCE).collect::<()>().await;
}

async fn look_at_site(client: &Client, id: &str, entry: &Entry) {
    let deployed = entry.told.as_deref() == Some("deployed");
    for base in client.serving() {
        for (path, bytes) in &entry.site.files {
            let answer = client.visit_at(base, id, path).await;
            let right = match &answer {
                Some((200, body)) => deployed && body == bytes,
                Some((404 | 410 | 503, _)) => !deployed,
                Some(_) | None => false,
            };
            if !right {
                let got = answer.map(|(status, body)| format!("{status} with {} bytes", body.len()));
                let got = got.unwrap_or_else(|| "no whole answer".to_owned());
                let told = entry.told.as_deref().unwrap_or("unfinished");
                client.ledger.broke(
                    Broken::Half,
                    id,
                    format!("it is {told}, and {path} is answered with {got}"),
                );
            }
        }
    }
}

/// Numbered from 1 without a gap; and who followed it while it was written has the same lines.
async fn look_at_log(client: &Client, id: &str, entry: &Entry) {
    let numbers = match client.log(id, &mut Random::new(0)).await {
        Ok(numbers) => numbers,
        Err(error) => {
            return client.ledger.broke(Broken::Half, id, format!("its log cannot be read: {error:#}"));
        }
    };
    let whole = |lines: &[u64]| lines.iter().zip(1..).all(|(line, place)| *line == place);
    // What is cancelled before anybody took it up has nothing to say.
    let may_be_empty = entry.told.as_deref() == Some("cancelled");
    if (numbers.is_empty() && !may_be_empty) || !whole(&numbers) {
        client.ledger.broke(Broken::Half, id, format!("its log has the lines {numbers:?}"));
    }
    if !entry.followed.is_empty() && (!whole(&entry.followed) || entry.followed.len() > numbers.len()) {
        let what = format!("a follower got the lines {:?} of {}", entry.followed, numbers.len());
        client.ledger.broke(Broken::Untrue, id, what);
    }
}
