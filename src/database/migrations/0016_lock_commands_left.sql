-- What a crash left of commands to locks: found quickly, and told once to whoever has to look before writing again.

alter table lock_commands add column cut_short boolean not null default false;
alter table lock_commands add column left_told_at timestamptz;
comment on column lock_commands.cut_short is 'Whoever sent it was not heard of again: it may have been done.';
comment on column lock_commands.left_told_at is 'When whoever it was for was told that it was cut short.';
create index lock_commands_open_of_lock on lock_commands (organization_id, lock_id) where outcome is null;
create index lock_commands_left on lock_commands (organization_id, lock_id) where cut_short and left_told_at is null;
create index lock_commands_unproved on lock_commands (organization_id, lock_id, asked_at)
  where outcome in ('accepted', 'unknown') and proved_at is null;
