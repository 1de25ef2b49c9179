//! Where objects are kept.

use std::path::PathBuf;

use clap::Args;

use crate::{ExposeSecret as _, Secret, SettingsError};

/// The folder of what is kept on this machine.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "Store")]
pub struct DataSettings {
    /// Folder for everything kept on this machine
    #[arg(long, env = "SHIPSTACK_DATA_DIR", default_value = "./.shipstack", value_name = "FOLDER")]
    pub data_dir: PathBuf,
}

/// The object store: a bucket, or without one a folder under the data folder.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "Store")]
pub struct StoreSettings {
    /// Bucket of an S3-compatible store; without one a folder under the data folder is used
    #[arg(long = "bucket", env = "AWS_BUCKET", value_name = "NAME")]
    pub bucket: Option<String>,

    /// Region of the bucket
    #[arg(long = "aws-region", env = "AWS_REGION", value_name = "REGION")]
    pub region: Option<String>,

    /// Address of an S3-compatible store that is not Amazon's
    #[arg(long = "aws-endpoint-url", env = "AWS_ENDPOINT_URL", value_name = "URL")]
    pub endpoint: Option<String>,

    /// Access key (also `AWS_KEY`); without one the AWS SDK's own chain is asked
    #[arg(long = "aws-access-key-id", env = "AWS_ACCESS_KEY_ID", hide_env_values = true, value_name = "KEY")]
    pub access_key: Option<Secret>,

    /// Secret of the access key (also `AWS_SECRET`)
    #[arg(
        long = "aws-secret-access-key",
        env = "AWS_SECRET_ACCESS_KEY",
        hide_env_values = true,
        value_name = "SECRET"
    )]
    pub secret_key: Option<Secret>,

    /// Set when the keys are temporary: then the SDK's chain reads all three itself
    #[arg(long = "aws-session-token", env = "AWS_SESSION_TOKEN", hide_env_values = true, hide = true)]
    pub session_token: Option<Secret>,
}

impl StoreSettings {
    /// Key and secret; `None` when the SDK's own chain is to find them. One without the other is refused.
    pub fn credentials(&self) -> Result<Option<(String, Secret)>, SettingsError> {
        match (&self.access_key, &self.secret_key) {
            _ if self.session_token.is_some() => Ok(None),
            (Some(key), Some(secret)) => Ok(Some((key.expose_secret().to_owned(), secret.clone()))),
            (None, None) => Ok(None),
            (Some(_), None) => Err(SettingsError::new("AWS_SECRET_ACCESS_KEY", MISSING_HALF)),
            (None, Some(_)) => Err(SettingsError::new("AWS_ACCESS_KEY_ID", MISSING_HALF)),
        }
    }
}

const MISSING_HALF: &str = "it is missing, while the other half of the key pair is there";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::from_pairs;

    #[test]
    fn half_a_key_pair_is_refused_and_the_missing_half_named() {
        let credentials = |pairs: &[(&str, &str)]| from_pairs::<StoreSettings>(pairs).unwrap().credentials();
        assert!(credentials(&[]).unwrap().is_none());
        assert_eq!(credentials(&[("AWS_KEY", "k"), ("AWS_SECRET", "s")]).unwrap().unwrap().0, "k");
        assert_eq!(credentials(&[("AWS_KEY", "k")]).unwrap_err().name(), "AWS_SECRET_ACCESS_KEY");
        assert_eq!(credentials(&[("AWS_SECRET", "s")]).unwrap_err().name(), "AWS_ACCESS_KEY_ID");
    }
}
