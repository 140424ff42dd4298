//! How an incident opens that alerts ask for.

use std::collections::BTreeSet;

use bridgewatch_core::category::Category;
use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::incident::Visibility;
use bridgewatch_core::routing::Decision;
use bridgewatch_core::severity::Severity;

/// How an incident opens.
pub(super) struct Opening<'a> {
    pub(super) title: &'a str,
    pub(super) severity: Severity,
    pub(super) category: Category,
    pub(super) visibility: Visibility,
    pub(super) services: &'a BTreeSet<String>,
    pub(super) storm: bool,
    pub(super) relapse_of: Option<IncidentId>,
}

impl<'a> Opening<'a> {
    /// `None` for a decision that opens nothing.
    pub(super) fn of(decision: &'a Decision) -> Option<Self> {
        match decision {
            Decision::Hold { .. } => None,
            Decision::Ignore { .. } | Decision::Join { .. } | Decision::AskRelapse { .. } => None,
            Decision::Open {
                severity,
                title,
                category,
                services,
                storm,
                relapse_of,
            } => Some(Self {
                title,
                severity: *severity,
                category: *category,
                visibility: if *category == Category::Security {
                    Visibility::Restricted
                } else {
                    Visibility::Normal
                },
                services,
                storm: *storm,
                relapse_of: *relapse_of,
            }),
            Decision::Umbrella {
                severity,
                title,
                services,
                storm,
                ..
            } => Some(Self {
                title,
                severity: *severity,
                category: Category::Other,
                visibility: Visibility::Normal,
                services,
                storm: *storm,
                relapse_of: None,
            }),
        }
    }
}
