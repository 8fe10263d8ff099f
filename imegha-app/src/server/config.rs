//! The server's settings, from the environment.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use axum::http::Uri;
use imegha_cloud::deploy::{GatewayCode, QuickCreate};
use imegha_cloud::serving::is_loopback;
use url::Url;

use super::config_aws::AwsPlatform;
use super::data::TLS;
use super::push::PushConfig;
use super::tls::{SelfSigned, Source};
use crate::bridge::PolicyInForce;

/// Where the server listens, what people type to reach it, and where it keeps what it keeps.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Config {
    /// `IMEGHA_ADDR`: where it listens.
    pub(crate) addr: SocketAddr,
    /// `IMEGHA_ORIGIN`: `scheme://host[:port]`, as browsers send it.
    pub(crate) origin: Origin,
    /// `IMEGHA_DATA`: accounts and hosted clouds.
    pub(crate) data: PathBuf,
    /// `IMEGHA_SITE`: the built page.
    pub(crate) site: PathBuf,
    /// `IMEGHA_HOSTED_CLOUDS`: whether accounts that have no cloud are given one here.
    pub(crate) hosts: bool,
    /// `IMEGHA_QUOTA_BYTES`: the most that one hosted cloud holds.
    pub(crate) quota: u64,
    /// `IMEGHA_TEMPLATE_URL`, `IMEGHA_CODE_BUCKET`, `IMEGHA_CODE_KEY`, `IMEGHA_CODE_REGION`, `IMEGHA_STACK`: what people make a cloud of their
    /// own from in the AWS console.
    pub(crate) public: Option<QuickCreate>,
    /// `IMEGHA_PROXIES`: how many proxies of the operator's own stand before the server.
    pub(crate) proxies: usize,
    /// `IMEGHA_METRICS`: where `/metrics` is read, if anywhere.
    pub(crate) metrics: Option<SocketAddr>,
    /// `IMEGHA_POLICY_VERSION`, `IMEGHA_POLICY_CHANGE`: the privacy policy in force, where its operator has changed it.
    pub(crate) policy: PolicyInForce,
    /// `IMEGHA_TLS`, `IMEGHA_TLS_CERT`, `IMEGHA_TLS_KEY`: the certificate of a server that speaks TLS itself.
    pub(crate) tls: Option<Source>,
    /// `IMEGHA_SMTP_URL` and `IMEGHA_MAIL_FROM`; without them codes are printed on the terminal.
    pub(crate) mail: Option<MailConfig>,
    /// `IMEGHA_PLATFORM=aws` and what goes with it: where in an AWS account the accounts are. Otherwise they are in the data folder.
    pub(crate) aws: Option<AwsPlatform>,
    /// `IMEGHA_APNS_…`: who carries notifications to Apple's devices.
    pub(crate) push: Option<PushConfig>,
}

/// A mail server, and from whom its mail comes. The address may hold a password: no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct MailConfig {
    /// `smtps://user:password@host:port`.
    pub(crate) url: String,
    /// The address that mail comes from.
    pub(crate) from: String,
}

/// An origin (RFC 6454) that browsers give cryptography to: https, or http on loopback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    text: String,
    host: String,
    secure: bool,
}

