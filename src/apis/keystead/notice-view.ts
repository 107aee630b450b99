import { type Static, Type } from 'typebox';
import type { NamedNotice } from '../../features/notices/notices.service.ts';
import { Instant, Nullable } from '../../http/shapes.ts';
import { type Instant as At, iso } from '../../rules/instant.ts';
import { repeated } from '../../rules/notices/coming-back.ts';
import { type NoticeKind, noticeKinds } from '../../rules/notices/kinds.ts';
import { noticeWords } from '../../texts/notices/words.ts';

const Named = Type.Object({
  type: Type.Union([
    Type.Literal('device'),
    Type.Literal('door'),
    Type.Literal('lock'),
    Type.Literal('pin'),
    Type.Literal('session'),
    Type.Literal('payment'),
    Type.Literal('connection'),
    Type.Literal('organization'),
  ]),
  id: Type.String(),
  name: Nullable(Type.String({ description: 'Of the device, door, lock or connection that it concerns' })),
});

export const Notice = Type.Object({
  id: Type.String(),
  kind: Type.String({ examples: ['device-offline'] }),
  severity: Type.Union([Type.Literal('needs-action'), Type.Literal('warning'), Type.Literal('info')]),
  title: Type.String({ description: 'In the language asked for by Accept-Language' }),
  text: Type.String({ description: 'What it means' }),
  advice: Type.String({ description: 'What to do about it' }),
  subject: Named,
  device: Nullable(Named),
  facts: Type.Unknown(),
  raisedAt: Instant,
  clearedAt: Nullable(Instant),
  dismissedAt: Nullable(Instant),
  repeated: Type.Integer({ description: 'How often the same came up again within the last day; 100 is 100 or more' }),
});

export const noticeKindList = Object.keys(noticeKinds) as NoticeKind[];

export function noticeView(row: NamedNotice, language: string, now: At): Static<typeof Notice> {
  const { severity, subject } = noticeKinds[row.kind];
  const name = subject === 'connection' ? row.connection_name : (row.device_name ?? row.lock_name);
  const words = noticeWords({ kind: row.kind, name, facts: row.facts, timeZone: row.time_zone }, language, now);
  return {
    id: row.id,
    kind: row.kind,
    severity,
    ...words,
    subject: { type: subject, id: row.subject, name },
    device: row.device_id === null ? null : { type: 'device', id: row.device_id, name: row.device_name },
    facts: row.facts,
    raisedAt: iso(row.raised_at),
    clearedAt: iso(row.cleared_at),
    dismissedAt: iso(row.dismissed_at),
    repeated: repeated(row.came_back, now),
  };
}
