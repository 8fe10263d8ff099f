//! The server as a whole.

mod backup;
mod headers;
mod hosting;
mod leaks;
mod metrics;
mod running;
mod tls;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use imegha_platform::mail::MemoryMailer;

use super::config::Config;
use super::data::DataFolder;
use super::router::Site;

/// A server's folders and settings, from which it can be started again and again.
struct Setting {
    site: PathBuf,
    config: Config,
    mailer: Arc<MemoryMailer>,
}

impl Setting {
    /// A server at `origin` with a page of made-up files, all under `root`.
    fn new(root: &Path, origin: &str) -> Self {
        Self::with(root, origin, &[])
    }

    fn with_quota(root: &Path, origin: &str, quota: u64) -> Self {
        Self::with(root, origin, &[("IMEGHA_QUOTA_BYTES", &quota.to_string())])
    }

    /// The same with more variables set.
    fn with(root: &Path, origin: &str, variables: &[(&str, &str)]) -> Self {
        let site = root.join("site");
        std::fs::create_dir_all(site.join("pkg")).expect("the site");
        for name in super::assets::NEEDED {
            std::fs::write(site.join(name), format!("of {name}")).expect("a file of the site");
        }
        let config = Config::from_variables(|name| match name {
            "IMEGHA_ORIGIN" => Some(origin.to_owned()),
            "IMEGHA_DATA" => Some(root.join("data").display().to_string()),
            "IMEGHA_SITE" => Some(site.display().to_string()),
            _ => variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()),
        });
        Self { site, config: config.expect("a config"), mailer: Arc::default() }
    }

    /// Opens everything. The folder is to be held for as long as the site is served.
    fn open(&self) -> (Site, DataFolder) {
        assert!(self.site.is_dir());
        let data = DataFolder::open(&self.config.data).expect("the data folder");
        let parts = super::platform::embedded(&data, self.mailer.clone()).expect("the platform");
        (super::serving::open(&self.config, &data, parts).expect("a site"), data)
    }
}
