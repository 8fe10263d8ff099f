//! `cargo xtask scan`: does a data folder hold anything that its keeper must not be able to read?
//!
//! A scanner that finds nothing proves little, so it begins with a copy of the folder in which everything it is to look for has
//! been planted, in every encoding, and fails unless it finds all of that.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

mod needles;
mod views;
mod windows;

use crate::arguments::Arguments;
use needles::Needles;
use windows::Windows;

/// What to look for.
#[derive(Debug)]
struct Scanner {
    needles: Needles,
    windows: Windows,
}

/// `cargo xtask scan --data DIR --secrets FILE PLAINTEXT…`
pub(crate) fn command(mut arguments: Arguments) -> Result<ExitCode> {
    let data = PathBuf::from(arguments.option("--data")?.context("--data DIR is needed")?);
    let secrets = arguments.option("--secrets")?;
    let plaintexts: Vec<PathBuf> = arguments.rest().into_iter().map(PathBuf::from).collect();
    let needles = match &secrets {
        Some(path) => Needles::parse(&fs::read_to_string(path).with_context(|| format!("{path} cannot be read"))?)?,
        None => Needles::default(),
    };
    let scanner = Scanner { needles, windows: Windows::of_files(&plaintexts)? };

    let planted = scanner.plant(&data)?;
    println!("first, in a copy: all {planted} planted canaries were found");
    let (found, bytes) = scanner.scan(&data)?;
    println!(
        "{} files' windows and {} texts, in {bytes} bytes of {}:",
        plaintexts.len(),
        scanner.needles.len(),
        data.display()
    );
    for line in &found {
        println!("FOUND {line}");
    }
    if found.is_empty() {
        println!("nothing was found");
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::FAILURE)
}

impl Scanner {
    /// Everything that is found below a folder, and how many bytes were looked at.
    fn scan(&self, folder: &Path) -> Result<(BTreeSet<String>, u64)> {
        let mut found = BTreeSet::new();
        let mut bytes = 0;
        for path in files(folder)? {
            let inside = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
            // Names of files are data too.
            self.look_at(inside.as_bytes(), &format!("the name {inside}"), &mut found);
            let data = fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
            bytes += data.len() as u64;
            self.look_at(&data, &inside, &mut found);
        }
        Ok((found, bytes))
    }

    fn look_at(&self, data: &[u8], place: &str, found: &mut BTreeSet<String>) {
        for view in views::of(data) {
            for what in self.needles.find(&view.bytes) {
                found.insert(format!("{what} ({}) in {place}", view.encoding));
            }
            for what in self.windows.find(&view.bytes) {
                found.insert(format!("{what} ({}) in {place}", view.encoding));
            }
        }
    }

    /// Plants everything in a copy of the folder and returns how much was found there; an error unless all of it was.
    fn plant(&self, folder: &Path) -> Result<usize> {
        let copy = crate::project::target().join("scan-canary");
        let _ = fs::remove_dir_all(&copy);
        let files = files(folder)?;
        let Some(victim) = files.iter().max_by_key(|path| fs::metadata(path).map_or(0, |file| file.len())) else {
            bail!("{} holds no file: nothing would be scanned", folder.display());
        };
        fs::create_dir_all(&copy)?;
        // One file is enough to show that what is in files is found; the rest is read below.
        let mut data = fs::read(victim)?;
        let canaries: Vec<(String, Vec<u8>)> = self.needles.canaries().chain(self.windows.canaries()).collect();
        if canaries.is_empty() {
            bail!("there is nothing to look for");
        }
        let (mut expected, mut planted) = (Vec::new(), Vec::new());
        for (what, bytes) in &canaries {
            for (encoding, encoded) in views::encode(bytes) {
                // Between bytes that belong to no encoding.
                planted.extend([&[0xff, 0xfe, 0x80][..], &encoded, &[0x80, 0xff, 0xfd]].concat());
                expected.push(format!("{what} ({encoding})"));
            }
        }
        // In the middle, at an odd place.
        let middle = ((data.len() / 2) | 1).min(data.len());
        data.splice(middle..middle, planted);
        fs::write(copy.join("canary"), data)?;
        let (found, _) = self.scan(&copy)?;
        fs::remove_dir_all(&copy)?;
        for line in &expected {
            if !found.iter().any(|finding| finding.starts_with(line)) {
                bail!("the scanner is broken: it did not find {line} that was planted");
            }
        }
        Ok(expected.len())
    }
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("{} cannot be listed", folder.display()))? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.extend(files(&entry.path())?);
        } else {
            found.push(entry.path());
        }
    }
    Ok(found)
}
