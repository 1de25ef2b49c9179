//! Runs the hostile catalogue (`tests/hostile`): each case gets the answer it must get, and the platform goes on.

mod archives;
mod catalogue;
mod http;
mod projects;
mod queue;
mod wire;

mod real_docker {
    use super::{archives, http, projects, queue};
    use crate::fixture::Fixture;
    use crate::platform::{Platform, Shape};
    use serde_json::Value;
    use std::io::Write;

    /// Past libtest, which keeps what a good test prints: the count is what a reader of the run looks for.
    fn count(number: usize, what: &str) {
        let mut stderr = std::io::stderr();
        writeln!(stderr, "hostile cases: {number} {what}").unwrap();
    }

    async fn site(platform: &Platform) -> String {
        let pages = Fixture::default()
            .with("index.html", b"home")
            .with("about.html", b"about")
            .with("docs/index.html", b"docs");
        let id = platform.deploy_archive("?prebuilt=true", &pages).await;
        platform.deployed(&id).await;
        id
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn every_hostile_request_and_archive_gets_its_answer_and_nothing_comes_of_it() {
        let Some(platform) = Platform::start(Shape::AllInOne, &[]).await else { return };
        let id = site(&platform).await;
        let target = http::Target {
            api: platform.api.rsplit(':').next().unwrap().parse().unwrap(),
            sites: platform.serve_port,
            site: format!("{id}.localhost"),
        };
        let judged = tokio::task::spawn_blocking(move || {
            let files = ["deploy.toml", "git_url.toml", "api.toml", "sites.toml"];
            let mut judged: Vec<_> = files.iter().map(|file| http::run(file, &target)).collect();
            judged.push(archives::run(target.api));
            judged
        });
        let judged = judged.await.unwrap();
        count(judged.iter().map(|(number, _)| number).sum(), "over HTTP");
        let wrong: Vec<String> = judged.into_iter().flat_map(|(_, wrong)| wrong).collect();
        assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n----\n"));

        let list: Value = platform.get("/v1/deployments").await.json().await.unwrap();
        let ids: Vec<&Value> = list["items"].as_array().unwrap().iter().map(|item| &item["id"]).collect();
        assert_eq!(ids, [&Value::from(id)], "something came of it");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn every_flood_is_refused_at_the_door_and_nothing_of_it_is_queued() {
        let settings = [("SHIPSTACK_DEPLOY_RATE_LIMIT", "1")];
        let Some(platform) = Platform::start(Shape::AllInOne, &settings).await else { return };
        let api = platform.api.rsplit(':').next().unwrap().parse().unwrap();
        let target = http::Target { api, sites: platform.serve_port, site: String::new() };
        let (number, wrong) =
            tokio::task::spawn_blocking(move || http::run("floods.toml", &target)).await.unwrap();
        count(number, "floods");
        assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n----\n"));
        let list: Value = platform.get("/v1/deployments").await.json().await.unwrap();
        assert_eq!(list["items"], Value::Array(Vec::new()), "something came of it");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn every_hostile_entry_of_the_queue_ends_and_stops_nobody() {
        let Some(platform) = Platform::start(Shape::ThreeServices, &[]).await else { return };
        count(queue::run(&platform).await, "in the queue");
        site(&platform).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn every_hostile_project_ends_as_it_must() {
        let Some(platform) = Platform::start(Shape::AllInOne, &[]).await else { return };
        let (number, wrong) = projects::run(&platform).await;
        count(number, "projects");
        assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n----\n"));
        site(&platform).await;
    }
}
