//! A log over a WebSocket: each message is `{"event":"line","data":{…}}`, the last one `{"event":"end","data":{"status":…}}`.
//!
//! Who may open one was decided before (the origin rule of contract §2 concerns every upgrade). Nothing is expected of
//! the client but its closing; a client that is gone is noticed because pings are not acknowledged.

use super::log_form::as_json;
use super::log_tail::{Beat, LogTail};
use crate::openapi::LogEnd;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use actix_ws::{CloseCode, Closed, Message, MessageStream, Session};
use futures_util::StreamExt as _;
use serde_json::json;
use shipstack_http::Problem;
use shipstack_types::{Code, LogLine};

/// Takes the upgrade; the log is sent by a task of the server's own thread, which ends with the connection, with the log,
/// or when the service stops.
pub(super) fn answer(
    request: &HttpRequest,
    payload: Payload,
    tail: LogTail,
) -> Result<HttpResponse, Problem> {
    let (response, session, messages) = actix_ws::handle(request, payload).map_err(|error| {
        Problem::new(Code::InvalidOption)
            .detail(format!("The WebSocket handshake is not acceptable: {error}."))
    })?;
    actix_web::rt::spawn(serve(session, messages, tail));
    Ok(response)
}

async fn serve(session: Session, messages: MessageStream, tail: LogTail) {
    let code = tokio::select! {
        code = send(session.clone(), tail) => code,
        () = listen(session.clone(), messages) => CloseCode::Normal,
    };
    // A client that has gone does not hear it.
    let _ = session.close(Some(code.into())).await;
}

/// Sends until the log ends or the client is gone. Waits for the client with each message, so that nothing piles up.
async fn send(mut session: Session, mut tail: LogTail) -> CloseCode {
    loop {
        let sent = match tail.next().await {
            Ok(Some(Beat::Lines(lines))) => send_lines(&mut session, &lines).await,
            Ok(Some(Beat::Quiet)) => session.ping(b"").await,
            Ok(Some(Beat::End(state))) => {
                let end = json!({ "event": "end", "data": LogEnd { status: state } });
                let heard = session.text(end.to_string()).await;
                return heard.map_or(CloseCode::Away, |()| CloseCode::Normal);
            }
            // The service stops: the reader resumes elsewhere.
            Ok(None) => return CloseCode::Away,
            Err(error) => {
                tracing::warn!(%error, "a log cannot be read on");
                return CloseCode::Error;
            }
        };
        if sent.is_err() {
            return CloseCode::Away;
        }
    }
}

async fn send_lines(session: &mut Session, lines: &[LogLine]) -> Result<(), Closed> {
    for line in lines {
        session.text(format!("{{\"event\":\"line\",\"data\":{}}}", as_json(line))).await?;
    }
    Ok(())
}

/// Answers pings; returns when the client closes or breaks the protocol.
async fn listen(mut session: Session, mut messages: MessageStream) {
    while let Some(Ok(message)) = messages.next().await {
        let answered = match message {
            Message::Ping(payload) => session.pong(&payload).await,
            Message::Close(_) => return,
            _ => Ok(()),
        };
        if answered.is_err() {
            return;
        }
    }
}
