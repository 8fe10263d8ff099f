//! The command line and the environment.

use std::net::SocketAddr;
use std::num::NonZeroU64;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::NonEmptyStringValueParser;
use clap::error::ErrorKind;
use clap::{Error, Parser, ValueEnum};
use imegha_cloud::protocol::OwnerText;
use url::Url;

/// The gateway of one person's cloud: it puts an encrypted cloud behind HTTP, for its owner's signed requests. It has no key
/// to what it keeps. Logs go to standard error; RUST_LOG says how much.
#[derive(Parser)]
#[command(version, name = "imegha-gateway", hide_possible_values = true)]
pub(crate) struct Settings {
    /// Whose cloud it is: the owner's FIRST public identity, 435 characters of base64url.
    #[arg(long, env = "IMEGHA_GATEWAY_OWNER", hide_env_values = true, value_name = "TEXT")]
    pub(crate) owner: OwnerText,

    /// Where it listens.
    #[arg(long, env = "IMEGHA_GATEWAY_LISTEN", value_name = "IP:PORT", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,

    /// The address that clients use, which their requests are signed for: https://host, with or without a path. May be left
    /// out on loopback.
    #[arg(long, env = "IMEGHA_GATEWAY_ADDRESS", value_name = "URL")]
    pub(crate) address: Option<Url>,

    /// The certificate's chain in PEM form, its own certificate first. Without one, TLS is a proxy's before it.
    #[arg(long, env = "IMEGHA_GATEWAY_TLS_CERT", value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,

    /// The certificate's key in PEM form, without a passphrase.
    #[arg(long, env = "IMEGHA_GATEWAY_TLS_KEY", value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,

    /// How many bytes of requests' bodies may be in memory at a time. Less than one part of 64 MiB is raised to that.
    #[arg(long, env = "IMEGHA_GATEWAY_BODY_BUDGET", value_name = "BYTES", default_value_t = 256 * 1024 * 1024)]
    pub(crate) body_budget: usize,

    #[command(flatten)]
    pub(crate) storage: Storage,
}

/// What of the settings says where the cloud is.
#[derive(clap::Args)]
pub(crate) struct Storage {
    /// Where the cloud is: `embedded`, in a folder, or `aws`, in an account's S3 and DynamoDB.
    #[arg(long, env = "IMEGHA_GATEWAY_BACKEND", value_name = "NAME", default_value = "embedded")]
    pub(crate) backend: Backend,

    /// embedded: the folder. It is made when it is not there.
    #[arg(long, env = "IMEGHA_GATEWAY_DATA", value_name = "FOLDER")]
    pub(crate) data: Option<PathBuf>,

    /// aws: the bucket of S3. Credentials come from where every AWS tool has them, and from nowhere else.
    #[arg(long, env = "IMEGHA_GATEWAY_BUCKET", value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) bucket: Option<String>,

    /// aws: the table of DynamoDB, with the binary keys `pk` and `sk`.
    #[arg(long, env = "IMEGHA_GATEWAY_TABLE", value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) table: Option<String>,

    /// aws: what stands before every name, where several clouds have one bucket and one table: `name/`.
    #[arg(long, env = "IMEGHA_GATEWAY_PREFIX", value_name = "NAME/")]
    pub(crate) prefix: Option<String>,

    /// aws: the region, when it is not the one that AWS_REGION or a profile names.
    #[arg(long, env = "IMEGHA_GATEWAY_REGION", value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) region: Option<String>,

    /// aws: another address that speaks the protocol of S3.
    #[arg(long, env = "IMEGHA_GATEWAY_S3_ENDPOINT", value_name = "URL")]
    pub(crate) s3_endpoint: Option<Url>,

    /// aws: from how many bytes on bodies go straight between clients and the bucket, by addresses that are good for one object and
    /// 300 seconds. Left out, all go through the gateway. Clients must reach the bucket, and for a web app's it must allow the app's origin.
    #[arg(long, env = "IMEGHA_GATEWAY_DIRECT_FROM", value_name = "BYTES")]
    pub(crate) direct_from: Option<NonZeroU64>,

    /// aws: another address that speaks the protocol of DynamoDB.
    #[arg(long, env = "IMEGHA_GATEWAY_DYNAMODB_ENDPOINT", value_name = "URL")]
    pub(crate) dynamodb_endpoint: Option<Url>,
}

/// A backend that a gateway stands before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Backend {
    Embedded,
    Aws,
}

/// Reads the command line and the environment. What is wrong is told in one line; then, and after `--help`, the program ends.
pub(crate) fn read() -> Result<Settings, ExitCode> {
    Settings::try_parse().map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => error.exit(),
        _ => {
            eprintln!("imegha-gateway: {}", in_one_line(&error));
            ExitCode::from(USAGE)
        }
    })
}

/// The first paragraph of what clap says; the others show how the program is used.
fn in_one_line(error: &Error) -> String {
    let text = error.render().to_string();
    let lines: Vec<_> = text.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
    lines.join(" ").trim_start_matches("error: ").to_owned()
}

/// The status of a command line that is wrong.
const USAGE: u8 = 2;
