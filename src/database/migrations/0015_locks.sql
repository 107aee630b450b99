-- Locks, the doors they hang on, the codes on them, and what strangers buy of a door.

alter table connections drop constraint connections_vendor_check;
alter table connections add constraint connections_vendor_check
  check (vendor in ('shelly-lan', 'shelly-cloud', 'shelly-mqtt', 'shelly-websocket', 'ttlock', 'stripe'));
comment on column connections.vendor is
  'union:''shelly-lan''|''shelly-cloud''|''shelly-mqtt''|''shelly-websocket''|''ttlock''|''stripe''';

-- Tokens that a vendor changes by itself; apart from the configuration, which people change.
create table vendor_tokens (
  organization_id text not null,
  connection_id text not null,
  account bytea not null,
  sealed bytea not null,
  expires_at timestamptz not null,
  changed_at timestamptz not null,
  primary key (organization_id, connection_id),
  foreign key (organization_id, connection_id) references connections (organization_id, id) on delete cascade
);
comment on column vendor_tokens.organization_id is 'brand:OrganizationId';
comment on column vendor_tokens.connection_id is 'brand:ConnectionId';
comment on column vendor_tokens.account is 'Keyed hash of the configuration they were given for: another account, other tokens.';

-- hashes of link tokens of passes, and short codes for cameras that fail
comment on column directory.kind is
  'union:''username''|''email''|''uid''|''session-token''|''login''|''inbound''|''pass-token''|''short-code''';

-- people -------------------------------------------------------------------------------------------------------------

create table people (
  organization_id text not null references organizations (id),
  id integer not null generated always as identity unique,
  uuid uuid not null unique,
  name text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz,
  primary key (organization_id, id)
);
comment on column people.organization_id is 'brand:OrganizationId';
comment on column people.id is 'brand:PersonId';

-- locks and doors ----------------------------------------------------------------------------------------------------

create table locks (
  organization_id text not null references organizations (id),
  id text not null,
  connection_id text,
  hardware_id text not null,
  name text not null,
  model text,
  firmware text,
  mac text,
  capabilities jsonb not null,
  bridge_id text,
  bridge_online boolean,
  bridge_seen_at timestamptz,
  bolt text not null default 'unknown' check (bolt in ('locked', 'unlocked', 'jammed', 'unknown')),
  bolt_since timestamptz,
  door_state text check (door_state in ('open', 'closed')),
  observed_at timestamptz,
  observed_from text check (observed_from in ('command', 'poll', 'push', 'record')),
  tried_at timestamptz,
  unreachable_since timestamptz,
  trouble text,
  battery integer check (battery between 0 and 100),
  battery_at timestamptz,
  codes_read_at timestamptz,
  records_until timestamptz,
  unmanaged text not null default 'report' check (unmanaged in ('report', 'restore', 'ignore')),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz,
  primary key (organization_id, id),
  check (connection_id is not null or deleted_at is not null),
  foreign key (organization_id, connection_id) references connections (organization_id, id) on delete set null (connection_id)
);
comment on column locks.organization_id is 'brand:OrganizationId';
comment on column locks.id is 'brand:LockId';
comment on column locks.connection_id is 'brand:ConnectionId';
comment on column locks.capabilities is 'As its driver describes it (drivers/lock-port).';
comment on column locks.bridge_id is 'The gateway that speaks to it; locks of one gateway share a lane.';
comment on column locks.bolt is 'union:''locked''|''unlocked''|''jammed''|''unknown''';
comment on column locks.door_state is 'union:''open''|''closed''';
comment on column locks.observed_at is 'When the bolt was last seen as it says; older than that is not known.';
comment on column locks.observed_from is 'union:''command''|''poll''|''push''|''record''';
comment on column locks.records_until is 'Up to when its records were read.';
-- what becomes of codes on it that we did not set: told, taken away, left alone
comment on column locks.unmanaged is 'union:''report''|''restore''|''ignore''';
create unique index locks_one_per_hardware on locks (organization_id, connection_id, hardware_id) where deleted_at is null;

-- one line a change, and one a day at least where it is read at all: for the trend
create table lock_batteries (
  organization_id text not null,
  lock_id text not null,
  at timestamptz not null,
  battery integer not null check (battery between 0 and 100),
  primary key (organization_id, lock_id, at),
  foreign key (organization_id, lock_id) references locks (organization_id, id)
);
comment on column lock_batteries.organization_id is 'brand:OrganizationId';
comment on column lock_batteries.lock_id is 'brand:LockId';

