-- What happened, in a form that cannot be quietly changed.

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end $$;

-- One chain per organization. An entry hashes a salted commitment to each personal field; the fields and their salts lie
-- in audit_personal and can be erased, and the chain still verifies (rules/audit).
create table audit_entries (
  organization_id text not null references organizations (id),
  number bigint not null check (number > 0),
  at timestamptz not null,
  category text not null,
  action text not null,
  account_id text,
  entity text not null,
  entity_id text not null,
  details jsonb not null,
  commitments jsonb not null,
  previous_hash bytea not null,
  hash bytea not null,
  primary key (organization_id, number)
);
comment on column audit_entries.organization_id is 'brand:OrganizationId';
comment on column audit_entries.account_id is 'brand:AccountId';
create index audit_entries_of_entity on audit_entries (organization_id, entity, entity_id, number desc);
create trigger audit_entries_stay before update or delete on audit_entries for each row execute function refuse_change();
create trigger audit_entries_are_kept before truncate on audit_entries for each statement execute function refuse_change();

create table audit_personal (
  organization_id text not null,
  number bigint not null,
  field text not null,
  value text not null,
  salt bytea not null,
  primary key (organization_id, number, field),
  foreign key (organization_id, number) references audit_entries (organization_id, number)
);
comment on column audit_personal.organization_id is 'brand:OrganizationId';
create trigger audit_personal_stays before update on audit_personal for each row execute function refuse_change();

create table audit_heads (
  organization_id text primary key references organizations (id),
  number bigint not null,
  hash bytea not null
);
comment on column audit_heads.organization_id is 'brand:OrganizationId';

-- Who tried what, where, by which credential, with which decision. Partitioned by month: a purge drops whole partitions.
create table access_events (
  organization_id text not null,
  at timestamptz not null,
  id text not null,
  place_kind text not null check (place_kind in ('door', 'lock', 'device')),
  place_id text not null,
  location_id text,
  person_id integer,
  credential_kind text not null,
  credential_ref text,
  decision text not null check (decision in ('granted', 'denied')),
  reason text not null,
  api text not null,
  account_id text,
  command_id text,
  details jsonb not null,
  primary key (organization_id, at, id)
) partition by range (at);
comment on column access_events.organization_id is 'brand:OrganizationId';
comment on column access_events.id is 'brand:AccessEventId';
comment on column access_events.place_kind is 'union:''door''|''lock''|''device''';
comment on column access_events.location_id is 'brand:LocationId';
comment on column access_events.account_id is 'brand:AccountId';
comment on column access_events.command_id is 'brand:CommandId';
comment on column access_events.decision is 'union:''granted''|''denied''';
create index access_events_of_place on access_events (organization_id, place_kind, place_id, at desc);
create index access_events_of_person on access_events (organization_id, person_id, at desc);
create trigger access_events_stay before update or delete on access_events for each row execute function refuse_change();
create trigger access_events_are_kept before truncate on access_events for each statement execute function refuse_change();

-- A row of a month that nobody prepared goes here rather than being lost.
create table access_events_unplanned partition of access_events default;

-- Prepares the partition of the month in which `day` lies; true when it was missing. Called ahead of time by the engine.
create function prepare_access_events(day timestamptz) returns boolean language plpgsql as $$
declare
  month timestamp := date_trunc('month', day at time zone 'UTC');
  partition text := 'access_events_' || to_char(month, 'YYYY_MM');
begin
  if to_regclass(partition) is not null then
    return false;
  end if;
  execute format('create table %I partition of access_events for values from (%L) to (%L)',
    partition, month at time zone 'UTC', (month + interval '1 month') at time zone 'UTC');
  return true;
exception
  when duplicate_table then return false;
  when check_violation then return false; -- rows of that month already lie in access_events_unplanned
end $$;
