//! What visitors get in the end: the right bytes of every file from every process, and nothing of what was not deployed.

use futures_util::{StreamExt as _, stream};

use crate::chaos::client::{Client, shown};
use crate::chaos::ledger::{Broken, Entry};
use crate::chaos::world::World;

const AT_ONCE: usize = 16;

pub(super) async fn right_bytes_from_everybody(world: &World, client: &Client) {
    let entries = world.ledger.book().entries.clone();
    let looks = entries.iter().map(|(id, entry)| look_at_site(client, id, entry));
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
                let told = entry.told.as_deref().unwrap_or("unfinished");
                let what = format!("it is {told}, and {path} is answered with {}", shown(answer));
                client.ledger.broke(Broken::Half, id, what);
            }
        }
    }
}
