-- When a fact was written that nobody needs for long, such as notes that wait to be imported; null for what stays.
alter table fact add column kept_at_us bigint;
