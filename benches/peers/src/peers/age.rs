//! `age` to an X25519 recipient: ChaCha20-Poly1305 in chunks of 64 KiB. Its streams are the only way in; they are given whole
//! buffers, and it finds AVX2 by itself.

use std::io::{Read as _, Write as _};
use std::iter;

use age::x25519::Identity;
use age::{Decryptor, Encryptor};

use super::Peer;
use crate::Result;

pub struct Age(Identity);

impl Age {
    pub fn new() -> Self {
        Self(Identity::generate())
    }
}

impl Peer for Age {
    fn name(&self) -> &'static str {
        "age"
    }

    fn seal(&mut self, plain: &[u8], sealed: &mut Vec<u8>) -> Result<()> {
        sealed.clear();
        let recipient = self.0.to_public();
        let encryptor = Encryptor::with_recipients(iter::once(&recipient as &dyn age::Recipient))?;
        let mut writer = encryptor.wrap_output(&mut *sealed)?;
        writer.write_all(plain)?;
        writer.finish()?;
        Ok(())
    }

    fn open(&mut self, sealed: &mut Vec<u8>, opened: &mut Vec<u8>) -> Result<()> {
        // A slice is a buffered reader as it is.
        let decryptor = Decryptor::new_buffered(&sealed[..])?;
        let mut reader = decryptor.decrypt(iter::once(&self.0 as &dyn age::Identity))?;
        let mut at = 0;
        loop {
            match reader.read(&mut opened[at..])? {
                0 => return Ok(()),
                more => at += more,
            }
        }
    }
}
