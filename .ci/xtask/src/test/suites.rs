//! The suites, in the order in which they run: what is quick and often wrong first.

use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use super::fuzz;
use super::native::{Build, FEATURES};
use super::peers::{self, Peers};
use super::schemathesis;
use super::tally::Tally;
use super::tools;
use crate::prerequisites::{self, WASM};
use crate::{browser, lambda as function, process, project, serve, site};

/// One line of the summary.
#[derive(Debug)]
pub(crate) struct Suite {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) run: fn(&mut Tally) -> Result<()>,
}

pub(crate) const ALL: &[Suite] = &[
    Suite { name: "fmt", about: "formatting", run: fmt },
    Suite { name: "clippy", about: "lints, for each set of features, natively and for wasm32", run: clippy },
    Suite { name: "build", about: "the workspace and all its tests compile", run: build },
    Suite {
        name: "xtask",
        about: "this program's own tests",
        run: |tally| Build::once()?.run_tests(".ci/xtask", tally),
    },
    Suite {
        name: "crypto",
        about: "imegha-crypto with aws-lc-rs",
        run: |tally| Build::once()?.run_tests("imegha-crypto", tally),
    },
    Suite { name: "crypto-portable", about: "imegha-crypto with RustCrypto alone", run: crypto_portable },
    Suite {
        name: "cloud",
        about: "imegha-cloud: backends, conformance, gateway, client",
        run: |tally| Build::once()?.run_tests_without("imegha-cloud", AWS_TESTS, tally),
    },
    Suite {
        name: "lambda",
        about: "the gateway's program for AWS Lambda, which needs no newer glibc than is there",
        run: lambda,
    },
    Suite {
        name: "aws",
        about: "imegha-cloud's backend aws and its template, on SeaweedFS, dynoxide and MiniStack",
        run: aws,
    },
    Suite { name: "templates", about: "what CloudFormation takes, by cfn-lint", run: templates },
    Suite {
        name: "platform",
        about: "imegha-platform",
        run: |tally| Build::once()?.run_tests_without("imegha-platform", AWS_TESTS, tally),
    },
    Suite {
        name: "platform-aws",
        about: "imegha-platform on Cognito and DynamoDB, and its template, on MiniStack and dynoxide",
        run: platform_aws,
    },
    Suite {
        name: "schemathesis",
        about: "the platform's API against its own description, signed out and signed in",
        run: schemathesis::run,
    },
    Suite { name: "app", about: "the server, the worker's protocol, the meter", run: app },
    Suite {
        name: "cli",
        about: "the program `imegha`, against a server in the tests' process",
        run: |tally| Build::once()?.run_tests_without("examples/imegha", DEPLOY_TESTS, tally),
    },
    Suite { name: "docs", about: "examples in the documentation run; rustdoc has no warning", run: docs },
    Suite { name: "wasm", about: "imegha-crypto in Chromium", run: wasm },
    Suite {
        name: "examples",
        about: "the lessons; the quickstart twice: the second process has only the password",
        run: examples,
    },
    Suite { name: "deny", about: "licences, bans, sources, advisories", run: deny },
    Suite { name: "fuzz", about: "the fuzz targets build, and run for 10 seconds each", run: fuzz::run },
    Suite { name: "benches", about: "each bench runs once", run: |tally| Build::once()?.run_benches(tally) },
    Suite { name: "site", about: "what `cargo xtask serve` builds", run: build_site },
    Suite { name: "browser", about: "the app in Chromium", run: browser_tests },
];

fn fmt(tally: &mut Tally) -> Result<()> {
    prerequisites::component("rustfmt", "rustfmt")?;
    tally.check(process::cargo().args(["fmt", "--all", "--check"]))
}

fn clippy(tally: &mut Tally) -> Result<()> {
    prerequisites::component("clippy", "cargo-clippy")?;
    prerequisites::wasm_target()?;
    for arguments in [
        &["--workspace", "--all-targets", "--features", FEATURES][..],
        &["--package", "imegha-crypto", "--all-targets", "--no-default-features"],
        &["--package", "imegha-cloud", "--lib", "--no-default-features"],
        &["--package", "imegha-app", "--lib", "--target", WASM, "--features", "hydrate"],
        &[
            "--package",
            "imegha-worker",
            "--package",
            "imegha-meter",
            "--lib",
            "--target",
            WASM,
            "--features",
            "imegha-worker/worker",
        ],
    ] {
        let mut cargo = process::cargo();
        tally.check(cargo.arg("clippy").args(arguments).args(["--", "--deny", "warnings"]))?;
    }
    Ok(())
}

fn build(tally: &mut Tally) -> Result<()> {
    prerequisites::c_compiler()?;
    if Build::once()?.is_complete() {
        tally.passed += 1;
    } else {
        tally.fail("something did not compile; the tests that did are run below");
    }
    Ok(())
}

fn crypto_portable(tally: &mut Tally) -> Result<()> {
    tally.tests(process::cargo().args([
        "test",
        "--package",
        "imegha-crypto",
        "--no-default-features",
        "--no-fail-fast",
        "--tests",
    ]))
}

