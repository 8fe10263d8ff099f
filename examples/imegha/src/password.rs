//! Where the password comes from. Never from an argument: other users of a machine see those.

use std::io::BufRead as _;
use std::path::PathBuf;

use zeroize::{Zeroize as _, Zeroizing};

use crate::failure::{Failure, Result};

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
    terminal::remember();
    rpassword::prompt_password("Password: ").map(Zeroizing::new).map_err(|_| {
        Failure::usage("there is no terminal to ask for the password at: use --password-stdin or IMEGHA_PASSWORD_FILE")
    })
}

/// Makes a terminal whose prompt was interrupted show again what is typed.
pub(crate) fn show_typing_again() {
    terminal::restore();
}

#[cfg(unix)]
mod terminal {
    use std::fs::File;
    use std::sync::OnceLock;

    use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

    static BEFORE: OnceLock<Termios> = OnceLock::new();

    pub(super) fn remember() {
        if let Ok(before) = File::open("/dev/tty").and_then(|terminal| Ok(tcgetattr(terminal)?)) {
            let _ = BEFORE.set(before);
        }
    }

    pub(super) fn restore() {
        if let (Some(before), Ok(terminal)) = (BEFORE.get(), File::open("/dev/tty")) {
            let _ = tcsetattr(terminal, OptionalActions::Now, before);
        }
    }
}

#[cfg(not(unix))]
mod terminal {
    pub(super) fn remember() {}

    pub(super) fn restore() {}
}

fn first_line(bytes: Zeroizing<Vec<u8>>) -> Result<Zeroizing<String>> {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line).to_vec();
    String::from_utf8(line).map(Zeroizing::new).map_err(|error| {
        error.into_bytes().zeroize();
        Failure::usage("the password is not text in UTF-8")
    })
}

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
