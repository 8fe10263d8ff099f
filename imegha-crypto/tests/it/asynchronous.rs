//! The streams over `futures::io` and `tokio::io`: the same bytes as the blocking ones, over what is slow and gives little at a time.

use std::io::{self, Cursor, ErrorKind, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::executor::block_on;
use imegha_crypto::layout::{CHUNK_LEN, HEAD_LEN};
use imegha_crypto::{ContentKind, ContentOpener, ContentSealer, FileKey, Id, OpeningReader, SealingWriter};

const SIZES: [usize; 7] = [0, 1, CHUNK_LEN, 16 * CHUNK_LEN - 1, 16 * CHUNK_LEN, 600_000, 3_000_000];

#[test]
fn futures_streams_write_and_read_the_same() {
    use futures::io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _};

    let scene = Scene::new();
    for size in SIZES {
        let (plain, object) = scene.object(size);
        block_on(async {
            let mut writer = SealingWriter::new(scene.sealer(), Slow::new(Vec::new()));
            writer.write_all(&plain).await.unwrap();
            writer.flush().await.unwrap();
            writer.close().await.unwrap();
            assert_eq!(writer.write(b"more").await.unwrap_err().kind(), ErrorKind::BrokenPipe);
            assert!(writer.into_inner().below == object, "{size}");

            let mut reader = scene.reader(Slow::new(Cursor::new(object.clone())), &object);
            let mut read = Vec::new();
            reader.read_to_end(&mut read).await.unwrap();
            assert!(read == plain, "{size}");
            if size > 100 {
                assert_eq!(reader.seek(SeekFrom::End(-100)).await.unwrap(), size as u64 - 100);
                read.clear();
                reader.read_to_end(&mut read).await.unwrap();
                assert!(read == plain[size - 100..]);
                assert_eq!(reader.seek(SeekFrom::Start(7)).await.unwrap(), 7);
                reader.read_exact(&mut read).await.unwrap();
                assert!(read == plain[7..107]);
            }
        });
    }
}

/// What is flushed stands below, as far as it fills chunks; before that a writer that gathers has kept it.
#[test]
fn a_flush_goes_through_to_what_is_below() {
    let scene = Scene::new();
    let (plain, object) = scene.object(3_000_000);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        use tokio::io::AsyncWriteExt as _;
        let gathering = tokio::io::BufWriter::with_capacity(8 << 20, Vec::new());
        let mut writer = SealingWriter::new(scene.sealer(), gathering);
        writer.write_all(&plain).await.unwrap();
        writer.flush().await.unwrap();
        let below = writer.into_inner();
        assert!(below.buffer().is_empty() && below.get_ref().len() > HEAD_LEN + 100 * CHUNK_LEN);
        assert!(object.starts_with(below.get_ref()));
    });
    block_on(async {
        use futures::io::AsyncWriteExt as _;
        let gathering = futures::io::BufWriter::with_capacity(8 << 20, Slow::new(Vec::new()));
        let mut writer = SealingWriter::new(scene.sealer(), gathering);
        writer.write_all(&plain).await.unwrap();
        writer.flush().await.unwrap();
        let below = writer.into_inner();
        assert!(below.buffer().is_empty() && object.starts_with(&below.get_ref().below));
    });
}

#[test]
fn tokio_streams_write_and_read_the_same() {
    use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _};

    let scene = Scene::new();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    for size in SIZES {
        let (plain, object) = scene.object(size);
        let path = folder.path().join(size.to_string());
        runtime.block_on(async {
            let mut writer = SealingWriter::new(scene.sealer(), tokio::fs::File::create(&path).await.unwrap());
            writer.write_all(&plain).await.unwrap();
            writer.flush().await.unwrap();
            writer.shutdown().await.unwrap();
            assert_eq!(writer.write(b"more").await.unwrap_err().kind(), ErrorKind::BrokenPipe);
            assert!(tokio::fs::read(&path).await.unwrap() == object, "{size}");

            let mut reader = scene.reader(tokio::fs::File::open(&path).await.unwrap(), &object);
            let mut read = Vec::new();
            reader.read_to_end(&mut read).await.unwrap();
            assert!(read == plain, "{size}");
            if size > 100 {
                assert_eq!(reader.seek(SeekFrom::End(-100)).await.unwrap(), size as u64 - 100);
                read.clear();
                reader.read_to_end(&mut read).await.unwrap();
                assert!(read == plain[size - 100..]);
                // A read that is given up leaves the file on its way; the next goes elsewhere all the same.
                reader.seek(SeekFrom::Start(size as u64 / 2)).await.unwrap();
                let given_up = tokio::time::timeout(std::time::Duration::ZERO, reader.read(&mut [0; 50])).await;
                drop(given_up);
                assert_eq!(reader.seek(SeekFrom::Start(7)).await.unwrap(), 7);
                reader.read_exact(&mut read).await.unwrap();
                assert!(read == plain[7..107]);
            }
        });
    }
}

