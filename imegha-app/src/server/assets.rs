//! The built page: every file of the site folder, read once at start-up.
//!
//! What is served is what was hashed: the integrity that the page asks for and the bytes that it is given come from one
//! reading, whatever happens to the folder later.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use base64ct::{Base64, Encoding as _};
use sha2::{Digest as _, Sha384};

/// The files by their path on the server, without the slash that begins it.
pub(crate) struct Assets {
    files: BTreeMap<String, Asset>,
}

/// One file.
struct Asset {
    bytes: Vec<u8>,
    /// The same, compressed when the page was built.
    compressed: Vec<(Coding, Vec<u8>)>,
    content_type: &'static str,
    /// `sha384-…`, for Subresource Integrity; also the entity tag.
    integrity: String,
    cache_control: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Coding {
    Brotli,
    Gzip,
}

impl Assets {
    /// Reads the site folder.
    ///
    /// # Errors
    /// When the folder cannot be read, has a file of a kind that is not served, or lacks one that the page needs.
    pub(crate) fn load(site: &Path) -> Result<Self> {
        let built = "`cargo xtask serve` builds it (IMEGHA_SITE)";
        let mut raw = BTreeMap::new();
        read_folder(site, "", &mut raw).with_context(|| format!("the page is not in {}: {built}", site.display()))?;
        for needed in NEEDED {
            ensure!(raw.contains_key(*needed), "the page in {} has no {needed}: {built}", site.display());
        }
        Self::from_files(raw)
    }

    /// The page made of these files.
    ///
    /// # Errors
    /// For a file of a kind that is not served.
    pub(crate) fn from_files(mut raw: BTreeMap<String, Vec<u8>>) -> Result<Self> {
        let names: Vec<String> = raw.keys().filter(|name| coding_of(name).is_none()).cloned().collect();
        let mut files = BTreeMap::new();
        for name in names {
            let bytes = raw.remove(&name).unwrap_or_default();
            let compressed = [Coding::Brotli, Coding::Gzip]
                .into_iter()
                .filter_map(|coding| Some((coding, raw.remove(&format!("{name}.{}", coding.extension()))?)))
                .collect();
            let content_type = content_type(&name)
                .with_context(|| format!("{name} in the page's folder is of a kind that is not served"))?;
            let integrity = format!("sha384-{}", Base64::encode_string(&Sha384::digest(&bytes)));
            let cache_control = if has_hash(&name) { IMMUTABLE } else { "no-cache" };
            files.insert(name, Asset { bytes, compressed, content_type, integrity, cache_control });
        }
        Ok(Self { files })
    }

    /// The integrity of every script and WASM module, by its path on the server.
    pub(crate) fn integrity(&self) -> impl Iterator<Item = (String, &str)> {
        let checked = |name: &str| name.ends_with(".js") || name.ends_with(".wasm");
        self.files
            .iter()
            .filter(move |(name, _)| checked(name))
            .map(|(name, asset)| (format!("/{name}"), asset.integrity.as_str()))
    }

    /// The files' paths on the server.
    pub(crate) fn paths(&self) -> impl Iterator<Item = String> {
        self.files.keys().map(|name| format!("/{name}"))
    }

    /// The integrity of one file.
    pub(crate) fn integrity_of(&self, name: &str) -> Option<&str> {
        self.files.get(name).map(|asset| asset.integrity.as_str())
    }

    /// The answer to a request for `path`, without the headers that every answer carries.
    pub(crate) fn answer(&self, path: &str, request: &HeaderMap) -> Option<Response<Body>> {
        let asset = self.files.get(path.strip_prefix('/')?)?;
        let chosen = asset.compressed.iter().find(|(coding, _)| accepts(request, *coding));
        // The entity tag of another coding is another tag (RFC 9110, 8.8.3).
        let etag = match chosen {
            Some((coding, _)) => format!("\"{}-{}\"", asset.integrity, coding.extension()),
            None => format!("\"{}\"", asset.integrity),
        };
        let known = request.get_all(header::IF_NONE_MATCH).iter().any(|value| {
            value.to_str().is_ok_and(|tags| tags.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag))
        });
        let mut response = Response::new(Body::empty());
        let headers = response.headers_mut();
        headers.insert(header::ETAG, HeaderValue::try_from(etag).ok()?);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(asset.cache_control));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return Some(response);
        }
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
        let bytes = match chosen {
            Some((coding, bytes)) => {
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
                bytes
            }
            None => &asset.bytes,
        };
        *response.body_mut() = Body::from(bytes.clone());
        Some(response)
    }
}

impl fmt::Debug for Assets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.files.keys()).finish()
    }
}

impl Coding {
    fn extension(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gz",
        }
    }

    /// Its name in `Content-Encoding`.
    fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }
}

/// The compressed twin that a file is, if it is one.
fn coding_of(name: &str) -> Option<Coding> {
    [Coding::Brotli, Coding::Gzip].into_iter().find(|coding| name.ends_with(&format!(".{}", coding.extension())))
}

