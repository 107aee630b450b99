-- What became of a device, in order; and notices that say what they are about.

-- what relays were seen to be, as it changed -------------------------------------------------------------------------

alter table relays
  add column offline_since timestamptz,
  add column online_since timestamptz,
  add column output_since timestamptz,
  add column noted_watts double precision,
  add column noted_at timestamptz,
  add column model text,
  add column firmware text,
  add column described_at timestamptz;
comment on column relays.unreachable_since is 'Its first missed answer; one alone is no reason to worry anybody.';
comment on column relays.offline_since is 'The same, once more than one was missed: it is offline.';
comment on column relays.online_since is 'Since when it has answered without having been offline.';
comment on column relays.output_since is 'When output was first seen to be what it is.';
comment on column relays.noted_watts is 'The draw that observations tell last.';
comment on column relays.described_at is 'When model and firmware were last asked for.';
update relays set offline_since = unreachable_since;

create table observations (
  organization_id text not null,
  device_id text not null,
  at timestamptz not null,
  id text not null,
  kind text not null check (kind in ('on', 'off', 'offline', 'online', 'power')),
  watts double precision,
  source text,
  why text,
  primary key (organization_id, device_id, at, id),
  foreign key (organization_id, device_id) references devices (organization_id, id)
);
comment on table observations is 'Readings of relays that told something new; kept for 90 days.';
comment on column observations.organization_id is 'brand:OrganizationId';
comment on column observations.device_id is 'brand:DeviceId';
comment on column observations.id is 'brand:ObservationId';
comment on column observations.kind is 'union:''on''|''off''|''offline''|''online''|''power''';
create index observations_by_age on observations (at);

-- the rest of a device's history, by time ----------------------------------------------------------------------------

create index commands_by_time on commands (organization_id, device_id, asked_at desc, id desc);
create index sessions_by_time on sessions (organization_id, device_id, created_at desc, id desc);
create index sessions_by_end on sessions (organization_id, device_id, ended_at desc, id desc) where ended_at is not null;
create index payments_by_time on payments (organization_id, device_id, created_at desc, id desc);
create index audit_entries_by_time on audit_entries (organization_id, entity, entity_id, at desc, number desc);

alter table refunds add column device_id text;
comment on column refunds.device_id is 'brand:DeviceId';
update refunds set device_id = payments.device_id from payments
  where payments.organization_id = refunds.organization_id and payments.id = refunds.payment_id;
create index refunds_by_time on refunds (organization_id, device_id, created_at desc, id desc);

-- notices ------------------------------------------------------------------------------------------------------------

alter table notices
  add column device_id text,
  add column came_back jsonb not null default '[]',
  add column dismissed_at timestamptz,
  add column dismissed_by text;
comment on column notices.device_id is 'brand:DeviceId';
comment on column notices.dismissed_by is 'brand:AccountId';
comment on column notices.came_back is 'When the same came up again, the last hundred times at most.';
update notices set device_id = coalesce(
  (select d.id from devices d where d.organization_id = notices.organization_id and d.id = notices.subject),
  (select s.device_id from sessions s where s.organization_id = notices.organization_id and s.id = notices.subject),
  (select p.device_id from payments p where p.organization_id = notices.organization_id and p.id = notices.subject));
create index notices_open on notices (organization_id, id desc) where cleared_at is null and dismissed_at is null;
create index notices_of_subject on notices (organization_id, kind, subject, id desc);
create index notices_raised on notices (organization_id, device_id, raised_at desc, id desc);
create index notices_cleared on notices (organization_id, device_id, cleared_at desc, id desc)
  where cleared_at is not null;
