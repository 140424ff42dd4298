-- When the bot last asked a person for something by itself, in whatever incident: at night once in five minutes is enough.
create table prompt (
    person_id bigint not null primary key,
    at_us     bigint not null
);

-- Maintenance windows: while one is on, what fires for it opens no incident.
create table maintenance_window (
    -- 1, 2, 3; people name a window by it.
    id            bigint not null primary key check (id > 0),
    -- Which alerts: labels with their values, as JSON.
    what          text not null,
    from_us       bigint not null,
    until_us      bigint not null,
    reason        text not null,
    by_person_id  bigint not null,
    -- When what it held was routed after its end; null before.
    settled_at_us bigint
);
create index maintenance_window_unsettled on maintenance_window (until_us) where settled_at_us is null;

-- The newest notice of each alert group that a window holds: a receipt that is routed when the window is over.
create table held_notice (
    window_id  bigint not null references maintenance_window (id),
    group_hash text not null,
    receipt_id text not null,
    primary key (window_id, group_hash)
);
