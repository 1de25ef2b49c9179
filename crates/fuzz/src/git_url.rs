//! Repository URLs: accepted as written or not at all, and never one that names this network.

use crate::addresses::is_special;
use crate::input::Input;
use shipstack_types::{GitUrl, HostAllowList};
use std::net::{IpAddr, Ipv4Addr};

/// First line: the operator's list; second: the URL.
pub(crate) fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let (list, text) = (input.text(), input.text());
    let nobody = HostAllowList::default();
    if let Ok(url) = GitUrl::parse(&text, &nobody) {
        comes_out_as_it_went_in(&url, &text, &nobody);
        is_out_in_the_world(&url);
    }
    let Ok(exempt) = list.parse::<HostAllowList>() else { return };
    assert_eq!(String::from(exempt.clone()).parse::<HostAllowList>().as_ref(), Ok(&exempt), "the list");
    if let Ok(url) = GitUrl::parse(&text, &exempt) {
        comes_out_as_it_went_in(&url, &text, &exempt);
        if !exempt.allows(url.host(), url.port()) {
            is_out_in_the_world(&url);
        }
    }
}

fn comes_out_as_it_went_in(url: &GitUrl, text: &str, exempt: &HostAllowList) {
    assert_eq!(GitUrl::parse(url.as_str(), exempt).as_ref(), Ok(url), "it reads as itself");
    assert_eq!(plain(url.as_str()), plain(text), "nothing was repaired");
    let json = serde_json::to_string(url).unwrap();
    assert_eq!(&serde_json::from_str::<GitUrl>(&json).unwrap(), url);
    let (_, rest) = url.as_str().split_once("://").unwrap();
    let authority = rest.split('/').next().unwrap();
    assert!(!authority.contains('@') && !authority.starts_with('-'), "{url}");
    assert!(url.as_str().chars().all(|c| c.is_ascii_graphic()), "{url} is an argument and a line of a log");
    assert!(!url.repository().ends_with('/') && !url.host().is_empty());
}

/// What may differ: the case of scheme and host, a default port, an empty path.
fn plain(text: &str) -> String {
    let (scheme, rest) = text.split_once("://").unwrap();
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let scheme = scheme.to_ascii_lowercase();
    let port = if scheme == "http" { ":80" } else { ":443" };
    let authority = authority.to_ascii_lowercase();
    let authority = authority.strip_suffix(port).unwrap_or(&authority);
    format!("{scheme}://{authority}{}", if path.is_empty() { "/" } else { path })
}

fn is_out_in_the_world(url: &GitUrl) {
    assert!(matches!(url.port(), 80 | 443), "{url}");
    if let Ok(address) = url.host().parse::<IpAddr>() {
        assert!(!is_special(address), "{url}");
    } else {
        assert_eq!(as_the_c_library_reads(url.host()), None, "{url} is an address in another spelling");
        assert!(url.host().trim_end_matches('.').contains('.'), "{url}");
    }
}

/// `inet_aton`: one to four numbers, octal and hexadecimal ones too, the last one fills what is left.
fn as_the_c_library_reads(host: &str) -> Option<Ipv4Addr> {
    let numbers: Option<Vec<u64>> = host.split('.').map(number).collect();
    let numbers = numbers.filter(|numbers| numbers.len() <= 4)?;
    let (last, first) = numbers.split_last()?;
    let left = 4 - u32::try_from(first.len()).ok()?;
    if *last >= 1 << (8 * left) || first.iter().any(|byte| *byte > 255) {
        return None;
    }
    let high = first.iter().zip([24, 16, 8]).map(|(byte, shift)| byte << shift).sum::<u64>();
    u32::try_from(high | last).ok().map(Ipv4Addr::from_bits)
}

fn number(text: &str) -> Option<u64> {
    let (digits, radix) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => (digits, 16),
        None if text.starts_with('0') => (text, 8),
        None => (text, 10),
    };
    u64::from_str_radix(digits, radix).ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
