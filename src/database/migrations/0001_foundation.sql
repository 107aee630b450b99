-- The ground of Keystead. Every row belongs to one organization and every key starts with it, so that the tables can be
-- distributed by it; only the directory, login attempts and facts about the server itself stand outside.
-- Instants are timestamptz; money is integer minor units with its currency; secrets are sealed by the master key.

create table server_facts (
  key text primary key,
  value jsonb not null
);
comment on table server_facts is 'What concerns the whole server: proof of the master key, switches between processes.';

create table organizations (
  id text primary key,
  slug text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  name text not null,
  created_at timestamptz not null
);
comment on column organizations.id is 'brand:OrganizationId';

-- user names, e-mails, slugs, uids, hashes of link tokens -> organization and thing
create table directory (
  kind text not null,
  key text not null,
  organization_id text not null references organizations (id),
  target text not null,
  primary key (kind, key)
);
comment on column directory.kind is 'union:''username''|''email''|''uid''|''session-token''|''login''';
comment on column directory.organization_id is 'brand:OrganizationId';

create table settings (
  organization_id text not null references organizations (id),
  key text not null,
  value jsonb not null,
  updated_at timestamptz not null,
  primary key (organization_id, key)
);
comment on column settings.organization_id is 'brand:OrganizationId';

-- people who sign in -------------------------------------------------------------------------------------------------

create table accounts (
  organization_id text not null references organizations (id),
  id text not null,
  number integer not null generated always as identity unique,
  username text not null,
  email text,
  password_hash text not null,
  role text not null check (role in ('admin', 'user')),
  all_locations boolean not null,
  first_name text,
  last_name text,
  disabled boolean not null default false,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (organization_id, id)
);
comment on column accounts.organization_id is 'brand:OrganizationId';
comment on column accounts.id is 'brand:AccountId';
comment on column accounts.role is 'union:''admin''|''user''';
comment on column accounts.number is 'The account''s id on ring-intercom-control paths.';

create table logins (
  organization_id text not null,
  id text not null,
  account_id text not null,
  kind text not null check (kind in ('cookie', 'token')),
  ip text,
  user_agent text,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz,
  primary key (organization_id, id),
  foreign key (organization_id, account_id) references accounts (organization_id, id) on delete cascade
);
comment on column logins.organization_id is 'brand:OrganizationId';
comment on column logins.id is 'brand:LoginId';
comment on column logins.account_id is 'brand:AccountId';
comment on column logins.kind is 'union:''cookie''|''token''';
create index logins_of_account on logins (organization_id, account_id) where ended_at is null;

-- by what was typed, known or not, so that an unknown name behaves as a known one
create table login_attempts (
  name text primary key,
  failed_count integer not null,
  locked_until timestamptz,
  last_failed_at timestamptz not null
);

-- places and things --------------------------------------------------------------------------------------------------

create table locations (
  organization_id text not null references organizations (id),
  id text not null,
  name text not null,
  address text,
  time_zone text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (organization_id, id)
);
comment on column locations.organization_id is 'brand:OrganizationId';
comment on column locations.id is 'brand:LocationId';

create table account_locations (
  organization_id text not null,
  account_id text not null,
  location_id text not null,
  primary key (organization_id, account_id, location_id),
  foreign key (organization_id, account_id) references accounts (organization_id, id) on delete cascade,
  foreign key (organization_id, location_id) references locations (organization_id, id) on delete cascade
);
comment on table account_locations is 'The scope of accounts that do not see all locations.';
comment on column account_locations.organization_id is 'brand:OrganizationId';
comment on column account_locations.account_id is 'brand:AccountId';
comment on column account_locations.location_id is 'brand:LocationId';

create table connections (
  organization_id text not null references organizations (id),
  id text not null,
  vendor text not null check (vendor in ('shelly-lan', 'stripe')),
  name text not null,
  config jsonb not null,
  sealed bytea,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (organization_id, id)
);
comment on column connections.organization_id is 'brand:OrganizationId';
comment on column connections.id is 'brand:ConnectionId';
comment on column connections.vendor is 'union:''shelly-lan''|''stripe''';
comment on column connections.sealed is 'The secret part of the configuration, JSON, sealed.';
create unique index connections_one_stripe on connections (organization_id) where vendor = 'stripe';

create table devices (
  organization_id text not null references organizations (id),
  id text not null,
  uid text not null unique,
  connection_id text,
  hardware_id text not null,
  channel integer not null check (channel >= 0),
  location_id text,
  name text not null,
  description text,
  status text not null check (status in ('ACTIVE', 'MAINTENANCE')),
  device_type text,
  channel_count integer,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz,
  primary key (organization_id, id),
  check (connection_id is not null or deleted_at is not null),
  foreign key (organization_id, connection_id) references connections (organization_id, id) on delete set null (connection_id),
  foreign key (organization_id, location_id) references locations (organization_id, id) on delete set null (location_id)
);
comment on column devices.organization_id is 'brand:OrganizationId';
comment on column devices.id is 'brand:DeviceId';
comment on column devices.connection_id is 'brand:ConnectionId';
comment on column devices.location_id is 'brand:LocationId';
comment on column devices.status is 'union:''ACTIVE''|''MAINTENANCE''';
comment on column devices.deleted_at is 'A deleted device keeps its row: sessions and payments name it.';
create unique index devices_one_per_channel on devices (organization_id, hardware_id, channel) where deleted_at is null;