create table doors (
  organization_id text not null references organizations (id),
  id text not null,
  uid text not null unique,
  code text not null,
  lock_id text,
  location_id text,
  name text not null,
  description text,
  notes text,
  price bigint not null check (price >= 0),
  duration_minutes integer not null check (duration_minutes between 1 and 527040),
  status text not null check (status in ('ACTIVE', 'PASSAGE', 'MAINTENANCE')),
  passage jsonb,
  passage_set_at timestamptz,
  passage_trouble text,
  opening_hours jsonb,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz,
  primary key (organization_id, id),
  foreign key (organization_id, lock_id) references locks (organization_id, id),
  foreign key (organization_id, location_id) references locations (organization_id, id) on delete set null (location_id)
);
comment on column doors.organization_id is 'brand:OrganizationId';
comment on column doors.id is 'brand:DoorId';
comment on column doors.code is 'What a card reader calls it: [a-z0-9], unique in the organization.';
comment on column doors.lock_id is 'brand:LockId';
comment on column doors.location_id is 'brand:LocationId';
comment on column doors.status is 'union:''ACTIVE''|''PASSAGE''|''MAINTENANCE''';
comment on column doors.passage is 'The schedule of free passage; null: always, while the status says so.';
comment on column doors.passage_set_at is 'When the lock took the present schedule, or its end.';
create unique index doors_by_code on doors (organization_id, code) where deleted_at is null;
create unique index doors_one_per_lock on doors (organization_id, lock_id) where deleted_at is null and lock_id is not null;
create index doors_newest on doors (organization_id, id desc) where deleted_at is null;

-- addresses for people whose camera fails: /p/ABCD12; the directory finds the thing by the code, this the code of a thing
create table short_codes (
  organization_id text not null references organizations (id),
  target text not null,
  code text not null unique,
  primary key (organization_id, target)
);
comment on column short_codes.organization_id is 'brand:OrganizationId';
comment on column short_codes.target is 'As in the directory: door:door_…, device:dev_….';

-- a place in an emergency: nothing opens but for those who are named, or everything does; no row: as ever
create table location_modes (
  organization_id text not null,
  location_id text not null,
  mode text not null check (mode in ('lockdown', 'open-all')),
  people integer[] not null default '{}',
  accounts text[] not null default '{}',
  since timestamptz not null,
  account_id text not null,
  primary key (organization_id, location_id),
  foreign key (organization_id, location_id) references locations (organization_id, id) on delete cascade
);
comment on column location_modes.organization_id is 'brand:OrganizationId';
comment on column location_modes.location_id is 'brand:LocationId';
comment on column location_modes.mode is 'union:''lockdown''|''open-all''';
comment on column location_modes.people is 'brand:PersonId';
comment on column location_modes.accounts is 'brand:AccountId';
comment on column location_modes.account_id is 'brand:AccountId';

-- what locks were asked to do; as `commands` of relays: written before it is sent, finished with its outcome
create table lock_commands (
  organization_id text not null,
  id text not null,
  lock_id text not null,
  lane text not null,
  kind text not null,
  facts jsonb not null,
  asked_by jsonb not null,
  asked_at timestamptz not null,
  sending_until timestamptz not null,
  lease_until timestamptz not null,
  outcome text check (outcome in ('confirmed', 'accepted', 'refused', 'unknown')),
  reason text,
  detail text,
  finished_at timestamptz,
  proved_at timestamptz,
  primary key (organization_id, id),
  foreign key (organization_id, lock_id) references locks (organization_id, id)
);
comment on column lock_commands.organization_id is 'brand:OrganizationId';
comment on column lock_commands.id is 'brand:CommandId';
comment on column lock_commands.lock_id is 'brand:LockId';
comment on column lock_commands.lane is 'Whatever it shares its turn with: its gateway, or itself.';
comment on column lock_commands.facts is 'What was asked besides the kind: a window, the id of a PIN. Never a code.';
comment on column lock_commands.asked_by is 'An account, a PIN, a pass, a person: {accountId?, pinId?, passId?, personId?, api}.';
comment on column lock_commands.outcome is 'union:''confirmed''|''accepted''|''refused''|''unknown''';
comment on column lock_commands.proved_at is 'What was accepted or unknown was seen to be so later.';
create index lock_commands_open on lock_commands (organization_id, lane) where outcome is null;
create index lock_commands_of_lock on lock_commands (organization_id, lock_id, id desc);

-- codes --------------------------------------------------------------------------------------------------------------

