-- Files that hang on the messages that lines of a timeline were taken from: Discord's links to them expire. Kept equal in
-- both folders but for the words a database insists on.

create table file (
    incident   integer not null references incident (id),
    -- SHA-256 of the content, in hex: what is equal is kept once for each incident.
    sha256     text    not null,
    at_us      integer not null,
    size_bytes integer not null check (size_bytes >= 0),
    -- Last, so that sizes are added up without reading it.
    content    blob    not null,
    primary key (incident, sha256)
) strict;
