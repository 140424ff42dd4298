//! The openings of the core: what it needs from a memory, and what others may ask of the desk.

mod change;
mod chat;
mod checkup;
mod desk;
mod files;
mod members;
mod notify;
mod store;

pub use change::{
    Broken, Change, CommitError, Committed, EntryWrite, Expected, FileContent, StoredEntry, entries,
};
pub use chat::{CallSpec, ChannelSpec, Chat, Failure, Place};
pub use checkup::{Checked, Checkup};
pub use desk::{
    Answer, Ask, DeclareAsk, Desk, Heard, LineOf, RedactAsk, RedactTask, Redacted, TestAlert, View,
};
pub use files::{FileReader, NotRead};
pub use members::{Members, Membership, Standing};
pub use notify::{Called, Notice, Notifier, Pager};
pub use store::{
    Claim, Claimed, Cutoff, KeptBody, KeptReceipt, ListFilter, Listed, OutboxDepth, Outcome,
    Receipt, ReceiptState, Store, StoredPostmortem,
};
