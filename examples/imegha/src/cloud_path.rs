//! Paths in a cloud: `/Photos/2024/sea.jpg`.

use std::fmt;
use std::str::FromStr;

use imegha_cloud::{Cloud, Entry};
use imegha_crypto::Id;

use crate::failure::{Code, Failure, Result};
use crate::shown::shown;

/// A path from the root; it may be written without the first `/`. Names are compared as the cloud compares them: `/photos` finds
/// `Photos`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CloudPath(Vec<String>);

impl CloudPath {
    /// What is there.
    pub(crate) async fn find(&self, cloud: &Cloud) -> Result<Entry> {
        let mut entry = cloud.entry(&cloud.root()).await?;
        for name in &self.0 {
            let child = if entry.is_folder() { cloud.entry_named(&entry.id, name).await? } else { None };
            entry = child
                .ok_or_else(|| self.missing("there is no such file or folder; `imegha ls` shows what there is"))?;
        }
        Ok(entry)
    }

    /// The folder that is there.
    pub(crate) async fn find_folder(&self, cloud: &Cloud) -> Result<Entry> {
        let entry = self.find(cloud).await?;
        if entry.is_folder() { Ok(entry) } else { Err(self.missing("this is a file, not a folder")) }
    }

    /// The file that is there.
    pub(crate) async fn find_file(&self, cloud: &Cloud) -> Result<Entry> {
        let entry = self.find(cloud).await?;
        if entry.is_folder() { Err(self.missing("this is a folder, not a file")) } else { Ok(entry) }
    }

    /// Where a node is now; the root is for itself alone.
    pub(crate) async fn of(cloud: &Cloud, node: &Id) -> imegha_cloud::Result<Self> {
        Ok(Self(cloud.path(node).await?.into_iter().map(|step| step.shown_name).collect()))
    }

    /// The folder that it is in, and its name there; nothing for the root.
    pub(crate) fn split(&self) -> Option<(Self, &str)> {
        let (name, folder) = self.0.split_last()?;
        Some((Self(folder.to_vec()), name))
    }

    /// The same, and `name` in it.
    pub(crate) fn join(&self, name: &str) -> Self {
        let mut names = self.0.clone();
        names.push(name.to_owned());
        Self(names)
    }

    /// Its names, the outermost first.
    pub(crate) fn names(&self) -> &[String] {
        &self.0
    }

    /// As it is, for programs; for people there is `Display`.
    pub(crate) fn exact(&self) -> String {
        format!("/{}", self.0.join("/"))
    }

    fn missing(&self, what: &str) -> Failure {
        Failure::new(Code::NotFound, what).about(&self.exact())
    }
}

impl From<Vec<String>> for CloudPath {
    fn from(names: Vec<String>) -> Self {
        Self(names)
    }
}

impl FromStr for CloudPath {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names: Vec<_> = text.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        match names.iter().any(|name| name == "." || name == "..") {
            true => Err("a path in the cloud has no `.` and no `..`".to_owned()),
            false => Ok(Self(names)),
        }
    }
}

impl fmt::Display for CloudPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(&self.exact()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_as_people_write_them() {
        for (text, exact) in [("", "/"), ("/", "/"), ("a", "/a"), ("/a//b/", "/a/b"), ("/ /…", "/ /…")] {
            let path: CloudPath = text.parse().unwrap();
            assert_eq!(path.exact(), exact);
        }
        for text in ["..", "/a/../b", "./a"] {
            text.parse::<CloudPath>().unwrap_err();
        }
        let path: CloudPath = "/a/b".parse().unwrap();
        assert_eq!(path.split(), Some(("a".parse().unwrap(), "b")));
        assert_eq!(CloudPath::default().split(), None);
    }
}
