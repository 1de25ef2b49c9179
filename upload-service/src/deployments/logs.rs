//! `GET /v1/deployments/{id}/logs?from=&follow=`: history from `from` on, and with `follow` what comes after it.
//!
//! Every line once, in order, whether it comes from the live log or the archive: both have the same numbers. An answer
//! is never silently short: an error breaks the connection off.

use super::log_lines::Form;
use super::show::parse_id;
use crate::app::App;
use crate::problems;
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use futures_util::{Stream, stream};
use serde::Deserialize;
use shipstack_http::{ApiResult, Problem};
use shipstack_records::{LogSlice, RecordsError};
use shipstack_types::{Code, DeploymentId};
use std::time::Duration;

/// Lines read in one piece.
const PAGE_LINES: usize = 1000;
/// Longest wait for a wake-up that may have been lost.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    from: Option<u64>,
    #[serde(default)]
    follow: Follow,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
enum Follow {
    #[default]
    #[serde(rename = "false", alias = "0")]
    No,
    #[serde(rename = "true", alias = "1", alias = "")]
    Yes,
}

/// The log as it is, or as it comes.
pub(crate) async fn logs(app: Data<App>, id: Path<String>, request: HttpRequest) -> ApiResult {
    let id = parse_id(&id)?;
    let asked = Query::<Asked>::from_query(request.query_string())
        .map_err(|_| {
            Problem::new(Code::InvalidOption).detail("from is a line's number, follow is true or false.")
        })?
        .into_inner();
    if !is_known(&app, &id).await.map_err(|error| problems::from_records(&error))? {
        return Err(Problem::new(Code::NotFound));
    }
    let form = Form::of(&request);
    let reading =
        Reading { app, id, form, next: asked.from.unwrap_or(1).max(1), follow: asked.follow, ended: false };
    Ok(HttpResponse::Ok().content_type(form.content_type()).streaming(reading.into_stream()))
}

async fn is_known(app: &App, id: &DeploymentId) -> Result<bool, RecordsError> {
    Ok(app.records.status(id).await?.is_some() || app.records.view(id, &app.urls).await?.is_some())
}

/// A reader's place in a log.
struct Reading {
    app: Data<App>,
    id: DeploymentId,
    form: Form,
    next: u64,
    follow: Follow,
    ended: bool,
}

impl Reading {
    fn into_stream(self) -> impl Stream<Item = Result<Bytes, RecordsError>> {
        stream::try_unfold(self, |mut reading| async move {
            Ok(reading.piece().await?.map(|piece| (piece, reading)))
        })
    }

    /// The next lines; `None` at the end.
    async fn piece(&mut self) -> Result<Option<Bytes>, RecordsError> {
        while !self.ended {
            let slice = self.app.records.log(&self.id, self.next, PAGE_LINES).await?;
            self.ended = slice.ended || (self.follow == Follow::No && slice.lines.len() < PAGE_LINES);
            if !slice.lines.is_empty() {
                return Ok(Some(self.take(&slice)));
            }
            if !self.ended {
                self.wait().await?;
            }
        }
        Ok(None)
    }

    fn take(&mut self, slice: &LogSlice) -> Bytes {
        self.next = slice.lines.last().map_or(self.next, |last| last.seq + 1);
        self.form.write(&slice.lines)
    }

    /// Waits for more. A service that stops ends the answer; the reader resumes at its number elsewhere.
    async fn wait(&mut self) -> Result<(), RecordsError> {
        let stopping = self.app.stopping.clone();
        tokio::select! {
            () = stopping.cancelled() => self.ended = true,
            waited = self.app.records.wait_log(&self.id, self.next, LOOK_AGAIN) => waited?,
        }
        Ok(())
    }
}
