//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use imegha_cloud::Action;
use url::Url;

use crate::cloud_path::CloudPath;
use crate::time::parse_time;

/// Your encrypted cloud from a terminal. Everything is sealed and opened on this device.
///
/// Exit codes: 0 fine, 1 failed, 2 usage, 3 not found, 4 conflict, 5 cannot be opened or damaged, 6 network or server, 130 after Ctrl-C.
#[derive(Parser)]
#[command(name = "imegha", version)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) all: ForAll,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct ForAll {
    /// Says nothing but what was asked for, and errors.
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Takes the password from the first line of standard input. Else: the first line of the file IMEGHA_PASSWORD_FILE, then
    /// IMEGHA_PASSWORD, then what is typed at the terminal.
    #[arg(long, global = true)]
    pub(crate) password_stdin: bool,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Signs in on this device.
    Login(Login),
    /// Signs out: ends the session and removes what opens the account here.
    Logout,
    /// Says who is signed in here. Asks nobody.
    Whoami(AsJson),
    /// Makes a personal cloud in your AWS account, or brings it up to date. Shows first what would change.
    Deploy(Deploy),
    /// Takes a gateway for this account's cloud, once it has proved to be this account's.
    ConnectCloud(ConnectCloud),
    /// Moves the cloud to other storage; what was interrupted goes on.
    Migrate(Migrate),
    #[command(flatten)]
    InCloud(InCloud),
}

/// The commands that open the cloud.
#[derive(Subcommand)]
pub(crate) enum InCloud {
    /// Stores files, and folders with all that is in them.
    Put(Put),
    /// Fetches a file, or a folder with all that is in it.
    Get(Get),
    /// Writes files, or a range of a file's bytes, to standard output.
    Cat(Cat),
    /// Lists a folder.
    Ls(Ls),
    /// Finds files and folders by a part of their name.
    Find(Find),
    /// Makes a folder.
    Mkdir(Mkdir),
    /// Moves or renames: into the last path where that is a folder, else to it.
    Mv(Mv),
    /// Moves files and folders to the trash.
    Rm(Rm),
    /// What is in the trash.
    #[command(subcommand)]
    Trash(Trash),
    /// Lists the revisions of a file, or goes back to an older one.
    Versions(Versions),
    /// Albums: files under a title and in an order, without a copy of any.
    #[command(subcommand)]
    Album(Album),
    /// Removes older revisions of files for good.
    Prune(Prune),
    /// Stores what is in a folder, but for files whose content the cloud has already.
    Import(Import),
    /// What was done to the cloud, the newest first.
    Audit(Audit),
    /// How much the cloud holds, and about what a month of it costs in an AWS account of one's own.
    Usage(AsJson),
    /// Looks whether everything is there and can be opened.
    Verify(Verify),
    /// Writes everything as plain files, with a manifest.
    Export(Export),
    /// Removes what no file needs: objects and uploads that a lost device left behind.
    Gc(Gc),
}

#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct AsJson {
    /// Prints lines of JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Login {
    /// The address of the iMegha server: https, or http on this very machine.
    #[arg(long, value_name = "URL")]
    pub(crate) server: Url,
    /// The account's email address.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) email: String,
}

#[derive(Args)]
pub(crate) struct Deploy {
    /// The gateway's program, as `cargo xtask lambda` builds it.
    #[arg(long, value_name = "FILE")]
    pub(crate) zip: PathBuf,
    /// What the stack is called.
    #[arg(long, value_name = "NAME", default_value = "imegha-cloud")]
    pub(crate) stack: String,
    /// The region, when it is not the one that AWS_REGION or a profile names.
    #[arg(long, value_name = "NAME")]
    pub(crate) region: Option<String>,
    /// Where the web app is served from, if not from the server that you are signed in to.
    #[arg(long, value_name = "URL")]
    pub(crate) app_origin: Option<Url>,
    /// The address that clients use, when it is a domain of your own before the function's.
    #[arg(long, value_name = "URL")]
    pub(crate) gateway_address: Option<Url>,
    /// Who is written to when the gateway fails.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) alarm_email: Option<String>,
    /// The bucket for the program, if not one of its own.
    #[arg(long, value_name = "NAME")]
    pub(crate) code_bucket: Option<String>,
    /// Does not ask.
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) yes: bool,
    /// Shows what would change, and changes nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Takes the gateway for this account's cloud when it is there.
    #[arg(long)]
    pub(crate) connect: bool,
}

#[derive(Args)]
pub(crate) struct ConnectCloud {
    /// The gateway's address: https, or http on this very machine.
    pub(crate) url: Url,
}

