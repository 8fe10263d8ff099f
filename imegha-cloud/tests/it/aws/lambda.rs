//! The gateway as a function: the zip that `cargo xtask lambda` builds, run by a service that speaks the protocol of Lambda, behind its
//! function URL, before the bucket and the table of that service. It has the credentials of a role, which may what the template lets it,
//! and nothing else: the service looks at every request.

use std::sync::Arc;

use base64ct::{Base64, Encoding as _};
use imegha_cloud::backend::records::{MAX_KEYS, MAX_RECORD_LEN};
use imegha_cloud::backend::remote::{Remote, RemoteBlobs, RemoteRecords};
use imegha_cloud::backend::{BlobStore as _, Condition, Key, Record, RecordStore as _, Write};
use imegha_cloud::clock::{Clock as _, ManualClock, SystemClock};
use imegha_cloud::protocol::{TransactRequest, path};
use imegha_cloud::schema::{CloudSchema, CloudValue, Collection, Field};
use imegha_cloud::{BytesSource, Cloud, Content, Depth, ErrorKind, MemoryDevice, Store};
use imegha_crypto::Identity;
use serde_json::{Value, json};
use url::Url;

use super::peers::{create_bucket, create_table, new_prefix};
use super::service::Service;
use crate::gateway::bench::Draft;
use crate::gateway::history::{Chain, TAG, second};
use crate::program::refused::refusal;
use crate::program::storage::{check, exercise};
use crate::program::{command, owner_text};
use crate::sample::sealed;
use crate::served::{owner, stranger};
use crate::storage::{bytes, keys};

/// A function, and its URL's id.
struct Function {
    service: Service,
    name: String,
    url: String,
    /// How these tests reach it.
    address: Url,
}

/// What a request got.
#[derive(Debug, PartialEq)]
struct Answer {
    status: u16,
    kind: String,
    body: Vec<u8>,
}

impl Function {
    /// One for [`owner`] under a prefix that no other test has. It learns its own address from each request.
    async fn new() -> Self {
        Self::with(&[]).await
    }

    async fn with(more: &[(&str, &str)]) -> Self {
        let (service, name) = (Service::new().await, format!("gateway-{}", new_prefix().replace('/', "")));
        create_bucket(&service.s3(), &name).await;
        create_table(&service.dynamodb(), &name).await;
        let mut variables = variables(&service, &name);
        for (name, value) in more {
            variables[*name] = json!(value);
        }
        let zip =
            std::env::var("IMEGHA_TEST_LAMBDA_ZIP").expect("IMEGHA_TEST_LAMBDA_ZIP is what `cargo xtask lambda` built");
        let function = json!({
            "FunctionName": name,
            "Runtime": "provided.al2023",
            "Handler": "bootstrap",
            "Role": role(&service, &name).await,
            "Code": { "ZipFile": Base64::encode_string(&std::fs::read(zip).unwrap()) },
            "Timeout": 30,
            "MemorySize": 512,
            "Environment": { "Variables": variables },
        });
        ask(&service, "POST", "/2015-03-31/functions", &function).await;
        let functions = format!("functions/{name}");
        let made = ask(&service, "POST", &format!("/2021-10-31/{functions}/url"), &json!({ "AuthType": "NONE" })).await;
        // What the template gives the URL.
        for more in [
            json!({ "StatementId": "url", "Action": "lambda:InvokeFunctionUrl", "Principal": "*", "FunctionUrlAuthType": "NONE" }),
            json!({ "StatementId": "by-url", "Action": "lambda:InvokeFunction", "Principal": "*", "InvokedViaFunctionUrl": true }),
        ] {
            ask(&service, "POST", &format!("/2015-03-31/{functions}/policy"), &more).await;
        }
        let url = made["FunctionUrl"].as_str().unwrap().trim_end_matches('/').to_owned();
        let id = url.trim_start_matches("https://").split('.').next().unwrap();
        let address = service.endpoint.join(&format!("/_aws/lambda-url/{id}")).unwrap();
        if more.iter().any(|(name, _)| *name == ADDRESS) {
            variables[ADDRESS] = json!(address.as_str());
            let changed = json!({ "Environment": { "Variables": variables } });
            ask(&service, "PUT", &format!("/2015-03-31/{functions}/configuration"), &changed).await;
        }
        Self { service, name, url, address }
    }

    /// One that is told the address by which clients of these tests reach it, as one with a domain of its own would be.
    async fn with_address() -> Self {
        Self::with(&[(ADDRESS, "set")]).await
    }

    fn remote(&self) -> Remote {
        self.remote_of(owner())
    }

