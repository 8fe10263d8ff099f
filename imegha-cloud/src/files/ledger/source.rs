//! Files that change between two runs, and under one.

use async_trait::async_trait;
use bytes::Bytes;
use imegha_crypto::layout;

use super::Random;
use super::world::World;
use crate::client::Source;
use crate::error::{Error, ErrorKind, Result};

pub(super) const CHUNK: usize = layout::CHUNK_LEN;

/// A file in chunks, each filled with one byte; all but the last are full.
#[derive(Clone)]
pub(super) struct Chunks(Vec<(u8, usize)>);

impl Chunks {
    pub(super) fn random(random: &mut Random) -> Self {
        let mut chunks: Vec<_> = (0..1 + random.below(4)).map(|at| (at as u8, CHUNK)).collect();
        if random.one_in(2) {
            chunks.push((9, 1 + random.below(500) as usize));
        }
        Self(chunks)
    }

    pub(super) fn len(&self) -> u64 {
        self.0.iter().map(|(_, len)| *len as u64).sum()
    }

    pub(super) fn change(&mut self, random: &mut Random) {
        let at = random.below(self.0.len() as u64) as usize;
        let last = self.0.len() - 1;
        match random.below(5) {
            0 | 1 => self.0[at].0 = random.below(256) as u8,
            2 => self.0.truncate(at + 1),
            3 => self.0[last].1 = CHUNK,
            _ => {
                self.0[last].1 = CHUNK;
                self.0.push((random.below(256) as u8, 1 + random.below(CHUNK as u64) as usize));
            }
        }
    }

    pub(super) fn changed(&self, random: &mut Random) -> Self {
        let mut changed = self.clone();
        changed.change(random);
        changed
    }
}

/// A source that may become another one while it is read, and writes down what it yielded.
pub(super) struct Changing {
    pub(super) content: Chunks,
    pub(super) later: Option<Chunks>,
    pub(super) change_at: u64,
    pub(super) size: Option<u64>,
    pub(super) goes_back: bool,
    pub(super) at: usize,
    pub(super) world: World,
}

#[async_trait]
impl Source for Changing {
    fn size(&self) -> Option<u64> {
        self.size
    }

    async fn read(&mut self, max: usize) -> Result<Bytes> {
        self.world.call().await?;
        if self.at as u64 == self.change_at
            && let Some(later) = self.later.take()
        {
            self.content = later;
            self.world.lock().changed_within = true;
        }
        let mut world = self.world.lock();
        world.yielded.truncate(self.at);
        // A short chunk is the last, also when the source has become one that has more there.
        let ended = world.yielded.last().is_some_and(|(_, len)| *len < CHUNK);
        let Some((fill, len)) = self.content.0.get(self.at).copied().filter(|_| !ended) else {
            return Ok(Bytes::new());
        };
        let len = len.min(max);
        world.yielded.push((fill, len));
        self.at += 1;
        Ok(vec![fill; len].into())
    }

    async fn rewind(&mut self) -> Result<()> {
        match self.goes_back {
            true => {
                self.at = 0;
                Ok(())
            }
            false => Err(Error::new(ErrorKind::Source, "it does not go back")),
        }
    }
}
