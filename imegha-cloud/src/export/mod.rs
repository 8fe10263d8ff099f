//! Everything that a cloud keeps, as plain files: in a folder of this device, or in an archive. Not in a browser.

mod disk_name;
mod exported;
mod exporting;
mod manifest;
mod options;
mod target;
mod to_folder;
mod to_tar;

pub use exported::{Exported, NotExported};
pub use options::ExportOptions;
