//! The columns of a delimited object: which of them the mapping's paths name, and which nobody uses.

use std::collections::BTreeSet;

use crate::{
    csv::FIELDS_MAX,
    source::{Path, PathId},
    spelling,
};

/// The columns of an object.
#[derive(Debug, Default)]
pub(crate) struct Header {
    names: Vec<String>,
    /// For each path of the dataset, the column that it names.
    columns: Vec<Option<usize>>,
    /// Columns that no path names, with their positions.
    pub(crate) unused: Vec<(usize, String)>,
    /// What makes every row of the object unreadable.
    pub(crate) problem: Option<String>,
}

impl Header {
    /// The columns of an object, of which the mapping asks for those that some of its paths name.
    pub(crate) fn new<'a>(
        names: impl Iterator<Item = &'a str>,
        paths: &[Path],
        asked: &BTreeSet<PathId>,
    ) -> Self {
        let names: Vec<_> = names.map(|name| name.trim().to_owned()).collect();
        let column = |(id, path): (usize, &Path)| {
            let asked = asked.contains(&PathId(id));
            names.iter().position(|name| asked && *name == path.text)
        };
        let wanted: Vec<_> = asked.iter().filter_map(|id| paths.get(id.0)).collect();
        let times = |path: &Path| names.iter().filter(|name| **name == path.text).count();
        let twice = wanted.iter().find(|path| times(path) > 1);
        let none = wanted
            .first()
            .filter(|_| wanted.iter().all(|path| times(path) == 0));
        let problem = if names.len() > FIELDS_MAX {
            Some(format!("the header row has more than {FIELDS_MAX} columns"))
        } else if let Some(path) = none {
            let absent = spelling::absent("column", &path.text, names.iter().map(String::as_str));
            let hint =
                "none of the mapping's columns is there: check delimiter, encoding and header";
            Some(format!("the header row has {absent}; {hint}"))
        } else {
            twice.map(|path| format!("the header row has the column {:?} twice", path.text))
        };
        let unused = |(_, name): &(usize, &String)| wanted.iter().all(|path| path.text != **name);
        let named = |(at, name): (usize, &String)| (at, name.clone());
        Self {
            columns: paths.iter().enumerate().map(column).collect(),
            unused: names.iter().enumerate().filter(unused).map(named).collect(),
            problem,
            names,
        }
    }

    /// A header row that can't be read.
    pub(crate) fn unreadable(message: &str) -> Self {
        Self {
            problem: Some(format!("the header row is {message}")),
            ..Self::default()
        }
    }

    /// The column that a path names.
    pub(crate) fn column(&self, path: usize) -> Option<usize> {
        self.columns.get(path).copied().flatten()
    }

    /// What is wrong with a row of this many fields.
    pub(crate) fn misfit(&self, fields: usize) -> Option<String> {
        if self.problem.is_some() {
            return self.problem.clone();
        }
        let columns = self.names.len();
        (fields != columns)
            .then(|| format!("the row has {fields} fields where the header has {columns}"))
    }

    /// A sentence for a value whose column is not there.
    pub(crate) fn lacks(&self, column: &str) -> String {
        let absent = spelling::absent("column", column, self.names());
        format!("is required, and the file has {absent}")
    }

    /// The names of all columns.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.names.iter().map(String::as_str)
    }
}
