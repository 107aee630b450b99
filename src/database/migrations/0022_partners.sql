-- Programs of partners (the Yale/August API), the people for whom they act, and what proves that they may.

alter table people add column first_name text;
alter table people add column last_name text;
alter table people add column email text;
alter table people add column phone text;
comment on column people.first_name is 'As it was given apart from the last; null: the name is one.';
comment on column people.email is 'By which somebody without an account is known, as one who was invited; an account has its own.';
create unique index people_by_email on people (organization_id, lower(email)) where deleted_at is null and email is not null;
create unique index people_by_phone on people (organization_id, phone) where deleted_at is null and phone is not null;

-- every account is a person's sign-in
alter table accounts add column person_id integer;
comment on column accounts.person_id is 'brand:PersonId';
do $$
declare
  account record;
  person integer;
begin
  for account in select * from accounts loop
    insert into people (organization_id, uuid, name, first_name, last_name, created_at, updated_at)
      values (account.organization_id, gen_random_uuid(),
        coalesce(nullif(trim(concat_ws(' ', account.first_name, account.last_name)), ''), account.username),
        account.first_name, account.last_name, now(), now())
      returning id into person;
    update accounts set person_id = person where organization_id = account.organization_id and id = account.id;
  end loop;
end $$;
alter table accounts add foreign key (organization_id, person_id) references people (organization_id, id);
create unique index accounts_one_per_person on accounts (organization_id, person_id) where person_id is not null;

-- names on that wire; defaults, so that a process of the version before goes on making locks and locations meanwhile
alter table locks add column wire_id text not null default upper(replace(gen_random_uuid()::text, '-', ''))
  check (wire_id ~ '^[0-9A-F]{32}$');
create unique index locks_by_wire_id on locks (organization_id, wire_id);
alter table locations add column uuid uuid not null default gen_random_uuid();
create unique index locations_by_uuid on locations (organization_id, uuid);

comment on column directory.kind is
  'union:''username''|''email''|''uid''|''session-token''|''login''|''inbound''|''pass-token''|''short-code''|''api-key''|''api-client''';

create table api_clients (
  organization_id text not null references organizations (id),
  id text not null,
  name text not null,
  key_hash bytea not null,
  key_last4 text not null,
  secret_hash bytea not null,
  redirect_uris text[] not null,
  scopes text[] not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  revoked_at timestamptz,
  primary key (organization_id, id)
);
comment on table api_clients is 'Programs that may call the Yale/August API; their id is the client id.';
comment on column api_clients.organization_id is 'brand:OrganizationId';
comment on column api_clients.id is 'brand:ApiClientId';
comment on column api_clients.scopes is 'union:''users:sub-user:create''|''partners:excluded_lock_mgmt''|''webhooks''';

-- this program may act for this person
create table grants (
  organization_id text not null,
  id text not null,
  api_client_id text not null,
  person_id integer not null,
  account_id text,
  kind text not null check (kind in ('session', 'code', 'sub-user')),
  install_id text,
  password_mark text,
  verified_at timestamptz,
  used_until timestamptz not null,
  created_at timestamptz not null,
  ended_at timestamptz,
  ended_why text,
  primary key (organization_id, id),
  foreign key (organization_id, api_client_id) references api_clients (organization_id, id),
  foreign key (organization_id, person_id) references people (organization_id, id),
  foreign key (organization_id, account_id) references accounts (organization_id, id) on delete cascade
);
comment on column grants.organization_id is 'brand:OrganizationId';
comment on column grants.id is 'brand:GrantId';
comment on column grants.api_client_id is 'brand:ApiClientId';
comment on column grants.person_id is 'brand:PersonId';
comment on column grants.account_id is 'brand:AccountId';
comment on column grants.kind is 'union:''session''|''code''|''sub-user''';
comment on column grants.install_id is 'Which installation of an app signed in.';
comment on column grants.password_mark is 'Of the password as it was then: with another one the grant is over.';
comment on column grants.verified_at is 'null: the mailed code is still asked for.';
comment on column grants.used_until is 'When the last token of it runs out.';
create index grants_of_person on grants (organization_id, person_id) where ended_at is null;
create index grants_of_client on grants (organization_id, api_client_id) where ended_at is null;

-- installations of apps whose user typed the mailed code once
create table known_installs (
  organization_id text not null,
  account_id text not null,
  install_id text not null,
  known_since timestamptz not null,
  primary key (organization_id, account_id, install_id),
  foreign key (organization_id, account_id) references accounts (organization_id, id) on delete cascade
);
comment on column known_installs.organization_id is 'brand:OrganizationId';
comment on column known_installs.account_id is 'brand:AccountId';

-- codes that are mailed as the second factor
create table sign_in_codes (
  organization_id text not null,
  id text not null,
  account_id text not null,
  grant_id text not null,
  code_sealed bytea not null,
  tries integer not null default 0,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  primary key (organization_id, id),
  foreign key (organization_id, account_id) references accounts (organization_id, id) on delete cascade,
  foreign key (organization_id, grant_id) references grants (organization_id, id) on delete cascade
);
comment on column sign_in_codes.organization_id is 'brand:OrganizationId';
comment on column sign_in_codes.id is 'brand:SignInCodeId';
comment on column sign_in_codes.account_id is 'brand:AccountId';
comment on column sign_in_codes.grant_id is 'brand:GrantId';
create index sign_in_codes_of_account on sign_in_codes (organization_id, account_id, created_at);

comment on column mails.kind is 'union:''receipt''|''done''|''refund''|''notice''|''free''|''code''';
