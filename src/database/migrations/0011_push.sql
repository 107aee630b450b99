-- Hardware that tells by itself: brokers, and devices that dial us.

alter table connections drop constraint connections_vendor_check;
alter table connections add constraint connections_vendor_check
  check (vendor in ('shelly-lan', 'shelly-cloud', 'shelly-mqtt', 'shelly-websocket', 'stripe'));
comment on column connections.vendor is 'union:''shelly-lan''|''shelly-cloud''|''shelly-mqtt''|''shelly-websocket''|''stripe''';

-- hashes of the secrets in the addresses that devices dial -> connection
comment on column directory.kind is 'union:''username''|''email''|''uid''|''session-token''|''login''|''inbound''';

-- Devices that have dialled us, and on which process the socket hangs. A process that died leaves its name here: whoever
-- asks it gets no answer, and its row in `processes` is gone.
create table device_links (
  organization_id text not null,
  connection_id text not null,
  hardware_id text not null,
  process_id text,
  hardware jsonb not null,
  changed_at timestamptz not null,
  primary key (organization_id, connection_id, hardware_id),
  foreign key (organization_id, connection_id) references connections (organization_id, id) on delete cascade
);
comment on column device_links.organization_id is 'brand:OrganizationId';
comment on column device_links.connection_id is 'brand:ConnectionId';
comment on column device_links.process_id is 'Null: it hung up.';
comment on column device_links.hardware is 'What of it can be driven, as it was when it dialled.';
create index device_links_of_process on device_links (process_id) where process_id is not null;

-- Asked by one process of another, the one with the socket. Deadlines are by the database's clock: processes may differ.
create table device_calls (
  organization_id text not null,
  id text not null,
  connection_id text not null,
  process_id text not null,
  call jsonb not null,
  deadline_at timestamptz not null,
  taken_at timestamptz,
  answer jsonb,
  primary key (organization_id, id),
  foreign key (organization_id, connection_id) references connections (organization_id, id) on delete cascade
);
comment on column device_calls.organization_id is 'brand:OrganizationId';
comment on column device_calls.connection_id is 'brand:ConnectionId';
comment on column device_calls.taken_at is 'Null: surely nothing was sent to the device yet.';
create index device_calls_waiting on device_calls (process_id) where taken_at is null;
