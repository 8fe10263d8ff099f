//! Somebody at a terminal.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use imegha_crypto::Hash;

use crate::server::{EMAIL, PASSWORD, Server};

/// Somebody with a device: a config folder, and a folder to work in.
pub(crate) struct Person {
    origin: String,
    folder: tempfile::TempDir,
}

/// What a command came to.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) code: i32,
    pub(crate) out: Vec<u8>,
    pub(crate) err: String,
}

impl Person {
    /// Somebody new to the device.
    pub(crate) fn new(server: &Server) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("work")).unwrap();
        Self { origin: server.origin.to_string(), folder }
    }

    /// Somebody who is signed in.
    pub(crate) fn signed_in(server: &Server) -> Self {
        let person = Self::new(server);
        person.login(PASSWORD).ok();
        person
    }

    pub(crate) fn login(&self, password: &str) -> Done {
        let line = format!("{password}\n");
        self.run_with(&["--password-stdin", "login", "--server", &self.origin, "--email", EMAIL], line.as_bytes())
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.folder.path().join("config")
    }

    /// A file of the device.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("work").join(name)
    }

    /// Makes a file of the device, with the folders on the way.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_imegha"));
        command.args(arguments).current_dir(self.path("")).env_clear();
        command.env("IMEGHA_CONFIG", self.config()).env("IMEGHA_PASSWORD", PASSWORD);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Done {
        Done::of(self.command(arguments).spawn().unwrap())
    }

    pub(crate) fn run_with(&self, arguments: &[&str], input: &[u8]) -> Done {
        Self::feed(&mut self.command(arguments), input)
    }

    /// Runs a command with what it reads on its standard input.
    pub(crate) fn feed(command: &mut Command, input: &[u8]) -> Done {
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        let writing = std::thread::spawn(move || stdin.write_all(&input));
        let done = Done::of(child);
        // Who does not want it all ends sooner.
        let _ = writing.join().unwrap();
        done
    }
}

impl Done {
    pub(crate) fn of(child: Child) -> Self {
        let output = child.wait_with_output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        // By a signal that was not handled it has no code.
        Self { code: output.status.code().unwrap_or(-1), out: output.stdout, err }
    }

    /// What it printed, when all was well.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (0, ""), "{}", String::from_utf8_lossy(&self.out));
        String::from_utf8(self.out).unwrap()
    }

    /// What it said when it failed, in one line.
    #[track_caller]
    pub(crate) fn failed(self, code: i32) -> String {
        assert_eq!(self.code, code, "{}{}", String::from_utf8_lossy(&self.out), self.err);
        self.err
    }

    /// The lines of JSON that it printed.
    #[track_caller]
    pub(crate) fn json(self) -> Vec<serde_json::Value> {
        self.ok().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// Bytes that do not repeat.
pub(crate) fn content(len: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[0]
    };
    (0..len).map(|_| next()).collect()
}

pub(crate) fn sha256(path: &Path) -> String {
    Hash::of(&std::fs::read(path).unwrap()).to_string()
}
