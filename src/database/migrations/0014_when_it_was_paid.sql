-- A device's history tells of what was paid at the moment it was paid.

create index payments_by_paid on payments (organization_id, device_id, paid_at desc, id desc) where paid_at is not null;
create index payments_not_paid on payments (organization_id, device_id, created_at desc, id desc) where paid_at is null;
create index payments_for_more on payments (organization_id, device_id, paid_at desc, id desc)
  where paid_at is not null and extra_ms > 0 and taken;
drop index payments_by_time;

create index sessions_by_paid on sessions (organization_id, device_id, paid_at desc, id desc) where paid_at is not null;
drop index sessions_by_time;
