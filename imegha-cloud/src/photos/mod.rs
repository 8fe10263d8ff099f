//! Photos: what one says of itself, and the small picture that is shown in its place.

mod facts;
#[cfg(all(feature = "thumbnails", not(target_arch = "wasm32")))]
mod making;
mod thumbnail;

pub use facts::Photo;
#[cfg(all(feature = "thumbnails", not(target_arch = "wasm32")))]
pub use making::Pictured;
pub use thumbnail::Thumbnail;
