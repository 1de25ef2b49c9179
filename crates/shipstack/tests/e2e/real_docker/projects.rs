//! One project of each kind, end to end, on both shapes.

use crate::fixture::Fixture;
use crate::platform::{Platform, Shape};
use serde_json::Value;

/// The same test on the all-in-one and on the three services.
macro_rules! on_both_shapes {
    ($($(#[$attribute:meta])* $name:ident: $settings:expr;)+) => {
        mod all_in_one {
            $($(#[$attribute])* #[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let Some(platform) = super::Platform::start(super::Shape::AllInOne, $settings).await else { return };
                super::$name(&platform).await;
            })+
        }
        mod three_services {
            $($(#[$attribute])* #[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let Some(platform) = super::Platform::start(super::Shape::ThreeServices, $settings).await else { return };
                super::$name(&platform).await;
            })+
        }
    };
}

on_both_shapes! {
    package_managers_build_vite_with_and_without_a_lockfile: &[];
    a_vite_site_builds_under_the_classic_profile: &[("SHIPSTACK_BUILD_PROFILE", "classic")];
    plain_and_prebuilt_sites_need_no_container: &[];
    a_failing_build_says_what_failed: &[];
    a_silent_build_is_ended_and_says_so: &[("SHIPSTACK_BUILD_SILENCE", "3s")];
    a_greedy_build_is_stopped_by_its_memory: &[("SHIPSTACK_BUILD_MEMORY", "256MiB")];
}

async fn package_managers_build_vite_with_and_without_a_lockfile(platform: &Platform) {
    for manager in ["npm", "pnpm", "yarn"] {
        for locked in [true, false] {
            let name = format!("vite-{manager}-{locked}");
            let id = platform.deploy_git(&name, &Fixture::vite(manager, locked)).await;
            let deployment = platform.deployed(&id).await;
            let used = deployment["plan"]["packageManager"].as_str().unwrap();
            assert!(used.starts_with(&format!("{manager}@")), "{used}");
            assert_eq!(deployment["plan"]["framework"], "vite");
            assert_is_a_running_vite_site(platform, &id).await;
            platform.leaves_nothing(&id).await;
        }
    }
}

async fn a_vite_site_builds_under_the_classic_profile(platform: &Platform) {
    let id = platform.deploy_git("classic", &Fixture::vite("npm", true)).await;
    platform.deployed(&id).await;
    assert_is_a_running_vite_site(platform, &id).await;
}

/// The page, its script, a deep link that falls back, and a missing script that does not.
async fn assert_is_a_running_vite_site(platform: &Platform, id: &str) {
    let page = platform.visit(id, "/", &[]).await;
    assert_eq!(page.status(), 200);
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    let html = page.text().await.unwrap();
    let script = html.split("src=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a script");
    let script = platform.visit(id, script, &[]).await;
    assert_eq!(script.headers()["content-type"], "text/javascript; charset=utf-8");
    assert!(script.text().await.unwrap().contains("Hello from"));
    let deep = platform.visit(id, "/users/john.doe", &[("accept", "text/html")]).await;
    assert_eq!((deep.status().as_u16(), deep.text().await.unwrap()), (200, html));
    let missing = platform.visit(id, "/assets/missing.js", &[("accept", "*/*")]).await;
    assert_eq!(missing.status(), 404);
    let plain = platform.visit(id, "/hello.txt", &[]).await;
    assert_eq!(plain.text().await.unwrap(), "plain text\n");
}

async fn plain_and_prebuilt_sites_need_no_container(platform: &Platform) {
    let site = Fixture::of("static");
    let plain = platform.deploy_git("static", &site).await;
    let prebuilt = platform.deploy_archive("?prebuilt=true", &site).await;
    for id in [plain, prebuilt] {
        let deployment = platform.deployed(&id).await;
        assert!(deployment["plan"]["command"].is_null() && deployment["plan"].is_object(), "{deployment:#}");
        assert!(platform.visit(&id, "/", &[]).await.text().await.unwrap().contains("Plain"));
        let style = platform.visit(&id, "/style.css", &[]).await;
        assert_eq!(style.headers()["content-type"], "text/css; charset=utf-8");
    }
    // The variables of a site that was built elsewhere are of no use here, and still nobody's to read.
    let site = site.with("settings.js", b"const token = 'hunter2-password';");
    let telling = platform.deploy_archive("?prebuilt=true&env.TOKEN=hunter2-password", &site).await;
    platform.deployed(&telling).await;
    let log = platform.log(&telling).await;
    assert!(log.contains("settings.js holds the value of TOKEN"), "{log}");
}

async fn a_failing_build_says_what_failed(platform: &Platform) {
    let id = platform.deploy_archive("", &Fixture::of("failing")).await;
    let failure = platform.failure(&id).await;
    assert_failed(&failure, "build_failed", "building");
    assert!(failure["message"].as_str().unwrap().contains('3'), "{failure}");
    let log = platform.log(&id).await;
    assert!(log.contains("starting") && log.contains("cannot find the answer"), "{log}");
    assert_shows_nothing(platform, &id).await;
}

async fn a_silent_build_is_ended_and_says_so(platform: &Platform) {
    let id = platform.deploy_archive("", &Fixture::of("silent")).await;
    assert_failed(&platform.failure(&id).await, "build_silent", "building");
    assert_shows_nothing(platform, &id).await;
}

async fn a_greedy_build_is_stopped_by_its_memory(platform: &Platform) {
    let id = platform.deploy_archive("", &Fixture::of("greedy")).await;
    let failure = platform.failure(&id).await;
    assert_failed(&failure, "out_of_memory", "building");
    assert!(failure["message"].as_str().unwrap().contains("256 MiB"), "{failure}");
    assert_shows_nothing(platform, &id).await;
}

fn assert_failed(failure: &Value, code: &str, stage: &str) {
    assert_eq!(failure["code"], code, "{failure:#}");
    assert_eq!(failure["stage"], stage, "{failure:#}");
    assert_eq!(failure["fault"], "user", "{failure:#}");
    assert!(failure["remedy"].as_str().is_some_and(|remedy| remedy.len() > 10), "{failure:#}");
}

/// A visitor of a failed deployment sees that it failed, and Docker has nothing of it any more.
async fn assert_shows_nothing(platform: &Platform, id: &str) {
    let page = platform.visit(id, "/", &[("accept", "text/html")]).await;
    assert_eq!(page.status(), 404);
    platform.leaves_nothing(id).await;
}