impl Config {
    /// Reads the environment through `variable`, which says what a variable is set to.
    ///
    /// # Errors
    /// In words: which variable, and what it should be.
    pub(crate) fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let variable = &|name: &str| variable(name).filter(|value| !value.is_empty());
        let addr: SocketAddr = match variable("IMEGHA_ADDR") {
            None => SocketAddr::from(([127, 0, 0, 1], 3000)),
            Some(text) => text.parse().with_context(|| {
                format!("IMEGHA_ADDR is {text:?}; it should be an address and a port, such as 127.0.0.1:3000")
            })?,
        };
        let data = data_folder(variable);
        let wants_tls = ["IMEGHA_TLS", "IMEGHA_TLS_CERT", "IMEGHA_TLS_KEY"].iter().any(|name| variable(name).is_some());
        let scheme = if wants_tls { "https" } else { "http" };
        let origin = match variable("IMEGHA_ORIGIN") {
            Some(text) => Origin::parse(&text)?,
            None if addr.ip().is_loopback() => Origin::parse(&format!("{scheme}://{addr}"))?,
            None => {
                bail!("IMEGHA_ADDR is {addr}, not loopback: set IMEGHA_ORIGIN to the https:// address that people type")
            }
        };
        let quota = match variable("IMEGHA_QUOTA_BYTES") {
            None => DEFAULT_QUOTA,
            Some(text) => text
                .parse()
                .with_context(|| format!("IMEGHA_QUOTA_BYTES is {text:?}; it should be a number of bytes"))?,
        };
        let proxies = match variable("IMEGHA_PROXIES") {
            None => 0,
            Some(text) => text.parse().with_context(|| {
                format!("IMEGHA_PROXIES is {text:?}; it should be the number of your own proxies before this server")
            })?,
        };
        let metrics = variable("IMEGHA_METRICS").map(|text| {
            text.parse().with_context(|| {
                format!("IMEGHA_METRICS is {text:?}; it should be an address and a port, such as 127.0.0.1:9100")
            })
        });
        let metrics: Option<SocketAddr> = metrics.transpose()?;
        ensure!(
            metrics.is_none_or(|metrics| metrics.port() != addr.port() || metrics.ip() != addr.ip()),
            "IMEGHA_METRICS is {addr}, where everybody comes (IMEGHA_ADDR): it should be another port"
        );
        let mail = match (variable("IMEGHA_SMTP_URL"), variable("IMEGHA_MAIL_FROM")) {
            (None, None) => None,
            (Some(url), Some(from)) => Some(MailConfig { url, from }),
            (Some(_), None) => {
                bail!("IMEGHA_SMTP_URL is set: set IMEGHA_MAIL_FROM too, the address that mail comes from")
            }
            (None, Some(_)) => {
                bail!("IMEGHA_MAIL_FROM is set: set IMEGHA_SMTP_URL too, smtps://user:password@host:port")
            }
        };
        let aws = AwsPlatform::from_variables(variable)?;
        ensure!(
            aws.is_none() || mail.is_none(),
            "IMEGHA_PLATFORM is aws, where Cognito mails the codes: unset IMEGHA_SMTP_URL and IMEGHA_MAIL_FROM"
        );
        let hosts = match variable("IMEGHA_HOSTED_CLOUDS").as_deref() {
            // With the accounts in AWS, people bring clouds of their own.
            None => aws.is_none(),
            Some("on") => true,
            Some("off") => false,
            Some(text) => bail!("IMEGHA_HOSTED_CLOUDS is {text:?}; it should be on or off"),
        };
        let public = public_place(variable, &origin)?;
        let tls = tls_source(variable, &origin, &data)?;
        Ok(Self {
            addr,
            origin,
            data,
            site: variable("IMEGHA_SITE").unwrap_or_else(|| "target/site".to_owned()).into(),
            hosts,
            quota,
            public,
            proxies,
            metrics,
            policy: policy(variable)?,
            tls,
            mail,
            aws,
            push: PushConfig::from_variables(variable)?,
        })
    }

    /// Reads the process's environment.
    ///
    /// # Errors
    /// As [`Config::from_variables`].
    pub(crate) fn from_env() -> Result<Self> {
        Self::from_variables(|name| std::env::var(name).ok())
    }
}

impl Origin {
    /// Reads `scheme://host[:port]`.
    ///
    /// # Errors
    /// For anything more or less, and for plain http anywhere but on loopback: browsers give no cryptography there.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let form = || format!("IMEGHA_ORIGIN is {text:?}; it should be https://host or https://host:port");
        let trimmed = text.strip_suffix('/').unwrap_or(text);
        let uri: Uri = trimmed.parse().with_context(form)?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { bail!(form()) };
        // What is compared with the Origin header must be what a browser writes there: no default port, no upper case.
        let default_port = if scheme == "https" { ":443" } else { ":80" };
        let host_and_port = authority.as_str().to_ascii_lowercase();
        let host_and_port = host_and_port.strip_suffix(default_port).unwrap_or(&host_and_port);
        ensure!(uri.path().len() <= 1 && uri.query().is_none() && !host_and_port.contains('@'), form());
        let secure = match scheme {
            "https" => true,
            "http" => false,
            _ => bail!(form()),
        };
        ensure!(
            secure || is_loopback(authority.host()),
            "IMEGHA_ORIGIN is {text:?}; anything but loopback must be https://, since browsers give no cryptography to plain http"
        );
        let host = authority.host().to_ascii_lowercase();
        Ok(Self { text: format!("{scheme}://{host_and_port}"), host, secure })
    }

    /// As a browser writes it.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The name or address in it.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Whether it is https.
    pub(crate) fn is_secure(&self) -> bool {
        self.secure
    }
}

