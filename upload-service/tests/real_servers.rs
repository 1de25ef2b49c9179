//! The service with a real Redis and a real S3: what it writes there, and what it says when they are away.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use shipstack_testkit::{GitServer, RedisOptions, RedisServer};
use std::time::{Duration, Instant};
use support::Api;

const UNKNOWN: &str = r#"{"repourl":"https://unknown.example.org/a"}"#;

mod real_redis {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_fetched_source_stands_in_the_classic_keys() {
        let Some(redis) = RedisServer::start() else { return };
        let git = GitServer::start().unwrap();
        git.add_repo("app", &[("a", "1")]).unwrap();
        let pairs = [("REDIS_URL", redis.url()), ("SHIPSTACK_ALLOW_PRIVATE_GIT_HOSTS", git.host())];
        let api = Api::start(&pairs.each_ref().map(|(name, value)| (*name, value.as_str()))).await;
        let id = api.deploy(&git.url("app")).await;
        api.wait_for(&id, "uploaded").await;
        assert!(redis.raw(&format!("HGET status {id}")).unwrap().contains("uploaded"));
        assert!(redis.raw("LRANGE build-queue 0 -1").unwrap().contains(&id));
        assert!(!redis.raw("LRANGE intake-queue 0 -1").unwrap().contains(&id));
        let log = api.get(&format!("/v1/deployments/{id}/logs")).await;
        assert!(log.text.contains("1 files"), "{}", log.text);
        api.stop().await;
    }

