//! A client as it should be: it repeats what got no answer under the same key, on whichever process answers, and
//! writes down every answer. An answer that is neither right nor an honest error is a finding.

mod follower;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use reqwest::{RequestBuilder, Response};
use serde_json::Value;

use super::fault::Fault;
use super::fleet::Kind;
use super::hits::{Span, now};
use super::ledger::{Broken, Doubt, Ledger, is_final};
use super::random::Random;
use super::site::Site;
use super::world::World;

/// One call.
const CALL: Duration = Duration::from_secs(12);
/// How long a client goes on repeating a request that nobody answers.
const STUBBORN: Duration = Duration::from_secs(90);
/// Shorter than the services keep theirs, so that what they have open in the end is their own.
const IDLE: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(400);

/// What is deployed.
pub(super) enum Source {
    /// A tar, and whether it is the finished site.
    Archive {
        tar: Vec<u8>,
        prebuilt: bool,
    },
    Git {
        url: String,
    },
    /// Another deployment.
    Again {
        id: String,
    },
}

/// What clients share.
#[derive(Clone)]
pub(super) struct Client {
    http: reqwest::Client,
    uploads: Arc<Vec<String>>,
    requests: Arc<Vec<String>>,
    gentle: bool,
    pub(super) ledger: Ledger,
}

impl Client {
    pub(super) fn new(world: &World) -> Result<Self> {
        let redirect = reqwest::redirect::Policy::none();
        let http = reqwest::Client::builder().no_proxy().redirect(redirect).timeout(CALL);
        let http = http.pool_idle_timeout(IDLE).build()?;
        let (uploads, requests) = {
            let fleet = world.fleet();
            (Arc::new(fleet.urls(Kind::Upload)), Arc::new(fleet.urls(Kind::Request)))
        };
        Ok(Self { http, uploads, requests, gentle: world.gentle, ledger: world.ledger.clone() })
    }

    fn api(&self, random: &mut Random) -> String {
        random.pick(&self.uploads).cloned().unwrap_or_default()
    }

