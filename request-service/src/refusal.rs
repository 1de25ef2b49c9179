//! A refusal of a request whose body nobody reads.
//!
//! actix drains a chunked body that was dropped, for as long as the client likes (hostile.md row 229: open after 20 s). A body that
//! is still held when the answer is complete is not drained: the connection lingers for a moment and is closed.

use crate::pages::Page;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::{HttpResponse, web};
use bytes::Bytes;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The page as an answer that holds on to the request's body, if there is one.
pub(crate) fn refuse(page: Page, unread: web::Payload) -> HttpResponse {
    page.response().map_body(|_, body| BoxBody::new(Holding { body, _unread: unread }))
}

struct Holding {
    body: BoxBody,
    _unread: web::Payload,
}

impl MessageBody for Holding {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(cx)
    }
}
