-- Consent on our own page: codes that are changed into tokens once, tokens that renew them; and people whom programs made.

create table authorization_codes (
  organization_id text not null,
  code_hash bytea not null,
  grant_id text not null,
  redirect_uri text not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  primary key (organization_id, code_hash),
  foreign key (organization_id, grant_id) references grants (organization_id, id) on delete cascade
);
comment on column authorization_codes.organization_id is 'brand:OrganizationId';
comment on column authorization_codes.grant_id is 'brand:GrantId';

create table refresh_tokens (
  organization_id text not null,
  token_hash bytea not null,
  grant_id text not null,
  expires_at timestamptz not null,
  replaced_at timestamptz,
  primary key (organization_id, token_hash),
  foreign key (organization_id, grant_id) references grants (organization_id, id) on delete cascade
);
comment on column refresh_tokens.organization_id is 'brand:OrganizationId';
comment on column refresh_tokens.grant_id is 'brand:GrantId';
comment on column refresh_tokens.replaced_at is 'Whoever comes with it again has stolen it, or been robbed: the grant ends.';

alter table people add column owner_person_id integer;
alter table people add column partner_user_id text;
alter table people add column api_client_id text;
comment on column people.owner_person_id is 'brand:PersonId';
comment on column people.api_client_id is 'brand:ApiClientId';
comment on column people.partner_user_id is 'How the program that made them names them; unique for whom they were made.';
alter table people add check ((owner_person_id is null) = (partner_user_id is null));
create unique index people_by_partner_user on people (organization_id, api_client_id, owner_person_id, partner_user_id)
  where partner_user_id is not null and deleted_at is null;

-- for whom a sub-user's token was made: with their account it ends
alter table grants add column owner_account_id text;
comment on column grants.owner_account_id is 'brand:AccountId';
alter table grants add foreign key (organization_id, owner_account_id) references accounts (organization_id, id) on delete cascade;
