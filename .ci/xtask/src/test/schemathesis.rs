//! The platform's API, tried by what its description says: thousands of requests that follow it, and as many that nearly do. No answer is a
//! failure of the server, none has a status, a media type, a header or a form that is not described, and none is given to who is not signed in.

use std::process::Command;

use anyhow::{Context, Result};

use super::native::Build;
use super::peers::{Peer, new_folder};
use super::tally::Tally;
use super::tools;

pub(super) fn run(tally: &mut Tally) -> Result<()> {
    let schemathesis = tools::schemathesis()?;
    let mut server = Command::new(Build::once()?.program("example", "host_platform")?);
    let folder = new_folder("platform")?;
    let server = Peer::start("the platform", server.arg("--stay"), folder.clone())?;
    server.wait(|| server.log().lines().any(|line| line == "ready"))?;
    let log = server.log();
    let said = |name: &str| {
        let line = log.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.with_context(|| format!("the platform does not say its {name}"))
    };
    let (description, bearer) = (said("description")?, said("bearer")?);

    let tried = || {
        let mut st = Command::new(&schemathesis);
        // It keeps what it found where it runs.
        st.current_dir(&folder);
        st.args(["--no-color", "run", description, "--url", description.trim_end_matches("/openapi.json")]);
        // The same requests each time, one after the other.
        st.args(["--checks", CHECKS, "--generation-deterministic", "--max-examples", "8", "--workers", "1"]);
        st.args(["--request-timeout", "10", "--continue-on-failure", "--warnings", "off"]);
        st
    };
    tally.check(&mut tried())?;
    // The session is of a server that ends with this. What would end it, and what does not end by itself, is left out.
    let mut signed_in = tried();
    signed_in.arg("--header").arg(format!("Authorization: Bearer {bearer}"));
    for (filter, value) in
        [("--exclude-path", "/events"), ("--exclude-path", "/sign-out"), ("--exclude-operation-id", "delete_sessions")]
    {
        signed_in.args([filter, value]);
    }
    tally.check(&mut signed_in)
}

const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
    response_schema_conformance,negative_data_rejection,unsupported_method,ignored_auth";