fn lambda(tally: &mut Tally) -> Result<()> {
    function::build_once()?;
    tally.passed += 1;
    Ok(())
}

fn aws(tally: &mut Tally) -> Result<()> {
    let build = Build::once()?;
    // Where it cannot be built, the tests of the function say so, and the others run.
    let zip = function::build_once().map_err(|error| tally.note(format!("{error:#}"))).ok();
    let peers = Peers::start()?;
    let python = tools::reader_python()?;
    let tell = |command: &mut Command| {
        peers.tell(command);
        command.envs(WAITING);
        command.env("IMEGHA_TEST_PYTHON", &python).envs(zip.as_ref().map(|zip| ("IMEGHA_TEST_LAMBDA_ZIP", zip)));
    };
    build.run_named("imegha-cloud", &[AWS_TESTS], tell, tally)?;
    // What other suites run on the other stores runs on these, by themselves and behind a gateway.
    let on_aws = |command: &mut Command| {
        tell(command);
        command.env("IMEGHA_TEST_STORAGE", "aws");
    };
    build.run_named("imegha-cloud", TESTS_OF_EVERY_STORAGE, on_aws, tally)?;
    build.run_named("examples/imegha", &[DEPLOY_TESTS], tell, tally)?;
    // In the bucket and the table that the tests have made.
    let mut lesson = Command::new(build.program("example", "own_account")?);
    peers.tell(&mut lesson);
    let prefix = format!("lesson-{}/", std::process::id());
    lesson.env("IMEGHA_PREFIX", &prefix);
    for (name, of_tests) in [("IMEGHA_BUCKET", "IMEGHA_TEST_S3_BUCKET"), ("IMEGHA_TABLE", "IMEGHA_TEST_DYNAMODB_TABLE")]
    {
        let named = std::env::var(of_tests).ok().filter(|named| !named.is_empty());
        lesson.env(name, named.unwrap_or_else(|| TESTS.to_owned()));
    }
    for (name, peer) in [("IMEGHA_S3_ENDPOINT", peers::S3), ("IMEGHA_DYNAMODB_ENDPOINT", peers::DYNAMODB)] {
        lesson.envs(peers.address(peer).map(|address| (name, address)));
    }
    example(tally, &mut lesson, "a month of that costs", |_| ())
}

fn platform_aws(tally: &mut Tally) -> Result<()> {
    let build = Build::once()?;
    let peers = Peers::start()?;
    let tell = |command: &mut Command| {
        peers.tell(command);
        command.envs(WAITING);
    };
    build.run_named("imegha-platform", &[AWS_TESTS], tell, tally)
}

fn templates(tally: &mut Tally) -> Result<()> {
    let lint = tools::cfn_lint()?;
    for template in ["imegha-cloud/deploy/personal-cloud.yaml", "imegha-platform/deploy/platform.yaml"] {
        tally.check(Command::new(&lint).arg(template).current_dir(project::root()))?;
    }
    Ok(())
}

fn app(tally: &mut Tally) -> Result<()> {
    for folder in ["imegha-app", "imegha-app/worker", "imegha-app/meter"] {
        Build::once()?.run_tests(folder, tally)?;
    }
    Ok(())
}

fn docs(tally: &mut Tally) -> Result<()> {
    tally.tests(process::cargo().args(["test", "--doc", "--workspace", "--no-fail-fast", "--features", FEATURES]))?;
    let mut doc = process::cargo();
    tally.check(
        doc.args(["doc", "--workspace", "--no-deps", "--features", FEATURES]).env("RUSTDOCFLAGS", "--deny warnings"),
    )?;
    // The crate that stands on no other of ours can be packed before any is published.
    let mut package = process::cargo();
    tally.check(package.args(["package", "--package", "imegha-crypto", "--no-verify", "--allow-dirty", "--quiet"]))
}

fn wasm(tally: &mut Tally) -> Result<()> {
    prerequisites::wasm_target()?;
    tools::chromium()?;
    let mut cargo = process::cargo();
    cargo
        .args(["test", "--package", "imegha-crypto", "--target", WASM, "--no-fail-fast", "--tests"])
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", tools::wasm_test_runner()?)
        .env("CHROMEDRIVER", tools::chromedriver()?)
        .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", project::root().join(".ci/webdriver.json"))
        .env("WASM_BINDGEN_TEST_TIMEOUT", "600");
    tally.tests(&mut cargo)
}

