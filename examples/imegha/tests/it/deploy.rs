//! A stack in an AWS account: shown, made, brought up to date, taken back. On a service that speaks the protocols; `cargo xtask test --only aws`
//! starts it (CONTRIBUTING.md).

mod reader;

use std::process::Command;

use crate::person::{Done, Person};
use crate::server::Server;

/// Somebody who is signed in, and whose environment names an account.
struct Owner {
    person: Person,
    stack: String,
    _server: Server,
}

impl Owner {
    fn new(name: &str) -> Self {
        let server = Server::start();
        let stack = format!("{name}-{}", std::process::id());
        Self { person: Person::signed_in(&server), stack, _server: server }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let endpoint = std::env::var(ENDPOINT).unwrap_or_else(|_| panic!("{ENDPOINT} says where stacks are made"));
        let mut command =
            self.person.command(&["deploy", "--stack", &self.stack, "--app-origin", "https://app.example"]);
        command.args(arguments).env("AWS_ENDPOINT_URL", endpoint);
        for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"] {
            command.env(name, std::env::var(name).unwrap_or_default());
        }
        command
    }

    fn deploy(&self, arguments: &[&str]) -> Done {
        let zip = std::env::var(ZIP).unwrap_or_else(|_| panic!("{ZIP} is what `cargo xtask lambda` built"));
        self.run(self.command(&["--zip", &zip]).args(arguments))
    }

    fn run(&self, command: &mut Command) -> Done {
        Person::feed(command, b"")
    }
}

/// What the stack says of itself, which comes behind what was done.
fn value<'a>(out: &'a str, name: &str) -> &'a str {
    out.lines()
        .rev()
        .find_map(|line| line.strip_prefix(&format!("{name} ")))
        .unwrap_or_else(|| panic!("no {name} in {out}"))
}

#[test]
fn a_stack_is_shown_made_and_brought_up_to_date() {
    let owner = Owner::new("made");
    let shown = owner.deploy(&["--dry-run"]).ok();
    for line in ["+ Bucket AWS::S3::Bucket", "+ Table AWS::DynamoDB::Table", "+ Gateway AWS::Lambda::Function"] {
        assert!(shown.contains(line), "{line} is not in {shown}");
    }
    assert!(shown.contains("nothing was changed") && !shown.contains("GatewayUrl https"), "{shown}");
    // Nobody is there to say yes.
    assert!(owner.deploy(&[]).failed(2).contains("--yes"));

    let made = owner.deploy(&["--yes"]).ok();
    assert!(value(&made, "GatewayUrl").starts_with("https://"), "{made}");
    let (bucket, table) = (value(&made, "Bucket").to_owned(), value(&made, "Table").to_owned());
    assert!(made.contains("imegha connect-cloud https://") && made.contains("leaves bucket and table"), "{made}");

    let same = owner.deploy(&["--yes"]).ok();
    assert!(same.contains("the stack is as it should be"), "{same}");
    let changed = owner.deploy(&["--yes", "--alarm-email", "me@mail.example"]).ok();
    assert!(changed.contains(" AlarmTopic AWS::SNS::Topic"), "{changed}");
    // What was given once stays, and so does what holds the cloud.
    let again = owner.deploy(&["--yes"]).ok();
    assert!(again.contains("the stack is as it should be"), "{again}");
    assert_eq!((value(&again, "Bucket"), value(&again, "Table")), (&*bucket, &*table));
}

#[test]
fn what_is_wrong_is_told_before_anything_is_made() {
    let owner = Owner::new("refused");
    let not_one = owner.person.file("a.zip", "PK");
    let not_one = not_one.to_str().unwrap().to_owned();
    assert!(owner.run(&mut owner.command(&["--zip", &not_one])).failed(2).contains("cargo xtask lambda"));
    assert!(owner.run(&mut owner.command(&["--zip", "/nowhere.zip"])).failed(3).contains("/nowhere.zip"));
    let zip = std::env::var(ZIP).unwrap();
    let with = |name: &str, value: &str| {
        let mut command = owner.command(&["--zip", &zip, "--yes"]);
        command.env(name, value).env("AWS_EC2_METADATA_DISABLED", "true").env("AWS_MAX_ATTEMPTS", "1");
        command
    };
    let unsigned = owner.run(with("AWS_ACCESS_KEY_ID", "").env_remove("AWS_ACCESS_KEY_ID")).failed(1);
    assert!(unsigned.contains("no AWS credentials were found"), "{unsigned}");
    let nowhere = owner.run(with("AWS_REGION", "").env_remove("AWS_REGION")).failed(2);
    assert!(nowhere.contains("no region is set"), "{nowhere}");
    let unreachable = owner.run(&mut with("AWS_ENDPOINT_URL", "http://127.0.0.1:9")).failed(6);
    assert!(unreachable.contains("cannot be reached in us-east-1"), "{unreachable}");
    let plain = owner.run(owner.command(&["--zip", &zip]).args(["--alarm-email", "no address", "--yes"]));
    assert!(plain.failed(1).contains("AWS"));
    let mut http = owner.person.command(&["deploy", "--zip", &zip]);
    assert!(owner.run(&mut http).failed(2).contains("--app-origin"));
}

const ENDPOINT: &str = "IMEGHA_TEST_CLOUDFORMATION_ENDPOINT";
const ZIP: &str = "IMEGHA_TEST_LAMBDA_ZIP";
