//! Everything that a cloud keeps, as plain files in a folder of this device. Not in a browser.

mod disk_name;
mod exporting;
mod manifest;
mod options;
mod target;

pub use exporting::{Exported, NotExported};
pub use options::ExportOptions;
