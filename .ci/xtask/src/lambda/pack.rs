//! The zip of a function: one file, `bootstrap`, that may be executed.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, Result};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Packs a program. The same program makes the same bytes: no time stands in them.
pub(crate) fn pack(program: &[u8], zip: &Path) -> Result<()> {
    let file = File::create(zip).with_context(|| format!("{} cannot be written", zip.display()))?;
    let mut writer = ZipWriter::new(file);
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).unix_permissions(0o755);
    writer.start_file("bootstrap", options)?;
    writer.write_all(program)?;
    writer.finish()?.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn a_zip_holds_a_program_that_may_be_executed() {
        let folder = std::env::temp_dir().join(format!("imegha-{}-zip", std::process::id()));
        std::fs::create_dir(&folder).expect("a folder");
        let (one, two) = (folder.join("one.zip"), folder.join("two.zip"));
        let program = b"\x7fELF".repeat(50_000);
        pack(&program, &one).expect("packed");
        pack(&program, &two).expect("packed");
        let bytes = std::fs::read(&one).expect("a zip");
        assert!(bytes.len() < program.len() / 10 && bytes == std::fs::read(&two).expect("a zip"));
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a zip");
        assert_eq!(archive.len(), 1);
        let mut file = archive.by_name("bootstrap").expect("a file");
        assert_eq!(file.unix_mode().map(|mode| mode & 0o777), Some(0o755));
        let mut read = Vec::new();
        file.read_to_end(&mut read).expect("its bytes");
        assert!(read == program);
        std::fs::remove_dir_all(&folder).expect("removed");
    }
}