/// `IMEGHA_DATA`: all that a backup needs to know.
pub(crate) fn data_folder(variable: impl Fn(&str) -> Option<String>) -> PathBuf {
    variable("IMEGHA_DATA").filter(|value| !value.is_empty()).unwrap_or_else(|| "./imegha-data".to_owned()).into()
}

/// What is in a public place, if anything is: all of it, or nothing.
fn public_place(variable: impl Fn(&str) -> Option<String>, origin: &Origin) -> Result<Option<QuickCreate>> {
    let named = ["IMEGHA_TEMPLATE_URL", "IMEGHA_CODE_BUCKET", "IMEGHA_CODE_KEY", "IMEGHA_CODE_REGION"];
    let [template, bucket, key, region] = match named.map(&variable) {
        [Some(template), Some(bucket), Some(key), Some(region)] => [template, bucket, key, region],
        [None, None, None, None] => {
            ensure!(variable("IMEGHA_STACK").is_none(), "IMEGHA_STACK is set: set {} too", named.join(", "));
            return Ok(None);
        }
        _ => bail!("{} are set together, or none is", named.join(", ")),
    };
    let stack = variable("IMEGHA_STACK").unwrap_or_else(|| DEFAULT_STACK.to_owned());
    let template = Url::parse(&template)
        .with_context(|| format!("IMEGHA_TEMPLATE_URL is {template:?}; it should be an https address"))?;
    let public = QuickCreate { template, code: GatewayCode { bucket, key }, region, stack };
    public.check().with_context(|| format!("{}, IMEGHA_STACK cannot be used", named.join(", ")))?;
    ensure!(
        origin.is_secure(),
        "IMEGHA_TEMPLATE_URL is set, and IMEGHA_ORIGIN is {}: a cloud in AWS lets the pages of an https:// address in, and no others",
        origin.as_str()
    );
    Ok(Some(public))
}

/// The policy in force: that of this app, or a later version with what it changed.
fn policy(variable: impl Fn(&str) -> Option<String>) -> Result<PolicyInForce> {
    let (version, change) = match (variable("IMEGHA_POLICY_VERSION"), variable("IMEGHA_POLICY_CHANGE")) {
        (None, None) => return Ok(PolicyInForce::default()),
        (Some(version), Some(change)) => (version, change),
        _ => bail!("IMEGHA_POLICY_VERSION and IMEGHA_POLICY_CHANGE are set together, or neither is"),
    };
    let least = PolicyInForce::OF_THIS_APP + 1;
    let number = version.parse().ok().filter(|number| *number >= least).with_context(|| {
        format!("IMEGHA_POLICY_VERSION is {version:?}; it should be a number from {least} on, higher with each change")
    })?;
    ensure!(
        change.len() <= MAX_POLICY_CHANGE && !change.chars().any(char::is_control),
        "IMEGHA_POLICY_CHANGE should say in a sentence or two what changed: at most {MAX_POLICY_CHANGE} bytes, in one line"
    );
    Ok(PolicyInForce { version: number, change: Some(change) })
}

/// Which certificate the server speaks TLS with; none when a proxy does, or when it is on loopback.
fn tls_source(variable: impl Fn(&str) -> Option<String>, origin: &Origin, data: &Path) -> Result<Option<Source>> {
    let source = match (variable("IMEGHA_TLS"), variable("IMEGHA_TLS_CERT"), variable("IMEGHA_TLS_KEY")) {
        (None, None, None) => return Ok(None),
        (None, Some(chain), Some(key)) => Source::Files { chain: chain.into(), key: key.into() },
        (None, Some(_), None) => bail!("IMEGHA_TLS_CERT is set: set IMEGHA_TLS_KEY too, the PEM file of its key"),
        (None, None, Some(_)) => {
            bail!("IMEGHA_TLS_KEY is set: set IMEGHA_TLS_CERT too, the PEM file of its certificate")
        }
        (Some(text), None, None) if text == "self-signed" => {
            Source::SelfSigned(SelfSigned::new(data.join(TLS), origin.host()))
        }
        (Some(text), None, None) => bail!("IMEGHA_TLS is {text:?}; it should be self-signed, or not be set"),
        (Some(_), _, _) => bail!("IMEGHA_TLS makes a certificate; unset it, or IMEGHA_TLS_CERT and IMEGHA_TLS_KEY"),
    };
    ensure!(
        origin.is_secure(),
        "the server is to speak TLS, and IMEGHA_ORIGIN is {}: make it https://",
        origin.as_str()
    );
    Ok(Some(source))
}