    fn remote_of(&self, signer: Arc<Identity>) -> Remote {
        Remote::new(self.address.clone(), signer, owner().fingerprint(), Arc::new(SystemClock)).unwrap()
    }

    fn store(&self) -> Store {
        let (records, blobs) = (RemoteRecords::new(self.remote()), RemoteBlobs::new(self.remote()));
        let clock = Arc::new(ManualClock::new(SystemClock.now_ms()));
        Store { records: Arc::new(records), blobs: Arc::new(blobs), clock, device: Arc::new(MemoryDevice::new()) }
    }

    /// A request of the owner's to the address that AWS gave.
    fn draft(&self, method: &'static str, path: impl Into<String>, body: impl Into<Vec<u8>>) -> Draft {
        let created = SystemClock.now_ms() / 1000;
        Draft { address: self.url.clone().leak(), created, ..Draft::new(method, path, body) }
    }

    async fn send(&self, draft: &Draft) -> Answer {
        self.send_with(draft, draft.sign().headers().clone()).await
    }

    async fn send_with(&self, draft: &Draft, headers: http::HeaderMap) -> Answer {
        let url = format!("{}{}", self.service.endpoint.as_str().trim_end_matches('/'), draft.path);
        let host = self.url.trim_start_matches("https://");
        let request = reqwest::Client::new().request(draft.method.parse().unwrap(), url).header("host", host);
        let answer = request.headers(headers).body(draft.body.clone()).send().await.unwrap();
        let kind = answer.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
        Answer {
            status: answer.status().as_u16(),
            kind: kind.unwrap_or_default(),
            body: answer.bytes().await.unwrap().to_vec(),
        }
    }
}

impl Answer {
    fn code(&self) -> String {
        let json: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        json["code"].as_str().unwrap_or_default().to_owned()
    }
}

async fn ask(service: &Service, method: &'static str, path: &str, body: &Value) -> Value {
    let (status, text) = service.send("lambda", method, path, "application/json", body.to_string().into_bytes()).await;
    assert!((200..300).contains(&status), "{method} {path}: {status} {text}");
    serde_json::from_str(&text).unwrap_or_default()
}

/// A role that Lambda takes on, and that may to the bucket and the table what the template allows; its name.
async fn role(service: &Service, name: &str) -> String {
    let trusted = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole" },
    ] });
    let template: Value = serde_saphyr::from_str(imegha_cloud::deploy::TEMPLATE).unwrap();
    let mut policy = template["Resources"]["GatewayRole"]["Properties"]["Policies"][0]["PolicyDocument"].clone();
    for statement in policy["Statement"].as_array_mut().unwrap() {
        statement["Resource"] = match statement["Sid"].as_str().unwrap() {
            "Objects" => json!(format!("arn:aws:s3:::{name}/*")),
            "Listings" => json!(format!("arn:aws:s3:::{name}")),
            "Records" => json!(format!("arn:aws:dynamodb:*:*:table/{name}")),
            _ => json!("*"),
        };
    }
    let ask = async |action, more: &[(&str, String)]| {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("Version", "2010-05-08").append_pair("Action", action).append_pair("RoleName", name);
        form.extend_pairs(more);
        let kind = "application/x-www-form-urlencoded";
        let (status, text) = service.send("iam", "POST", "/", kind, form.finish().into_bytes()).await;
        assert_eq!(status, 200, "{action}: {text}");
        text
    };
    let made = ask("CreateRole", &[("AssumeRolePolicyDocument", trusted.to_string())]).await;
    ask("PutRolePolicy", &[("PolicyName", "serve".to_owned()), ("PolicyDocument", policy.to_string())]).await;
    let arn = made.split("<Arn>").nth(1).and_then(|rest| rest.split("</Arn>").next());
    arn.unwrap_or_else(|| panic!("CreateRole: {made}")).to_owned()
}

/// The settings of a function before a bucket and a table of its name.
fn variables(service: &Service, name: &str) -> Value {
    json!({
        "IMEGHA_GATEWAY_OWNER": owner_text(),
        "IMEGHA_GATEWAY_BACKEND": "aws",
        "IMEGHA_GATEWAY_BUCKET": name,
        "IMEGHA_GATEWAY_TABLE": name,
        "IMEGHA_GATEWAY_S3_ENDPOINT": service.endpoint.as_str(),
        "IMEGHA_GATEWAY_DYNAMODB_ENDPOINT": service.endpoint.as_str(),
    })
}

