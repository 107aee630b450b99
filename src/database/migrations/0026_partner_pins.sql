-- Codes that programs of partners load for a user of the lock: one a user, counted in slots, with who asked for each.

alter table pins add column slot integer;
alter table pins add column is_master boolean not null default false;
alter table pins add column asked_by integer;
alter table pins add column api_client_id text;
comment on column pins.slot is 'As its program counts; where the lock put it stands in placement. null: nobody counted.';
comment on column pins.is_master is 'Of the lock itself, and of nobody.';
comment on column pins.asked_by is 'brand:PersonId';
comment on column pins.api_client_id is 'brand:ApiClientId';
alter table pins add foreign key (organization_id, asked_by) references people (organization_id, id);
alter table pins add foreign key (organization_id, api_client_id) references api_clients (organization_id, id);
create unique index pins_one_master on pins (organization_id, lock_id)
  where is_master and deleted_at is null and state <> 'deleting';

-- digits and a slot that are kept for somebody for a moment
create table pin_reservations (
  organization_id text not null,
  lock_id text not null,
  slot integer not null,
  pin_hash bytea not null,
  person_id integer not null,
  api_client_id text not null,
  expires_at timestamptz not null,
  primary key (organization_id, lock_id, slot),
  foreign key (organization_id, lock_id) references locks (organization_id, id),
  foreign key (organization_id, person_id) references people (organization_id, id),
  foreign key (organization_id, api_client_id) references api_clients (organization_id, id)
);
comment on column pin_reservations.organization_id is 'brand:OrganizationId';
comment on column pin_reservations.lock_id is 'brand:LockId';
comment on column pin_reservations.person_id is 'brand:PersonId';
comment on column pin_reservations.api_client_id is 'brand:ApiClientId';
comment on column pin_reservations.pin_hash is 'As in pins.';
