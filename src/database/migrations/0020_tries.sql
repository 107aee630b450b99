-- tries under a key that is hashed (an address, a pass); they are no facts, and a crash may forget them
create unlogged table tries (
  key bytea primary key,
  count integer not null,
  until timestamptz not null
);
comment on table tries is 'Outside the organizations: whoever guesses says none.';