/// It stands in every page.
const MAX_POLICY_CHANGE: usize = 1_000;

/// As `imegha deploy` calls it.
const DEFAULT_STACK: &str = "imegha-cloud";

/// 10 GiB.
const DEFAULT_QUOTA: u64 = 10 * 1024 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn config(variables: &[(&str, &str)]) -> Result<Config> {
        Config::from_variables(|name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    fn refusal(variables: &[(&str, &str)]) -> String {
        config(variables).err().expect("refused").to_string()
    }

    #[test]
    fn an_empty_environment_is_one_machine_without_mail() {
        let config = config(&[]).expect("defaults");
        assert_eq!(config.addr.to_string(), "127.0.0.1:3000");
        assert_eq!(config.origin.as_str(), "http://127.0.0.1:3000");
        assert_eq!(config.quota, 10 << 30);
        assert!(config.mail.is_none() && config.tls.is_none());
        assert!(config.hosts && config.public.is_none());
    }

    #[test]
    fn a_policy_that_was_changed_says_what_changed() {
        assert_eq!(config(&[]).expect("the app's").policy, PolicyInForce::default());
        let changed = [("IMEGHA_POLICY_VERSION", "2"), ("IMEGHA_POLICY_CHANGE", "We moved.")];
        let policy = config(&changed).expect("a later one").policy;
        assert_eq!(policy, PolicyInForce { version: 2, change: Some("We moved.".to_owned()) });
        for alone in changed {
            assert!(refusal(&[alone]).contains("set together"), "{alone:?}");
        }
        for version in ["1", "0", "two", "-3", "4294967296"] {
            let refused = refusal(&[("IMEGHA_POLICY_VERSION", version), changed[1]]);
            assert!(refused.contains("from 2 on"), "{refused}");
        }
        let long = "x".repeat(MAX_POLICY_CHANGE + 1);
        for change in [long.as_str(), "two\nlines"] {
            assert!(refusal(&[changed[0], ("IMEGHA_POLICY_CHANGE", change)]).contains("one line"), "{change}");
        }
    }

    /// A template and a program in a public place.
    const PUBLIC: [(&str, &str); 4] = [
        ("IMEGHA_TEMPLATE_URL", "https://public.s3.eu-north-1.amazonaws.com/personal-cloud.yaml"),
        ("IMEGHA_CODE_BUCKET", "public"),
        ("IMEGHA_CODE_KEY", "gateway-1.zip"),
        ("IMEGHA_CODE_REGION", "eu-north-1"),
    ];

    #[test]
    fn a_public_place_is_all_there_or_none() {
        let secure = ("IMEGHA_ORIGIN", "https://cloud.example");
        let public = |more: &[(&str, &str)]| config(&[&PUBLIC, &[secure][..], more].concat());
        assert_eq!(public(&[]).expect("config").public.expect("a place").stack, "imegha-cloud");
        assert_eq!(public(&[("IMEGHA_STACK", "mine")]).expect("config").public.expect("a place").stack, "mine");
        assert!(public(&[("IMEGHA_STACK", "1st")]).is_err());
        for (left_out, _) in PUBLIC {
            let rest: Vec<_> = PUBLIC.into_iter().filter(|(name, _)| *name != left_out).collect();
            assert!(refusal(&[&rest[..], &[secure]].concat()).contains(left_out));
        }
        assert!(refusal(&[("IMEGHA_STACK", "mine")]).contains("IMEGHA_TEMPLATE_URL"));
        // AWS would refuse the address of a machine of one's own.
        assert!(refusal(&PUBLIC).contains("IMEGHA_ORIGIN"));
    }

    #[test]
    fn clouds_are_hosted_or_not() {
        assert!(!config(&[("IMEGHA_HOSTED_CLOUDS", "off")]).expect("config").hosts);
        assert!(config(&[("IMEGHA_HOSTED_CLOUDS", "on")]).expect("config").hosts);
        assert!(refusal(&[("IMEGHA_HOSTED_CLOUDS", "no")]).contains("on or off"));
    }

    #[test]
    fn with_accounts_in_aws_no_clouds_are_hosted_unless_asked() {
        let aws = &crate::server::config_aws::COMPLETE[..];
        let made = config(aws).expect("config");
        assert!(!made.hosts && made.aws.is_some());
        assert!(config(&[aws, &[("IMEGHA_HOSTED_CLOUDS", "on")]].concat()).expect("config").hosts);
        let mail = [("IMEGHA_SMTP_URL", "smtps://h"), ("IMEGHA_MAIL_FROM", "a@b.example")];
        assert!(refusal(&[aws, &mail].concat()).contains("Cognito mails the codes"));
    }

    #[test]
    fn tls_is_two_files_or_made_here() {
        let config = config(&[("IMEGHA_TLS", "self-signed"), ("IMEGHA_ADDR", "127.0.0.1:4000")]).expect("config");
        assert_eq!(config.origin.as_str(), "https://127.0.0.1:4000");
        let made = SelfSigned::new("./imegha-data/tls".into(), "127.0.0.1");
        assert_eq!(config.tls, Some(Source::SelfSigned(made)));
    }

    #[test]
    fn a_server_behind_a_proxy_has_no_certificate() {
        let config = config(&[("IMEGHA_ORIGIN", "https://cloud.example")]).expect("config");
        assert!(config.tls.is_none());
    }

    #[test]
    fn the_origin_follows_a_loopback_address() {
        let config = config(&[("IMEGHA_ADDR", "127.0.0.1:4000")]).expect("config");
        assert_eq!(config.origin.as_str(), "http://127.0.0.1:4000");
    }

    #[test]
    fn origins_are_written_as_browsers_write_them() {
        for (typed, written) in [
            ("https://Cloud.Example/", "https://cloud.example"),
            ("https://cloud.example:443", "https://cloud.example"),
            ("https://cloud.example:8443", "https://cloud.example:8443"),
            ("http://localhost:80", "http://localhost"),
            ("http://[::1]:3000", "http://[::1]:3000"),
        ] {
            assert_eq!(Origin::parse(typed).expect(typed).as_str(), written);
        }
    }

    #[test]
    fn refusals_name_the_variable() {
        assert!(refusal(&[("IMEGHA_ADDR", "here")]).contains("IMEGHA_ADDR"));
        assert!(refusal(&[("IMEGHA_ADDR", "0.0.0.0:80")]).contains("IMEGHA_ORIGIN"));
        assert!(refusal(&[("IMEGHA_ORIGIN", "http://192.168.1.2:3000")]).contains("must be https://"));
        for origin in ["cloud.example", "ftp://cloud.example", "https://cloud.example/app", "https://a@cloud.example"] {
            assert!(refusal(&[("IMEGHA_ORIGIN", origin)]).contains("IMEGHA_ORIGIN"), "{origin}");
        }
        for (variables, said) in [
            (&[("IMEGHA_TLS_CERT", "c")][..], "IMEGHA_TLS_KEY"),
            (&[("IMEGHA_TLS_KEY", "k")], "IMEGHA_TLS_CERT"),
            (&[("IMEGHA_TLS", "yes")], "self-signed"),
            (&[("IMEGHA_TLS", "self-signed"), ("IMEGHA_TLS_CERT", "c")], "unset"),
            (&[("IMEGHA_TLS", "self-signed"), ("IMEGHA_ORIGIN", "http://localhost:3000")], "make it https://"),
        ] {
            assert!(refusal(variables).contains(said), "{said}");
        }
        assert!(refusal(&[("IMEGHA_QUOTA_BYTES", "10 GB")]).contains("IMEGHA_QUOTA_BYTES"));
        for metrics in ["9100", "here", "127.0.0.1:3000"] {
            assert!(refusal(&[("IMEGHA_METRICS", metrics)]).contains("IMEGHA_METRICS"), "{metrics}");
        }
        assert!(refusal(&[("IMEGHA_PROXIES", "-1")]).contains("IMEGHA_PROXIES"));
        assert!(refusal(&[("IMEGHA_SMTP_URL", "smtps://h")]).contains("IMEGHA_MAIL_FROM"));
        assert!(refusal(&[("IMEGHA_MAIL_FROM", "a@b.example")]).contains("IMEGHA_SMTP_URL"));
    }
}
