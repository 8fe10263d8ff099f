//! What a program asks of the system that it is started on.

use anyhow::{Context, Result, ensure};
use object::read::elf::{ElfFile64, FileHeader as _};
use object::{Endianness, elf};

use super::glibc::Glibc;

/// The newest version of glibc that the program in these bytes needs.
///
/// # Errors
/// When it is no dynamic program of 64 bits for x86-64.
pub(crate) fn needed_glibc(bytes: &[u8]) -> Result<Glibc> {
    let file = ElfFile64::<Endianness>::parse(bytes)?;
    let endian = file.endian();
    ensure!(file.elf_header().e_machine(endian) == elf::EM_X86_64, "it is not for x86-64");
    let sections = file.elf_section_table();
    let (mut libraries, link) = sections.gnu_verneed(endian, bytes)?.context("it asks for no version of anything")?;
    let strings = sections.strings(endian, bytes, link)?;
    let mut newest = None;
    while let Some((_, mut versions)) = libraries.next()? {
        while let Some(version) = versions.next()? {
            // What is only asked for weakly may be missing.
            let is_weak = version.vna_flags.get(endian).contains(elf::VER_FLG_WEAK);
            let name = std::str::from_utf8(version.name(endian, strings)?)?;
            newest = newest.max(Glibc::parse(name).filter(|_| !is_weak));
        }
    }
    newest.context("it needs nothing of glibc")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// These tests are such a program themselves.
    #[test]
    #[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
    fn a_program_tells_what_it_needs() {
        let own = std::fs::read(std::env::current_exe().expect("a path")).expect("a program");
        let needs = needed_glibc(&own).expect("it is linked against glibc");
        assert!(Glibc { major: 2, minor: 2 } <= needs && needs < Glibc { major: 3, minor: 0 }, "{needs}");
        // One that needs more is seen to: the same program, its newest version called another.
        let (old, new) = (needs.to_string(), "GLIBC_2.99");
        let mut newer = own.clone();
        let places: Vec<_> = memchr::memmem::find_iter(&own, format!("{old}\0").as_bytes()).collect();
        for place in places {
            newer[place..place + old.len()].copy_from_slice(&new.as_bytes()[..old.len()]);
        }
        assert_eq!(needed_glibc(&newer).expect("a program").to_string(), new);
        assert!(needed_glibc(&own[..1_000]).is_err() && needed_glibc(b"#!/bin/sh").is_err());
    }
}
