//! A name of a test's own for an image of the engine: the image can be gone for one test and stay for everybody else.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

use anyhow::{Result, ensure};

use crate::docker::{DockerEngine, ask};
use crate::missing::or_skip;
use crate::tcp_faults::Upstream;

/// On the engine's own machine, where nobody has listened for decades: whoever pulls from there is refused at once.
const NOBODYS: &str = "127.0.0.1:9/shipstack-test";
/// An engine that is busy with something else.
const PATIENCE: Duration = Duration::from_mins(1);

/// Another name of an image, gone when dropped. The image and its other names stay.
#[derive(Debug)]
pub struct ImageName {
    engine: Upstream,
    image: String,
    tag: String,
    name: String,
}

impl ImageName {
    /// Another name for this image; `None` after a skip.
    pub fn give(engine: &DockerEngine, image: &str) -> Option<Self> {
        or_skip(image, Self::try_give(engine.host(), image))
    }

    /// Another name for this image of the engine with this `DOCKER_HOST`, or why not.
    pub fn try_give(host: &str, image: &str) -> Result<Self> {
        let tag = format!("{:016x}", RandomState::new().build_hasher().finish());
        let name = format!("{NOBODYS}:{tag}");
        let given = Self { engine: DockerEngine::upstream_of(host)?, image: image.to_owned(), tag, name };
        given.give_back().map(|()| given)
    }

    /// What an image setting is set to.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// From now on there is no image with this name.
    pub fn take_away(&self) -> Result<()> {
        let status = self.ask(&format!("DELETE /images/{}?noprune=true", self.name))?;
        ensure!(matches!(status, 200 | 404), "{} is not taken away: {status}", self.name);
        Ok(())
    }

    /// From now on there is one again.
    pub fn give_back(&self) -> Result<()> {
        let Self { image, tag, .. } = self;
        let status = self.ask(&format!("POST /images/{image}/tag?repo={NOBODYS}&tag={tag}"))?;
        ensure!(status == 201, "{image} gets no other name: {status}");
        Ok(())
    }

    fn ask(&self, request: &str) -> Result<u16> {
        let stream = self.engine.connect()?;
        stream.set_read_timeout(Some(PATIENCE))?;
        ask(stream, request)
    }
}

impl Drop for ImageName {
    fn drop(&mut self) {
        // An engine that is gone has no names.
        let _gone = self.take_away();
    }
}
