-- The audit log: a chain of hashes for each incident, over its events and every line of its timeline that was written
-- or changed. Kept equal in both folders but for the words a database insists on.

create table audit (
    incident integer not null references incident (id),
    -- 1, 2, 3 within the incident.
    number   integer not null check (number > 0),
    at_us    integer not null,
    -- Who: a person's id, alerts, bot.
    actor    text    not null,
    -- What is recorded: event, entry, event-redacted, entry-redacted, began.
    what     text    not null,
    -- The number of the event or of the line.
    subject  integer not null,
    -- The revision of the line; 0 for events.
    revision integer not null,
    -- What keeps the digest from being guessed. Destroyed by a redaction: the digest stays and tells nothing any more.
    salt     text,
    digest   text    not null,
    -- The hash of the row before.
    previous text    not null,
    hash     text    not null,
    primary key (incident, number)
) strict;

-- The newest row of each chain, so that a tail that was cut off is missed.
create table audit_head (
    incident integer not null primary key references incident (id),
    count    integer not null check (count >= 0),
    hash     text    not null
) strict;

-- A line that was hidden in a hurry, as it was, until somebody who may decides whether it is redacted for good.
create table sealed_entry (
    incident integer not null references incident (id),
    number   integer not null check (number > 0),
    at_us    integer not null,
    entry    text    not null,
    primary key (incident, number)
) strict;

-- Incidents up to this number are older than the audit log: their chains begin later than they do.
insert into counter (name, value) select 'unaudited', coalesce(max(id), 0) from incident;
