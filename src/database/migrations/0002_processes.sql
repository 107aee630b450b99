-- Keystead processes that run jobs. Each holds the session advisory lock `lock_key` for as long as it lives: a row whose
-- lock nobody holds belongs to a dead process, and its jobs and queues are set free by whoever notices first.
create table processes (
  id text primary key,
  lock_key bigint not null unique,
  worker_ids text[] not null,
  started_at timestamptz not null default now()
);
