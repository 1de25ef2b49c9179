//! Deployment ids: what we mint is narrow, what we read is as wide as the Node system's.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Crockford base32 in lower case; the 22 letters come after the ten digits.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Index of the first letter in [`ALPHABET`].
const FIRST_LETTER: u16 = 10;
const LENGTH: usize = 16;
const MAX_FOREIGN_LENGTH: usize = 63;

/// The id of a deployment: `^[A-Za-z0-9_-]{1,63}$`. Ours are 16 characters of Crockford base32, the first a letter.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DeploymentId(String);

/// The text is no deployment id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an id is 1 to 63 characters of A-Z a-z 0-9 _ -")]
pub struct InvalidDeploymentId;

impl DeploymentId {
    /// Mints an id from 16 random bytes (78 of their bits are used). The caller owns the randomness.
    #[must_use]
    pub fn from_random(random: [u8; LENGTH]) -> Self {
        let letters = 32 - FIRST_LETTER;
        let text = random.iter().enumerate().map(|(place, byte)| {
            let byte = u16::from(*byte);
            let index = if place == 0 { FIRST_LETTER + byte % letters } else { byte % 32 };
            ALPHABET.get(usize::from(index)).copied().map_or('a', char::from)
        });
        Self(text.collect())
    }

    /// The id as it stands on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the id is a lower-case DNS label, so that it can be served on a host of its own.
    #[must_use]
    pub fn is_dns_label(&self) -> bool {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let bytes = self.0.as_bytes();
        bytes.iter().all(|b| plain(*b) || *b == b'-')
            && bytes.first().copied().is_some_and(plain)
            && bytes.last().copied().is_some_and(plain)
            && !self.0.starts_with("xn--")
    }

    /// Whether the id has the form that we mint.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        self.0.len() == LENGTH
            && self.0.bytes().all(|b| ALPHABET.contains(&b))
            && self.0.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
    }
}

impl FromStr for DeploymentId {
    type Err = InvalidDeploymentId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if text.is_empty() || text.len() > MAX_FOREIGN_LENGTH || !text.bytes().all(legal) {
            return Err(InvalidDeploymentId);
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for DeploymentId {
    type Error = InvalidDeploymentId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<DeploymentId> for String {
    fn from(id: DeploymentId) -> Self {
        id.0
    }
}

impl fmt::Display for DeploymentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for DeploymentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_minted_id_is_ours_and_a_legal_host_label(random: [u8; 16]) {
            let id = DeploymentId::from_random(random);
            prop_assert!(id.is_ours());
            prop_assert!(id.is_dns_label());
            prop_assert_eq!(id.as_str().parse::<DeploymentId>(), Ok(id.clone()));
        }

        #[test]
        fn parsing_repairs_nothing(text in "\\PC{0,70}") {
            if let Ok(id) = text.parse::<DeploymentId>() {
                prop_assert_eq!(id.as_str(), text);
            }
        }
    }

    #[test]
    fn ids_of_the_node_system_are_read_but_may_be_no_host_label() {
        for (text, label) in
            [("abc", true), ("-abc", false), ("aB3", false), ("a_b", false), ("xn--a", false)]
        {
            assert_eq!(text.parse::<DeploymentId>().unwrap().is_dns_label(), label, "{text}");
        }
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for text in ["", " ", "a ", " a", "a\n", "a/b", "..", "a.b", "ä", "a\0"] {
            assert!(text.parse::<DeploymentId>().is_err(), "{text:?}");
        }
        assert!("a".repeat(64).parse::<DeploymentId>().is_err());
    }
}
