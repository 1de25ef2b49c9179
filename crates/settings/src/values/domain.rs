//! The domain that deployments live under.

use std::fmt;
use std::str::FromStr;

use super::BadValue;

/// A lower-case DNS name without a trailing dot: `localhost`, `sites.example.org`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain(String);

impl Domain {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Domain {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Self, BadValue> {
        let name = text.trim().to_ascii_lowercase();
        let name = name.strip_suffix('.').unwrap_or(&name);
        // One label and a dot (64 bytes) have to fit before it: that is where ids go.
        if name.len() > 253 - 64 || !name.split('.').all(is_label) || name.parse::<std::net::IpAddr>().is_ok()
        {
            return Err(BadValue::new("it has to be a domain name such as localhost or sites.example.org"));
        }
        Ok(Self(name.to_owned()))
    }
}

fn is_label(label: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&label.len())
        && label.bytes().all(legal)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_a_dns_name() {
        for (text, name) in [("localhost", "localhost"), ("Sites.Example.ORG.", "sites.example.org")] {
            assert_eq!(text.parse::<Domain>().unwrap().as_str(), name);
        }
        for text in
            ["", ".", "a..b", "-a.b", "a_b", "127.0.0.1", "http://a", "a:80", "é.org", &"a".repeat(64)]
        {
            assert!(text.parse::<Domain>().is_err(), "{text}");
        }
    }
}
