//! Everything that a cloud keeps, as plain files: in a folder of this device, in an archive, or in what a browser has in their place.

mod disk_name;
mod exported;
mod exporting;
mod manifest;
#[cfg(not(target_arch = "wasm32"))]
mod manifest_file;
mod options;
#[cfg(not(target_arch = "wasm32"))]
mod target;
mod to_anything;
#[cfg(not(target_arch = "wasm32"))]
mod to_folder;
#[cfg(not(target_arch = "wasm32"))]
mod to_tar;

pub use exported::{Exported, NotExported};
pub use options::ExportOptions;
pub use to_anything::ExportTarget;
