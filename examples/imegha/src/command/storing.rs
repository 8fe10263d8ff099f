//! Storing one content in the cloud, and what comes of many.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use imegha_cloud::{CancelToken, Cloud, Content, Entry, ErrorKind, FileSource};
use imegha_crypto::{Hash, Id};

use super::import::hash_file;
use crate::arguments::{ForAll, IfExists};
use crate::cloud_path::CloudPath;
use crate::failure::{Code, Failure, Result};
use crate::media_type::media_type;
use crate::output::{counted, say};
use crate::photo::Look;
use crate::progress;

/// Stores files, one after the other, and counts what came of them.
#[derive(Debug)]
pub(super) struct Storing {
    pub(super) cloud: Cloud,
    if_exists: IfExists,
    all: ForAll,
    token: CancelToken,
    /// The contents that are in the cloud, where they are not to be stored again.
    contents: Option<HashSet<Hash>>,
    /// The folder that was listed last, and the names in it.
    listed: Option<(Id, Arc<HashSet<String>>)>,
    stored: u64,
    left: u64,
    failed: Vec<Code>,
}

impl Storing {
    pub(super) fn new(cloud: Cloud, if_exists: IfExists, all: ForAll, token: CancelToken) -> Self {
        Self { cloud, if_exists, all, token, contents: None, listed: None, stored: 0, left: 0, failed: Vec::new() }
    }

    /// The same, for files whose content is none of these.
    pub(super) fn without(self, contents: HashSet<Hash>) -> Self {
        Self { contents: Some(contents), ..self }
    }

    /// Stores a file of this device under a name, in the folder of that id and path. An upload of it that was interrupted goes on.
    pub(super) async fn file(&mut self, source: &Path, folder: &Id, path: &CloudPath, name: &str) -> Result<()> {
        if let Some(contents) = &mut self.contents
            && contents.contains(&hash_file(source).await?)
        {
            return self.leave(&path.join(name), "its content is in the cloud");
        }
        let known = Known::of(source, name).await?;
        let mut attempts = ATTEMPTS;
        loop {
            attempts -= 1;
            let aim = self.aim(folder, name).await?;
            let upload = self.upload_id(folder, aim.name(name), known.len).await?;
            // Opened for each attempt anew: a source is read once.
            let content = known.describe(Content::new(FileSource::open(source).await?).resumable(&upload));
            match self.place(&aim, folder, name, content).await {
                // Somebody took the name since it was looked at.
                Err(error) if error.kind() == ErrorKind::AlreadyExists && !aim.is_final() && attempts > 0 => {}
                placed => return self.told(placed?, path, name),
            }
        }
    }

    /// Stores small files of this device in the folder of that id and path, under these names: as many together as can be. What fails is
    /// told, and the rest is stored.
    pub(super) async fn small_files(
        &mut self,
        files: &[(PathBuf, String)],
        folder: &Id,
        path: &CloudPath,
    ) -> Result<()> {
        // What is to be done with a name that is taken is decided one by one.
        let taken = match self.if_exists {
            IfExists::Fail => Arc::default(),
            _ if files.len() < 2 => Arc::default(),
            IfExists::KeepBoth | IfExists::Skip | IfExists::Replace => match self.names(folder).await {
                Ok(names) => names,
                Err(failure) => return self.note(Err(failure), &path.exact()),
            },
        };
        for files in files.chunks(Cloud::MAX_BATCH) {
            let (mut batch, mut contents, mut later) = (Vec::new(), Vec::new(), Vec::new());
            let mut pending = HashSet::new();
            for (source, name) in files {
                if files.len() == 1 || taken.contains(&name.to_lowercase()) {
                    later.push((source, name));
                    continue;
                }
                match self.prepare(source, name, path, &mut pending).await {
                    Ok(Prepared::Together(content)) => {
                        batch.push((source, name));
                        contents.push((name.clone(), content));
                    }
                    Ok(Prepared::Later) => later.push((source, name)),
                    Ok(Prepared::Left) => {}
                    Err(failure) => self.note(Err(failure), &source.to_string_lossy())?,
                }
            }
            let results = self.cloud.upload_all(folder, contents).await;
            let mut ended = Ok(());
            for ((source, name), result) in batch.into_iter().zip(results) {
                let stored = match result {
                    Ok(entry) => self.told(Some(entry), path, name),
                    Err(error) if error.kind() == ErrorKind::AlreadyExists && self.if_exists != IfExists::Fail => {
                        later.push((source, name));
                        continue;
                    }
                    Err(error) => Err(error.into()),
                };
                // What was stored is told, even when another was not and that is the end.
                let noted = self.note(stored, &source.to_string_lossy());
                ended = ended.and(noted);
            }
            ended?;
            for (source, name) in later {
                let stored = self.file(source, folder, path, name).await;
                self.note(stored, &source.to_string_lossy())?;
            }
        }
        Ok(())
    }

