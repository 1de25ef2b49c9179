//! The git that fetches sources.

use shipstack_http::Check;
use tokio::process::Command;

/// The oldest release with the fixes of July 2025 (CVE-2025-48384 and its family).
const PATCHED: [u32; 3] = [2, 47, 3];
/// Debian 12's, which has the fixes under its own older number.
const DEBIANS: [u32; 3] = [2, 39, 5];

pub(super) async fn check() -> Check {
    let Some(printed) = said(&["--version"]).await else {
        return Check::broken("git", "not found", "Install git (Debian: apt-get install git).");
    };
    let believes_bundles = said(&["config", "--type=bool", "--get", "transfer.bundleURI"]).await;
    judge(&printed, believes_bundles.as_deref() == Some("true"))
}

/// What git prints; nothing where it is not there or is not content.
async fn said(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).kill_on_drop(true).output().await.ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn judge(printed: &str, believes_bundles: bool) -> Check {
    let version = printed.strip_prefix("git version ").unwrap_or(printed);
    let mut numbers = version.split(['.', ' ', '-']).map_while(|part| part.parse().ok());
    let found = [(); 3].map(|()| numbers.next().unwrap_or(0));
    if found < PATCHED && found != DEBIANS {
        return Check::advice("git", version, "Use 2.47.3 or newer, or a distribution's patched older one.");
    }
    if believes_bundles {
        // Our own fetches say no to it, whatever is configured.
        let detail =
            format!("{version}, transfer.bundleURI is on: other uses of git here ask what a host names");
        return Check::advice(
            "git",
            detail,
            "Remove it where git config --show-origin transfer.bundleURI finds it.",
        );
    }
    Check::ok("git", version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_git_is_advice_and_never_a_refusal() {
        for (printed, fine) in [
            ("git version 2.39.5", true),
            ("git version 2.47.3", true),
            ("git version 2.51.0.windows.1", true),
            ("git version 2.39.2 (Apple Git-143)", false),
            ("git version 2.47.2", false),
        ] {
            let check = judge(printed, false);
            assert!(check.ok);
            assert_eq!(check.remedy.is_none(), fine, "{printed}");
        }
    }
}
