//! Room on the disk: what a full check builds is more than some machines have left.

use anyhow::{Context, Result};

use crate::{process, project};

/// The gigabytes that are left where things are built, if `df` says.
pub(crate) fn free() -> Option<f64> {
    let mut folder = project::target();
    while !folder.is_dir() {
        folder = folder.parent()?.into();
    }
    parse(&process::output("df", &["-Pk", folder.to_str()?])?)
}

/// Removes what the suite has built below the target folder and no later one needs.
pub(crate) fn make_after(suite: &str) -> Result<()> {
    for (_, leaf) in LEFT.iter().filter(|(of, _)| *of == suite) {
        let path = project::target().join(leaf);
        if path.is_dir() {
            std::fs::remove_dir_all(&path).with_context(|| format!("{} cannot be removed", path.display()))?;
        }
    }
    Ok(())
}

/// Reads POSIX `df -Pk`: the fourth column of the second line.
fn parse(output: &str) -> Option<f64> {
    let kibibytes: f64 = output.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()?;
    Some(kibibytes * 1024.0 / 1e9)
}

/// By suite: its folders below the target folder that it is the last to need.
const LEFT: &[(&str, &str)] = &[
    // The zip that is made there lies beside it.
    ("lambda", "lambda"),
    ("aws", "lambda"),
    ("docs", "doc"),
    ("docs", "package"),
    ("wasm", "wasm32-unknown-unknown"),
    ("fuzz", "fuzz"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_df_says_is_read() {
        let said =
            "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/vda 264212480 12582912 83886080 14% /";
        assert_eq!(parse(said), Some(85.899_345_92));
        assert_eq!(parse("df: nothing there"), None);
        assert!(free().is_none_or(|room| room >= 0.0));
    }

    #[test]
    fn what_is_removed_is_a_suites() {
        for (suite, _) in LEFT {
            assert!(super::super::suites::ALL.iter().any(|there| there.name == *suite), "{suite}");
        }
    }
}