fn deny(tally: &mut Tally) -> Result<()> {
    let program = tools::cargo_deny()?;
    for check in ["licenses", "bans", "sources"] {
        let mut deny = Command::new(&program);
        tally.check(deny.args(["check", "--hide-inclusion-graph", check]).current_dir(project::root()))?;
    }

    // The database is a git repository elsewhere, which not every machine reaches. Whether it was reached is said either way.
    let mut unreachable = false;
    let mut advisories = Command::new(&program);
    advisories.args(["check", "advisories"]).current_dir(project::root()).env("GIT_TERMINAL_PROMPT", "0");
    let ended = process::watch(&mut advisories, Duration::from_secs(60), |line| {
        unreachable |= line.contains("failed to fetch advisory database");
    });
    match ended {
        Ok(status) if status.success() => tally.passed += 1,
        Ok(_) if !unreachable => tally.fail("an advisory concerns a crate of the lock file, see above"),
        Ok(_) | Err(_) => tally.note("advisories were NOT checked: their database could not be reached"),
    }
    Ok(())
}

fn build_site(tally: &mut Tally) -> Result<()> {
    site::build()?;
    serve::build_server(false)?;
    tally.passed += 1;
    Ok(())
}

fn browser_tests(tally: &mut Tally) -> Result<()> {
    let with_aws = Build::once()?.server_with_aws()?;
    // Here too, for `--only browser`; nothing is built twice.
    site::build()?;
    serve::build_server(false)?;
    let (interop, gateway) =
        (Build::once()?.program("example", "interop")?, Build::once()?.program("bin", "imegha-gateway")?);
    let mut files = browser::tests()?;
    for (_, tests) in &mut files {
        tests.env("IMEGHA_TEST_INTEROP", interop).env("IMEGHA_TEST_GATEWAY", gateway);
    }
    let (alone, mut others): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|(file, _)| browser::ALONE.contains(&file.as_str()));
    tally.tests_with_a_second_run(1, alone)?;

    // For the files that keep a cloud, and the accounts, in AWS; they end with the suite.
    let (peers, python) = (Peers::start()?, tools::reader_python()?);
    for (_, tests) in others.iter_mut().filter(|(file, _)| browser::IN_AWS.contains(&file.as_str())) {
        peers.tell(tests);
        tests.env("IMEGHA_TEST_PYTHON", &python).env("IMEGHA_TEST_SERVER_WITH_AWS", &with_aws);
    }
    tally.tests_with_a_second_run(3, others)
}

fn examples(tally: &mut Tally) -> Result<()> {
    let quickstart = Build::once()?.program("example", "quickstart")?;
    let data = project::target().join("quickstart-data");
    if data.exists() {
        std::fs::remove_dir_all(&data)?;
    }
    let words = data.with_file_name("quickstart-words");
    for expected in ["Stored sea.txt", "the sea, seen from the tower"] {
        example(tally, Command::new(quickstart).arg(&data), expected, |line| {
            if line.split_whitespace().count() == 24 {
                _ = std::fs::write(&words, line);
            }
        })?;
    }
    // Where the second run ended, the accounts are gone; what was printed at sign-up is typed.
    let mut recovery = Command::new(Build::once()?.program("example", "recovery")?);
    let out = data.join("out");
    recovery.arg("--cloud").arg(data.join("cloud")).arg("--out").arg(&out).arg("--words").arg(&words);
    example(tally, &mut recovery, "1 files in ", |_| ())?;
    if std::fs::read(out.join("files/Photos/sea.txt")).is_ok_and(|text| text == b"the sea, seen from the tower") {
        tally.passed += 1;
    } else {
        tally.fail("the example recovery has not written the file");
    }
    std::fs::remove_file(&words)?;
    std::fs::remove_dir_all(&data)?;
    for (lesson, expected) in [
        ("video", "bytes=29999000-: bytes 29999000-29999999/30000000"),
        ("host_gateway", "the host finds neither name nor content"),
        ("host_platform", "and its first account"),
    ] {
        example(tally, &mut Command::new(Build::once()?.program("example", lesson)?), expected, |_| ())?;
    }
    // What the custom backend passes.
    Build::once()?.run_tests("examples", tally)
}

/// Runs an example, which must end well and say what is expected of it. `each` is given its lines.
fn example(tally: &mut Tally, command: &mut Command, expected: &str, mut each: impl FnMut(&str)) -> Result<()> {
    let mut seen = false;
    let status = process::watch(command, Duration::from_secs(300), |line| {
        seen |= line.contains(expected);
        each(line);
    })?;
    if status.success() && seen {
        tally.passed += 1;
    } else {
        let said = if seen { "said" } else { "not said" };
        tally.fail(format!("`{}` ended with {status}; “{expected}” was {said}", process::shown(command)));
    }
    Ok(())
}

/// The modules of the integration tests that speak to other servers, as their tests' names begin.
const AWS_TESTS: &str = "aws::";
const DEPLOY_TESTS: &str = "deploy::";

/// More at once than there are cores: they wait for the services, much of the time.
const WAITING: [(&str, &str); 1] = [("RUST_TEST_THREADS", "4")];

/// Those that run on whatever storage there is.
const TESTS_OF_EVERY_STORAGE: &[&str] =
    &["attacks::", "client_", "export::", "resume::", "a_cloud_moves_with_everything"];

/// The bucket and the table that those tests make, where no other names are set.
const TESTS: &str = "imegha-tests";
