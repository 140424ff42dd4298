-- Changes of the systems, as the tools that make them report them: deployments, flags, migrations. `received_at_us` says
-- when they may be forgotten.
create table change (
    id             text   not null primary key,
    service        text   not null,
    version        text   not null,
    kind           text   not null,
    who            text,
    link           text,
    at_us          bigint not null,
    received_at_us bigint not null
);
create index change_at on change (at_us);
create index change_received on change (received_at_us);
