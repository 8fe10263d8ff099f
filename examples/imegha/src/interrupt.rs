//! Running a command until it ends, or until Ctrl-C.

use std::time::Duration;

use imegha_cloud::CancelToken;

use crate::arguments::Arguments;
use crate::command;
use crate::failure::{Code, Failure, Result, interrupted};

/// Runs the command. Ctrl-C pauses its transfers, so that what was sent of an upload stays and the next run goes on from there; what has
/// no transfer is dropped where it stands, which leaves nothing half done. A second Ctrl-C waits for nothing.
pub(crate) async fn until(arguments: Arguments) -> Result<()> {
    let token = CancelToken::new();
    // A task of its own: Ctrl-C is heard also while standard output takes nothing.
    let mut running = tokio::spawn(command::run(arguments, token.clone()));
    tokio::select! {
        ended = &mut running => {
            return ended.unwrap_or_else(|_| Err(Failure::new(Code::Failed, "this program has a fault, see above")));
        }
        _ = tokio::signal::ctrl_c() => token.pause(),
    }
    tokio::select! {
        // A move that had gone too far to be stopped, say, has come to its end.
        ended = running => if let Ok(Ok(())) = ended {
            return Ok(());
        },
        _ = tokio::signal::ctrl_c() => {}
        () = tokio::time::sleep(LONGEST_END) => {}
    }
    Err(interrupted())
}

/// How long a transfer may take to end.
const LONGEST_END: Duration = Duration::from_secs(5);
