-- What mails of one notice are counted by: at most one an hour about the same thing to the same reader.

alter table mails add column about text;
comment on column mails.about is 'What a notice''s mail is about, and who reads it; null: not a notice, or older than this column.';
create index mails_about on mails (organization_id, about, created_at) where about is not null;
