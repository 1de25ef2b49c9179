//! Whose request it is, as an address.

use std::net::IpAddr;

use actix_web::HttpRequest;
use shipstack_settings::Network;

/// The address of the client: the peer, or behind trusted proxies the last one that `X-Forwarded-For` names and that is
/// none of them. What stands before that in the header was written by the client. `None` for a peer without an address.
pub(crate) fn client_address(request: &HttpRequest, trusted: &[Network]) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip();
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    if !is_trusted(peer) {
        return Some(peer);
    }
    let headers: Vec<&str> =
        request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok()).collect();
    let hops = headers.iter().rev().flat_map(|value| value.rsplit(','));
    let mut nearest = peer;
    // A hop that is no address was not written by a proxy of ours: what lies behind it says nothing.
    for hop in hops.map_while(|hop| hop.trim().parse::<IpAddr>().ok()) {
        nearest = hop;
        if !is_trusted(hop) {
            break;
        }
    }
    Some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn client(peer: &str, forwarded: &[&str]) -> String {
        let trusted: Vec<Network> = vec!["10.0.0.0/8".parse().unwrap()];
        let request = TestRequest::default().peer_addr(format!("{peer}:4000").parse().unwrap());
        let request = forwarded
            .iter()
            .fold(request, |request, value| request.append_header(("x-forwarded-for", *value)));
        client_address(&request.to_http_request(), &trusted).unwrap().to_string()
    }

    #[test]
    fn a_client_is_the_peer_or_what_trusted_proxies_say() {
        assert_eq!(client("192.0.2.7", &["198.51.100.1"]), "192.0.2.7", "anybody can write that");
        assert_eq!(client("10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &["forged, 203.0.113.9, 198.51.100.1, 10.0.0.2"]), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &["203.0.113.9", "198.51.100.1", "10.0.0.2"]), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &["198.51.100.1, junk"]), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
    }
}
