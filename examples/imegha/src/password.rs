//! Where the password comes from. Never from an argument: other users of a machine see those.

use std::io::BufRead as _;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError, TryLockError};
use std::time::Duration;

use zeroize::{Zeroize as _, Zeroizing};

use crate::failure::{Failure, Result, interrupted};

/// The password: a line of standard input if `from_stdin`, else the file that `IMEGHA_PASSWORD_FILE` names, else `IMEGHA_PASSWORD`, else
/// what is typed at the terminal, unseen.
pub(crate) async fn password(from_stdin: bool) -> Result<Zeroizing<String>> {
    // What waits for somebody to type must not keep Ctrl-C from being heard.
    let read = tokio::task::spawn_blocking(move || read(from_stdin)).await;
    read.unwrap_or_else(|_| Err(Failure::usage("the password could not be read")))
}

fn read(from_stdin: bool) -> Result<Zeroizing<String>> {
    if from_stdin {
        let mut line = Zeroizing::new(Vec::with_capacity(MAX_LEN));
        let read = std::io::stdin().lock().read_until(b'\n', &mut line);
        read.map_err(|_| Failure::usage("the password cannot be read from standard input"))?;
        return first_line(line);
    }
    if let Some(path) = std::env::var_os("IMEGHA_PASSWORD_FILE").map(PathBuf::from) {
        let bytes = std::fs::read(&path).map_err(|error| Failure::disk(&path, &error))?;
        return first_line(Zeroizing::new(bytes));
    }
    if let Ok(password) = std::env::var("IMEGHA_PASSWORD") {
        return Ok(Zeroizing::new(password));
    }
    let _prompting = PROMPTING.lock().unwrap_or_else(PoisonError::into_inner);
    rpassword::prompt_password("Password: ").map(Zeroizing::new).map_err(|error| match error.kind() {
        // Ctrl-C.
        std::io::ErrorKind::Interrupted => interrupted(),
        _ => Failure::usage(
            "there is no terminal to ask for the password at: use --password-stdin or IMEGHA_PASSWORD_FILE",
        ),
    })
}

/// Waits for a moment until no prompt has the terminal. Ctrl-C is heard while the prompt's thread still puts the terminal back as it was: who
/// ends the process before that leaves a shell that does not show what is typed.
pub(crate) fn leave_the_terminal() {
    for _ in 0..50 {
        if !matches!(PROMPTING.try_lock(), Err(TryLockError::WouldBlock)) {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn first_line(bytes: Zeroizing<Vec<u8>>) -> Result<Zeroizing<String>> {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line).to_vec();
    String::from_utf8(line).map(Zeroizing::new).map_err(|error| {
        error.into_bytes().zeroize();
        Failure::usage("the password is not text in UTF-8")
    })
}

/// Held while the terminal does not show what is typed.
static PROMPTING: Mutex<()> = Mutex::new(());

/// Longer ones are read too; up to here no copy of it is left behind by a buffer that grows.
const MAX_LEN: usize = 4_096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_the_first_line_without_its_end() {
        for (bytes, expected) in [
            (&b"plum cactus\n"[..], "plum cactus"),
            (b"plum cactus\r\nsecond", "plum cactus"),
            (b"plum cactus", "plum cactus"),
            (b" spaces stay \n", " spaces stay "),
            (b"", ""),
        ] {
            assert_eq!(*first_line(Zeroizing::new(bytes.to_vec())).unwrap(), expected);
        }
        assert!(first_line(Zeroizing::new(vec![0xff])).is_err());
    }
}
