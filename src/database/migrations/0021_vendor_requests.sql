-- how many requests a connection has cost its vendor this month, for vendors that count them by the month
create table vendor_requests (
  organization_id text not null,
  connection_id text not null,
  month text not null,
  count integer not null,
  primary key (organization_id, connection_id),
  foreign key (organization_id, connection_id) references connections (organization_id, id) on delete cascade
);
comment on column vendor_requests.organization_id is 'brand:OrganizationId';
comment on column vendor_requests.connection_id is 'brand:ConnectionId';
comment on column vendor_requests.month is 'As in 2026-07, in UTC; the count begins anew with another.';