    async fn assert_away(api: &Api, how: &str) {
        let began = Instant::now();
        let answer = api.post_json("/deploy", UNKNOWN).await;
        answer.assert_classic(503, "redis_unavailable");
        assert!(began.elapsed() < Duration::from_millis(3500), "{how} took {:?}", began.elapsed());
        assert!(answer.header("retry-after").parse::<u32>().is_ok());
        let archive = api.post("/v1/deployments", "application/x-tar", vec![0; 1024]).await;
        archive.assert_problem(503, "redis_unavailable");
        api.get("/status?id=abc").await.assert_classic(503, "redis_unavailable");
        assert_eq!(api.get("/readyz").await.status, 503, "{how}");
        assert_eq!(api.get("/livez").await.status, 200, "{how}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn while_redis_is_away_everything_is_503_and_nothing_is_recorded_and_it_heals_by_itself() {
        let Some(redis) = RedisServer::start() else { return };
        let api = Api::start(&[("REDIS_URL", &redis.url())]).await;
        let accepts = async || api.post_json("/deploy", UNKNOWN).await.status == 200;
        shipstack_testkit::wait_until("it accepts", accepts).await;
        let recorded = api.stored().await;
        redis.freeze().unwrap();
        assert_away(&api, "frozen").await;
        redis.thaw().unwrap();
        redis.kill();
        assert_away(&api, "killed").await;
        let server = api.get("/v1/server").await.json();
        assert_eq!(
            (&server["ready"], &server["workers"]),
            (&false.into(), &serde_json::Value::Null),
            "no guess"
        );
        assert_eq!(api.stored().await, recorded);
        redis.restart().unwrap();
        shipstack_testkit::wait_until("it accepts again", accepts).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_emptied_redis_gets_everything_acknowledged_back() {
        let Some(redis) = RedisServer::start() else { return };
        let git = GitServer::start().unwrap();
        git.add_repo("app", &[("a", "1")]).unwrap();
        let pairs = [
            ("REDIS_URL", redis.url()),
            ("SHIPSTACK_ALLOW_PRIVATE_GIT_HOSTS", git.host()),
            ("SHIPSTACK_LEASE", "1s".to_owned()),
        ];
        let api = Api::start(&pairs.each_ref().map(|(name, value)| (*name, value.as_str()))).await;
        let mut ids = Vec::new();
        for round in 0..10 {
            for _ in 0..5 {
                ids.push(api.deploy(&git.url("app")).await);
            }
            // Some of them wait by then, some are being fetched, and those of the rounds before have a source.
            let fetches = git.requests().len();
            let moved = async || git.requests().len() >= fetches + round % 3;
            shipstack_testkit::wait_until("fetching", moved).await;
            redis.raw("FLUSHALL").unwrap();
        }
        for id in &ids {
            api.wait_for(id, "uploaded").await;
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_redis_that_forgot_its_last_second_gets_it_back() {
        let Some(redis) = RedisServer::start_with(&RedisOptions::durable()) else { return };
        let git = GitServer::start().unwrap();
        git.add_repo("app", &[("a", "1")]).unwrap();
        let pairs = [("REDIS_URL", redis.url()), ("SHIPSTACK_ALLOW_PRIVATE_GIT_HOSTS", git.host())];
        let api = Api::start(&pairs.each_ref().map(|(name, value)| (*name, value.as_str()))).await;
        let known = api.deploy(&git.url("app")).await;
        api.wait_for(&known, "uploaded").await;
        let before = redis.appended().unwrap();
        let forgotten = api.deploy(&git.url("app")).await;
        api.wait_for(&forgotten, "uploaded").await;
        redis.forget_after(before).unwrap();
        redis.restart().unwrap();
        // Not asked over HTTP, which would look into the store by itself.
        let queued = async || redis.raw("LRANGE build-queue 0 -1").is_ok_and(|ids| ids.contains(&forgotten));
        shipstack_testkit::wait_until("it is queued again", queued).await;
        api.wait_for(&known, "uploaded").await;
    }

    /// Every step of intake, with a kill at each: the next process brings the deployment on.
    #[cfg(feature = "failpoints")]
    mod kills {
        use super::*;
        use shipstack_testkit::{Leashed, ServiceFolder, wait_until_blocking};
        use std::path::Path;

        const PATIENCE: Duration = Duration::from_secs(30);

        struct Process {
            _leash: Leashed,
            log: std::path::PathBuf,
            _folder: ServiceFolder,
        }

        impl Process {
            fn start(data: &Path, pairs: &[(&str, &str)]) -> Self {
                let folder = ServiceFolder::new().unwrap();
                let mut command = vec!["env".to_owned(), "-i".to_owned()];
                let own = [
                    ("SHIPSTACK_API_ADDR", "127.0.0.1:0"),
                    ("SHIPSTACK_DATA_DIR", data.to_str().unwrap()),
                    ("SHIPSTACK_LEASE", "1s"),
                ];
                command.extend(own.iter().chain(pairs).map(|(name, value)| format!("{name}={value}")));
                command.push(env!("CARGO_BIN_EXE_upload-service").to_owned());
                let leash = Leashed::start(folder.path(), &command).unwrap();
                Self { _leash: leash, log: folder.path().join("log"), _folder: folder }
            }

            fn said(&self) -> String {
                std::fs::read_to_string(&self.log).unwrap_or_default()
            }

            fn wait_for(&self, text: &str) {
                let said = || self.said().contains(text);
                wait_until_blocking(PATIENCE, &format!("{text} in {}", self.said()), said);
            }

            /// Where it listens, as its ready line says.
            fn address(&self) -> String {
                self.wait_for("is ready on ");
                let said = self.said();
                let rest = said.split("is ready on ").nth(1).unwrap();
                rest.chars().take_while(|c| c.is_ascii_digit() || matches!(c, '.' | ':')).collect()
            }
        }

        fn client() -> reqwest::Client {
            reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap()
        }

        async fn post(address: &str, url: &str) -> String {
            let client = client();
            let body = serde_json::json!({ "repourl": url }).to_string();
            let post =
                client.post(format!("http://{address}/deploy")).header("content-type", "application/json");
            let answer: serde_json::Value =
                serde_json::from_str(&post.body(body).send().await.unwrap().text().await.unwrap()).unwrap();
            answer["id"].as_str().unwrap().to_owned()
        }

        async fn status(address: &str, id: &str) -> String {
            let client = client();
            let answer = client.get(format!("http://{address}/status?id={id}")).send().await;
            match answer {
                Ok(answer) => answer.text().await.unwrap_or_default(),
                Err(error) => error.to_string(),
            }
        }

        async fn failure(address: &str, id: &str) -> String {
            let client = client();
            let answer = client.get(format!("http://{address}/v1/deployments/{id}")).send().await.unwrap();
            let deployment: serde_json::Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
            deployment["failure"]["code"].as_str().unwrap_or_default().to_owned()
        }

        #[tokio::test(flavor = "multi_thread")]
        async fn a_kill_at_any_step_of_intake_loses_nothing() {
            let Some(redis) = RedisServer::start() else { return };
            let git = GitServer::start().unwrap();
            git.add_repo("app", &[("a", "1")]).unwrap();
            let (url, host) = (redis.url(), git.host());
            let data = ServiceFolder::new().unwrap();
            for step in ["intake.claimed", "intake.fetched", "intake.stored"] {
                let pairs =
                    [("REDIS_URL", url.as_str()), ("SHIPSTACK_ALLOW_PRIVATE_GIT_HOSTS", host.as_str())];
                let held = [&pairs[..], &[("SHIPSTACK_FAILPOINTS", step)]].concat();
                let first = Process::start(data.path(), &held);
                let id = post(&first.address(), &git.url("app")).await;
                first.wait_for(&format!("held at failpoint {step}"));
                drop(first);
                let second = Process::start(data.path(), &pairs);
                let address = second.address();
                shipstack_testkit::wait_until(step, async || {
                    status(&address, &id).await.contains("uploaded")
                })
                .await;
                let spools = std::fs::read_dir(data.path().join("spool")).unwrap().count();
                assert_eq!(spools, 1, "the dead process's temporary folder is gone after {step}");
            }
        }

        #[tokio::test(flavor = "multi_thread")]
        async fn kills_at_any_moment_lose_no_id_that_was_answered() {
            let Some(redis) = RedisServer::start() else { return };
            let git = GitServer::start().unwrap();
            git.add_repo("app", &[("a", "1")]).unwrap();
            let (url, host) = (redis.url(), git.host());
            let pairs = [("REDIS_URL", url.as_str()), ("SHIPSTACK_ALLOW_PRIVATE_GIT_HOSTS", host.as_str())];
            let data = ServiceFolder::new().unwrap();
            let mut ids = Vec::new();
            for round in 0..50 {
                let process = Process::start(data.path(), &pairs);
                let address = process.address();
                for _ in 0..=round % 4 {
                    ids.push(post(&address, &git.url("app")).await);
                }
                // A different moment each round, measured by what the process has done and not by a clock.
                let fetches = git.requests().len();
                let moved = async || git.requests().len() >= fetches + round % 3;
                shipstack_testkit::wait_until("fetching", moved).await;
                drop(process);
            }
            let last = Process::start(data.path(), &pairs);
            let address = last.address();
            for id in &ids {
                // A source whose fetch was killed three times is given up, and that is said.
                let ended = async || {
                    let word = status(&address, id).await;
                    word.contains("uploaded")
                        || (word.contains("failed") && failure(&address, id).await == "worker_lost")
                };
                shipstack_testkit::wait_until(id, ended).await;
            }
        }
    }
}

mod real_s3 {
    use super::*;
    use shipstack_testkit::{HttpFault, HttpFaultProxy, SeaweedFs};

    fn pairs<'a>(bucket: &'a str, endpoint: &'a str) -> [(&'a str, &'a str); 5] {
        [
            ("AWS_BUCKET", bucket),
            ("AWS_ENDPOINT_URL", endpoint),
            ("AWS_REGION", SeaweedFs::REGION),
            ("AWS_ACCESS_KEY_ID", SeaweedFs::KEY),
            ("AWS_SECRET_ACCESS_KEY", SeaweedFs::SECRET),
        ]
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_source_lies_under_the_keys_of_the_contract() {
        let Some(bucket) = SeaweedFs::bucket() else { return };
        let git = GitServer::start().unwrap();
        let commit = git.add_repo("app", &[("a", "1")]).unwrap();
        let host = git.host();
        let own = [("SHIPSTACK_ALLOW_PRIVATE_GIT_HOSTS", host.as_str())];
        let api = Api::start(&[&pairs(bucket.name(), bucket.endpoint())[..], &own].concat()).await;
        let id = api.deploy(&git.url("app")).await;
        api.wait_for(&id, "uploaded").await;
        for name in ["deployment.json", "source.tar.zst", "intake/1.json"] {
            assert_eq!(bucket.fetch(&format!("output/{id}/{name}")).unwrap().status, 200, "{name}");
        }
        let info = bucket.fetch(&format!("output/{id}/source.json")).unwrap();
        let info: serde_json::Value = serde_json::from_slice(&info.body).unwrap();
        assert_eq!(info["commit"], commit);
        let snapshot = bucket.fetch(&format!("output/{id}/source.tar.zst")).unwrap();
        assert_eq!(info["storedBytes"], snapshot.body.len());
        assert_eq!(info["sha256"], shipstack_types::Sha256Digest::of(&snapshot.body).to_string());
        api.stop().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn while_the_store_is_away_everything_is_503_and_it_heals_by_itself() {
        let Some(bucket) = SeaweedFs::bucket() else { return };
        let proxy = HttpFaultProxy::start(bucket.address().unwrap()).unwrap();
        let url = proxy.url();
        let api = Api::start(&pairs(bucket.name(), &url)).await;
        let accepts = async || api.post_json("/deploy", UNKNOWN).await.status == 200;
        shipstack_testkit::wait_until("it accepts", accepts).await;
        for fault in [HttpFault::Status(503), HttpFault::Status(500), HttpFault::Close] {
            proxy.spoil_all(fault);
            let answer = api.post_json("/deploy", UNKNOWN).await;
            answer.assert_classic(503, "store_unavailable");
            assert!(answer.header("retry-after").parse::<u32>().is_ok());
            let id = "k3v9x2m7q4tzb8wd";
            api.get(&format!("/v1/deployments/{id}")).await.assert_problem(503, "store_unavailable");
            proxy.heal();
            shipstack_testkit::wait_until("it accepts again", accepts).await;
        }
    }
}
