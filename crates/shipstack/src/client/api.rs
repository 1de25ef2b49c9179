//! One call to the API.

use std::time::Duration;

use clap::Args;
use reqwest::{Client, Method, RequestBuilder, Response};
use serde::de::DeserializeOwned;
use shipstack_settings::{ExposeSecret as _, Secret};
use shipstack_types::{Deployment, DeploymentId};
use url::Url;

use super::ApiError;

/// A connection that is not made by then is not made.
const CONNECT: Duration = Duration::from_secs(10);

/// Which shipstack is talked to.
#[derive(Args, Debug, Clone)]
pub(crate) struct ClientArgs {
    /// Address of the API
    #[arg(long, env = "SHIPSTACK_API_URL", default_value = "http://localhost:3002", value_name = "URL")]
    pub(crate) api: Url,

    /// Token of the API, when it asks for one
    #[arg(long, env = "SHIPSTACK_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub(crate) token: Option<Secret>,
}

/// An API that is talked to.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    base: String,
    token: Option<Secret>,
    client: Client,
}

impl Api {
    pub(crate) fn new(args: &ClientArgs) -> anyhow::Result<Self> {
        let client = Client::builder().connect_timeout(CONNECT);
        // A proxy of the network cannot know this machine's own address.
        let client = if is_this_machine(&args.api) { client.no_proxy() } else { client };
        let base = args.api.as_str().trim_end_matches('/').to_owned();
        Ok(Self { base, token: args.token.clone(), client: client.build()? })
    }

    /// A request to that path, with the token.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token.expose_secret()),
            None => request,
        }
    }

    /// Sends a request; anything but success is an error in the server's own words.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<Response, ApiError> {
        let response = request.send().await.map_err(|source| self.unreachable(source))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let body = response.bytes().await.map_err(|source| self.unreachable(source))?;
        Err(ApiError::refused(&self.base, status, &body))
    }

    /// Sends a request and reads the answer.
    pub(crate) async fn ask<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, ApiError> {
        let response = self.send(request).await?;
        let status = response.status();
        let body = response.bytes().await.map_err(|source| self.unreachable(source))?;
        serde_json::from_slice(&body).map_err(|_| ApiError::Foreign { base: self.base.clone(), status })
    }

    /// What is known of a deployment.
    pub(crate) async fn deployment(&self, id: &DeploymentId) -> Result<Deployment, ApiError> {
        self.ask(self.request(Method::GET, &format!("/v1/deployments/{id}"))).await
    }

    /// Does something to a deployment; how it stands then.
    pub(crate) async fn act(&self, id: &DeploymentId, verb: &str) -> Result<Deployment, ApiError> {
        self.ask(self.request(Method::POST, &format!("/v1/deployments/{id}/{verb}"))).await
    }

    pub(crate) fn unreachable(&self, source: reqwest::Error) -> ApiError {
        ApiError::Unreachable { base: self.base.clone(), source }
    }
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
