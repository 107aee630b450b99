/** Notices by mail: what, of which machine, since when. */
import type { LetterFacts } from '../../features/mail/letters.ts';
import type { NoticeRow } from '../../features/notices/notices.service.ts';
import { formatDayAndTime } from '../../texts/format.ts';
import type { Speech } from '../page-context.ts';
import type { LetterWords } from './letter.ts';
import type { Told } from './session-letters.ts';

export function noticeWords({ notices }: Extract<LetterFacts, { kind: 'notice' }>, told: Told): LetterWords {
  const { say } = told;
  const words = say.mail.notice;
  const moment = (at: number): string => formatDayAndTime(at, told.timeZone, told.language);
  const lines = notices.map(({ row, about }): [string, string] => [
    words.subject(about, kindWords(row.kind, say)),
    row.cleared_at === null ? words.raised(moment(row.raised_at)) : words.cleared(moment(row.cleared_at)),
  ]);
  const [first] = lines;
  return {
    subject: lines.length === 1 && first !== undefined ? first[0] : words.many(lines.length),
    title: words.title,
    strong: null,
    paragraphs: notices.flatMap(({ row, about }) => written(row, about, told)),
    facts: lines,
    button: { label: words.open, url: `${told.publicUrl}/console` },
    why: words.why,
    stop: null,
  };
}

/** What a guest wrote, with where an answer reaches them: words of strangers, shown as text alone. */
function written(row: NoticeRow, about: string | null, { say }: Told): string[] {
  const { text, email } = row.facts as { text?: unknown; email?: unknown };
  if (row.kind !== 'guest-message' || typeof text !== 'string') return [];
  const words = say.mail.notice.written;
  const answer = typeof email === 'string' ? words.answer(email) : words.noAnswer;
  return [`${words.quoted(about, text)}\n${answer}`];
}

/** Kinds that have no words yet are called by their name. */
function kindWords(kind: string, say: Speech): string {
  const { kinds, other } = say.mail.notice;
  return Object.entries(kinds).find(([name]) => name === kind)?.[1] ?? other(kind);
}
