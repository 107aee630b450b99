-- Mails: written down in the transaction that decided them, delivered by the engine. The address is all that names a
-- person; what a mail says is looked up when it is sent, by the ids in its facts.

create table mails (
  organization_id text not null references organizations (id),
  id text not null,
  key text not null,
  kind text not null,
  recipient text,
  language text not null,
  facts jsonb,
  state text not null check (state in ('waiting', 'sending', 'sent', 'refused', 'given-up', 'bundled')),
  bundle text,
  attempts integer not null default 0,
  unsure integer not null default 0,
  try_at timestamptz,
  detail text,
  created_at timestamptz not null,
  finished_at timestamptz,
  primary key (organization_id, id)
);
comment on column mails.organization_id is 'brand:OrganizationId';
comment on column mails.id is 'brand:MailId';
comment on column mails.bundle is 'brand:MailId';
comment on column mails.kind is 'union:''receipt''|''done''|''refund''|''notice''';
comment on column mails.state is 'union:''waiting''|''sending''|''sent''|''refused''|''given-up''|''bundled''';
comment on column mails.key is 'The fact that it tells of: each is told once to one recipient.';
comment on column mails.recipient is 'null: forgotten; the row stays, so that the fact is not told again.';
comment on column mails.unsure is 'How often it was handed over without an answer: perhaps taken.';
create unique index mails_once on mails (organization_id, key);
create index mails_due on mails (try_at) where try_at is not null;
create index mails_to_forget on mails (finished_at) where recipient is not null;
create index mails_of_recipient on mails (organization_id, lower(recipient)) where recipient is not null;

-- in which language a guest is spoken to, and whether they want to hear when it is done
alter table payments add column language text;
alter table sessions add column mail_when_done boolean not null default true;
