-- What a run used, where its relay meters power. Relays count since they were made; a run keeps what was added during it.

alter table relays add column energy_counter double precision;
comment on column relays.energy_counter is 'Watt-hours since the relay began to count, as last read; null: it does not tell.';

alter table sessions
  add column energy_wh double precision,
  add column energy_counter double precision;
comment on column sessions.energy_wh is 'Watt-hours used so far; null: not metered.';
comment on column sessions.energy_counter is 'What the relay''s counter showed when it was last added up.';
