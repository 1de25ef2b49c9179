//! Addresses and names: who could reach what.

use std::io::ErrorKind;
use std::net::SocketAddr;

use shipstack_http::{Check, Exposure, ListenError, bind};
use shipstack_service::causes;
use shipstack_settings::EverySetting;

const API: &str = "API address";

/// `ours` is an address that shipstack itself was found at.
pub(super) fn checks(settings: &EverySetting, ours: Option<SocketAddr>) -> Vec<Check> {
    let api = settings.port.applied_to(settings.api.addr);
    let serve = settings.serve.addr;
    let mut checks = vec![
        match ours {
            Some(found) => Check::ok(API, format!("{found}, where shipstack answers")),
            None => address(
                (API, "SHIPSTACK_API_ADDR"),
                &bind(api, Exposure::of_api(&settings.api)).map(drop),
                api,
            ),
        },
        address(("serve address", "SHIPSTACK_SERVE_ADDR"), &bind(serve, Exposure::Guarded).map(drop), serve),
    ];
    checks.extend(shared_domain(settings));
    checks
}

fn address((name, setting): (&str, &str), bound: &Result<(), ListenError>, shown: SocketAddr) -> Check {
    match bound {
        Ok(()) => Check::ok(name, shown.to_string()),
        Err(ListenError::Unguarded { .. }) => Check::broken(
            name,
            format!("{shown} can be reached from other machines, without a token"),
            "Set SHIPSTACK_TOKEN, or listen on 127.0.0.1.",
        ),
        Err(ListenError::Refused { source, .. }) if source.kind() == ErrorKind::AddrInUse => Check::advice(
            name,
            format!("{shown} is in use"),
            format!("Fine if that is shipstack itself; else set {setting} to another port."),
        ),
        Err(error) => Check::broken(
            name,
            causes(error),
            format!("Set {setting} to an address of this machine and a port that this user may listen on."),
        ),
    }
}

/// Tenants' pages and the API on one domain could share cookies.
fn shared_domain(settings: &EverySetting) -> Option<Check> {
    let domain = settings.site.domain.as_str();
    let api = settings.api.public_url.as_ref()?.host_str()?;
    let shared =
        api == domain || api.ends_with(&format!(".{domain}")) || domain.ends_with(&format!(".{api}"));
    shared.then(|| {
        let remedy =
            "Serve sites under a registrable domain of their own, and put it on the Public Suffix List.";
        Check::advice(
            "domains",
            format!("the API at {api} and the sites under {domain} share a domain"),
            remedy,
        )
    })
}