#[derive(Args)]
pub(crate) struct Migrate {
    /// To the storage behind a gateway of this account's, which the account then uses.
    #[arg(long, value_name = "URL", group = "place")]
    pub(crate) to: Option<Url>,
    /// To a folder of this device, which no gateway has open.
    #[arg(long, value_name = "FOLDER", group = "place")]
    pub(crate) to_folder: Option<PathBuf>,
    /// To a bucket of the AWS account that the environment names, and a table.
    #[arg(long, value_name = "NAME", group = "place", requires = "to_table")]
    pub(crate) to_bucket: Option<String>,
    /// The table that goes with --to-bucket.
    #[arg(long, value_name = "NAME", requires = "to_bucket")]
    pub(crate) to_table: Option<String>,
    /// Only when the place that the cloud was moving to is lost: it takes changes again where it is.
    #[arg(long, group = "place")]
    pub(crate) take_back: bool,
}

/// What to do with a name that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum IfExists {
    /// That file fails; the others are stored.
    Fail,
    /// Leaves what is there.
    Skip,
    /// Saves a new revision of it.
    Replace,
    /// Stores it as "name (2)".
    KeepBoth,
}

#[derive(Args)]
pub(crate) struct Put {
    /// Files and folders of this device; `-` is standard input.
    #[arg(required = true, value_name = "SOURCE")]
    pub(crate) sources: Vec<PathBuf>,
    /// The folder that they go to. It is made if it is not there.
    #[arg(long, value_name = "FOLDER", default_value = "/")]
    pub(crate) to: CloudPath,
    /// The name to store it under; of one source only.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// What to do with a name that is taken.
    #[arg(long, value_enum, default_value = "fail")]
    pub(crate) if_exists: IfExists,
}

#[derive(Args)]
pub(crate) struct Get {
    /// What to fetch.
    pub(crate) path: CloudPath,
    /// Where to: a new name, a folder that is there, or `-` for standard output. Without it, its own name in the current folder.
    pub(crate) to: Option<PathBuf>,
    /// Replaces files that are there.
    #[arg(long, short)]
    pub(crate) force: bool,
}

#[derive(Args)]
pub(crate) struct Cat {
    /// The files.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<CloudPath>,
    /// Only these bytes, counted from 0, both ends included: `0-99`, or from one on: `100-`.
    #[arg(long, value_name = "A-B", value_parser = parse_range, conflicts_with = "revision")]
    pub(crate) range: Option<(u64, Option<u64>)>,
    /// As it was in an older revision.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) revision: Option<u64>,
}

#[derive(Args)]
pub(crate) struct Ls {
    /// The folder, or one file.
    #[arg(default_value = "/")]
    pub(crate) path: CloudPath,
    /// With size and time.
    #[arg(long, short)]
    pub(crate) long: bool,
    /// With everything below it.
    #[arg(long, short)]
    pub(crate) recursive: bool,
    #[command(flatten)]
    pub(crate) output: AsJson,
}

#[derive(Args)]
pub(crate) struct Find {
    /// A part of a name, in any case.
    pub(crate) text: String,
    /// At most so many.
    #[arg(long, value_name = "NUMBER", default_value_t = 1_000)]
    pub(crate) most: usize,
    #[command(flatten)]
    pub(crate) output: AsJson,
}

#[derive(Args)]
pub(crate) struct Mkdir {
    /// The folder to make.
    pub(crate) path: CloudPath,
    /// Also the folders on the way, and none of it is an error when it is there.
    #[arg(long, short)]
    pub(crate) parents: bool,
}

#[derive(Args)]
pub(crate) struct Mv {
    /// What is moved, and last where to.
    #[arg(required = true, num_args = 2.., value_name = "PATH")]
    pub(crate) paths: Vec<CloudPath>,
}

#[derive(Args)]
pub(crate) struct Rm {
    /// What goes to the trash.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<CloudPath>,
}

#[derive(Subcommand)]
pub(crate) enum Trash {
    /// Lists it, the latest first.
    List(AsJson),
    /// Puts back what is named, by its name or its id.
    Restore {
        /// Names or ids, as `trash list` shows them.
        #[arg(required = true, value_name = "ITEM")]
        items: Vec<String>,
    },
    /// Removes what is named for good.
    Purge {
        /// Names or ids, as `trash list` shows them.
        #[arg(required = true, value_name = "ITEM")]
        items: Vec<String>,
        #[command(flatten)]
        sure: Sure,
    },
    /// Removes everything in it for good.
    Empty {
        #[command(flatten)]
        sure: Sure,
    },
}

#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Sure {
    /// Does not ask. What is removed for good cannot be brought back.
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Args)]
pub(crate) struct Versions {
    /// The file.
    pub(crate) path: CloudPath,
    /// Makes the content of this revision the newest one again. Those in between stay.
    #[arg(long, value_name = "NUMBER", conflicts_with = "json")]
    pub(crate) restore: Option<u64>,
    #[command(flatten)]
    pub(crate) output: AsJson,
}

