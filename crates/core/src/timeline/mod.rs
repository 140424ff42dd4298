//! The timeline: complete about decisions and their effects, silent about chatter.
//!
//! One record serves three readers: responders now ("what have we tried?"), stakeholders (through updates), and the
//! learning phase. Nothing is ever deleted from it: an entry is revised or retracted, and says so.
//!
//! A line comes in by a prefix (`obs: 5xx at 38 %`), a reaction, a pin, the menu on a message, `/inc log`, or by itself
//! when something is pressed. All count equally.

mod capture;
mod change;
mod entry;
mod file;
mod gaps;
mod import;
mod prefix;
mod restless;
mod similar;
mod views;
mod when;

pub use capture::{
    Captured, MAX_ENTRY_CHARACTERS, MessageHeard, Room, Signal, capture, looks_like_a_fact, markers,
};
pub use change::{EntryChange, Keeper, typed_time};
pub use entry::{
    Audience, Choice, Entry, EntryState, Importance, Kind, Mark, MarkedBy, Precision, Revision,
    Source, Who,
};
pub use file::{AttachedFile, FileBudget, FileCopy, readable_size, shown};
pub use gaps::{Gap, gaps, hinted_at_facts, may_ask_about_gaps};
pub use import::{ImportedLine, ReadLine, imported, notes_key, read_notes};
pub use prefix::{NotAPrefix, Prefixed, Prefixes, emoji_kind};
pub use restless::restless_lines;
pub use similar::{may_repeat_since, said_already};
pub use views::{LINES_PER_PAGE, Line, Looked, News, Reading, lines, news_since};
pub use when::{NotATime, Said, coming, said_alone, said_at};
