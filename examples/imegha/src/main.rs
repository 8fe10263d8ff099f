//! The encrypted personal cloud from a terminal. The README beside this says what it keeps where, and what its exit codes mean.
#![forbid(unsafe_code)]

mod arguments;
mod cloud_path;
mod command;
mod failure;
mod folder;
mod interrupt;
mod media_type;
mod open_cloud;
mod output;
mod password;
mod photo;
mod progress;
mod question;
mod session;
mod shown;
mod time;
mod walk;

use std::process::ExitCode;

use arguments::Arguments;
use clap::Parser as _;
use failure::Code;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match interrupt::until(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("imegha: {failure}");
            if failure.code() == Code::Interrupted {
                password::leave_the_terminal();
                // Not by returning: a thread that still waits for standard input would be waited for.
                std::process::exit(Code::Interrupted as i32);
            }
            ExitCode::from(failure.code() as u8)
        }
    }
}