create table pins (
  organization_id text not null,
  id text not null,
  lock_id text not null,
  person_id integer,
  label text,
  pin_hash bytea not null,
  pin_sealed bytea not null,
  access_type text not null check (access_type in ('always', 'temporary', 'recurring', 'oneTime')),
  schedule jsonb not null,
  as_written jsonb,
  state text not null check (state in
    ('created', 'loaded', 'disabling', 'disabled', 'enabling', 'updating', 'deleting', 'gone')),
  conflict jsonb,
  suspended_until timestamptz,
  failures jsonb not null default '[]',
  placement jsonb,
  trouble text,
  pass_id text,
  api text not null,
  wake_at timestamptz,
  loaded_at timestamptz,
  used_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz,
  primary key (organization_id, id),
  foreign key (organization_id, lock_id) references locks (organization_id, id),
  foreign key (organization_id, person_id) references people (organization_id, id)
);
comment on column pins.organization_id is 'brand:OrganizationId';
comment on column pins.id is 'brand:PinId';
comment on column pins.lock_id is 'brand:LockId';
comment on column pins.person_id is 'brand:PersonId';
comment on column pins.pin_hash is 'Keyed hash of the digits: unique on a lock.';
comment on column pins.access_type is 'union:''always''|''temporary''|''recurring''|''oneTime''';
comment on column pins.schedule is 'When it opens (rules/pins).';
comment on column pins.as_written is 'The times as a caller wrote them, echoed to the letter.';
comment on column pins.state is
  'union:''created''|''loaded''|''disabling''|''disabled''|''enabling''|''updating''|''deleting''|''gone''';
comment on column pins.conflict is 'Why it cannot be put on the lock, and which other code is in its way.';
comment on column pins.placement is 'Where on the lock it was seen, or confirmed to be: reference, slot, window; and the old one while it moves.';
comment on column pins.pass_id is 'brand:PassId';
create unique index pins_unique_on_lock on pins (organization_id, lock_id, pin_hash) where deleted_at is null;
create index pins_of_lock on pins (organization_id, lock_id, id) where deleted_at is null;
create index pins_due on pins (wake_at) where wake_at is not null;

-- what was found on a lock and is not ours
create table unmanaged_codes (
  organization_id text not null,
  lock_id text not null,
  reference text not null,
  name text,
  slot integer,
  code_window jsonb,
  pin_sealed bytea,
  first_seen_at timestamptz not null,
  seen_at timestamptz not null,
  ignored boolean not null default false,
  primary key (organization_id, lock_id, reference),
  foreign key (organization_id, lock_id) references locks (organization_id, id)
);
comment on column unmanaged_codes.organization_id is 'brand:OrganizationId';
comment on column unmanaged_codes.lock_id is 'brand:LockId';

-- the right to open a door for a time, bought by a guest -------------------------------------------------------------

create table passes (
  organization_id text not null,
  id text not null,
  token_hash bytea not null,
  token_sealed bytea not null,
  door_id text not null,
  phase text not null check (phase in ('awaiting-payment', 'issuing', 'issued', 'ended', 'cancelled')),
  duration_ms bigint not null,
  paid_at timestamptz,
  valid_from timestamptz,
  valid_until timestamptz,
  issue_until timestamptz,
  way jsonb,
  delivered boolean not null default false,
  failure_reason text,
  guest_email text,
  language text,
  wake_at timestamptz,
  tries integer not null default 0,
  first_opened_at timestamptz,
  created_at timestamptz not null,
  primary key (organization_id, id),
  foreign key (organization_id, door_id) references doors (organization_id, id)
);
comment on column passes.organization_id is 'brand:OrganizationId';
comment on column passes.id is 'brand:PassId';
comment on column passes.door_id is 'brand:DoorId';
comment on column passes.phase is 'union:''awaiting-payment''|''issuing''|''issued''|''ended''|''cancelled''';
comment on column passes.way is 'The ways in that were issued: kind, reference at the vendor; codes and QR contents sealed.';
comment on column passes.issue_until is 'Without a way in by then the money goes back.';
comment on column passes.delivered is 'A way in was issued, or the door opened: the price is earned.';
create index passes_due on passes (wake_at) where wake_at is not null;
create index passes_of_door on passes (organization_id, door_id, id desc);

alter table payments add column pass_id text;
comment on column payments.pass_id is 'brand:PassId';
comment on column payments.door_id is 'brand:DoorId';
create index payments_of_pass on payments (organization_id, pass_id) where pass_id is not null;
create index payments_of_door on payments (organization_id, door_id, id desc) where door_id is not null;

comment on column access_events.person_id is 'brand:PersonId';
