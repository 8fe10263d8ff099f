//! Services of AWS that no SDK is here for: requests to them, signed.

use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use imegha_crypto::Id;
use url::Url;

/// Where a service is, and who asks.
pub(crate) struct Service {
    pub(crate) endpoint: Url,
    pub(crate) sdk: SdkConfig,
}

impl Service {
    /// The status and the text that a request gets, which is signed for the service of that name.
    pub(crate) async fn send(&self, service: &str, headers: &[(&'static str, &str)], body: Vec<u8>) -> (u16, String) {
        let url = self.endpoint.join("/").unwrap();
        let mut request = http::Request::builder().method("POST").uri(url.as_str());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(body).unwrap();
        let credentials = self.sdk.credentials_provider().unwrap().provide_credentials().await.unwrap().into();
        let settings = v4::SigningParams::builder()
            .identity(&credentials)
            .region(self.sdk.region().unwrap().as_ref())
            .name(service)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .unwrap()
            .into();
        let signed = SignableBody::Bytes(request.body());
        let signable = SignableRequest::new("POST", url.as_str(), headers.iter().copied(), signed).unwrap();
        let (instructions, _) = sign(signable, &settings).unwrap().into_parts();
        instructions.apply_to_request_http1x(&mut request);
        let answer = reqwest::Client::new().execute(request.try_into().unwrap()).await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// Makes a table as `deploy/platform.yaml` has it, unless it is there.
    pub(crate) async fn create_table(&self, table: &str) {
        let body = serde_json::json!({
            "TableName": table,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [
                { "AttributeName": "pk", "AttributeType": "B" }, { "AttributeName": "sk", "AttributeType": "B" },
            ],
            "KeySchema": [
                { "AttributeName": "pk", "KeyType": "HASH" }, { "AttributeName": "sk", "KeyType": "RANGE" },
            ],
        });
        for action in ["CreateTable", "DescribeTable"] {
            let target = format!("DynamoDB_20120810.{action}");
            let headers = [("content-type", "application/x-amz-json-1.0"), ("x-amz-target", target.as_str())];
            for attempt in 0.. {
                let body =
                    if action == "CreateTable" { body.clone() } else { serde_json::json!({ "TableName": table }) };
                let (status, text) = self.send("dynamodb", &headers, body.to_string().into_bytes()).await;
                if text.contains("ResourceInUseException") || (status == 200 && action == "CreateTable") {
                    break;
                }
                if status == 200 && text.contains("ACTIVE") {
                    break;
                }
                assert!(attempt < 120, "the table of the tests cannot be made: {status} {text}");
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        }
    }
}

/// A stack of the platform's template.
pub(crate) struct Stack {
    pub(crate) name: String,
    pub(crate) service: Service,
}

impl Stack {
    pub(crate) fn new(service: Service) -> Self {
        Self { name: format!("imegha-{}", &Id::generate().unwrap().to_string()[..12]), service }
    }

    /// Does something with the stack, which the service takes.
    pub(crate) async fn ask(&self, action: &str, parameters: &[(&str, &str)]) {
        let (status, text) = self.call(action, parameters).await;
        assert_eq!(status, 200, "{action}: {text}");
    }

    /// What the service says of the stack, once that stands in it.
    pub(crate) async fn settled(&self, expected: &str) -> String {
        for _ in 0..1_200 {
            let (_, text) = self.call("DescribeStacks", &[]).await;
            if text.contains(expected) {
                return text;
            }
            assert!(!text.contains("FAILED") && !text.contains("ROLLBACK"), "{text}");
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        panic!("the stack does not come to {expected}");
    }

    async fn call(&self, action: &str, parameters: &[(&str, &str)]) -> (u16, String) {
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        self.service.send("cloudformation", &headers, self.form(action, parameters)).await
    }

    fn form(&self, action: &str, parameters: &[(&str, &str)]) -> Vec<u8> {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("Version", "2010-05-15").append_pair("Action", action).append_pair("StackName", &self.name);
        if action == "CreateStack" || action == "UpdateStack" {
            form.append_pair("TemplateBody", include_str!("../../../deploy/platform.yaml"));
            form.append_pair("Capabilities.member.1", "CAPABILITY_IAM");
        }
        for (number, (key, value)) in (1..).zip(parameters) {
            form.append_pair(&format!("Parameters.member.{number}.ParameterKey"), key);
            form.append_pair(&format!("Parameters.member.{number}.ParameterValue"), value);
        }
        form.finish().into_bytes()
    }
}

/// An output of a stack, as the service describes it.
pub(crate) fn output(described: &str, name: &str) -> String {
    let value = described.split(&format!("<OutputKey>{name}</OutputKey>")).nth(1);
    let value = value.and_then(|rest| rest.split("<OutputValue>").nth(1)?.split("</OutputValue>").next());
    value.unwrap_or_else(|| panic!("{name} is not an output: {described}")).to_owned()
}
