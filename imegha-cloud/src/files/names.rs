//! The names that a folder has.

use std::collections::{HashMap, HashSet};

use imegha_crypto::Id;

use super::entry::{Entry, NodeKind};
use super::name;

/// Who holds which name in a folder, folded: each as it is, and as it is shown.
#[derive(Debug)]
pub(crate) struct Names(HashMap<String, (Id, NodeKind)>);

impl Names {
    /// The names of a folder's entries.
    pub(crate) fn of(mut entries: Vec<Entry>) -> Self {
        show(&mut entries);
        let mut names = HashMap::new();
        // Whoever is shown under a name comes before whoever only has it.
        for shown in [true, false] {
            for entry in &entries {
                let name = if shown { &entry.shown_name } else { &entry.name };
                names.entry(name::fold(name)).or_insert((entry.id, entry.kind));
            }
        }
        Self(names)
    }

    /// Who holds a name, in any spelling.
    pub(crate) fn holder(&self, name: &str) -> Option<(Id, NodeKind)> {
        self.0.get(&name::fold(name)).copied()
    }

    /// `name`, or the first of "name (2)", "name (3)" … that nobody holds.
    pub(crate) fn free(&self, name: &str) -> String {
        match self.holder(name) {
            None => name.to_owned(),
            Some(_) => name::number(name, |folded| self.0.contains_key(folded)),
        }
    }

    /// Gives a name to a node, whoever held it.
    pub(crate) fn give(&mut self, name: &str, node: Id, kind: NodeKind) {
        self.0.insert(name::fold(name), (node, kind));
    }
}

/// Of several entries of one name the one that was created first keeps it, and every device agrees on which that is.
pub(crate) fn show(entries: &mut [Entry]) {
    let mut taken: HashSet<String> = entries.iter().map(|entry| name::fold(&entry.name)).collect();
    entries.sort_by_key(|entry| (entry.created_ms, entry.id));
    let mut shown = HashSet::new();
    for entry in entries.iter_mut().filter(|entry| entry.damaged.is_none()) {
        if !shown.insert(name::fold(&entry.name)) {
            entry.shown_name = name::number(&entry.name, |folded| taken.contains(folded));
            taken.insert(name::fold(&entry.shown_name));
        }
    }
}
