-- the end of an emergency is an order like its beginning: it stands until every lock has heard of it
alter table location_modes drop constraint location_modes_mode_check;
alter table location_modes add constraint location_modes_mode_check check (mode in ('lockdown', 'open-all', 'normal'));
comment on column location_modes.mode is 'union:''lockdown''|''open-all''|''normal''';
