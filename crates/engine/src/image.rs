//! The builder image: there, or pulled, or built from the Dockerfile that is part of this program.

mod context;

use crate::client::Client;
use crate::error::{EngineError, is_not_found};
use bollard::query_parameters::{BuildImageOptions, CreateImageOptions};
use futures_util::{Stream, StreamExt};
use std::fmt;
use std::time::Duration;

/// The image that `deploy/builder/` makes, and the default of `SHIPSTACK_BUILD_IMAGE`.
pub const DEFAULT_IMAGE: &str = "shipstack/builder:dev";
/// Label that lists the tools, `node/22 pnpm/10 …`: folders under `/opt`.
const TOOLS_LABEL: &str = "shipstack.tools";
/// Pulling or building half a gigabyte.
const PATIENCE: Duration = Duration::from_mins(30);

/// The id of an image that is there; part of a deployment's record.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ImageId(pub(crate) String);

impl ImageId {
    /// `sha256:…`
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ImageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A tool of the image: `node`, `pnpm`, `yarn` or `bun`, with its major version. npm comes with each node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its major version.
    pub major: u32,
}

/// An image with what it says of itself.
#[derive(Clone, Debug)]
pub(crate) struct Image {
    pub(crate) id: ImageId,
    pub(crate) tools: Vec<Tool>,
}

/// The image, had by whatever way works first.
pub(crate) async fn ensure(client: &Client, named: Option<&str>) -> Result<Image, EngineError> {
    let name = named.unwrap_or(DEFAULT_IMAGE);
    if let Some(image) = find(client, name).await? {
        return Ok(image);
    }
    let missing = |why: String| EngineError::ImageMissing { image: name.to_owned(), why };
    match named {
        Some(name) => pull(client, name).await.map_err(missing)?,
        None => build(client, name).await.map_err(missing)?,
    }
    find(client, name).await?.ok_or_else(|| missing("it was had and is not there".to_owned()))
}

/// The image when it is there.
pub(crate) async fn find(client: &Client, name: &str) -> Result<Option<Image>, EngineError> {
    let found = match client.quick.inspect_image(name).await {
        Ok(found) => found,
        Err(error) if is_not_found(&error) => return Ok(None),
        Err(error) => return Err(EngineError::of("look for the image", error)),
    };
    let labels = found.config.and_then(|config| config.labels).unwrap_or_default();
    let tools = labels.get(TOOLS_LABEL).map(|list| parse_tools(list)).unwrap_or_default();
    Ok(found.id.map(|id| Image { id: ImageId(id), tools }))
}

fn parse_tools(list: &str) -> Vec<Tool> {
    let tool = |word: &str| {
        let (name, major) = word.split_once('/')?;
        Some(Tool { name: name.to_owned(), major: major.parse().ok()? })
    };
    list.split_whitespace().filter_map(tool).collect()
}

async fn pull(client: &Client, name: &str) -> Result<(), String> {
    let options = CreateImageOptions { from_image: Some(name.to_owned()), ..CreateImageOptions::default() };
    let progress = client.lasting.create_image(Some(options), None, None);
    finish(progress.map(|step| step.map(drop))).await.map_err(|why| format!("pulling failed: {why}"))
}

async fn build(client: &Client, name: &str) -> Result<(), String> {
    let context = context::tar().map_err(|error| format!("it cannot be built here: {error}"))?;
    let options = BuildImageOptions {
        t: Some(name.to_owned()),
        rm: true,
        forcerm: true,
        ..BuildImageOptions::default()
    };
    let progress = client.lasting.build_image(options, None, Some(bollard::body_full(context.into())));
    finish(progress.map(|step| step.map(drop))).await.map_err(|why| format!("building failed: {why}"))
}

/// Reads progress to its end; the first error is the result.
async fn finish(progress: impl Stream<Item = Result<(), bollard::errors::Error>>) -> Result<(), String> {
    let read = async {
        let mut progress = std::pin::pin!(progress);
        while let Some(step) = progress.next().await {
            step.map_err(|error| error.to_string())?;
        }
        Ok(())
    };
    tokio::time::timeout(PATIENCE, read)
        .await
        .unwrap_or_else(|_| Err("it took longer than 30 minutes".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_says_which_tools_it_has() {
        let tools = parse_tools("node/20 pnpm/10  broken node/x");
        let tool = |name: &str, major| Tool { name: name.to_owned(), major };
        assert_eq!(tools, [tool("node", 20), tool("pnpm", 10)]);
    }
}
