//! The index of deployments, of their children and of idempotency keys.

use super::RedisBackend;
use super::key::Key;
use crate::{IndexEntry, IndexQuery, Reservation, Reserved, StateError};
use shipstack_types::{DeploymentId, ListCursor, Timestamp};

/// Entries read in one piece, at most.
const MOST: usize = 1000;

impl RedisBackend {
    /// By time and not by place, so that what arrives between two pages shifts nothing. Among equal times the greater
    /// id comes first; what the page before had of them is left out here.
    pub(super) async fn read_list(&self, query: &IndexQuery) -> Result<Vec<IndexEntry>, StateError> {
        let word = query.status.map_or("all", |state| state.as_str());
        let key = format!("{}{word}", self.key(Key::Created));
        let newest = query.after.as_ref().map_or("+inf".to_owned(), |after| after.at.as_millis().to_string());
        let (most, mut found, mut skip) = (query.most.min(MOST), Vec::new(), 0);
        while found.len() < most {
            // One more than wanted: the first is often the one that the page before ended with.
            let count = most - found.len() + 1;
            let mut cmd = redis::cmd("ZREVRANGEBYSCORE");
            cmd.arg(&key).arg(&newest).arg("-inf").arg("WITHSCORES").arg("LIMIT").arg(skip).arg(count);
            let flat: Vec<(String, f64)> = self.link.send("list deployments", &cmd).await?;
            let entries = flat.iter().filter_map(|(id, at)| entry(id, *at));
            found.extend(entries.filter(|entry| query.after.as_ref().is_none_or(|after| entry < after)));
            if flat.len() < count {
                break;
            }
            skip += flat.len();
        }
        found.truncate(most);
        Ok(found)
    }

    pub(super) async fn write_child(
        &self,
        parent: &DeploymentId,
        child: &DeploymentId,
        at: Timestamp,
    ) -> Result<(), StateError> {
        let mut cmd = redis::cmd("ZADD");
        cmd.arg(self.children_key(parent)).arg(at.as_millis()).arg(child.as_str());
        self.link.send::<redis::Value>("note a child", &cmd).await.map(|_| ())
    }

    pub(super) async fn read_children(
        &self,
        parent: &DeploymentId,
        most: usize,
    ) -> Result<Vec<DeploymentId>, StateError> {
        let mut cmd = redis::cmd("ZREVRANGE");
        cmd.arg(self.children_key(parent)).arg(0).arg(most.clamp(1, MOST) - 1);
        let ids: Vec<String> = self.link.send("list children", &cmd).await?;
        Ok(ids.iter().filter_map(|id| id.parse().ok()).collect())
    }

    pub(super) async fn write_reservation(&self, wanted: &Reservation) -> Result<Reserved, StateError> {
        let (key, millis) = (wanted.mark.key.to_string(), wanted.lasting.as_millis().max(1).to_string());
        let value = format!("{} {}", wanted.id, wanted.mark.request);
        let args = [key.as_bytes(), value.as_bytes(), millis.as_bytes()];
        let kept: String = self.link.run(&self.scripts.reserve, &args).await?;
        reserved(&kept).ok_or(StateError::unreadable(self.scripts.reserve.operation))
    }

    fn children_key(&self, parent: &DeploymentId) -> String {
        format!("{}{parent}", self.key(Key::Children))
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "scores are whole milliseconds")]
fn entry(id: &str, at: f64) -> Option<IndexEntry> {
    Some(ListCursor { at: Timestamp::from_millis(at as u64), id: id.parse().ok()? })
}

fn reserved(kept: &str) -> Option<Reserved> {
    let (id, request) = kept.split_once(' ')?;
    Some(Reserved { id: id.parse().ok()?, request: request.to_owned().try_into().ok()? })
}
