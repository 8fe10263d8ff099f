//! What it is told wrongly: a status that is not zero, and one line.

use std::net::TcpListener;
use std::process::Command;

use imegha_cloud::backend::embedded::Embedded;
use imegha_cloud::backend::{Condition, RecordStore as _, Write};
use imegha_cloud::schema::{CloudSchema, Field};

use super::{Program, command, owner_text};
use crate::gateway::history::newest_record;
use crate::served::owner;

/// The status, and the one line that it says.
pub(crate) fn refusal(command: &mut Command) -> (i32, String) {
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.stdout.is_empty() && said.lines().count() == 1, "{said}");
    let line = said.trim().strip_prefix("imegha-gateway: ").unwrap_or_else(|| panic!("{said}")).to_owned();
    (output.status.code().unwrap(), line)
}

/// The program with nothing but these arguments.
fn bare(arguments: &[&str]) -> Command {
    let mut command = Command::new(command(&[]).get_program());
    command.env_clear().args(arguments);
    command
}

#[test]
fn a_wrong_setting_is_told_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("cloud");
    let data = data.to_str().unwrap();
    let owner = owner_text();
    for (arguments, status, said) in [
        (&[][..], 2, "--owner <TEXT>"),
        (&["--owner", "me", "--data", data], 2, "not the public identity of an owner"),
        (&["--owner", &owner[1..], "--data", data], 2, "not the public identity of an owner"),
        (&["--owner", &owner, "--listen", "here", "--data", data], 2, "--listen <IP:PORT>"),
        (&["--owner", &owner, "--data", data, "--backend", "floppy"], 2, "--backend <NAME>"),
        (&["--owner", &owner, "--data", data, "--body-budget", "lots"], 2, "--body-budget <BYTES>"),
        (&["--owner", &owner, "--data", data, "--tls-cert", "c"], 2, "--tls-key <FILE>"),
        (&["--owner", &owner, "--data", data, "--tls-key", "k"], 2, "--tls-cert <FILE>"),
        (&["--owner", &owner, "--bucket", ""], 2, "--bucket <NAME>"),
        (&["--owner", &owner], 1, "--data is not set"),
        (&["--owner", &owner, "--data", data, "--bucket", "b"], 1, "--bucket is a setting of the backend aws"),
        (&["--owner", &owner, "--data", data, "--address", "http://cloud.example"], 1, "must be https://"),
        (&["--owner", &owner, "--data", data, "--address", "https://me:pass@cloud.example"], 1, "should be https://"),
        (&["--owner", &owner, "--data", data, "--listen", "0.0.0.0:0"], 1, "set --address"),
        (&["--owner", &owner, "--data", "/dev/null/cloud"], 1, "the cloud in /dev/null/cloud cannot be opened"),
    ] {
        let mut command = bare(arguments);
        if !arguments.contains(&"--listen") {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        let refused = refusal(&mut command);
        assert!(refused.0 == status && refused.1.contains(said), "{arguments:?}: {refused:?}");
        assert!(!refused.1.contains("pass"), "{refused:?}");
    }
    assert!(!std::path::Path::new(data).exists(), "what is refused makes nothing");
}

#[cfg(feature = "aws")]
#[test]
fn the_backend_aws_needs_its_names() {
    let owner = owner_text();
    let aws = ["--owner", &owner, "--listen", "127.0.0.1:0", "--backend", "aws"];
    for (arguments, said) in [
        (&[][..], "--bucket is not set"),
        (&["--bucket", "b"], "--table is not set"),
        (&["--bucket", "b", "--table", "t", "--data", "d"], "--data is a setting of the backend embedded"),
        (&["--bucket", "b", "--table", "t", "--prefix", "No"], "--prefix"),
    ] {
        let refused = refusal(bare(&aws).args(arguments));
        assert!(refused.0 == 1 && refused.1.contains(said), "{refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_and_a_port_are_one_programs() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let program = Program::start(&["--data", data]);
    let (status, line) = refusal(command(&["--data", data]).args(["--listen", "127.0.0.1:0"]));
    assert_eq!(status, 1);
    assert_eq!(line, format!("the cloud in {data} cannot be opened: the folder is in use already"));
    // The one that has it is not disturbed.
    assert_eq!(program.get("/readyz").await.0, 200);
    program.stop();

    let held = Embedded::<CloudSchema>::open(folder.path()).unwrap();
    assert!(refusal(command(&["--data", data]).args(["--listen", "127.0.0.1:0"])).1.contains("in use"));
    drop(held);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap().to_string();
    let (status, line) = refusal(&mut command(&["--data", data, "--listen", &listen]));
    assert!(status == 1 && line.contains("cannot be listened on"), "{line}");
}

/// It would serve nobody, and does not start. What is to be done stands in the line.
#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_record_of_the_newest_identity_is_told_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let mut record = newest_record(1, &owner());
    record.fields.remove(&Field::Hash);
    let Embedded { records, blobs } = Embedded::<CloudSchema>::open(folder.path()).unwrap();
    let key = record.key.clone();
    records.transact(&[Write::Put(record, Condition::Absent)]).await.unwrap();
    drop((records, blobs));
    let (status, line) = refusal(command(&["--data", data]).args(["--listen", "127.0.0.1:0"]));
    assert!(status == 1 && line.contains("the record `owner` in the cloud's storage is damaged"), "{line}");
    let Embedded { records, blobs } = Embedded::<CloudSchema>::open(folder.path()).unwrap();
    records.transact(&[Write::Delete(key, Condition::Present)]).await.unwrap();
    drop((records, blobs));
    Program::start(&["--data", data]).remote().check_owner().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environment_says_what_arguments_say() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::spawn(
        bare(&[])
            .env("IMEGHA_GATEWAY_OWNER", owner_text())
            .env("IMEGHA_GATEWAY_LISTEN", "127.0.0.1:0")
            .env("IMEGHA_GATEWAY_DATA", folder.path())
            .env("IMEGHA_GATEWAY_BODY_BUDGET", "100000000"),
    );
    program.remote().check_version().await.unwrap();
    assert_eq!(program.get("/readyz").await.0, 200);
}

/// Each setting is in `--help`, with its variable, and in the README.
#[test]
fn every_setting_is_documented() {
    let help = bare(&["--help"]).output().unwrap();
    assert!(help.status.success() && help.stderr.is_empty());
    let help = String::from_utf8(help.stdout).unwrap();
    let readme = include_str!("../../../README.md");
    let mut settings = 0;
    for line in help.lines().filter_map(|line| line.trim().strip_prefix("--")) {
        let name = line.split(' ').next().unwrap();
        let variable = format!("IMEGHA_GATEWAY_{}", name.to_uppercase().replace('-', "_"));
        assert!(help.contains(&format!("[env: {variable}")), "{name}: {help}");
        assert!(readme.contains(&format!("| `--{name}` | `{variable}` |")), "{name} is not in the README's table");
        settings += 1;
    }
    assert_eq!(settings, 15, "{help}");
    let version = bare(&["--version"]).output().unwrap();
    assert_eq!(version.stdout, format!("imegha-gateway {}\n", env!("CARGO_PKG_VERSION")).into_bytes());
}
