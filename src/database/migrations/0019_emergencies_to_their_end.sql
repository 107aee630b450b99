-- The end of an emergency is carried out as its beginning is: the row stays until every lock has been told.

alter table location_modes drop constraint location_modes_mode_check;
alter table location_modes add constraint location_modes_mode_check check (mode in ('lockdown', 'open-all', 'normal'));
comment on column location_modes.mode is 'union:''lockdown''|''open-all''|''normal''';
