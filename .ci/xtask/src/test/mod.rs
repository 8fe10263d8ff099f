//! `cargo xtask test`: every check of the project, one after the other, and what came of each.
//!
//! A check that is not here does not exist. Each suite counts what it ran; fewer than `.ci/minimums.toml` says is red, and so is
//! anything ignored, a missing tool or a missing browser. Every suite runs, whatever the ones before it said.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};

mod fuzz;
mod minimums;
mod native;
mod peers;
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
        let row = Row::new(suite.name, tally, minimums.of(suite.name), started.elapsed());
        println!("\n{row}");
        summary.push(row);
    }
    print!("{summary}");
    Ok(if summary.is_green() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
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
