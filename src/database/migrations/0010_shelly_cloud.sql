-- Relays behind Shelly's cloud, and whose turn it is to speak to a vendor that counts requests.

alter table connections drop constraint connections_vendor_check;
alter table connections add constraint connections_vendor_check
  check (vendor in ('shelly-lan', 'shelly-cloud', 'stripe'));
comment on column connections.vendor is 'union:''shelly-lan''|''shelly-cloud''|''stripe''';

-- One row an account at such a vendor, of whichever organization: the vendor counts by account. The key is a keyed hash,
-- so that nothing secret lies here. A turn is taken until it is given back; `free_at` ends it for a holder that died.
create table paces (
  key bytea primary key,
  free_at timestamptz not null,
  holder text not null,
  people_until timestamptz not null
);
comment on table paces is 'Outside the organizations: an account of a vendor may serve several.';
comment on column paces.people_until is 'Somebody waits for a person: background work stands back until then.';
