-- A run may be made longer by a further payment, and shorter by a machine that has finished.

alter table usage_plans
  add column finish_below_watts double precision check (finish_below_watts > 0),
  add column finish_after_minutes integer check (finish_after_minutes between 1 and 240),
  add check ((finish_below_watts is null) = (finish_after_minutes is null));
comment on column usage_plans.finish_below_watts is 'A machine that worked and then draws less than this for finish_after_minutes has finished: the run ends early, delivered in full.';

alter table sessions
  add column finish_below_watts double precision,
  add column finish_after_ms bigint;
comment on column sessions.finish_below_watts is 'As the plan had it when it was bought.';

alter table payments
  add column extra_ms bigint not null default 0 check (extra_ms >= 0),
  add column taken boolean not null default true;
comment on column payments.extra_ms is 'Time that it buys for a run that is under way; 0: it buys the run.';
comment on column payments.taken is 'False: it came too late to make the run longer, or was taken back. It counts for nothing and goes back whole.';