    /// The names in a folder in lower case, as they were when somebody first asked for them. One that is missing here is found to be taken
    /// when it is stored.
    async fn names(&mut self, folder: &Id) -> Result<Arc<HashSet<String>>> {
        if let Some((of, names)) = &self.listed
            && of == folder
        {
            return Ok(names.clone());
        }
        let names = self.cloud.list(folder).await?.iter().map(|entry| entry.name.to_lowercase()).collect();
        Ok(self.listed.insert((*folder, Arc::new(names))).1.clone())
    }

    /// A small file as it is stored with others. `pending` are the contents of those.
    async fn prepare(
        &mut self,
        source: &Path,
        name: &str,
        path: &CloudPath,
        pending: &mut HashSet<Hash>,
    ) -> Result<Prepared> {
        if let Some(contents) = &self.contents {
            let hash = hash_file(source).await?;
            if contents.contains(&hash) {
                return self.leave(&path.join(name), "its content is in the cloud").map(|()| Prepared::Left);
            }
            // Whether it is left depends on what becomes of the other.
            if !pending.insert(hash) {
                return Ok(Prepared::Later);
            }
        }
        let content = Content::new(FileSource::open(source).await?);
        let content = Known::of(source, name).await?.describe(content).mime(media_type(name).unwrap_or_default());
        Ok(Prepared::Together(content.cancel(&self.token)))
    }

    /// Stores what can be read once only, such as standard input.
    pub(super) async fn once(&mut self, content: Content, folder: &Id, path: &CloudPath, name: &str) -> Result<()> {
        let aim = self.aim(folder, name).await?;
        let placed = self.place(&aim, folder, name, content).await;
        self.told(placed?, path, name)
    }

    /// What is to be done with a content of that name, as the person said and the folder stands now.
    async fn aim(&self, folder: &Id, name: &str) -> Result<Aim> {
        let present = match self.if_exists {
            IfExists::Fail => return Ok(Aim::New(None)),
            IfExists::KeepBoth => return Ok(Aim::New(Some(self.cloud.free_name(folder, name).await?))),
            IfExists::Skip | IfExists::Replace => self.cloud.entry_named(folder, name).await?,
        };
        match present {
            Some(present) if present.is_folder() => Err(Failure::new(Code::Conflict, "a folder has this name")),
            Some(_) if self.if_exists == IfExists::Skip => Ok(Aim::Leave),
            Some(present) => Ok(Aim::Replace(Box::new(present))),
            None => Ok(Aim::Absent),
        }
    }

    /// Nothing when it was left as it is.
    async fn place(&self, aim: &Aim, folder: &Id, name: &str, content: Content) -> imegha_cloud::Result<Option<Entry>> {
        let bar = progress::bar(name, self.all.quiet);
        let told = bar.clone();
        let content = content
            .mime(media_type(name).unwrap_or_default())
            .progress(move |done, total| progress::tell(&told, done, total))
            .cancel(&self.token);
        let placed = match aim {
            Aim::Leave => return Ok(None),
            Aim::Replace(present) => self.cloud.replace(&present.id, content).await,
            Aim::New(_) | Aim::Absent => self.cloud.upload(folder, aim.name(name), content).await,
        };
        bar.finish_and_clear();
        placed.map(Some)
    }

    fn told(&mut self, placed: Option<Entry>, path: &CloudPath, name: &str) -> Result<()> {
        match placed {
            Some(entry) => {
                self.stored += 1;
                if let Some(contents) = &mut self.contents {
                    contents.extend(entry.sha256);
                }
                say(self.all.quiet, &format!("stored {}", path.join(&entry.shown_name)))
            }
            None => self.leave(&path.join(name), "there is one"),
        }
    }

