-- What becomes of money after it came: each refund as the provider holds it, disputes, declined cards.

alter table payments
  add column told_back bigint not null default 0,
  add column owed bigint not null default 0,
  add column disputed bigint not null default 0,
  add column books_check_at timestamptz,
  add column books_checks integer not null default 0,
  add column declined_code text,
  add column declined_at timestamptz;
comment on column payments.told_back is 'The highest total of refunds that the provider ever told.';
comment on column payments.owed is 'What of it has to go back in the end, whoever gives it back: what was not delivered.';
comment on column payments.disputed is 'Held back by a dispute, or lost in one: not refunded a second time.';
comment on column payments.books_check_at is 'When the provider is asked next what became of the money.';
comment on column payments.declined_code is 'Why the last card that was tried was declined.';
create index payments_books_due on payments (books_check_at) where books_check_at is not null;

-- as the provider holds them: ours, and those made by hand at its dashboard
create table provider_refunds (
  organization_id text not null,
  id text not null,
  payment_id text not null,
  refund_id text,
  amount bigint not null check (amount >= 0),
  state text not null check (state in ('pending', 'succeeded', 'failed')),
  failure text,
  heard_at timestamptz not null,
  primary key (organization_id, id),
  foreign key (organization_id, payment_id) references payments (organization_id, id)
);
comment on column provider_refunds.organization_id is 'brand:OrganizationId';
comment on column provider_refunds.id is 'The provider''s id.';
comment on column provider_refunds.payment_id is 'brand:PaymentId';
comment on column provider_refunds.refund_id is 'brand:RefundId';
comment on column provider_refunds.state is 'union:''pending''|''succeeded''|''failed''';
create index provider_refunds_of_payment on provider_refunds (organization_id, payment_id, id);

create table disputes (
  organization_id text not null,
  id text not null,
  payment_id text not null,
  state text not null check (state in ('inquiry', 'needs-response', 'under-review', 'won', 'lost', 'dropped')),
  amount bigint not null check (amount >= 0),
  currency text not null,
  reason text not null,
  due_at timestamptz,
  opened_at timestamptz not null,
  closed_at timestamptz,
  told_at timestamptz not null,
  primary key (organization_id, id),
  foreign key (organization_id, payment_id) references payments (organization_id, id)
);
comment on column disputes.organization_id is 'brand:OrganizationId';
comment on column disputes.id is 'The provider''s id.';
comment on column disputes.payment_id is 'brand:PaymentId';
comment on column disputes.state is
  'union:''inquiry''|''needs-response''|''under-review''|''won''|''lost''|''dropped''';
comment on column disputes.told_at is 'When the provider said so: an older telling changes nothing.';
create index disputes_of_payment on disputes (organization_id, payment_id, id);

alter table provider_events add column intent_id text;
comment on column provider_events.intent_id is
  'The event is about this payment intent, which no payment of ours named yet: asked about once one does.';
create index provider_events_waiting on provider_events (organization_id, intent_id) where intent_id is not null;
create index provider_events_by_time on provider_events (received_at);

-- refunds that were done, or are asked for, before this was kept
insert into provider_refunds (organization_id, id, payment_id, refund_id, amount, state, heard_at)
select organization_id, provider_refund_id, payment_id, id, amount, 'succeeded', coalesce(done_at, created_at)
from refunds where status = 'done' and provider_refund_id is not null;

update payments p set
  told_back = p.refunded,
  owed = case when r.asked is null then 0 else least(p.amount, p.refunded_outside + r.asked) end
from payments q left join (
  select organization_id, payment_id, sum(amount) as asked from refunds where status <> 'failed' group by 1, 2
) r on r.organization_id = q.organization_id and r.payment_id = q.id
where p.organization_id = q.organization_id and p.id = q.id and p.status in ('SUCCEEDED', 'REFUNDED');
