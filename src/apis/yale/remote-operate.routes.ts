import { Type } from 'typebox';
import { type RemoteOperateService, remoteHold } from '../../features/remote-operate/remote-operate.service.ts';
import type { Clock } from '../../host/clock.ts';
import { acceptVersionOf } from '../../http/partners.ts';
import { readInteger, readOneOf } from '../../http/query.ts';
import { seconds } from '../../rules/instant.ts';
import { remoteCommands, triesOf } from '../../rules/locks/remote.ts';
import { OperationShown, operationView } from './operate-view.ts';
import { LockID } from './words.ts';
import { type YaleApi, yaleRoute } from './yale-route.ts';

const text = (description: string) => Type.Optional(Type.String({ maxLength: 64, description }));
const many = { minimum: -1_000_000, maximum: 1_000_000 };

/** Locks operated from afar. */
export function remoteOperateRoutes(
  api: YaleApi,
  { remoteOperate, clock }: { remoteOperate: RemoteOperateService; clock: Clock },
): void {
  yaleRoute(api, {
    method: 'PUT',
    url: '/remoteoperate/:lockID/:command',
    access: 'caller',
    summary: 'Operate a lock from afar',
    purpose:
      'Waits up to 90 seconds for how it ends; `type=async` answers 202 at once. Only tries that surely had no effect are repeated, `retryLimit` in all. By managers and superusers.',
    params: Type.Object({
      lockID: LockID,
      command: Type.String({ maxLength: 60, description: remoteCommands.join(', '), examples: ['status'] }),
    }),
    query: Type.Object({
      type: text('sync or async'),
      retryLimit: text('1 to 3; 3 if left out'),
      notificationType: text('Not looked at'),
    }),
    body: Type.Object({
      extendedfunction: Type.Optional(Type.Object({ function: Type.String({ maxLength: 60 }) })),
    }),
    optionalBody: true,
    example: { extendedfunction: { function: 'vacationMode', parameters: {} } },
    success: OperationShown,
    accepted: Type.Null(),
    errors: [
      'VALIDATION_ERROR',
      'NOT_FOUND',
      'FORBIDDEN',
      'PRECONDITION_FAILED',
      'LOCK_BUSY',
      'RATE_LIMITED',
      'NOT_IMPLEMENTED',
      'UPSTREAM_ERROR',
      'UPSTREAM_TIMEOUT',
    ],
    source: import.meta.url,
    timeout: remoteHold.all + seconds(15), // its last look, too
    handler: async ({ caller, params, query, body, request, reply }) => {
      const tries = triesOf(readInteger(query.retryLimit, 'retryLimit', many) ?? null);
      const type = readOneOf(query.type, 'type', ['sync', 'async']);
      const { lockID: wireId, command } = params;
      const wish = { caller, wireId, command, tries, hasFunction: body?.extendedfunction !== undefined };
      if (type === 'async' || (type === undefined && acceptVersionOf(request) >= 2)) {
        await remoteOperate.begin(wish);
        return reply.code(202).send();
      }
      return operationView(await remoteOperate.operate(wish), clock.now());
    },
  });
}
