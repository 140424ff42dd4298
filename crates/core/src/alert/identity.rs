//! Which alert, which group.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Pairs;

/// One alert, for as long as its labels stay the same. Both members of an Alertmanager pair give the same key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AlertKey {
    /// The name of the intake.
    pub source: String,
    /// The sender's fingerprint, or ours where the sender has none.
    pub fingerprint: String,
}

/// The alerts that a sender reports together. The receiver is part of it: one sender may route the same group to two
/// receivers under the same key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GroupKey {
    /// The name of the intake.
    pub source: String,
    /// Whom the sender meant to tell.
    pub receiver: String,
    /// The sender's name for the group.
    pub group_key: String,
}

impl GroupKey {
    /// Sixteen hexadecimal digits that stand for the group, the same on every machine and in every version: a group key
    /// can be as long as all the labels of its alerts.
    #[must_use]
    pub fn digest(&self) -> String {
        digest_of([&self.source, &self.receiver, &self.group_key])
    }
}

/// A stable fingerprint of a set of labels, for senders that give none: 16 hexadecimal digits, the same on every machine
/// and in every version. It is not Alertmanager's own hash.
#[must_use]
pub fn fingerprint_of(labels: &Pairs) -> String {
    digest_of(labels.iter().flat_map(|(name, value)| [name, value]))
}

/// Sixteen hexadecimal digits that stand for these texts in this order.
pub(crate) fn digest_of(texts: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        let text = text.as_ref();
        // The lengths keep `a=bc` and `ab=c` apart.
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    }
    hash.finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(of: &[(&str, &str)]) -> Pairs {
        of.iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn a_fingerprint_never_changes_between_versions() {
        // Stored keys depend on it: if this fails, the function is wrong, not the test.
        let fingerprint = fingerprint_of(&pairs(&[("alertname", "DbDown"), ("service", "orders")]));
        assert_eq!(fingerprint, "9e7d43bd8f0860d2");
    }

    #[test]
    fn a_fingerprint_tells_names_from_values() {
        let apart = [
            fingerprint_of(&pairs(&[("a", "bc")])),
            fingerprint_of(&pairs(&[("ab", "c")])),
            fingerprint_of(&pairs(&[("a", "b"), ("c", "")])),
            fingerprint_of(&pairs(&[])),
        ];
        for (index, one) in apart.iter().enumerate() {
            assert!(!apart[index + 1..].contains(one));
            assert_eq!(one.len(), 16);
        }
    }
}
