//! Readers of logs: one who takes what there is, and one who follows while it is written, is cut off anywhere, in the
//! middle of a line too, and resumes at the line that it has not got.

use std::time::Instant;

use anyhow::Result;
use reqwest::Response;

use super::{Client, PAUSE, STUBBORN};
use crate::chaos::ledger::{Heard, is_final};
use crate::chaos::random::Random;

/// How often one follower hangs up, at most.
const CUTS: u64 = 4;
/// How much it takes before that: a few lines.
const ROOM: u64 = 1200;

impl Client {
    /// A log as it stands, as it is answered.
    pub(in crate::chaos) async fn log(&self, id: &str, random: &mut Random) -> Result<String> {
        let url = format!("{}/v1/deployments/{id}/logs", self.api(random));
        let answer = self.http.get(url).header("accept", "application/x-ndjson").send().await?;
        Ok(answer.error_for_status()?.text().await?)
    }

    /// Follows a log until it and the deployment have ended. Each line that came is written down.
    pub(in crate::chaos) async fn follow(&self, id: &str, random: &mut Random) {
        let started = Instant::now();
        let (mut heard, mut cuts) = (Heard::default(), random.below(CUTS + 1));
        while !heard.to_the_end && started.elapsed() < STUBBORN {
            let room = if cuts > 0 { random.below(ROOM) } else { u64::MAX };
            cuts = cuts.saturating_sub(1);
            let came_to_its_end = self.read_on(id, &mut heard, (room, random)).await;
            // What stops ends its answers as well; the log goes on, then, wherever the job does.
            heard.to_the_end =
                came_to_its_end && self.status(id, random).await.is_some_and(|word| is_final(&word));
            if !heard.to_the_end && room == u64::MAX {
                tokio::time::sleep(PAUSE).await;
            }
        }
        if let Some(entry) = self.ledger.book().entries.get_mut(id) {
            entry.heard = Some(heard);
        }
    }

    /// Reads at most so many bytes more; whether the answer came to its end.
    async fn read_on(&self, id: &str, heard: &mut Heard, (room, random): (u64, &mut Random)) -> bool {
        let next = heard.lines.len() + 1;
        let url = format!("{}/v1/deployments/{id}/logs?follow=true&from={next}", self.api(random));
        let asked = self.http.get(url).header("accept", "application/x-ndjson").timeout(STUBBORN).send();
        match asked.await {
            Ok(answer) if answer.status().is_success() => take_lines(answer, heard, room).await,
            Ok(_) | Err(_) => false,
        }
    }
}

/// Takes whole lines as they come; what is left of one when the connection breaks is thrown away.
async fn take_lines(mut answer: Response, heard: &mut Heard, room: u64) -> bool {
    let (mut rest, mut room) = (Vec::new(), usize::try_from(room).unwrap_or(usize::MAX));
    while room > 0 {
        let Ok(chunk) = answer.chunk().await else { return false };
        let Some(chunk) = chunk else {
            // An answer that ends ends with a line.
            heard.lines.extend((!rest.is_empty()).then(|| text(&rest)));
            return true;
        };
        rest.extend(chunk.iter().take(room));
        room = room.saturating_sub(chunk.len());
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = rest.drain(..=end).collect();
            heard.lines.push(text(line.get(..end).unwrap_or_default()));
        }
    }
    false
}

fn text(line: &[u8]) -> String {
    String::from_utf8_lossy(line).into_owned()
}
