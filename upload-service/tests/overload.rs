//! More uploads than there is room for. A file of its own: the places are counted, and nothing else may be slow meanwhile.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
#![allow(dead_code, reason = "the shared support is for all files of this folder")]

mod support;

use support::Api;

fn site() -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_size(11);
    header.set_mode(0o644);
    builder.append_data(&mut header, "index.html", &b"<h1>hi</h1>"[..]).unwrap();
    builder.into_inner().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_stalls_is_408_and_one_too_many_is_503() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::sync::Mutex;
    let api = Api::start(&[("SHIPSTACK_UPLOAD_TIMEOUT", "10s")]).await;
    let head = "POST /v1/deployments HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-tar\r\n\
                Content-Length: 4096\r\n\r\n";
    let stalled = Mutex::new(Vec::new());
    let one_more = async || {
        let mut stream = tokio::net::TcpStream::connect(api.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&site()[..600]).await.unwrap();
        stalled.lock().await.push(stream);
    };
    // What is no archive: where there is room it is refused as such. It may take the place that a stalled one was about
    // to get, which is then refused itself; so each look comes with one more.
    let refused = async || {
        one_more().await;
        let answer = api.post("/v1/deployments", "application/x-tar", b"no archive".to_vec()).await;
        answer.status == 503 && answer.code() == "overloaded" && !answer.header("retry-after").is_empty()
    };
    shipstack_testkit::wait_until("uploads are full", refused).await;
    let mut answers = Vec::new();
    for stream in stalled.lock().await.iter_mut() {
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        answers.push(String::from_utf8_lossy(&answer).into_owned());
    }
    let of = |status: &str| answers.iter().filter(|answer| answer.ends_with(status)).count();
    assert_eq!((of("408"), of("408") + of("503")), (8, answers.len()), "{answers:?}");
    drop(stalled);
    let room = async || api.post("/v1/deployments", "application/x-tar", site()).await.status == 202;
    shipstack_testkit::wait_until("there is room again", room).await;
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_deployments_in_a_minute_than_a_client_may_make_are_429_and_nothing_of_them_is_queued() {
    let settings = [("SHIPSTACK_DEPLOY_RATE_LIMIT", "10"), ("SHIPSTACK_TRUSTED_PROXIES", "127.0.0.1")];
    let api = Api::start(&settings).await;
    let deploy = async |client: &str| {
        let request = api.request(reqwest::Method::POST, "/v1/deployments?prebuilt=true");
        let request = request.header("content-type", "application/x-tar").header("x-forwarded-for", client);
        support::Answer::of(request.body(site()).send().await.unwrap()).await
    };
    let mut refused = Vec::new();
    for _ in 0..60 {
        let answer = deploy("198.51.100.1").await;
        if answer.status != 202 {
            refused.push(answer);
        }
    }
    // A bucket of ten gives one back every six seconds: how long the sixty take decides how many more get through.
    assert!((40..=50).contains(&refused.len()), "{}", refused.len());
    for answer in &refused {
        answer.assert_problem(429, "rate_limited");
        let wait: u64 = answer.header("retry-after").parse().unwrap();
        assert!((1..=6).contains(&wait), "{wait}");
        assert!(answer.text.contains("SHIPSTACK_DEPLOY_RATE_LIMIT"), "{}", answer.text);
    }
    let list = api.get("/v1/deployments?limit=100").await;
    assert_eq!(list.json()["items"].as_array().unwrap().len(), 60 - refused.len(), "reading is not refused");
    assert_eq!(deploy("198.51.100.2").await.status, 202, "somebody else");
    let classic = api.post_json("/deploy", r#"{"repourl":"ftp://a.example/b"}"#).await;
    assert_eq!(classic.status, 400, "the proxy itself is a client too");
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_more_than_the_queue_holds_is_503_until_there_is_room_again() {
    let api = Api::start(&[("SHIPSTACK_MAX_QUEUE", "2")]).await;
    let waiting = [api.archive("").await, api.archive("").await];
    let answer = api.post("/v1/deployments", "application/x-tar", site()).await;
    answer.assert_problem(503, "overloaded");
    assert!(
        !answer.header("retry-after").is_empty() && answer.text.contains("SHIPSTACK_MAX_QUEUE"),
        "{answer:?}"
    );
    let again = api.post_json(&format!("/v1/deployments/{}/redeploy", waiting[0]), "").await;
    again.assert_problem(503, "overloaded");
    let classic = api.post_json("/deploy", r#"{"repourl":"https://a.example/b"}"#).await;
    classic.assert_classic(503, "overloaded");
    assert_eq!(api.get("/v1/deployments").await.json()["items"].as_array().unwrap().len(), 2);
    let cancel = format!("/v1/deployments/{}/cancel", waiting[0]);
    assert_eq!(api.post_json(&cancel, "").await.status, 200);
    let room = async || api.post("/v1/deployments", "application/x-tar", site()).await.status == 202;
    shipstack_testkit::wait_until("there is room again", room).await;
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_room_on_the_disk_or_in_memory_nothing_is_taken_in() {
    for (setting, words) in [("SHIPSTACK_MIN_FREE_DISK", "disk"), ("SHIPSTACK_MIN_FREE_MEMORY", "memory")] {
        let api = Api::start(&[(setting, "1000000TiB")]).await;
        let answer = api.post("/v1/deployments", "application/x-tar", site()).await;
        answer.assert_problem(503, "overloaded");
        assert!(answer.text.contains(words) && answer.text.contains(setting), "{answer:?}");
        assert!(!answer.header("retry-after").is_empty());
        assert_eq!(api.get("/v1/deployments").await.json()["items"], serde_json::json!([]));
        api.stop().await;
    }
}