create table usage_plans (
  organization_id text not null,
  id text not null,
  device_id text not null,
  name text not null,
  description text,
  duration_minutes integer not null check (duration_minutes between 1 and 1440),
  delay_minutes integer not null check (delay_minutes between 0 and 1440),
  price bigint not null check (price >= 0),
  sort_order integer not null,
  active boolean not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz,
  primary key (organization_id, id),
  foreign key (organization_id, device_id) references devices (organization_id, id)
);
comment on column usage_plans.organization_id is 'brand:OrganizationId';
comment on column usage_plans.id is 'brand:PlanId';
comment on column usage_plans.device_id is 'brand:DeviceId';
create index usage_plans_of_device on usage_plans (organization_id, device_id, sort_order) where deleted_at is null;

-- what hardware was last seen to be, and what staff wants of it
create table relays (
  organization_id text not null,
  device_id text not null,
  output text check (output in ('on', 'off')),
  seen_at timestamptz,
  tried_at timestamptz,
  unreachable_since timestamptz,
  auto_off_at timestamptz,
  power_watts double precision,
  source text,
  trouble text,
  manual_until timestamptz,
  primary key (organization_id, device_id),
  foreign key (organization_id, device_id) references devices (organization_id, id)
);
comment on column relays.organization_id is 'brand:OrganizationId';
comment on column relays.device_id is 'brand:DeviceId';
comment on column relays.output is 'union:''on''|''off''';
comment on column relays.seen_at is 'When output was read; older than that is not known.';
comment on column relays.manual_until is 'Staff switched it on until then; nothing else may switch it off before, nor on after.';

-- paid runs and money ------------------------------------------------------------------------------------------------

create table sessions (
  organization_id text not null,
  id text not null,
  token_hash bytea not null,
  token_sealed bytea not null,
  device_id text not null,
  plan_id text not null,
  plan_name text not null,
  phase text not null check (phase in
    ('awaiting-payment', 'delayed', 'starting', 'running', 'stopping', 'completed', 'cancelled')),
  duration_ms bigint not null,
  delay_ms bigint not null,
  superseded boolean not null default false,
  paid_at timestamptz,
  starts_at timestamptz,
  started_at timestamptz,
  ends_at timestamptz,
  ended_at timestamptz,
  run jsonb not null,
  failure_reason text,
  guest_email text,
  language text,
  wake_at timestamptz,
  created_at timestamptz not null,
  primary key (organization_id, id),
  foreign key (organization_id, device_id) references devices (organization_id, id),
  foreign key (organization_id, plan_id) references usage_plans (organization_id, id)
);
comment on column sessions.organization_id is 'brand:OrganizationId';
comment on column sessions.id is 'brand:SessionId';
comment on column sessions.device_id is 'brand:DeviceId';
comment on column sessions.plan_id is 'brand:PlanId';
comment on column sessions.phase is
  'union:''awaiting-payment''|''delayed''|''starting''|''running''|''stopping''|''completed''|''cancelled''';
comment on column sessions.run is 'What the life cycle remembers besides (rules/sessions): relay times, pending ending.';
comment on column sessions.superseded is 'Its hold ran out and another guest took the device: money that still comes goes back.';
-- one running session per device
create unique index sessions_one_live on sessions (organization_id, device_id)
  where phase in ('delayed', 'starting', 'running', 'stopping');
create index sessions_due on sessions (wake_at) where wake_at is not null;
create index sessions_newest on sessions (organization_id, id desc);
create index sessions_live on sessions (organization_id, id desc)
  where phase in ('delayed', 'starting', 'running', 'stopping');
create index sessions_of_device on sessions (organization_id, device_id, id desc);

