//! Addresses and names: who could reach what.

use shipstack_http::{Check, Exposure, ListenError, bind};
use shipstack_settings::EverySetting;

pub(super) fn checks(settings: &EverySetting) -> Vec<Check> {
    let api = settings.port.applied_to(settings.api.addr);
    let mut checks = vec![
        address("API address", &bind(api, Exposure::of_api(&settings.api)).map(drop), &api.to_string()),
        address(
            "serve address",
            &bind(settings.serve.addr, Exposure::Guarded).map(drop),
            &settings.serve.addr.to_string(),
        ),
    ];
    checks.extend(shared_domain(settings));
    checks
}

fn address(name: &str, bound: &Result<(), ListenError>, shown: &str) -> Check {
    match bound {
        Ok(()) => Check::ok(name, shown),
        Err(ListenError::Unguarded { .. }) => Check::broken(
            name,
            format!("{shown} can be reached from other machines, without a token"),
            "Set SHIPSTACK_TOKEN, or listen on 127.0.0.1.",
        ),
        Err(_) => Check::advice(
            name,
            format!("{shown} is in use"),
            "Fine if that is shipstack itself; else choose another port.",
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
