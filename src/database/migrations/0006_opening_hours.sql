-- When a place is open, and the dates on which that differs. Written by features/locations/opening-hours-input.ts, which
-- bounds them: a handful of windows a day and a hundred dates, always read as a whole.

alter table locations
  add column opening_hours jsonb,
  add column holidays jsonb not null default '[]',
  add column last_start text not null default 'ends-before-closing'
    check (last_start in ('ends-before-closing', 'before-closing'));
comment on column locations.opening_hours is 'In the time zone of the location; null: always open.';
comment on column locations.last_start is 'union:''ends-before-closing''|''before-closing''';

alter table devices add column opening_hours jsonb;
comment on column devices.opening_hours is 'Its own; null: those of its location.';