create table payments (
  organization_id text not null,
  id text not null,
  module text not null check (module in ('DOOR', 'DEVICE')),
  status text not null check (status in ('PENDING', 'SUCCEEDED', 'FAILED', 'REFUNDED')),
  amount bigint not null check (amount >= 0),
  currency text not null,
  refunded bigint not null default 0,
  refunded_outside bigint not null default 0,
  session_id text,
  device_id text,
  door_id text,
  plan_id text,
  location_id text,
  guest_email text,
  provider_checkout_id text,
  provider_checkout_url text,
  provider_intent_id text,
  checkout_request jsonb,
  checkout_expires_at timestamptz,
  abandoned boolean not null default false,
  check_at timestamptz,
  checks integer not null default 0,
  paid_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (organization_id, id),
  foreign key (organization_id, session_id) references sessions (organization_id, id),
  foreign key (organization_id, device_id) references devices (organization_id, id)
);
comment on column payments.organization_id is 'brand:OrganizationId';
comment on column payments.id is 'brand:PaymentId';
comment on column payments.module is 'union:''DOOR''|''DEVICE''';
comment on column payments.status is 'union:''PENDING''|''SUCCEEDED''|''FAILED''|''REFUNDED''';
comment on column payments.session_id is 'brand:SessionId';
comment on column payments.device_id is 'brand:DeviceId';
comment on column payments.plan_id is 'brand:PlanId';
comment on column payments.location_id is 'brand:LocationId';
comment on column payments.refunded is 'What the provider says went back, in minor units.';
comment on column payments.refunded_outside is 'The part of refunded that we did not ask for: refunds made at the provider by hand.';
comment on column payments.abandoned is 'Nobody waits for it any more: its checkout is expired when it is looked at next.';
comment on column payments.check_at is 'When the provider is asked next about a payment whose webhook has not come.';
create unique index payments_by_checkout on payments (organization_id, provider_checkout_id);
create unique index payments_by_intent on payments (organization_id, provider_intent_id);
create index payments_newest on payments (organization_id, id desc);
create index payments_of_device on payments (organization_id, device_id, id desc);
create index payments_at_location on payments (organization_id, location_id, id desc);
create index payments_of_session on payments (organization_id, session_id, id desc);
create index payments_to_check on payments (check_at) where check_at is not null;

create table refunds (
  organization_id text not null,
  id text not null,
  payment_id text not null,
  amount bigint not null check (amount > 0),
  reason text not null,
  status text not null check (status in ('asked', 'done', 'failed')),
  provider_refund_id text,
  attempts integer not null default 0,
  try_at timestamptz,
  trouble text,
  created_at timestamptz not null,
  done_at timestamptz,
  primary key (organization_id, id),
  foreign key (organization_id, payment_id) references payments (organization_id, id)
);
comment on column refunds.organization_id is 'brand:OrganizationId';
comment on column refunds.id is 'brand:RefundId';
comment on column refunds.payment_id is 'brand:PaymentId';
comment on column refunds.status is 'union:''asked''|''done''|''failed''';
-- what a session owes is settled once per payment
create unique index refunds_once on refunds (organization_id, payment_id, reason);
create index refunds_due on refunds (try_at) where try_at is not null;

create table provider_events (
  organization_id text not null references organizations (id),
  provider text not null,
  event_id text not null,
  received_at timestamptz not null,
  primary key (organization_id, provider, event_id)
);
comment on table provider_events is 'Webhook events already taken in.';
comment on column provider_events.organization_id is 'brand:OrganizationId';

-- one per device: kept for the guest who is paying
create table holds (
  organization_id text not null,
  device_id text not null,
  holder_hash bytea not null,
  session_id text not null,
  payment_id text,
  checkouts integer not null,
  expires_at timestamptz not null,
  primary key (organization_id, device_id),
  foreign key (organization_id, device_id) references devices (organization_id, id),
  foreign key (organization_id, session_id) references sessions (organization_id, id)
);
comment on column holds.organization_id is 'brand:OrganizationId';
comment on column holds.device_id is 'brand:DeviceId';
comment on column holds.session_id is 'brand:SessionId';
comment on column holds.payment_id is 'brand:PaymentId';
comment on column holds.checkouts is 'How many the holder has begun in this hold: choosing again and again has an end.';

-- what hardware was asked to do --------------------------------------------------------------------------------------

create table commands (
  organization_id text not null,
  id text not null,
  device_id text not null,
  session_id text,
  account_id text,
  kind text not null check (kind in ('switch-on', 'switch-off')),
  auto_off_seconds integer,
  asked_at timestamptz not null,
  lease_until timestamptz not null,
  outcome text check (outcome in ('confirmed', 'accepted', 'refused', 'unknown')),
  detail text,
  finished_at timestamptz,
  primary key (organization_id, id),
  foreign key (organization_id, device_id) references devices (organization_id, id),
  check (kind <> 'switch-on' or auto_off_seconds > 0)
);
comment on column commands.organization_id is 'brand:OrganizationId';
comment on column commands.id is 'brand:CommandId';
comment on column commands.device_id is 'brand:DeviceId';
comment on column commands.session_id is 'brand:SessionId';
comment on column commands.account_id is 'brand:AccountId';
comment on column commands.kind is 'union:''switch-on''|''switch-off''';
comment on column commands.outcome is 'union:''confirmed''|''accepted''|''refused''|''unknown''';
create index commands_open on commands (organization_id, device_id) where outcome is null;
create index commands_of_device on commands (organization_id, device_id, id desc);

create table notices (
  organization_id text not null references organizations (id),
  id text not null,
  kind text not null,
  subject text not null,
  facts jsonb not null,
  raised_at timestamptz not null,
  cleared_at timestamptz,
  primary key (organization_id, id)
);
comment on column notices.organization_id is 'brand:OrganizationId';
comment on column notices.id is 'brand:NoticeId';
create unique index notices_raised_once on notices (organization_id, kind, subject) where cleared_at is null;
