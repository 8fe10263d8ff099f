//! Making a backup. The server may run: nothing of it is locked, and it waits for nothing.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail, ensure};
use imegha_cloud::backend::embedded::{copy_cloud, copy_database};

use super::made::{Made, newest};
use super::manifest::{Manifest, Objects};
use crate::server::data::{CLOUD_DATABASE, CLOUDS, OWNER, REGISTRY, SECRET, TLS, make_private, write_private};

/// Copies what is in the data folder `data` into a new folder in `into`.
///
/// # Errors
/// In words. What was copied until then stays as `….partial`, which no command takes for a backup.
pub(crate) fn make(data: &Path, into: &Path) -> Result<Made> {
    ensure!(data.join(REGISTRY).is_file(), "{} is no data folder of a server (IMEGHA_DATA)", data.display());
    make_private(into).with_context(|| format!("{} cannot be used", into.display()))?;
    let inside = into.canonicalize()?.starts_with(data.canonicalize()?);
    ensure!(!inside, "{} lies in the data folder; a backup belongs elsewhere", into.display());
    let _lock = lock(into)?;
    remove_interrupted(into)?;

    let earlier = newest(into)?;
    let folder = free_name(|time| into.join(time))?;
    let partial = folder.with_extension(PARTIAL);
    make_private(&partial)?;
    let manifest = copy(data, &partial, earlier.as_deref())?;
    manifest.write(&partial)?;
    // The backup is one from here on, or it is not: its files and folders are on the disk before its name is.
    sync(&partial)?;
    fs::rename(&partial, &folder)?;
    sync(into)?;
    Ok(Made { folder, manifest })
}

/// Copies everything to `to`, the accounts first: a cloud that the accounts do not know of yet is no harm, one that they know of and
/// that is not there would be.
pub(super) fn copy(data: &Path, to: &Path, earlier: Option<&Path>) -> Result<Manifest> {
    let mut manifest = Manifest::new();
    copy_database(&data.join(REGISTRY), &to.join(REGISTRY)).context("the accounts cannot be copied")?;
    manifest.add_file(to, REGISTRY)?;
    copy_small(data, to, SECRET, &mut manifest)?;
    if data.join(TLS).is_dir() {
        make_private(&to.join(TLS))?;
        for name in names(&data.join(TLS))? {
            copy_small(data, to, &format!("{TLS}/{name}"), &mut manifest)?;
        }
        sync(&to.join(TLS))?;
    }

    make_private(&to.join(CLOUDS))?;
    for name in names(&data.join(CLOUDS))? {
        let place = format!("{CLOUDS}/{name}");
        // A folder without an owner is one that is being made, or none of the server's.
        if !data.join(&place).join(OWNER).is_file() {
            continue;
        }
        make_private(&to.join(&place))?;
        copy_small(data, to, &format!("{place}/{OWNER}"), &mut manifest)?;
        // One that was never asked for has no database yet.
        if data.join(&place).join(CLOUD_DATABASE).is_file() {
            let earlier = earlier.map(|earlier| earlier.join(&place));
            let copy = copy_cloud(&data.join(&place), &to.join(&place), earlier.as_deref())
                .with_context(|| format!("the cloud {name} cannot be copied"))?;
            manifest.add_file(to, &format!("{place}/{CLOUD_DATABASE}"))?;
            manifest.clouds.insert(name, Objects::of(&copy));
        }
        sync(&to.join(&place))?;
    }
    sync(&to.join(CLOUDS))?;
    Ok(manifest)
}

fn copy_small(data: &Path, to: &Path, path: &str, manifest: &mut Manifest) -> Result<()> {
    let context = || format!("{path} cannot be copied");
    match fs::read(data.join(path)) {
        Ok(bytes) => {
            write_private(&to.join(path), &bytes).with_context(context)?;
            manifest.add_file(to, path).with_context(context)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).with_context(context),
    }
}

/// What is in a folder, in order; nothing when there is no such folder. Names that are not UTF-8 are none of the server's.
fn names(folder: &Path) -> Result<Vec<String>> {
    let context = || format!("{} cannot be read", folder.display());
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.with_context(context)?,
    };
    let names: io::Result<Vec<_>> = entries.map(|entry| Ok(entry?.file_name().into_string().ok())).collect();
    let mut names: Vec<String> = names.with_context(context)?.into_iter().flatten().collect();
    names.sort();
    Ok(names)
}

/// One backup at a time in a folder.
fn lock(into: &Path) -> Result<File> {
    let path = into.join("lock");
    let lock = File::options().write(true).create(true).truncate(false).open(&path)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => bail!("another backup is being made in {}", into.display()),
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("{} cannot be locked", path.display())),
    }
}

fn remove_interrupted(into: &Path) -> Result<()> {
    for name in names(into)?.iter().filter(|name| name.ends_with(&format!(".{PARTIAL}"))) {
        fs::remove_dir_all(into.join(name)).with_context(|| format!("{name} was interrupted and cannot be removed"))?;
    }
    Ok(())
}

/// What `named` makes of the time, in UTC, and is not there yet: a moment later for the second one of a second.
pub(super) fn free_name(named: impl Fn(&str) -> PathBuf) -> Result<PathBuf> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock stands before 1970")?.as_secs();
    let mut names = (now..now + 60).map(|seconds| named(&utc(seconds)));
    names
        .find(|path| !path.exists())
        .with_context(|| format!("{} and its like are there already", named(&utc(now)).display()))
}

/// Makes the entries of a folder durable.
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Seconds since 1970 as `2026-11-25T01-22-05Z`: no colons, which some file systems refuse.
fn utc(seconds: u64) -> String {
    let of_day = Duration::from_secs(seconds % 86_400).as_secs();
    // Howard Hinnant's civil_from_days, for days since 1970 that are not negative.
    let days = seconds / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}-{minute:02}-{second:02}Z")
}

const PARTIAL: &str = "partial";

#[cfg(test)]
mod tests {
    use super::utc;

    #[test]
    fn times_are_written_in_utc() {
        for (seconds, written) in [
            (0, "1970-01-01T00-00-00Z"),
            (951_782_399, "2000-02-28T23-59-59Z"),
            (951_782_400, "2000-02-29T00-00-00Z"),
            (1_709_251_200, "2024-03-01T00-00-00Z"),
            (1_790_000_000, "2026-09-21T14-13-20Z"),
            (4_107_542_399, "2100-02-28T23-59-59Z"),
            (4_107_542_400, "2100-03-01T00-00-00Z"),
        ] {
            assert_eq!(utc(seconds), written);
        }
    }
}
