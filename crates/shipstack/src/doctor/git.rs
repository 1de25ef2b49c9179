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
    let (mut details, mut remedies) = (vec![version], Vec::new());
    if found < PATCHED && found != DEBIANS {
        remedies.push("Use 2.47.3 or newer, or a distribution's patched older one.");
    }
    if believes_bundles {
        // Our own fetches say no to it, whatever is configured.
        details.push("transfer.bundleURI is on: a clone by this user fetches whatever address a host names");
        remedies.push("Remove it where git config --show-origin transfer.bundleURI finds it.");
    }
    let detail = details.join(", ");
    if remedies.is_empty() {
        Check::ok("git", detail)
    } else {
        Check::advice("git", detail, remedies.join(" "))
    }
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
            let believing = judge(printed, true).remedy.unwrap_or_default();
            assert!(believing.contains("bundleURI"), "{believing}");
            assert_eq!(!believing.contains("2.47.3 or newer"), fine, "both are said of {printed}");
        }
    }
}