/// A cloud is made, filled and read through it, by the client as it is; the largest file is more than Lambda passes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cloud_lies_behind_a_function() {
    let function = Function::with_address().await;
    exercise(function.store()).await;
    check(function.store()).await;
    let cloud = Cloud::open(keys(), function.store()).await.unwrap();
    // One object of one part, which is longer than a request and an answer may be.
    let large = bytes(7_000_000, 9);
    let file = cloud.upload(&cloud.root(), "large", Content::new(BytesSource::new(large.clone()))).await.unwrap();
    assert!(cloud.download(&file.id).await.unwrap().bytes().await.unwrap() == large);
    let range = cloud.download_range(&file.id, 100..6_900_000).await.unwrap().bytes().await.unwrap();
    assert!(range == large[100..6_900_000]);
    cloud.trash(&[file.id]).await.unwrap();
    cloud.purge(&[file.id]).await.unwrap();
    assert_eq!(cloud.verify(Depth::Quick).await.unwrap().problems, []);
}

/// Nobody has told it where it is: that is what AWS says with each request, whatever else a request says of itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_address_is_the_one_that_aws_says() {
    let function = Function::new().await;
    let list = || function.draft("GET", "/v1/blobs?limit=17", "");
    let answer = function.send(&list()).await;
    assert_eq!((answer.status, answer.kind.as_str()), (200, "application/json"), "{answer:?}");
    assert_eq!(answer.body, br#"{"objects":[]}"#);
    let elsewhere = Draft { address: "https://cloud.example", ..list() };
    let mut headers = elsewhere.sign().headers().clone();
    headers.insert("x-forwarded-host", "cloud.example".parse().unwrap());
    assert_eq!(function.send_with(&elsewhere, headers).await.status, 404);
    for (path, said) in [("/healthz", "alive\n"), ("/readyz", "ready\n")] {
        let answer = function.send(&function.draft("GET", path, "")).await;
        assert_eq!((answer.status, answer.body.as_slice()), (200, said.as_bytes()));
    }
    let version = function.send_with(&function.draft("GET", path::VERSION, ""), http::HeaderMap::new()).await;
    assert!(String::from_utf8(version.body).unwrap().contains("\"release\""));
}

/// Whoever is not the owner, whatever is asked, and whatever is not there: one answer. Stopped by `Gateway::verify`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a40_strangers_get_the_one_404_of_a_function() {
    let function = Function::new().await;
    let missing = || function.draft("GET", format!("/v1/blobs/{}", "07".repeat(24)), "");
    let expected = function.send(&missing()).await;
    assert_eq!((expected.status, expected.code().as_str()), (404, "not_found"));
    let unsigned = function.send_with(&missing(), http::HeaderMap::new()).await;
    let anothers = function.send(&Draft { signer: stranger(), ..missing() }).await;
    let another_audience = function.send(&Draft { audience: stranger().fingerprint(), ..missing() }).await;
    let signed = missing().sign().headers().clone();
    let another_path = Draft { path: "/v1/blobs?limit=17".to_owned(), ..missing() };
    let another_path = function.send_with(&another_path, signed).await;
    let nowhere = function.send(&function.draft("GET", "/v2/%7B/..%2f/a?b=%00&c=%5B%22", "")).await;
    for answer in [unsigned, anothers, another_audience, another_path, nowhere] {
        assert_eq!(answer, expected);
    }
    // The control: the owner is served, and what changes something only once.
    let put =
        function.draft("PUT", format!("/v1/blobs/{}", "08".repeat(24)), crate::sample::object(500, 1).into_bytes());
    assert_eq!(function.send(&put).await.status, 204);
    assert_eq!(function.send(&put).await.code(), "replayed");
    let late = Draft { created: SystemClock.now_ms() / 1000 - 100, ..missing() };
    assert_eq!(function.send(&late).await.code(), "clock_skew");
}

