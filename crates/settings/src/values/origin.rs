//! Web origins.

use std::fmt;
use std::str::FromStr;

use super::BadValue;

/// A web origin as browsers send it: `https://app.example.org`, `http://localhost:3000`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// The origin in the form of the `Origin` header: default ports left out, host in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Origin {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Self, BadValue> {
        let wrong = || BadValue::new("it has to be an origin such as https://app.example.org");
        let url = url::Url::parse(text.trim()).map_err(|_| wrong())?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let anonymous = url.username().is_empty() && url.password().is_none();
        if !matches!(url.scheme(), "http" | "https") || !bare || !anonymous {
            return Err(wrong());
        }
        Ok(Self(url.origin().ascii_serialization()))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        for (text, origin) in
            [("HTTP://LocalHost:3000/", "http://localhost:3000"), ("https://a.org:443", "https://a.org")]
        {
            assert_eq!(text.parse::<Origin>().unwrap().as_str(), origin);
        }
        for text in
            ["*", "null", "a.org", "ftp://a.org", "https://a.org/x", "https://u@a.org", "https://a.org?x"]
        {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }
}
