//! Who may call: tokens, sessions, pages.

use crate::support::{Answer, Api, site};
use reqwest::Method;
use serde_json::json;

const TOKEN: (&str, &str) = ("SHIPSTACK_TOKEN", "s3cret-of-the-operator");

async fn sign_in(api: &Api, token: &str) -> Answer {
    let request = api.request(Method::POST, "/v1/session").json(&json!({ "token": token }));
    Answer::of(request.send().await.unwrap()).await
}

/// `name=value` of the cookie that a signed-in browser sends.
async fn session(api: &Api) -> String {
    let answer = sign_in(api, TOKEN.1).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

async fn with(api: &Api, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request = headers
        .iter()
        .fold(api.request(method, path), |request, (name, value)| request.header(*name, *value));
    Answer::of(request.send().await.unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_shown_once_and_the_browser_keeps_a_cookie() {
    let api = Api::start(&[TOKEN]).await;
    api.get("/v1/server").await.assert_problem(401, "unauthorized");
    sign_in(&api, "wrong").await.assert_problem(401, "unauthorized");
    sign_in(&api, "").await.assert_problem(401, "unauthorized");
    let answer = sign_in(&api, TOKEN.1).await;
    let cookie = answer.header("set-cookie").to_owned();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && !cookie.contains(TOKEN.1),
        "{cookie}"
    );
    assert!(answer.json()["expiresAt"].is_string() && !answer.text.contains(TOKEN.1));
    let pair = session(&api).await;
    let signed_in = with(&api, Method::GET, "/v1/server", &[("cookie", &pair)]).await;
    assert_eq!((signed_in.status, &signed_in.json()["tokenNeeded"]), (200, &json!(true)));
    for forged in ["shipstack_session=", "shipstack_session=9999999999999.0.00", &format!("{pair}0"), "x=y"] {
        with(&api, Method::GET, "/v1/server", &[("cookie", forged)])
            .await
            .assert_problem(401, "unauthorized");
    }
    let two = format!("shipstack_session=thrown-in-by-a-neighbour; {pair}");
    assert_eq!(with(&api, Method::GET, "/v1/server", &[("cookie", &two)]).await.status, 200);
    let out = with(&api, Method::DELETE, "/v1/session", &[]).await;
    assert!(out.status == 204 && out.header("set-cookie").contains("Max-Age=0"), "{out:?}");
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_shows_too_many_wrong_tokens_has_to_wait_even_with_the_right_one() {
    let api = Api::start(&[TOKEN]).await;
    for _ in 0..10 {
        sign_in(&api, "wrong").await.assert_problem(401, "unauthorized");
    }
    let refused = sign_in(&api, TOKEN.1).await;
    refused.assert_problem(429, "rate_limited");
    let seconds: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=6).contains(&seconds), "{seconds}");
    let bearer = format!("Bearer {}", TOKEN.1);
    let called = with(&api, Method::GET, "/v1/server", &[("authorization", &bearer)]).await;
    assert_eq!(called.status, 200, "whoever has the token in a script is not concerned");
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_signing_in_is_nothing_to_do() {
    let api = Api::start(&[]).await;
    let answer = sign_in(&api, "whatever").await;
    assert_eq!(
        (answer.status, answer.json(), answer.header("set-cookie")),
        (200, json!({ "expiresAt": null }), "")
    );
    assert_eq!(api.get("/v1/server").await.json()["tokenNeeded"], false);
    api.stop().await;
}

/// Every way in which a page can make a browser send something.
fn pages() -> Vec<(&'static str, Vec<(&'static str, &'static str)>)> {
    let neighbour = "http://k3v9x2m7q4tzb8wd.localhost:3001";
    vec![
        ("fetch", vec![("origin", neighbour), ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "cors")]),
        (
            "no-cors",
            vec![("origin", neighbour), ("sec-fetch-mode", "no-cors"), ("content-type", "text/plain")],
        ),
        (
            "form",
            vec![
                ("origin", neighbour),
                ("sec-fetch-mode", "navigate"),
                ("content-type", "application/x-www-form-urlencoded"),
            ],
        ),
        ("sandboxed frame", vec![("origin", "null"), ("sec-fetch-site", "cross-site")]),
        ("without an origin", vec![("sec-fetch-site", "cross-site")]),
        ("next port", vec![("origin", "http://127.0.0.1:3001"), ("sec-fetch-site", "same-site")]),
        ("same site", vec![("sec-fetch-site", "same-site"), ("sec-fetch-mode", "navigate")]),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_a_deployment_changes_nothing_however_it_asks() {
    for settings in [&[][..], &[TOKEN][..]] {
        let api = Api::start(settings).await;
        let cookie = if settings.is_empty() { String::new() } else { session(&api).await };
        for (how, mut headers) in pages() {
            headers.push(("cookie", &cookie));
            for (method, path) in [
                (Method::POST, "/deploy"),
                (Method::POST, "/v1/deployments"),
                (Method::POST, "/v1/deployments/abc/cancel"),
                (Method::DELETE, "/v1/deployments/abc"),
                (Method::POST, "/v1/session"),
                (Method::DELETE, "/v1/session"),
            ] {
                let answer = with(&api, method.clone(), path, &headers).await;
                assert_eq!(
                    (answer.status, answer.code().as_str()),
                    (403, "foreign_origin"),
                    "{how} {method} {path}"
                );
                assert_eq!(answer.header("access-control-allow-origin"), "", "{how}");
                assert_eq!(answer.header("set-cookie"), "");
            }
        }
        assert_eq!(api.stored().await, 0);
        api.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_a_deployment_reads_nothing_and_opens_no_websocket() {
    let api = Api::start(&[TOKEN]).await;
    let cookie = session(&api).await;
    for (how, mut headers) in pages() {
        headers.push(("cookie", &cookie));
        let answer = with(&api, Method::GET, "/v1/deployments", &headers).await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{how}");
        let navigates = headers.contains(&("sec-fetch-mode", "navigate"));
        assert_eq!(answer.status, if navigates { 200 } else { 403 }, "{how}");
        headers.extend([("upgrade", "websocket"), ("connection", "upgrade")]);
        let upgrade = with(&api, Method::GET, "/v1/deployments/abc/logs", &headers).await;
        assert_eq!((upgrade.status, upgrade.code().as_str()), (403, "foreign_origin"), "{how}");
    }
    let asked = [
        ("origin", "http://k3v9x2m7q4tzb8wd.localhost:3001"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "content-type"),
    ];
    let preflight = with(&api, Method::OPTIONS, "/v1/deployments", &asked).await;
    assert_eq!(preflight.header("access-control-allow-origin"), "");
    assert_eq!(
        with(&api, Method::GET, "/v1/server", &[("host", "k3v9x2m7q4tzb8wd.localhost")]).await.status,
        421
    );
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frontend_on_port_3000_signs_in_and_deploys() {
    let api = Api::start(&[TOKEN]).await;
    let origin = ("origin", "http://localhost:3000");
    let asked = [
        origin,
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "content-type,idempotency-key,prefer"),
    ];
    let preflight = with(&api, Method::OPTIONS, "/v1/deployments", &asked).await;
    assert_eq!(preflight.status, 200, "{preflight:?}");
    assert_eq!(preflight.header("access-control-allow-origin"), origin.1);
    assert_eq!(preflight.header("access-control-allow-credentials"), "true");
    let cookie = session(&api).await;
    let page = [origin, ("sec-fetch-site", "same-site"), ("cookie", cookie.as_str())];
    let list = with(&api, Method::GET, "/v1/deployments", &page).await;
    assert_eq!((list.status, list.header("access-control-allow-origin")), (200, origin.1));
    let request = page.iter().fold(api.request(Method::POST, "/v1/deployments"), |request, (name, value)| {
        request.header(*name, *value)
    });
    let deployed = request.header("content-type", "application/x-tar").body(site()).send().await.unwrap();
    assert_eq!(deployed.status(), 202);
    assert!(deployed.headers()["access-control-expose-headers"].to_str().unwrap().contains("location"));
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_routes_and_methods_are_problems_and_head_is_where_get_is() {
    let api = Api::start(&[]).await;
    api.get("/v1/nowhere").await.assert_problem(404, "not_found");
    api.get("/v1/deployments/a/b/c").await.assert_problem(404, "not_found");
    for (method, path) in [
        (Method::PUT, "/v1/deployments"),
        (Method::POST, "/v1/server"),
        (Method::GET, "/v1/deployments/abc/cancel"),
        (Method::HEAD, "/deploy"),
    ] {
        let answer = with(&api, method.clone(), path, &[]).await;
        assert_eq!(answer.status, 405, "{method} {path}");
        assert!(!answer.header("allow").is_empty(), "{method} {path}");
    }
    for path in ["/v1/deployments", "/v1/server", "/v1/openapi.json", "/health", "/livez", "/readyz"] {
        let (get, head) = (api.get(path).await, with(&api, Method::HEAD, path, &[]).await);
        assert_eq!((head.status, head.text.as_str()), (200, ""), "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
    }
    api.stop().await;
}
