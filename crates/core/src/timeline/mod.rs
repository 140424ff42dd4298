//! The timeline: complete about decisions and their effects, silent about chatter.
//!
//! One record serves three readers: responders now ("what have we tried?"), stakeholders (through updates), and the
//! learning phase. Nothing is ever deleted from it: an entry is revised, retracted or redacted, and says so.

mod entry;

pub use entry::{
    Entry, EntryState, Importance, Kind, Mark, MarkedBy, Precision, Revision, Source, Who,
};
