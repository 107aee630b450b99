/** Notices by mail: what, of which machine, since when, and what to do. */
import type { LetterFacts } from '../../features/mail/letters.ts';
import type { NamedNotice } from '../../features/notices/notices.service.ts';
import { formatDayAndTime } from '../../texts/format.ts';
import { noticeWords } from '../../texts/notices/words.ts';
import type { LetterWords } from './letter.ts';
import type { Told } from './session-letters.ts';

export function noticeLetter({ notices }: Extract<LetterFacts, { kind: 'notice' }>, told: Told): LetterWords {
  const words = told.say.mail.notice;
  const moment = (at: number): string => formatDayAndTime(at, told.timeZone, told.language);
  const lines = notices.map((row) => {
    const { device_name, lock_name, connection_name } = row;
    const timeZone = row.time_zone ?? told.timeZone;
    const about = { kind: row.kind, name: device_name ?? lock_name ?? connection_name, facts: row.facts, timeZone };
    const when = row.cleared_at === null ? words.raised(moment(row.raised_at)) : words.cleared(moment(row.cleared_at));
    return { ...noticeWords(about, told.language, row.raised_at), when };
  });
  const [only] = lines.length === 1 ? lines : [];
  return {
    subject: only?.title ?? words.many(lines.length),
    title: words.title,
    strong: null,
    paragraphs: [
      ...(only === undefined ? [] : [only.text, only.advice]),
      ...notices.flatMap((row) => written(row, told)),
    ],
    facts: lines.map(({ title, when }): [string, string] => [title, when]),
    button: { label: words.open, url: `${told.publicUrl}/console` },
    why: words.why,
    stop: null,
  };
}

/** What a guest wrote, with where an answer reaches them: words of strangers, shown as text alone. */
function written(row: NamedNotice, { say }: Told): string[] {
  const { text, email } = row.facts as { text?: unknown; email?: unknown };
  if (row.kind !== 'guest-message' || typeof text !== 'string') return [];
  const words = say.mail.notice.written;
  const answer = typeof email === 'string' ? words.answer(email) : words.noAnswer;
  return [`${words.quoted(row.device_name, text)}\n${answer}`];
}