/// What Lambda would not pass is refused in words; the records of the longest answer do pass.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_are_as_long_as_lambda_passes_them() {
    let function = Function::with_address().await;
    let (records, blobs) = (RemoteRecords::new(function.remote()), RemoteBlobs::new(function.remote()));
    let key = |number: u64| Key::<CloudSchema>::new(Collection::Log, [], [CloudValue::U64(number)]);
    let keys: Vec<_> = (0..MAX_KEYS as u64).map(key).collect();
    let record = |number: u64| {
        // As long as a record may be, with what stands round it.
        let entry = sealed(MAX_RECORD_LEN - 100, number as u8);
        Record::new(key(number)).with(Field::Entry, CloudValue::Sealed(entry))
    };
    let all: Vec<_> = (0..MAX_KEYS as u64).map(record).collect();
    let writes: Vec<_> = all.iter().map(|record| Write::Put(record.clone(), Condition::Absent)).collect();
    // Of a request Lambda passes as much: the longest is there in text, with what JSON adds once more.
    let request = serde_json::to_string(&TransactRequest::of(&writes)).unwrap();
    assert!(request.len() + request.matches('"').count() < 6 * 1024 * 1024 - 16 * 1024);
    for write in &writes {
        records.transact(std::slice::from_ref(write)).await.unwrap();
    }
    let read: Vec<_> = records.get_all(&keys).await.unwrap().into_iter().flatten().collect();
    assert!(read == all);

    let name = imegha_cloud::backend::ObjectName::from_salt([3; 24]);
    blobs.put(&name, crate::sample::object(6_500_000, 1)).await.unwrap();
    assert_eq!(blobs.head(&name).await.unwrap().size, 6_500_000);
    let address = function.address.as_str().to_owned().leak();
    let through = |path: String| Draft { address, ..function.draft("GET", path, "") };
    let refused = function.send(&through(path::blob(&name))).await;
    assert_eq!((refused.status, refused.code().as_str()), (413, "too_large"));
    let part = function.send(&Draft { range: Some("bytes=0-4194303"), ..through(path::blob(&name)) }).await;
    assert_eq!((part.status, part.body.len()), (206, 4 << 20));
    let direct = function.send(&through(path::blob_or_direct(&name))).await;
    assert!(direct.status == 200 && direct.kind == "application/json" && direct.body.len() < 8_192, "{direct:?}");
}

/// One line of the log says why, and every request is answered by AWS itself, as a failure.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_that_cannot_serve_says_why() {
    let function = Function::with(&[("IMEGHA_GATEWAY_BUCKET", "imegha-tests-nowhere")]).await;
    let answer = function.send(&function.draft("GET", "/healthz", "")).await;
    assert!(answer.status >= 500, "{answer:?}");
    let started = |changed: &[(&str, &str)]| {
        // Nobody is there to give events.
        let mut command = command(&[]);
        command.env("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9");
        for (name, value) in variables(&function.service, &function.name).as_object().unwrap() {
            command.env(name, value.as_str().unwrap());
        }
        refusal(command.envs(changed.iter().copied()))
    };
    for (name, value, said) in [
        ("IMEGHA_GATEWAY_BUCKET", "imegha-tests-nowhere", "there is no such bucket"),
        ("IMEGHA_GATEWAY_TABLE", "imegha-tests-nowhere", "there is no such table in this region"),
        ("IMEGHA_GATEWAY_DIRECT_FROM", "4194305", "--direct-from is 4194305"),
        ("IMEGHA_GATEWAY_ADDRESS", "http://cloud.example", "must be https://"),
    ] {
        let (status, line) = started(&[(name, value)]);
        assert!(status != 0 && line.contains(said), "{name}: {line}");
        assert!(!line.contains(&std::env::var("AWS_SECRET_ACCESS_KEY").unwrap_or_default()), "{line}");
    }
}

/// Which of its processes is asked does not matter to the identity that it was told of: those that were not told look.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_follows_its_owner() {
    let function = Function::with_address().await;
    let two = Chain::new().then(&second());
    function.remote_of(second()).introduce(&two.history, &two.account, TAG).await.unwrap();
    let many = (0..6).map(|_| {
        let blobs = RemoteBlobs::new(function.remote_of(second()));
        async move { blobs.list(None, 10).await.map(drop) }
    });
    for listed in futures::future::join_all(many).await {
        listed.unwrap();
    }
    let refused = function.remote().check_owner().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Denied);
}

/// Each of those that ask at once has a process of its own, which knows nothing of the others.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_ask_at_once() {
    let function = Arc::new(Function::with_address().await);
    let cloud = Cloud::create(keys(), function.store()).await.unwrap();
    let mut uploads = tokio::task::JoinSet::new();
    for number in 0..6u8 {
        let cloud = cloud.clone();
        uploads.spawn(async move {
            let content = Content::new(BytesSource::new(bytes(30_000, number.into())));
            cloud.upload(&cloud.root(), &format!("file {number}"), content).await.map(drop)
        });
    }
    for uploaded in uploads.join_all().await {
        uploaded.unwrap();
    }
    assert_eq!(cloud.list(&cloud.root()).await.unwrap().len(), 6);
    let not_there =
        RemoteBlobs::new(function.remote()).head(&imegha_cloud::backend::ObjectName::from_salt([0; 24])).await;
    assert_eq!(not_there.unwrap_err().kind(), ErrorKind::NotFound);
}

const ADDRESS: &str = "IMEGHA_GATEWAY_ADDRESS";
