//! Where in a folder that was chosen whole a file stands.

/// The names of the folders in a relative path such as `Photos/2026/sea.jpg`, from the outermost; the file's own is not among
/// them.
pub(crate) fn folders_of(path: &str) -> Vec<String> {
    let mut names: Vec<_> = path.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect();
    names.pop();
    names
}

/// Whether a file is one that systems leave in folders, and nobody means to keep.
pub(crate) fn is_litter(name: &str) -> bool {
    LITTER.iter().any(|litter| name.eq_ignore_ascii_case(litter))
}

const LITTER: [&str; 2] = [".DS_Store", "Thumbs.db"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folders_of_a_path() {
        assert_eq!(folders_of("Photos/2026/sea.jpg"), ["Photos", "2026"]);
        assert_eq!(folders_of("Photos//sea.jpg"), ["Photos"]);
        assert_eq!(folders_of("sea.jpg"), [""; 0]);
        assert_eq!(folders_of(""), [""; 0]);
    }

    #[test]
    fn hidden_files_are_kept_and_litter_is_not() {
        assert!(is_litter(".DS_Store") && is_litter("thumbs.db"));
        assert!(!is_litter(".gitignore") && !is_litter("DS_Store.txt"));
    }
}
