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
