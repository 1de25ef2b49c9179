//! How the address of a deployment is written.

use std::fmt;
use std::str::FromStr;

use super::BadValue;

const PLACE: &str = "{host}";

/// The address of a site, with `{host}` where its host name goes: `https://{host}`, `http://{host}:3001`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteUrl(String);

impl SiteUrl {
    /// Plain HTTP on that port, as on one machine.
    pub fn on_port(port: u16) -> Self {
        Self(format!("http://{PLACE}:{port}"))
    }

    /// The address of the site with that host name, with a slash at its end.
    pub fn of(&self, host: &str) -> String {
        format!("{}/", self.0.replace(PLACE, host))
    }
}

impl FromStr for SiteUrl {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Self, BadValue> {
        let template = text.trim().trim_end_matches('/');
        let wrong =
            || BadValue::new("it has to be an address with {host} as its host, such as https://{host}");
        let (scheme, rest) = template.split_once("://").ok_or_else(wrong)?;
        let port = rest.strip_prefix(PLACE).ok_or_else(wrong)?;
        let port_fits = port.is_empty() || port.strip_prefix(':').is_some_and(|p| p.parse::<u16>().is_ok());
        if !matches!(scheme, "http" | "https") || !port_fits {
            return Err(wrong());
        }
        Ok(Self(template.to_owned()))
    }
}

impl fmt::Display for SiteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_url_has_the_host_in_its_place() {
        let url: SiteUrl = "https://{host}/".parse().unwrap();
        assert_eq!(url.of("abc.example.org"), "https://abc.example.org/");
        assert_eq!(SiteUrl::on_port(3001).of("a.localhost"), "http://a.localhost:3001/");
        for text in
            ["", "https://example.org", "{host}", "ftp://{host}", "https://x.{host}", "http://{host}:99999"]
        {
            assert!(text.parse::<SiteUrl>().is_err(), "{text}");
        }
    }
}
