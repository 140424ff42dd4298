//! Without the message content intent: what people read then, once, and once more when it is over.

/// What stands in the place of a message's text that the bot may not read, when somebody marks it.
pub const UNREADABLE: &str =
    "(I cannot read its text: open the message, or *Add to timeline…* brings it in)";

/// Prefixes are not heard; said once.
pub const CONTENT_OFF: &str = "⚠ I can't read messages here: prefixes are off; buttons, reactions, the menu of a message and `/inc log` \
     work. To switch prefixes on: developer portal → Bot → Privileged Gateway Intents → *Message Content Intent*, then start me again.";

/// Prefixes are heard again; said once.
pub const CONTENT_ON: &str =
    "I can read messages again: prefixes such as `obs:` go into the timeline.";
