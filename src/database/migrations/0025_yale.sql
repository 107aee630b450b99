-- Accounts at the Yale/August cloud.

alter table connections drop constraint connections_vendor_check;
alter table connections add constraint connections_vendor_check
  check (vendor in ('shelly-lan', 'shelly-cloud', 'shelly-mqtt', 'shelly-websocket', 'ttlock', 'yale', 'stripe'));
comment on column connections.vendor is
  'union:''shelly-lan''|''shelly-cloud''|''shelly-mqtt''|''shelly-websocket''|''ttlock''|''yale''|''stripe''';
