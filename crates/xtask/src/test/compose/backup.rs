//! Backup and restore as `deploy/docs/running.md` tells them: the objects are everything; Redis is made anew from them.

use anyhow::Result;
use tempfile::TempDir;

use super::project::Project;

/// Stops the installation and copies its objects.
pub(super) async fn take(project: &mut Project) -> Result<TempDir> {
    let folder = tempfile::tempdir()?;
    project.compose(&["stop"]).await?;
    project.with_store(folder.path(), "tar -C /store -cf /backup/store.tar .").await?;
    Ok(folder)
}

/// Puts the objects into an installation that has nothing yet, and starts it.
pub(super) async fn put_back(project: &mut Project, backup: &TempDir) -> Result<()> {
    project.create_store().await?;
    project.with_store(backup.path(), "tar -C /store -xf /backup/store.tar").await?;
    project.up().await
}
