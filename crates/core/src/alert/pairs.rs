//! Names and values.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The name-value pairs of an alert: labels identify it, annotations explain it. They are handed
/// on from delivery to episode with every repeat, so a clone shares them until one of the two is changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pairs(Arc<BTreeMap<String, String>>);

impl Pairs {
    /// No pairs.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Deref for Pairs {
    type Target = BTreeMap<String, String>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Pairs {
    fn deref_mut(&mut self) -> &mut Self::Target {
        Arc::make_mut(&mut self.0)
    }
}

impl<'pairs> IntoIterator for &'pairs Pairs {
    type Item = (&'pairs String, &'pairs String);
    type IntoIter = std::collections::btree_map::Iter<'pairs, String, String>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl FromIterator<(String, String)> for Pairs {
    fn from_iter<Of: IntoIterator<Item = (String, String)>>(pairs: Of) -> Self {
        Self(Arc::new(pairs.into_iter().collect()))
    }
}

impl<const COUNT: usize> From<[(String, String); COUNT]> for Pairs {
    fn from(pairs: [(String, String); COUNT]) -> Self {
        pairs.into_iter().collect()
    }
}

impl Serialize for Pairs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::deserialize(deserializer).map(|pairs| Self(Arc::new(pairs)))
    }
}