fn accepts(request: &HeaderMap, coding: Coding) -> bool {
    request.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok()).any(|value| {
        value.split(',').any(|offer| {
            let (name, quality) = offer.split_once(';').unwrap_or((offer, "q=1"));
            let refused = quality.trim().trim_start_matches("q=").trim_matches(['0', '.']).is_empty();
            name.trim().eq_ignore_ascii_case(coding.name()) && !refused
        })
    })
}

/// Whether a name carries the hash of its content, as in `name.0123abcd.js`: only then it can never change.
fn has_hash(name: &str) -> bool {
    let mut parts = name.rsplit('/').next().unwrap_or(name).split('.');
    let inner = parts.by_ref().skip(1).collect::<Vec<_>>();
    inner.len() >= 2
        && inner[..inner.len() - 1].iter().any(|part| {
            part.len() >= 8 && part.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
        })
}

fn content_type(name: &str) -> Option<&'static str> {
    let (_, extension) = name.rsplit_once('.')?;
    Some(match extension {
        "css" => "text/css; charset=utf-8",
        "ico" => "image/x-icon",
        "jpg" => "image/jpeg",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        "webmanifest" => "application/manifest+json",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        _ => return None,
    })
}

fn read_folder(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().into_string().ok().context("a file name that is not UTF-8")?;
        // What build tools leave behind: declarations for TypeScript, and dotfiles.
        if name.starts_with('.') || name.ends_with(".d.ts") || name == "package.json" {
            continue;
        }
        let path = format!("{prefix}{name}");
        if entry.file_type()?.is_dir() {
            read_folder(&entry.path(), &format!("{path}/"), files)?;
        } else {
            files.insert(path, std::fs::read(entry.path())?);
        }
    }
    Ok(())
}

/// Without these nothing works, so the server does not start.
pub(crate) const NEEDED: &[&str] = &[
    "pkg/device.js",
    "pkg/imegha_app.js",
    "pkg/imegha_app_bg.wasm",
    "pkg/imegha_meter.js",
    "pkg/imegha_meter_bg.wasm",
    "pkg/imegha_worker.js",
    "pkg/imegha_worker_bg.wasm",
    "pkg/main.css",
    "pkg/meter.js",
    "pkg/streams.js",
    "pkg/worker.js",
];

const IMMUTABLE: &str = "public, max-age=31536000, immutable";

#[cfg(test)]
mod tests {
    use super::*;

    fn assets(files: &[(&str, &[u8])]) -> Assets {
        let files = files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect();
        Assets::from_files(files).expect("assets")
    }

    fn request(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(
            header::HeaderName::from_static(name),
            HeaderValue::from_str(value).expect("header value"),
        )])
    }

    #[test]
    fn integrity_is_that_of_the_uncompressed_bytes() {
        let assets = assets(&[("pkg/a.js", b""), ("pkg/a.js.gz", b"zipped"), ("pkg/main.css", b"x")]);
        // SHA-384 of nothing, FIPS 180-4.
        let expected = "sha384-OLBgp1GsljhM2TJ+sbHjaiH9txEUvgdDTAzHv2P24donTt6/529l+9Ua0vFImLlb";
        assert_eq!(assets.integrity().collect::<Vec<_>>(), [("/pkg/a.js".to_owned(), expected)]);
    }

    #[test]
    fn the_compressed_twin_goes_only_to_who_takes_it() {
        let assets = assets(&[("a.wasm", b"plain"), ("a.wasm.gz", b"zipped")]);
        for (offer, coding) in
            [("gzip, br", Some("gzip")), ("identity", None), ("gzip;q=0", None), ("br;q=1.0, GZIP;q=0.5", Some("gzip"))]
        {
            let response = assets.answer("/a.wasm", &request("accept-encoding", offer)).expect("there");
            let sent = response.headers().get(header::CONTENT_ENCODING).map(|value| value.to_str().expect("ASCII"));
            assert_eq!(sent, coding, "{offer}");
            assert_eq!(response.headers()[header::CONTENT_TYPE], "application/wasm");
        }
        assert!(assets.answer("/a.wasm.gz", &HeaderMap::new()).is_none());
    }

    #[test]
    fn a_known_entity_tag_is_not_sent_again() {
        let assets = assets(&[("a.js", b"1")]);
        let first = assets.answer("/a.js", &HeaderMap::new()).expect("there");
        assert_eq!(first.headers()[header::CACHE_CONTROL], "no-cache");
        let tag = first.headers()[header::ETAG].to_str().expect("ASCII").to_owned();
        let second = assets.answer("/a.js", &request("if-none-match", &tag)).expect("there");
        assert_eq!(second.status(), StatusCode::NOT_MODIFIED);
        let other = assets.answer("/a.js", &request("if-none-match", "\"other\"")).expect("there");
        assert_eq!(other.status(), StatusCode::OK);
    }

    #[test]
    fn only_hashed_names_are_immutable() {
        assert!(has_hash("snippets/a.0123abcd.js"));
        for name in ["a.js", "imegha_app_bg.wasm", "deadbeef.js", "a.min.js", "0123abcd"] {
            assert!(!has_hash(name), "{name}");
        }
    }

    #[test]
    fn files_of_unknown_kinds_are_refused_at_start() {
        assert!(Assets::from_files(BTreeMap::from([("a.html".to_owned(), vec![])])).is_err());
    }
}
