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
    use tokio::io::AsyncWriteExt;
    let api = Api::start(&[("SHIPSTACK_UPLOAD_TIMEOUT", "10s")]).await;
    let head = "POST /v1/deployments HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-tar\r\n\
                Content-Length: 4096\r\n\r\n";
    let mut stalled = Vec::new();
    for _ in 0..8 {
        let mut stream = tokio::net::TcpStream::connect(api.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&site()[..600]).await.unwrap();
        stalled.push(stream);
    }
    // What is no archive: where there is room it is refused as such, and nothing waits for a disk meanwhile.
    let refused = async || {
        let answer = api.post("/v1/deployments", "application/x-tar", b"no archive".to_vec()).await;
        answer.status == 503 && answer.code() == "overloaded" && !answer.header("retry-after").is_empty()
    };
    shipstack_testkit::wait_until("uploads are full", refused).await;
    let mut answer = [0; 12];
    tokio::io::AsyncReadExt::read_exact(&mut stalled[0], &mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 408");
    drop(stalled);
    let room = async || api.post("/v1/deployments", "application/x-tar", site()).await.status == 202;
    shipstack_testkit::wait_until("there is room again", room).await;
    api.stop().await;
}
