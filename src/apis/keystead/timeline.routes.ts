import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { DevicesService } from '../../features/devices/devices.service.ts';
import { type TimelineService, timelineKinds } from '../../features/timeline/timeline.service.ts';
import { joinKey, listQuery, pageOf, sendPage, splitKey } from '../../http/lists.ts';
import { queryInstant, queryText, readInstant } from '../../http/query.ts';
import { defineRoute } from '../../http/route.ts';
import { invalid } from '../../rules/errors.ts';
import type { Moment } from '../../rules/timeline/moments.ts';
import { languageFrom } from '../../texts/languages.ts';
import { TimelineEntry, timelineView } from './timeline-view.ts';

type Deps = { devices: DevicesService; timeline: TimelineService; publicUrl: string; clock: { now(): number } };

/** What became of a device, for whoever asks why a machine did not start last night. Ours. */
export function timelineRoutes(app: FastifyInstance, { devices, timeline, publicUrl, clock }: Deps): void {
  defineRoute(app, {
    method: 'GET',
    url: '/api/devices/:id/timeline',
    access: 'staff',
    family: 'keystead',
    tag: 'Devices',
    source: import.meta.url,
    summary: 'What became of a device',
    purpose:
      'Commands with their outcome, changes of what was seen of the relay (kept for 90 days), sessions (begun when paid, made longer, ended), payments (when they were paid, or begun while they are not), refunds, what staff did, and notices, newest first. Administrators also see who did it.',
    params: Type.Object({ id: Type.String() }),
    query: Type.Object({
      ...listQuery,
      from: queryInstant('Not before this instant'),
      to: queryInstant('Before this instant'),
      kinds: queryText(`Only these, parted by commas: ${timelineKinds.join(', ')}`),
    }),
    success: Type.Array(TimelineEntry),
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'NOT_FOUND'],
    handler: async ({ params, query, actor, request, reply }) => {
      const page = pageOf(query);
      const device = await devices.get(actor, params.id);
      const rows = await timeline.of(device.organization_id, device.id, {
        from: readInstant(query.from, 'from') ?? null,
        to: readInstant(query.to, 'to') ?? null,
        kinds: kindsOf(query.kinds),
        limit: page.fetch,
        after: page.after === undefined ? null : momentOf(page.after),
      });
      const keyOf = ({ at, rank, id }: Moment): string => joinKey([at, rank, id]);
      const language = languageFrom(request.headers['accept-language']);
      const shown = sendPage({ request, reply, publicUrl, page, rows, keyOf });
      const reader = { deviceName: device.name, language, now: clock.now(), mayNameStaff: actor.role === 'admin' };
      return shown.map((entry) => timelineView(entry, reader));
    },
  });
}

function kindsOf(text: string | undefined) {
  if (text === undefined || text === '') return timelineKinds;
  const wanted = text.split(',');
  if (wanted.every((one) => timelineKinds.some((kind) => kind === one))) {
    return timelineKinds.filter((kind) => wanted.includes(kind));
  }
  throw invalid('kinds', `kinds must be some of ${timelineKinds.join(', ')}, parted by commas`);
}

/** Throws 400 for a key that no page of ours ends with. */
function momentOf(key: string): Moment {
  const [at, rank, id] = splitKey(key, ['number', 'number', 'string']);
  const isInstant = Number.isInteger(at) && at >= 0 && at <= 8.64e15;
  if (isInstant && Number.isInteger(rank) && /^(?:[a-z]{3,4}_[0-9a-z]{1,40}|\d{16})$/.test(id)) {
    if (/^\d/.test(id) === (rank === staffRank)) return { at, rank, id };
  }
  throw invalid('after', 'after must be taken from the Link header of the page before');
}

/** Audit entries have numbers, all others have ids. */
const staffRank = 2;