    /// Counts a file that was not stored, and needs not be.
    pub(super) fn leave(&mut self, path: &CloudPath, why: &str) -> Result<()> {
        self.left += 1;
        say(self.all.quiet, &format!("left {path}: {why}"))
    }

    /// Notes that one of many failed, and goes on unless that is of no use.
    pub(super) fn note(&mut self, result: Result<()>, what: &str) -> Result<()> {
        match result {
            Err(failure) if failure.ends_everything() => Err(failure.about(what)),
            Err(failure) => {
                self.failed.push(failure.code());
                eprintln!("imegha: {}", failure.about(what));
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// What came of all of them.
    pub(super) fn finish(self) -> Result<()> {
        if let Some(failure) = failure_of(&self.failed, "stored") {
            return Err(failure);
        }
        match self.stored + self.left {
            0 | 1 => Ok(()),
            _ => say(self.all.quiet, &format!("{} stored, {} left", counted(self.stored, "file"), self.left)),
        }
    }

    /// The name of the upload of that file that this device has begun, if it has; else a new one. Names, folder and size are in the
    /// journals, which are sealed; whether it is the same content the library finds out.
    async fn upload_id(&self, folder: &Id, name: &str, size: u64) -> Result<Id> {
        // A smaller one has no journal, and looking at those that others hold takes its time.
        if size > ONE_PART {
            let unfinished = self.cloud.unfinished().await?.into_iter().rev();
            let mut of_this = unfinished
                .filter(|upload| upload.folder == *folder && upload.name == name && upload.size == Some(size));
            if let Some(upload) = of_this.next() {
                return Ok(upload.upload);
            }
        }
        Ok(Id::generate().map_err(imegha_cloud::Error::from)?)
    }
}

/// What is known of a file of this device beside its bytes.
#[derive(Debug)]
struct Known {
    len: u64,
    modified_ms: Option<u64>,
    look: Option<Look>,
}

impl Known {
    async fn of(source: &Path, name: &str) -> Result<Self> {
        let meta = std::fs::metadata(source).map_err(|error| Failure::disk(source, &error))?;
        let modified = meta.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let modified_ms = modified.and_then(|time| u64::try_from(time.as_millis()).ok());
        Ok(Self { len: meta.len(), modified_ms, look: Look::at(source, media_type(name), meta.len()).await })
    }

    fn describe(&self, content: Content) -> Content {
        let content = match self.modified_ms {
            Some(ms) => content.modified_ms(ms),
            None => content,
        };
        match &self.look {
            Some(look) => look.describe(content),
            None => content,
        }
    }
}

/// What is to be done with a small file.
#[derive(Debug)]
enum Prepared {
    /// It is stored with the others.
    Together(Content),
    /// It is stored, or left, once they are.
    Later,
    /// It was left.
    Left,
}

/// What is to be done with a content and its name.
#[derive(Debug)]
enum Aim {
    /// A new file, whether or not the name is taken; under another name, if there is one here.
    New(Option<String>),
    /// A new file, because the name is free.
    Absent,
    /// A new revision of that file.
    Replace(Box<Entry>),
    /// Nothing.
    Leave,
}

impl Aim {
    /// The name that it is stored under, of what came under `name`.
    fn name<'a>(&'a self, name: &'a str) -> &'a str {
        match self {
            Self::New(Some(other)) => other,
            Self::Replace(present) => &present.name,
            Self::New(None) | Self::Absent | Self::Leave => name,
        }
    }

    /// Whether a name that turns out to be taken is the end of it.
    fn is_final(&self) -> bool {
        matches!(self, Self::New(None))
    }
}

/// The end of a run in which some failed: the code that they have in common, else that of any failure.
pub(super) fn failure_of(failed: &[Code], what: &str) -> Option<Failure> {
    let first = *failed.first()?;
    let code = if failed.iter().all(|code| *code == first) { first } else { Code::Failed };
    Some(Failure::new(code, format!("{} could not be {what}, see above", counted(failed.len() as u64, "item"))))
}

/// 8 MiB: what fits into one part is not gone on with.
const ONE_PART: u64 = 8 * 1024 * 1024;

/// How often a name is looked for anew that others take meanwhile.
const ATTEMPTS: usize = 3;
