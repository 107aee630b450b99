-- Who may use or manage a lock without being staff of its place (the Yale/August API), and what programs leave out.

create table lock_users (
  organization_id text not null,
  lock_id text not null,
  person_id integer not null,
  role text not null check (role in ('superuser', 'manager', 'user')),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (organization_id, lock_id, person_id),
  foreign key (organization_id, lock_id) references locks (organization_id, id),
  foreign key (organization_id, person_id) references people (organization_id, id)
);
comment on table lock_users is 'Somebody who was invited and has no account yet stands here too.';
comment on column lock_users.organization_id is 'brand:OrganizationId';
comment on column lock_users.lock_id is 'brand:LockId';
comment on column lock_users.person_id is 'brand:PersonId';
comment on column lock_users.role is 'union:''superuser''|''manager''|''user''';
create index lock_users_of_person on lock_users (organization_id, person_id);

create table excluded_locks (
  organization_id text not null,
  api_client_id text not null,
  lock_id text not null,
  excluded_at timestamptz not null,
  primary key (organization_id, api_client_id, lock_id),
  foreign key (organization_id, api_client_id) references api_clients (organization_id, id),
  foreign key (organization_id, lock_id) references locks (organization_id, id)
);
comment on table excluded_locks is 'Locks with which this program has nothing to do any more.';
comment on column excluded_locks.organization_id is 'brand:OrganizationId';
comment on column excluded_locks.api_client_id is 'brand:ApiClientId';
comment on column excluded_locks.lock_id is 'brand:LockId';