/// An album is named by its title or its id.
#[derive(Subcommand)]
pub(crate) enum Album {
    /// Lists the albums, or the files of one.
    Ls {
        /// The album; without one all of them are listed.
        album: Option<String>,
        #[command(flatten)]
        output: AsJson,
    },
    /// Makes an album, with these files in it.
    Create {
        /// Its title.
        title: String,
        /// Files.
        #[arg(value_name = "PATH")]
        files: Vec<CloudPath>,
    },
    /// Adds files to the end of an album.
    Add {
        /// The album.
        album: String,
        /// Files.
        #[arg(required = true, value_name = "PATH")]
        files: Vec<CloudPath>,
    },
    /// Takes files out of an album. They stay where they are.
    Rm {
        /// The album.
        album: String,
        /// Files.
        #[arg(required = true, value_name = "PATH")]
        files: Vec<CloudPath>,
    },
    /// Moves files within an album: to its end, or to before another.
    Mv {
        /// The album.
        album: String,
        /// Files.
        #[arg(required = true, value_name = "PATH")]
        files: Vec<CloudPath>,
        /// The file of the album that they are put before.
        #[arg(long, value_name = "PATH")]
        before: Option<CloudPath>,
    },
    /// Gives an album another title.
    Rename {
        /// The album.
        album: String,
        /// Its new title.
        title: String,
    },
    /// Chooses the file that is shown for an album.
    Cover {
        /// The album.
        album: String,
        /// One of its files; without one it is the first.
        file: Option<CloudPath>,
    },
    /// Deletes an album for good. Its files stay where they are.
    Delete {
        /// The album.
        album: String,
        #[command(flatten)]
        sure: Sure,
    },
}

#[derive(Args)]
pub(crate) struct Prune {
    /// Files, and folders with all that is below them.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<CloudPath>,
    /// Keeps so many before the newest, of each file. The newest always stays.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub(crate) keep: usize,
    /// Keeps those that were written at that time or later: 2026-11-25, or 2026-11-25T13:05:00Z.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub(crate) since: Option<u64>,
    /// Only says which would go.
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) sure: Sure,
    #[command(flatten)]
    pub(crate) output: AsJson,
}

#[derive(Args)]
pub(crate) struct Gc {
    /// Only says how much would go.
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) output: AsJson,
}

#[derive(Args)]
pub(crate) struct Import {
    /// The folder of this device.
    pub(crate) source: PathBuf,
    /// The folder that its content goes to. It is made if it is not there.
    #[arg(long, value_name = "FOLDER", default_value = "/")]
    pub(crate) to: CloudPath,
    /// What to do with a name that is taken by another content.
    #[arg(long, value_enum, default_value = "keep-both")]
    pub(crate) if_exists: IfExists,
}

#[derive(Args)]
pub(crate) struct Audit {
    /// Only from that time on: 2026-11-25, or 2026-11-25T13:05:00Z.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub(crate) since: Option<u64>,
    /// Only before that time.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub(crate) before: Option<u64>,
    /// Only that action, such as upload, move, trash; may be given more than once.
    #[arg(long, value_name = "NAME", value_parser = parse_action)]
    pub(crate) action: Vec<Action>,
    /// Only what was done to that file or folder itself.
    #[arg(long, value_name = "PATH")]
    pub(crate) path: Option<CloudPath>,
    #[command(flatten)]
    pub(crate) output: AsJson,
}

#[derive(Args)]
pub(crate) struct Verify {
    /// Reads and opens every byte.
    #[arg(long)]
    pub(crate) deep: bool,
    #[command(flatten)]
    pub(crate) output: AsJson,
}

#[derive(Args)]
pub(crate) struct Export {
    /// The folder to write to: a new one, or one of an earlier export, which goes on. With --tar the archive, `-` for standard output.
    pub(crate) to: PathBuf,
    /// Writes a tar archive.
    #[arg(long)]
    pub(crate) tar: bool,
    /// Also the older revisions of every file.
    #[arg(long)]
    pub(crate) revisions: bool,
    #[command(flatten)]
    pub(crate) output: AsJson,
}

fn parse_range(text: &str) -> Result<(u64, Option<u64>), String> {
    let read = || {
        let (first, last) = text.split_once('-')?;
        let first = first.parse().ok()?;
        let last = if last.is_empty() { None } else { Some(last.parse().ok()?) };
        last.is_none_or(|last| first <= last).then_some((first, last))
    };
    read().ok_or_else(|| "a range is written as 0-99, or 100- for all from there on".to_owned())
}

fn parse_action(text: &str) -> Result<Action, String> {
    use imegha_cloud::backend::Name as _;
    Action::from_name(text).ok_or_else(|| {
        let names: Vec<_> = Action::ALL.iter().map(|action| action.name()).collect();
        format!("one of {}", names.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_range_has_both_its_ends() {
        assert_eq!(parse_range("0-99"), Ok((0, Some(99))));
        assert_eq!(parse_range("5-5"), Ok((5, Some(5))));
        assert_eq!(parse_range("7-"), Ok((7, None)));
        for text in ["", "-", "5", "-5", "9-8", "a-b", "1-2-3"] {
            parse_range(text).unwrap_err();
        }
    }
}
