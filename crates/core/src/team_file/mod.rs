//! Files that a team edits by hand: the rota, the drill plan.
//!
//! A mistake in one of them is found when it is saved, not at 3 AM: a file is either understood whole, or refused with
//! *all* of its mistakes, each with its place, what is wrong and how to mend it. Unknown keys are mistakes too, because
//! a misspelt key is a setting that silently does nothing.

pub(crate) mod reader;
pub(crate) mod values;

use std::fmt;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// The file cannot be used.
    Error,
    /// The file is used, but probably does not mean what its author thinks.
    Warning,
}

/// One thing to mend in a file. Displays as `rota.toml:12:9: error: what is wrong. How to mend it.`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether the file can be used all the same.
    pub weight: Weight,
    /// The file's name, as the caller gave it.
    pub file: String,
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
    /// What is wrong, without a full stop.
    pub what: String,
    /// How to mend it, a sentence without a full stop.
    pub mend: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weight = match self.weight {
            Weight::Error => "error",
            Weight::Warning => "warning",
        };
        let Self {
            file,
            line,
            column,
            what,
            mend,
            ..
        } = self;
        write!(
            formatter,
            "{file}:{line}:{column}: {weight}: {what}. {mend}."
        )
    }
}

/// A file that was understood, with the warnings it deserves, in file order.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked<T> {
    /// What the file says.
    pub value: T,
    /// What its author should look at again. All of [`Weight::Warning`].
    pub warnings: Vec<Finding>,
}

/// A file that cannot be used: every finding in file order, at least one of them a [`Weight::Error`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected(pub Vec<Finding>);

impl fmt::Display for Rejected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, finding) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(formatter)?;
            }
            write!(formatter, "{finding}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Rejected {}
