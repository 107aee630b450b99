-- Doors that strangers buy: what their locks have still to be told, and money for a way in.

alter table doors add column passage_due_at timestamptz;
comment on column doors.passage_due_at is 'When the lock is told next to be free to pass, or to be so no longer; null: it has been.';
create index doors_passage_due on doors (passage_due_at) where passage_due_at is not null;

-- who keeps asking for the same door is sent to the same checkout
alter table passes add column holder_hash bytea;
comment on column passes.holder_hash is 'Keyed hash of the cookie of the guest who asked for it.';
create index passes_of_holder on passes (organization_id, door_id, holder_hash) where phase = 'awaiting-payment';
