//! One call to the API.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use clap::Args;
use reqwest::{Client, Method, RequestBuilder, Response};
use serde::de::DeserializeOwned;
use shipstack_settings::{ExposeSecret as _, Secret};
use shipstack_types::{Deployment, DeploymentId};
use url::Url;

use super::ApiError;
use super::cause::cause;
use super::error::Called;

/// A connection that is not made by then is not made.
const CONNECT: Duration = Duration::from_secs(10);
/// Where `shipstack up` listens when nothing else is said.
const DEFAULT: &str = "http://localhost:3002";

/// Which shipstack is talked to.
#[derive(Args, Debug, Clone)]
pub(crate) struct ClientArgs {
    /// Address of the API; by default that of a server on this machine, at port 3002
    #[arg(long, env = "SHIPSTACK_API_URL", value_name = "URL")]
    api: Option<Url>,

    /// Where a server that is started in this folder listens: what its `.env` says is true for its clients too
    #[arg(long, env = "SHIPSTACK_API_ADDR", hide = true, value_name = "ADDR")]
    api_addr: Option<SocketAddr>,

    /// Token of the API, when it asks for one
    #[arg(long, env = "SHIPSTACK_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub(crate) token: Option<Secret>,
}

impl ClientArgs {
    /// As for a client in the folder of a server with these settings; `None` when nobody can know where that listens.
    pub(crate) fn of_server(api: Option<&Url>, addr: SocketAddr, token: Option<&Secret>) -> Option<Self> {
        let is_known = api.is_some() || addr.port() != 0;
        is_known.then(|| Self { api: api.cloned(), api_addr: Some(addr), token: token.cloned() })
    }

    /// Whom to call: who is named, else the server of this folder.
    fn address(&self) -> String {
        match (&self.api, self.api_addr) {
            (Some(api), _) => api.as_str().trim_end_matches('/').to_owned(),
            // Port 0 says that the server picks one, and nobody knows which.
            (None, Some(addr)) if addr.port() != 0 => format!("http://{}", reachable(addr)),
            _ => DEFAULT.to_owned(),
        }
    }
}

/// An address that is listened on is not always one to call: `0.0.0.0` means this machine.
fn reachable(addr: SocketAddr) -> SocketAddr {
    let ip = match addr.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, addr.port())
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
        let base = args.address();
        let client = if is_this_machine(&Url::parse(&base)?) { client.no_proxy() } else { client };
        Ok(Self { base, token: args.token.clone(), client: client.build()? })
    }

    /// The address that is called.
    pub(crate) fn base(&self) -> &str {
        &self.base
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
        let response = request.send().await.map_err(|error| self.unreachable(&error))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let url = response.url().clone();
        let body = response.bytes().await.map_err(|error| self.unreachable(&error))?;
        let called = Called { base: &self.base, path: url.path(), has_token: self.token.is_some() };
        Err(ApiError::of(&called, status, &body))
    }

    /// Sends a request and reads the answer.
    pub(crate) async fn ask<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, ApiError> {
        let response = self.send(request).await?;
        let status = response.status();
        let body = response.bytes().await.map_err(|error| self.unreachable(&error))?;
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

    pub(crate) fn unreachable(&self, error: &reqwest::Error) -> ApiError {
        ApiError::Unreachable { base: self.base.clone(), why: cause(error) }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn address(api: Option<&str>, addr: Option<&str>) -> String {
        let api = api.map(|url| url.parse().unwrap());
        let api_addr = addr.map(|addr| addr.parse().unwrap());
        ClientArgs { api, api_addr, token: None }.address()
    }

    #[test]
    fn the_server_of_this_folder_is_called_unless_another_is_named() {
        assert_eq!(address(None, None), "http://localhost:3002");
        assert_eq!(address(None, Some("127.0.0.1:4002")), "http://127.0.0.1:4002");
        assert_eq!(address(None, Some("0.0.0.0:4002")), "http://127.0.0.1:4002");
        assert_eq!(address(None, Some("[::]:4002")), "http://[::1]:4002");
        assert_eq!(address(None, Some("127.0.0.1:0")), "http://localhost:3002");
        assert_eq!(
            address(Some("https://api.example.org/"), Some("127.0.0.1:4002")),
            "https://api.example.org"
        );
    }
}
