-- What the engine knows of the codes of one lock as a whole, and codes found on it that shall go.

create table lock_codes (
  organization_id text not null,
  lock_id text not null,
  written_at timestamptz,
  held_since timestamptz,
  held_until timestamptz,
  pause_ms integer not null default 0,
  primary key (organization_id, lock_id),
  foreign key (organization_id, lock_id) references locks (organization_id, id)
);
comment on column lock_codes.organization_id is 'brand:OrganizationId';
comment on column lock_codes.lock_id is 'brand:LockId';
comment on column lock_codes.written_at is 'When the last write to it ended: what was read before tells nothing.';
comment on column lock_codes.held_until is 'The way to it is in trouble: nothing is tried before.';

alter table unmanaged_codes add column pin_hash bytea;
comment on column unmanaged_codes.pin_hash is 'As that of pins: whose digits it has.';
alter table unmanaged_codes add column unwanted boolean not null default false;
comment on column unmanaged_codes.unwanted is 'Somebody said that it shall be taken away.';

create index pins_of_pass on pins (organization_id, pass_id) where pass_id is not null;
create index people_by_name on people (organization_id, id) where deleted_at is null;
