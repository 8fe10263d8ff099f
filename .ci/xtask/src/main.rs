//! `cargo xtask`: sets up, builds, serves and checks the project. `cargo xtask help` lists the commands.

use std::process::ExitCode;

mod arguments;
mod browser;
mod lambda;
mod prerequisites;
mod process;
mod project;
mod scan;
mod serve;
mod site;
mod test;

use arguments::Arguments;

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<ExitCode> {
    let mut arguments = Arguments::from_env();
    match arguments.command().as_deref() {
        Some("serve") => serve::serve(arguments),
        Some("site") => site::command(arguments),
        Some("lambda") => lambda::command(arguments),
        Some("scan") => scan::command(arguments),
        Some("peers") => test::with_peers(arguments),
        Some("screenshots") => browser::screenshots(arguments),
        Some("test") => test::test(arguments),
        Some("help") | None => {
            println!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        Some(other) => anyhow::bail!("`{other}` is not a command\n\n{HELP}"),
    }
}

const HELP: &str = "\
cargo xtask COMMAND

  serve         build everything and serve the app on http://127.0.0.1:3000
                  --port N     another port
                  --data DIR   where accounts and clouds are kept (./imegha-data)
                  --release    an optimised server; takes longer to build
  site          build the page, the worker and the meter into target/site, without serving them
  lambda        build the gateway as the zip that AWS Lambda runs, into target/imegha-gateway-lambda.zip
                  --out FILE   and into this file
  test          every check, a summary at the end
                  --list       the names of the suites
                  --only A,B   some of them
                  --lean       leave nothing of a suite on the disk that a later one does not need
  peers         run a command that is told, as the tests are, where SeaweedFS, dynoxide and MiniStack are
                  -- COMMAND
  screenshots   every page into target/screenshots, at two widths, light and dark
  scan          look for secrets and plaintext in a data folder; first it finds them planted in a copy of it
                  --data DIR     the folder
                  --secrets FILE lines of `what: text`; `phrase: …` is looked for by every three words in a row
                  FILE…          files of which no 32 bytes in a row may be found (if 16 of them differ)";
