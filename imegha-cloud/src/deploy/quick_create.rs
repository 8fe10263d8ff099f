//! Links that open the AWS console where a stack is made, with everything filled in.

use url::{Url, form_urlencoded};

use crate::error::{Error, ErrorKind, Result};
use crate::protocol::OwnerText;

/// Where the gateway's program is: a bucket in the stack's own region, and the zip's name in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayCode {
    /// The bucket.
    pub bucket: String,
    /// The zip's name there.
    pub key: String,
}

/// What an operator has put in a public place, so that people make their cloud without a program of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuickCreate {
    /// The template's address in S3.
    pub template: Url,
    /// The gateway's program. Lambda takes it from a bucket of the stack's region alone.
    pub code: GatewayCode,
    /// The region that the stack is made in, like `eu-north-1`.
    pub region: String,
    /// What the stack is called.
    pub stack: String,
}

impl QuickCreate {
    /// The link for one owner, whose app is served from `app`. Opening it makes nothing: the console shows what would be made, and asks.
    ///
    /// The owner's text is no secret. It stands in the fragment, which the browser sends nowhere; the console's page reads it.
    ///
    /// The form is
    /// [AWS's own](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-console-create-stacks-quick-create-links.html).
    ///
    /// # Errors
    /// `Malformed` for a template that is not at an https address, a region, stack or bucket of another form than AWS's, an app that is not
    /// at an https address.
    pub fn url(&self, owner: &OwnerText, app: &Url) -> Result<Url> {
        if app.scheme() != "https" {
            return Err(malformed("the app is at an https address"));
        }
        self.check()?;
        let Self { template, code, region, stack } = self;
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("templateURL", template.as_str())
            .append_pair("stackName", stack)
            .append_pair("param_Owner", &owner.to_string())
            .append_pair("param_AppOrigin", &app.origin().ascii_serialization())
            .append_pair("param_GatewayCodeBucket", &code.bucket)
            .append_pair("param_GatewayCodeKey", &code.key);
        // The console reads `%20`, and shows a `+` as it is.
        let query = query.finish().replace('+', "%20");
        let link = format!(
            "https://{region}.console.aws.amazon.com/cloudformation/home?region={region}#/stacks/create/review?{query}"
        );
        Url::parse(&link).map_err(|error| Error::with_source(ErrorKind::Malformed, "not a link", error))
    }

    /// Checks that links can be made of it, for whoever reads it from a setting.
    ///
    /// # Errors
    /// `Malformed` for a template that is not at an https address, a region, stack, bucket or name of another form than AWS's.
    pub fn check(&self) -> Result<()> {
        let Self { template, code, region, stack } = self;
        let of = |allowed: fn(&u8) -> bool, text: &str, most: usize| {
            !text.is_empty() && text.len() <= most && text.bytes().all(|byte| allowed(&byte))
        };
        let lower = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
        let is_stack = of(|byte| byte.is_ascii_alphanumeric() || *byte == b'-', stack, 128)
            && stack.starts_with(|first: char| first.is_ascii_alphabetic());
        if template.scheme() != "https" {
            return Err(malformed("the template is at an https address"));
        }
        if !of(lower, region, 32) || !is_stack {
            return Err(malformed("not the name of a region or a stack"));
        }
        if !of(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(byte), &code.bucket, 63) {
            return Err(malformed("not the name of a bucket"));
        }
        if code.key.is_empty() || code.key.len() > 1024 {
            return Err(malformed("not the name of an object"));
        }
        Ok(())
    }
}

fn malformed(context: &'static str) -> Error {
    Error::new(ErrorKind::Malformed, context)
}

#[cfg(test)]
mod tests {
    use imegha_crypto::Identity;

    use super::*;

    fn link() -> QuickCreate {
        QuickCreate {
            template: "https://public.s3.eu-north-1.amazonaws.com/a b.yaml".parse().unwrap(),
            code: GatewayCode { bucket: "public".to_owned(), key: "gateway 1+2&x=y.zip".to_owned() },
            region: "eu-north-1".to_owned(),
            stack: "imegha-cloud".to_owned(),
        }
    }

    /// What the console reads is what was meant, and each is a parameter of the template.
    #[test]
    fn a_link_fills_in_the_template() {
        let owner = OwnerText::from(Identity::generate().unwrap().public());
        let app: Url = "https://app.example:8443/files".parse().unwrap();
        let url = link().url(&owner, &app).unwrap();
        assert_eq!(
            url.as_str().split_once('#').unwrap().0,
            "https://eu-north-1.console.aws.amazon.com/cloudformation/home?region=eu-north-1"
        );
        let query = url.fragment().unwrap().strip_prefix("/stacks/create/review?").unwrap();
        assert!(!query.contains('+'));
        let read: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let expected = [
            ("templateURL", "https://public.s3.eu-north-1.amazonaws.com/a%20b.yaml"),
            ("stackName", "imegha-cloud"),
            ("param_Owner", &owner.to_string()),
            ("param_AppOrigin", "https://app.example:8443"),
            ("param_GatewayCodeBucket", "public"),
            ("param_GatewayCodeKey", "gateway 1+2&x=y.zip"),
        ];
        assert_eq!(read, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        for (name, _) in expected {
            let Some(parameter) = name.strip_prefix("param_") else { continue };
            assert!(super::super::TEMPLATE.contains(&format!("\n  {parameter}:\n    Type: String\n")), "{parameter}");
        }
    }

    #[test]
    fn a_link_goes_to_aws_and_nowhere_else() {
        let owner = OwnerText::from(Identity::generate().unwrap().public());
        let app: Url = "https://app.example".parse().unwrap();
        let refused = |change: fn(&mut QuickCreate)| {
            let mut link = link();
            link.check().unwrap();
            change(&mut link);
            assert_eq!(link.check().unwrap_err().kind(), ErrorKind::Malformed);
            link.url(&owner, &app).unwrap_err().kind()
        };
        for change in [
            (|link: &mut QuickCreate| link.region = "evil.example/".to_owned()) as fn(&mut QuickCreate),
            |link| link.region = String::new(),
            |link| link.stack = "1st".to_owned(),
            |link| link.stack = "a&param_Owner=b".to_owned(),
            |link| link.code.bucket = "A_b".to_owned(),
            |link| link.code.key = String::new(),
            |link| link.template = "http://public.example/a.yaml".parse().unwrap(),
        ] {
            assert_eq!(refused(change), ErrorKind::Malformed);
        }
        let plain = link().url(&owner, &"http://127.0.0.1:3000".parse().unwrap());
        assert_eq!(plain.unwrap_err().kind(), ErrorKind::Malformed);
    }
}
