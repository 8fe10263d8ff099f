//! Futures that cannot leave their thread, where there is only one.

/// The same future, as one that may be sent.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn sendable<T>(future: impl Future<Output = T> + Send) -> impl Future<Output = T> + Send {
    future
}

/// The same future, as one that may be sent: what waits for WebCrypto holds values of JavaScript, and a worker has one thread.
#[cfg(target_arch = "wasm32")]
pub(crate) fn sendable<T>(future: impl Future<Output = T>) -> impl Future<Output = T> + Send {
    send_wrapper::SendWrapper::new(future)
}
