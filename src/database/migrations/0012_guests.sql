-- Guests who want to hear by mail when a machine is free, and what guests tell the owner.

create table wishes (
  organization_id text not null,
  id text not null,
  device_id text not null,
  any_alike boolean not null,
  email text,
  address_hash bytea not null,
  holder_hash bytea not null,
  ip_hash bytea not null,
  token_hash bytea not null,
  token_sealed bytea not null,
  language text not null,
  state text not null check (state in ('waiting', 'told', 'stopped', 'expired')),
  look_at timestamptz check ((look_at is not null) = (state = 'waiting')),
  told_device_id text,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz,
  primary key (organization_id, id),
  foreign key (organization_id, device_id) references devices (organization_id, id)
);
comment on column wishes.organization_id is 'brand:OrganizationId';
comment on column wishes.id is 'brand:WishId';
comment on column wishes.device_id is 'brand:DeviceId';
comment on column wishes.told_device_id is 'brand:DeviceId';
comment on column wishes.state is 'union:''waiting''|''told''|''stopped''|''expired''';
comment on column wishes.any_alike is 'Any machine of the same place with the same programs will do.';
comment on column wishes.email is 'Forgotten as soon as the wish is over.';
comment on column wishes.address_hash is 'Keyed; by which wishes of one address are known as such.';
comment on column wishes.look_at is 'When it is looked again whether a machine is free.';
-- one wish of a browser for a machine
create unique index wishes_one_each on wishes (organization_id, holder_hash, device_id) where state = 'waiting';
create unique index wishes_by_token on wishes (organization_id, token_hash);
create index wishes_due on wishes (look_at) where look_at is not null;
create index wishes_in_line on wishes (organization_id, device_id, created_at, id) where state = 'waiting';
create index wishes_told on wishes (organization_id, told_device_id, ended_at) where state = 'told';
create index wishes_of_address on wishes (organization_id, address_hash);
create index wishes_by_ip on wishes (organization_id, ip_hash, created_at);
create index wishes_to_forget on wishes (ended_at) where ended_at is not null;

-- addresses whose reader wants no such mails, whoever asks for one
create table wish_refusals (
  organization_id text not null references organizations (id),
  address_hash bytea not null,
  until timestamptz not null,
  primary key (organization_id, address_hash)
);
comment on column wish_refusals.organization_id is 'brand:OrganizationId';

comment on column mails.kind is 'union:''receipt''|''done''|''refund''|''notice''|''free''';

-- what a guest tells the owner about a session
create table guest_messages (
  organization_id text not null,
  id text not null,
  session_id text not null,
  text text not null check (length(text) between 1 and 1000),
  email text,
  created_at timestamptz not null,
  primary key (organization_id, id),
  foreign key (organization_id, session_id) references sessions (organization_id, id)
);
comment on column guest_messages.organization_id is 'brand:OrganizationId';
comment on column guest_messages.id is 'brand:GuestMessageId';
comment on column guest_messages.session_id is 'brand:SessionId';
create index guest_messages_of_session on guest_messages (organization_id, session_id, id);
