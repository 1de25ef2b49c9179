//! contract §3: which deployment a request is for. The host wins; `?id=` counts only where the host names no deployment.

use crate::host::Host;
use crate::printable::{printable, with_query};
use percent_encoding::percent_decode_str;
use shipstack_types::DeploymentId;

/// What `?id=` on the bare domain does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QueryRouting {
    /// 302 to the deployment's own host, so that its assets resolve too.
    #[default]
    Redirect,
    /// Serve in place, as the Node system did.
    Serve,
}

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// To this deployment, here.
    Serve(DeploymentId),
    /// To this deployment's own host: 302 with this path and query.
    ToOwnHost {
        /// The deployment.
        id: DeploymentId,
        /// Path as sent, and the query without its `id`.
        path_and_query: String,
    },
    /// Nothing says which deployment is meant: 400.
    NoId,
    /// What is named cannot exist: 404.
    Unknown,
}

/// Routes by host first. `path` and `query` are as sent.
#[must_use]
pub fn route(host: &Host, path: &str, query: Option<&str>, routing: QueryRouting) -> Route {
    let in_place = match host {
        Host::Deployment(id) => return Route::Serve(id.clone()),
        Host::Unknown => return Route::Unknown,
        Host::Address(_) => true,
        Host::Bare => routing == QueryRouting::Serve,
    };
    let Some(text) = query.and_then(id_of) else { return Route::NoId };
    let Ok(id) = text.parse::<DeploymentId>() else { return Route::Unknown };
    // An id of the Node system may be no host label; it has no host of its own to go to.
    if in_place || !id.is_dns_label() {
        return Route::Serve(id);
    }
    Route::ToOwnHost { id, path_and_query: without_id(path, query.unwrap_or_default()) }
}

/// The first `id` of a query; an empty one is none.
fn id_of(query: &str) -> Option<String> {
    let value = query.split('&').find_map(|pair| pair.strip_prefix("id="))?;
    let value = percent_decode_str(value).decode_utf8().ok()?.into_owned();
    (!value.is_empty()).then_some(value)
}

fn without_id(path: &str, query: &str) -> String {
    let rest: Vec<&str> =
        query.split('&').filter(|pair| !pair.starts_with("id=") && !pair.is_empty()).collect();
    // The host in front is ours and complete, so a path of several slashes stays a path.
    with_query(printable(path), Some(&rest.join("&")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> DeploymentId {
        text.parse().unwrap()
    }

    #[test]
    fn the_host_wins_over_the_query() {
        let host = Host::Deployment(id("abc"));
        for query in [None, Some("id=other"), Some("id=")] {
            assert_eq!(route(&host, "/", query, QueryRouting::Serve), Route::Serve(id("abc")));
        }
    }

    #[test]
    fn on_the_bare_domain_an_id_leads_to_its_own_host() {
        for (path, query, want) in [
            ("/", "id=abc", "/"),
            ("/a/b", "x=1&id=abc&y=2", "/a/b?x=1&y=2"),
            ("//evil.example", "id=abc", "//evil.example"),
            ("/é\r\n", "id=abc&x= ", "/%C3%A9%0D%0A?x=%20"),
        ] {
            let got = route(&Host::Bare, path, Some(query), QueryRouting::Redirect);
            assert_eq!(got, Route::ToOwnHost { id: id("abc"), path_and_query: want.to_owned() });
        }
        assert_eq!(route(&Host::Bare, "/", Some("id=abc"), QueryRouting::Serve), Route::Serve(id("abc")));
    }

    #[test]
    fn an_id_without_a_host_of_its_own_and_every_id_on_an_address_is_served_in_place() {
        let address = Host::Address([127, 0, 0, 1].into());
        assert_eq!(route(&address, "/", Some("id=abc"), QueryRouting::Redirect), Route::Serve(id("abc")));
        assert_eq!(
            route(&Host::Bare, "/", Some("id=aB_c"), QueryRouting::Redirect),
            Route::Serve(id("aB_c"))
        );
    }

    #[test]
    fn without_an_id_nothing_is_served() {
        for query in [None, Some(""), Some("x=1"), Some("id="), Some("idx=a")] {
            assert_eq!(route(&Host::Bare, "/", query, QueryRouting::Redirect), Route::NoId, "{query:?}");
        }
        for query in ["id=../x", "id=a%2Fb", "id=a.b", "id=%00"] {
            assert_eq!(
                route(&Host::Bare, "/", Some(query), QueryRouting::Redirect),
                Route::Unknown,
                "{query}"
            );
        }
        assert_eq!(route(&Host::Unknown, "/", Some("id=abc"), QueryRouting::Serve), Route::Unknown);
    }
}
