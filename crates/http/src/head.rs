//! `HEAD` wherever `GET` is: the same answer without its body.

use actix_web::Error;
use actix_web::body::{BodySize, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;

/// The layer itself: `.wrap(from_fn(head_as_get))`, innermost, so that the router sees a `GET`. The connection knows
/// that it was a `HEAD` and sends the length without the bytes; a body that may last for ever is dropped here.
pub async fn head_as_get<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, ()>>, Error> {
    let is_head = *request.method() == Method::HEAD;
    if is_head {
        request.head_mut().method = Method::GET;
    }
    let response = next.call(request).await?;
    Ok(response.map_body(|_, body| match body.size() {
        BodySize::Stream if is_head => EitherBody::right(()),
        _ => EitherBody::left(body),
    }))
}
