-- The first schema. Kept equal to ../postgres/0001_init.sql but for the words a database insists on.
--
-- Times are microseconds since 1970-01-01 UTC, in columns that end in `_us`. Read one with
--   select datetime(declared_at_us / 1000000, 'unixepoch') from incident;
-- JSON is stored as text: only the program reads into it, and it comes back byte for byte.

-- Numbers that only grow: `incident` is the last number given to an incident, `beat` proves that writing works.
create table counter (
    name  text     not null primary key,
    value integer not null check (value >= 0)
) strict;

create table incident (
    id             integer not null primary key,
    -- How many events it has seen; a decision made from an older number is refused.
    seq            integer not null check (seq >= 0),
    title          text    not null,
    phase          text    not null check (phase in (
        'open', 'diagnosis', 'mitigation', 'fix', 'validation', 'learning', 'closed', 'cancelled')),
    severity       text    not null check (severity in ('sev1', 'sev2', 'sev3', 'sev4')),
    visibility     text    not null check (visibility in ('normal', 'restricted')),
    channel_id     integer,
    declared_at_us integer not null,
    -- When it left its live phases; null while it is live.
    ended_at_us    integer,
    -- When it next needs the clock.
    wake_at_us     integer,
    -- The shape of `state`.
    state_version  integer not null,
    state          text    not null
) strict;
create index incident_channel on incident (channel_id) where channel_id is not null;
create index incident_ended on incident (ended_at_us);
create index incident_wake on incident (wake_at_us) where wake_at_us is not null;

-- What happened: only ever added to.
create table event (
    incident integer not null references incident (id),
    seq      integer not null check (seq > 0),
    at_us    integer not null,
    actor    text    not null,
    event    text    not null,
    primary key (incident, seq)
) strict;

create table entry_counter (
    incident integer not null primary key references incident (id),
    last     integer not null check (last >= 0)
) strict;

-- The lines of the timelines. `kind` has no list of values here: a new kind must not need a new table.
create table entry (
    incident       integer not null references incident (id),
    number         integer not null check (number > 0),
    kind           text    not null,
    event_at_us    integer not null,
    recorded_at_us integer not null,
    channel_id     integer,
    message_id     integer,
    -- How often it was rewritten; a rewrite made from an older one is refused.
    revision       integer not null check (revision >= 0),
    entry          text    not null,
    primary key (incident, number)
) strict;
create unique index entry_message on entry (message_id) where message_id is not null;

-- Alert groups. One group has at most one live incident; an incident may have many groups.
create table incident_group (
    incident       integer not null references incident (id),
    -- A digest of source, receiver and group key: group keys can be longer than an index entry may be.
    group_hash     text    not null,
    source         text    not null,
    receiver       text    not null,
    group_key      text    not null,
    attached_at_us integer not null,
    -- When its incident left the live phases and so let go of it.
    released_at_us integer,
    primary key (incident, group_hash)
) strict;
create unique index incident_group_active on incident_group (group_hash) where released_at_us is null;

-- One stretch of one alert, from firing to resolved; 1, 2, 3 for each alert.
create table episode (
    -- A digest of source and fingerprint.
    alert_hash      text    not null,
    number          integer not null check (number > 0),
    source          text    not null,
    fingerprint     text    not null,
    group_hash      text    not null,
    incident        integer references incident (id),
    state           text    not null check (state in ('firing', 'resolved')),
    starts_at_us    integer not null,
    ends_at_us      integer,
    last_seen_at_us integer not null,
    episode         text    not null,
    primary key (alert_hash, number)
) strict;
create index episode_incident on episode (incident) where incident is not null;

create table outbox_stream (
    stream   text    not null primary key,
    last_seq integer not null
) strict;

-- What must be done outside. `open` waits, `claimed` is being worked on; the rest is settled and kept as a record.
create table outbox (
    id               text    not null primary key,
    incident         integer references incident (id),
    stream           text    not null,
    seq              integer not null,
    lane             integer not null check (lane between 0 and 3),
    kind             text    not null,
    effect           text    not null,
    coalesce_key     text,
    state            text    not null check (state in ('open', 'claimed', 'done', 'superseded', 'dead')),
    attempts         integer not null default 0,
    -- When a first byte may have left for the first time.
    maybe_sent_at_us integer,
    created_at_us    integer not null,
    -- When it may be claimed: its own time, the end of a wait, or the end of the lease of whoever claimed it.
    due_at_us        integer not null,
    owner            text,
    -- The number of the claim: a later one fences out an earlier one.
    epoch            integer not null default 0,
    last_error       text,
    settled_at_us    integer,
    unique (stream, seq),
    check ((state in ('open', 'claimed')) = (settled_at_us is null))
) strict;
create index outbox_stream_head on outbox (stream, seq) where settled_at_us is null;
create index outbox_due on outbox (lane, due_at_us, id) where settled_at_us is null;
create index outbox_next on outbox (due_at_us) where settled_at_us is null;
create index outbox_coalesce on outbox (coalesce_key) where settled_at_us is null and coalesce_key is not null;
create index outbox_dead on outbox (settled_at_us) where state = 'dead';

-- Webhook bodies, equal ones once.
create table intake_body (
    hash text  not null primary key,
    body blob    not null
) strict;

create table intake_receipt (
    id             text    not null primary key,
    source         text    not null,
    received_at_us integer not null,
    body_hash      text    not null references intake_body (hash),
    state          text    not null check (state in ('pending', 'done', 'unreadable')),
    trace          text,
    incident       integer references incident (id)
) strict;
create index intake_receipt_pending on intake_receipt (received_at_us) where state = 'pending';
create index intake_receipt_body on intake_receipt (body_hash, received_at_us);
create index intake_receipt_received on intake_receipt (received_at_us);
create index intake_receipt_incident on intake_receipt (incident, received_at_us) where incident is not null;

-- Outside causes that have been handled.
create table delivery (
    id    text    not null primary key,
    at_us integer not null
) strict;

create table postmortem (
    incident integer not null references incident (id),
    version  integer not null check (version > 0),
    markdown text    not null,
    at_us    integer not null,
    primary key (incident, version)
) strict;

-- How far the messages of a channel have been read.
create table channel_cursor (
    channel_id integer not null primary key,
    message_id integer not null
) strict;

-- What is remembered about this deployment.
create table fact (
    name  text not null primary key,
    value text not null
) strict;

-- What people are called.
create table person (
    id   integer not null primary key,
    name text    not null
) strict;
