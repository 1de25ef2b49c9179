//! A bucket of the Node system: loose files under `output/<id>/` become a snapshot before they are built.

use crate::halt::{Halt, Step};
use crate::open_source::{away, missing};
use shipstack_records::Job;
use shipstack_source::{LooseError, LooseSource, SnapshotReader, Spool};
use shipstack_storage::{KeyPrefix, Listed, ObjectKey};
use shipstack_types::{Code, Failure, Phase, RelPath, SourceLimits};

/// Gathers the loose files of this id; without any there is no source.
pub(crate) async fn loose_source(job: &Job, limits: &SourceLimits, spool: &Spool) -> Step<SnapshotReader> {
    let mut source = LooseSource::new(limits.clone(), spool).map_err(|error| refused(&error))?;
    let prefix = KeyPrefix::Loose(job.claim.id.clone());
    let mut after: Option<String> = None;
    loop {
        let page =
            job.records.store.list(&prefix, after.as_deref()).await.map_err(|error| away(&error.into()))?;
        for listed in &page.entries {
            add(job, &mut source, listed).await?;
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let snapshot = source.finish().await.map_err(|error| refused(&error))?;
    Ok(snapshot.ok_or_else(missing)?.into_reader())
}

async fn add(job: &Job, source: &mut LooseSource, listed: &Listed) -> Step<()> {
    let path: RelPath = match listed.path.parse() {
        Ok(path) if ObjectKey::is_reserved(&path) => return Ok(()),
        Ok(path) => path,
        Err(why) => {
            let message = format!("The stored source holds {:?}: {why}.", listed.path);
            return Err(Failure::new(Phase::Preparing, Code::SourceCorrupt).message(message).into());
        }
    };
    let key = ObjectKey::Loose { id: job.claim.id.clone(), path: path.clone() };
    let object = job.records.store.get(&key).await.map_err(|error| away(&error.into()))?;
    // Gone between listing and reading: nobody removes loose files, so the listing was out of date.
    let Some(object) = object else { return Ok(()) };
    source.add(&path, object.length, object.body).await.map_err(|error| refused(&error))
}

fn refused(error: &LooseError) -> Halt {
    Failure::new(Phase::Preparing, error.code())
        .message(format!("The stored source cannot be used: {error}."))
        .into()
}