/// What a writer is dropped with, unclosed, is cut; and a cut object is not read to an end.
#[test]
fn an_unclosed_object_does_not_open() {
    use futures::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let scene = Scene::new();
    let (plain, object) = scene.object(300 * CHUNK_LEN + 9);
    block_on(async {
        let mut writer = SealingWriter::new(scene.sealer(), Slow::new(Vec::new()));
        writer.write_all(&plain).await.unwrap();
        writer.flush().await.unwrap();
        let written = writer.into_inner().below;
        assert!(written.len() > HEAD_LEN && object.starts_with(&written));
        let opener = scene.opener(&written);
        let reader = OpeningReader::from_opener(opener, Slow::new(Cursor::new(&written)), written.len() as u64);
        assert_eq!(reader.unwrap_err().kind(), ErrorKind::InvalidData);

        // Cut so that the last chunk looks like one.
        let cut = &object[..object.len() - 16_400];
        let mut reader = scene.reader(Slow::new(Cursor::new(cut)), cut);
        let mut read = Vec::new();
        assert_eq!(reader.read_to_end(&mut read).await.unwrap_err().kind(), ErrorKind::InvalidData);
        assert!(plain.starts_with(&read), "what came before was verified");
    });
}

/// A writer that could not seal says so each time: what is cut is never said to be finished.
#[test]
fn what_failed_is_not_finished() {
    use futures::io::AsyncWriteExt as _;

    let scene = Scene::new();
    let mut sealer = scene.sealer();
    sealer.seal_part(vec![], true).unwrap();
    let mut writer = SealingWriter::new(sealer, Slow::new(Vec::new()));
    block_on(async {
        writer.write_all(b"behind the last part").await.unwrap();
        for _ in 0..2 {
            assert_eq!(writer.close().await.unwrap_err().kind(), ErrorKind::InvalidData);
            assert_eq!(writer.flush().await.unwrap_err().kind(), ErrorKind::InvalidData);
            assert_eq!(writer.write(b"more").await.unwrap_err().kind(), ErrorKind::InvalidData);
        }
    });
    assert!(writer.into_inner().below.is_empty());
}

struct Scene {
    key: FileKey,
    node: Id,
}

impl Scene {
    fn new() -> Self {
        Self { key: FileKey::generate().unwrap(), node: Id::generate().unwrap() }
    }

    fn sealer(&self) -> ContentSealer {
        let sealer = ContentSealer::dangerous_resume(&self.key, ContentKind::Content, &self.node, 1, [5; 24]);
        sealer.with_threads(2.try_into().unwrap())
    }

    fn object(&self, size: usize) -> (Vec<u8>, Vec<u8>) {
        let plain: Vec<u8> = (0..size).map(|at| (at / 253) as u8 ^ at as u8).collect();
        let object = self.sealer().seal_whole(plain.clone()).unwrap().into_bytes();
        (plain, object)
    }

    fn opener(&self, object: &[u8]) -> ContentOpener {
        ContentOpener::new(&self.key, ContentKind::Content, &self.node, 1, &object[..HEAD_LEN]).unwrap()
    }

    fn reader<R>(&self, below: R, object: &[u8]) -> OpeningReader<R> {
        OpeningReader::from_opener(self.opener(object), below, object.len() as u64).unwrap()
    }
}

/// Waits at every second call, and then does no more than a few thousand bytes.
struct Slow<T> {
    below: T,
    waited: bool,
}

impl<T> Slow<T> {
    fn new(below: T) -> Self {
        Self { below, waited: false }
    }

    fn poll<O>(&mut self, cx: &mut Context<'_>, work: impl FnOnce(&mut T) -> io::Result<O>) -> Poll<io::Result<O>> {
        self.waited = !self.waited;
        if self.waited {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(work(&mut self.below))
    }
}

const MOST: usize = 5_000;

impl<T: io::Write + Unpin> futures::io::AsyncWrite for Slow<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll(cx, |below| below.write(&bytes[..bytes.len().min(MOST)]))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll(cx, io::Write::flush)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }
}

impl<T: io::Read + Unpin> futures::io::AsyncRead for Slow<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut [u8]) -> Poll<io::Result<usize>> {
        let most = out.len().min(MOST);
        self.poll(cx, |below| below.read(&mut out[..most]))
    }
}

impl<T: io::Seek + Unpin> futures::io::AsyncSeek for Slow<T> {
    fn poll_seek(mut self: Pin<&mut Self>, cx: &mut Context<'_>, to: SeekFrom) -> Poll<io::Result<u64>> {
        self.poll(cx, |below| below.seek(to))
    }
}
