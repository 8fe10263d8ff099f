//! `cargo xtask test`: every check of the project, one after the other, and what came of each.
//!
//! A check that is not here does not exist. Each suite counts what it ran; fewer than `.ci/minimums.toml` says is red, and so is
//! anything ignored, a missing tool or a missing browser. Every suite runs, whatever the ones before it said.

use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context, Result, bail};

mod fuzz;
mod minimums;
mod native;
mod peers;
mod room;
mod schemathesis;
mod suites;
mod summary;
mod tally;
pub(crate) mod tools;

use crate::arguments::Arguments;
use minimums::Minimums;
use summary::{Row, Summary};
use tally::Tally;

/// Runs the suites that were asked for: all, or those of `--only a,b`.
pub(crate) fn test(mut arguments: Arguments) -> Result<ExitCode> {
    if arguments.flag("--list") {
        arguments.finish()?;
        for suite in suites::ALL {
            println!("{:<16} {}", suite.name, suite.about);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let only = arguments.option("--only")?;
    let lean = arguments.flag("--lean");
    arguments.finish()?;
    let chosen = choose(only.as_deref())?;
    let minimums = Minimums::read()?;

    let mut summary = Summary::default();
    for suite in chosen {
        println!("\n━━ {} ━━ {}\n", suite.name, suite.about);
        let started = Instant::now();
        let mut tally = Tally::default();
        if let Err(error) = (suite.run)(&mut tally) {
            tally.fail(format!("{error:#}"));
        }
        let row = Row::new(suite.name, tally, minimums.of(suite.name), started.elapsed(), room::free());
        if lean && let Err(error) = room::make_after(suite.name) {
            eprintln!("{error:#}");
        }
        println!("\n{row}");
        summary.push(row);
    }
    print!("{summary}");
    Ok(if summary.is_green() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// `cargo xtask peers -- COMMAND`: runs a command beside the services that the tests speak to, which end with it.
pub(crate) fn with_peers(arguments: Arguments) -> Result<ExitCode> {
    let mut words = arguments.rest().into_iter().skip_while(|word| word == "--");
    let Some(program) = words.next() else { bail!("what is to be run? cargo xtask peers -- COMMAND") };
    let peers = peers::Peers::start()?;
    let mut command = Command::new(&program);
    peers.tell(command.args(words));
    let status = command.status().with_context(|| format!("`{program}` did not start"))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn choose(only: Option<&str>) -> Result<Vec<&'static suites::Suite>> {
    let Some(only) = only else { return Ok(suites::ALL.iter().collect()) };
    let mut chosen = Vec::new();
    for name in only.split(',') {
        match suites::ALL.iter().find(|suite| suite.name == name) {
            Some(suite) => chosen.push(suite),
            None => bail!("`{name}` is not a suite; `cargo xtask test --list` names them"),
        }
    }
    Ok(chosen)
}
