import type { Clock } from '../host/clock.ts';
import type { Random } from '../host/random.ts';
import type { PageError } from '../http/errors.ts';
import type { Assets } from './assets.ts';
import { type MessageKind, messagePage } from './message-page.ts';
import { pageContext } from './show.ts';

/** Errors on pages: a kind sentence, never a cause. */
export function pageErrors(deps: { assets: Assets; clock: Clock; random: Random }): PageError {
  return (error, request, reply) => {
    reply.header('cache-control', 'no-store');
    return messagePage(kindOf(error.status), pageContext(deps, request, reply, null));
  };
}

function kindOf(status: number): MessageKind {
  if (status === 429) return 'too-many';
  if (status === 503) return 'unavailable';
  return status < 500 ? 'not-found' : 'error';
}