    /// Deploys until somebody says that it is accepted. `None` when nobody did, or when it was refused for a reason.
    pub(super) async fn deploy(
        &self,
        source: &Source,
        site: &Arc<Site>,
        random: &mut Random,
    ) -> Option<String> {
        let key = format!("chaos-{:016x}", random.next());
        let started = Instant::now();
        while started.elapsed() < STUBBORN {
            let request = self.post(source, random).header("idempotency-key", &key);
            let asked = now();
            if let Some(answer) = self.ask("deploy", &key, request).await {
                let status = answer.status().as_u16();
                match status {
                    202 => {
                        if let Ok(id) = id_of(answer).await {
                            self.ledger.acknowledged(&id, site);
                            return Some(id);
                        }
                    }
                    // Its source is not in yet, or never came.
                    404 | 422 if matches!(source, Source::Again { .. }) => return None,
                    429 | 502 | 503 => {}
                    // Deploying again has no step of its own to fail at.
                    500 if !matches!(source, Source::Again { .. }) => self.ledger.doubted(Doubt {
                        id: key.clone(),
                        span: Span { from: asked, until: now() },
                        what: "POST was answered with 500".to_owned(),
                        unless: |hit| {
                            hit.fault == Fault::ErrorAtStep
                                && hit.victim.is_some_and(|(kind, _)| kind == Kind::Upload)
                        },
                    }),
                    _ => self.ledger.broke(Broken::Untrue, &key, format!("POST was answered with {status}")),
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
        None
    }

    /// The answer to a call of the API, if one came. Where nothing strikes that a client may notice, the next process is
    /// asked instead of one that is not there, as what stands before them does, and no call is broken off or refused.
    async fn ask(&self, route: &'static str, of: &str, request: RequestBuilder) -> Option<Response> {
        let answer = request.send().await;
        if let Ok(answer) = &answer {
            self.ledger.answered(route, answer.status().as_u16());
        }
        let noticed = match &answer {
            Ok(answer) => matches!(answer.status().as_u16(), 502..=504)
                .then(|| format!("{route} was refused with {}", answer.status())),
            Err(error) => (!error.is_connect()).then(|| format!("{route} was broken off: {error:?}")),
        };
        if let Some(what) = noticed.filter(|_| self.gentle) {
            self.ledger.broke(Broken::Untrue, of, what);
        }
        answer.ok()
    }

    fn post(&self, source: &Source, random: &mut Random) -> RequestBuilder {
        let api = self.api(random);
        match source {
            Source::Archive { tar, prebuilt } => {
                let url = format!("{api}/v1/deployments?prebuilt={prebuilt}");
                self.http.post(url).header("content-type", "application/x-tar").body(tar.clone())
            }
            Source::Git { url } => self
                .http
                .post(format!("{api}/v1/deployments"))
                .json(&serde_json::json!({ "git": { "url": url } })),
            Source::Again { id } => self.http.post(format!("{api}/v1/deployments/{id}/redeploy")),
        }
    }

    /// Asks for the status once. A final word is written down.
    pub(super) async fn status(&self, id: &str, random: &mut Random) -> Option<String> {
        let url = format!("{}/status?id={id}", self.api(random));
        let answer = self.ask("status", id, self.http.get(url)).await?;
        let status = answer.status().as_u16();
        if status != 200 {
            if status != 503 {
                self.ledger.broke(Broken::Untrue, id, format!("its status was answered with {status}"));
            }
            return None;
        }
        let word = answer.json::<Value>().await.ok()?.get("status")?.as_str().map(str::to_owned);
        match &word {
            None => {
                self.ledger.broke(Broken::Untrue, id, "its status was null after it had been acknowledged");
            }
            Some(word) if is_final(word) => self.ledger.told(id, word),
            Some(_) => {}
        }
        word
    }

    /// Asks for an end. A final word that comes with the answer is written down.
    pub(super) async fn cancel(&self, id: &str, random: &mut Random) {
        let url = format!("{}/v1/deployments/{id}/cancel", self.api(random));
        let Some(answer) = self.ask("cancel", id, self.http.post(url)).await else { return };
        let status = answer.status().as_u16();
        if !matches!(status, 200 | 202 | 409 | 503) {
            self.ledger.broke(Broken::Untrue, id, format!("a cancellation was answered with {status}"));
        }
        if let Some(entry) = self.ledger.book().entries.get_mut(id) {
            entry.cancel = Some(status);
        }
        let Some(body) = answer.json::<Value>().await.ok().filter(|_| status == 200) else { return };
        let word = body.get("status").and_then(Value::as_str).unwrap_or_default();
        if is_final(word) {
            self.ledger.told(id, word);
        } else {
            self.ledger.broke(
                Broken::Untrue,
                id,
                format!("a cancellation says that it has ended and is {word:?}"),
            );
        }
    }

    /// Asks a site for a file on one of the processes that serve; the status and the body, if a whole answer came.
    pub(super) async fn visit(&self, id: &str, path: &str, random: &mut Random) -> Option<(u16, Vec<u8>)> {
        let base = random.pick(&self.requests).cloned().unwrap_or_default();
        let answer = self.visit_at(&base, id, path).await;
        if answer.is_some() || !self.gentle {
            return answer;
        }
        // As what stands before them would: the next one, and one of them always serves.
        for other in self.requests.iter().filter(|other| **other != base) {
            if let Some(answer) = self.visit_at(other, id, path).await {
                return Some(answer);
            }
        }
        self.ledger.broke(Broken::Untrue, id, format!("nobody answered for {path}"));
        None
    }

    pub(super) async fn visit_at(&self, base: &str, id: &str, path: &str) -> Option<(u16, Vec<u8>)> {
        // A page is served at its clean address.
        let path = path.strip_suffix("index.html").unwrap_or(path);
        let request = self.http.get(format!("{base}/{path}")).header("host", format!("{id}.localhost"));
        let answer = request.send().await.ok()?;
        let status = answer.status().as_u16();
        self.ledger.answered("visit", status);
        Some((status, answer.bytes().await.ok()?.to_vec()))
    }

    pub(super) fn serving(&self) -> &[String] {
        &self.requests
    }
}

/// An answer to a visit, in words.
pub(super) fn shown(answer: Option<(u16, Vec<u8>)>) -> String {
    let whole = |(status, body): (u16, Vec<u8>)| format!("{status} with {} bytes", body.len());
    answer.map_or_else(|| "no whole answer".to_owned(), whole)
}

async fn id_of(answer: Response) -> Result<String> {
    let body: Value = answer.json().await?;
    Ok(body.get("id").and_then(Value::as_str).context("no id")?.to_owned())
}
