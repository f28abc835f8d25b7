//! HTTP servers on free ports that can also hang up on a caller, as networks do.

use std::{convert::Infallible, io, net::SocketAddr};

use anyhow::Context;
use axum::{Router, extract::Request, response::Response};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, task::JoinSet};
use tower::ServiceExt;

/// A mark on a response: do not send it, close the connection instead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HangUp;

/// A response that is never sent.
pub(crate) fn hang_up() -> Response {
    let mut response = Response::default();
    response.extensions_mut().insert(HangUp);
    response
}

/// Takes a port on the loopback interface; 0 takes any free one.
pub(crate) async fn listen(port: u16) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(("127.0.0.1", port))
        .await
        .with_context(|| format!("cannot listen on 127.0.0.1:{port}"))?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Serves until it is dropped; its connections end with it.
pub(crate) async fn serve(listener: TcpListener, router: Router) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                // Small messages go back and forth: without this each would wait for an ACK.
                if stream.set_nodelay(true).is_err() {
                    continue;
                }
                let router = router.clone();
                let service = service_fn(move |request| answer(router.clone(), request));
                connections.spawn(async move {
                    // A peer that went away is no concern of the server.
                    http1::Builder::new().serve_connection(TokioIo::new(stream), service).await.ok()
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn answer(router: Router, request: Request<Incoming>) -> io::Result<Response> {
    let answered: Result<Response, Infallible> = router.oneshot(request).await;
    let response = answered.unwrap_or_else(|never| match never {});
    match response.extensions().get::<HangUp>() {
        Some(HangUp) => Err(io::ErrorKind::ConnectionAborted.into()),
        None => Ok(response),
    }
}
