import type { Database } from '../../database/open.ts';
import type { SignedIn } from '../../drivers/port.ts';
import type { LockListsPort } from '../../engine/port.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import { assertNever } from '../../rules/assert-never.ts';
import { invalid, Problem } from '../../rules/errors.ts';
import type { Audit } from '../audit/audit.service.ts';
import type { ConnectionsService } from './connections.service.ts';

type Deps = {
  database: Pick<Database, 'transaction'>;
  audit: Audit;
  connections: Pick<ConnectionsService, 'get'>;
  lockLists: Pick<LockListsPort, 'signIn'>;
};

/** `codeSentTo`: the vendor does not know this server yet, and has sent a code there; it is told in a second call. */
export type ConnectionSignIn = { signedIn: boolean; codeSentTo: string | null };

/** The talk of two steps by which a vendor lets us in: the password is tried, then the code that it sends is told. */
export function createConnectionSignIn({ database, audit, connections, lockLists }: Deps) {
  return async (actor: Actor, id: string, code: string | null): Promise<ConnectionSignIn> => {
    const connection = await connections.get(actor, id);
    if (code !== null && !/^\d{4,10}$/.test(code)) throw invalid('code', 'code must be the digits that were sent');
    const step = code === null ? ({ kind: 'begin' } as const) : ({ kind: 'code', code } as const);
    const said = await lockLists.signIn(actor.organizationId, connection.id, step);
    if (said === null) throw new Problem('CONFLICT', 'This connection is not signed in to by hand');
    const result = resultOf(said);
    await database.transaction('connection-signed-in', (tx) =>
      audit.append(tx, {
        organizationId: actor.organizationId,
        category: 'integrations',
        action: result.signedIn ? 'connection signed in' : 'code for signing in asked for',
        actor,
        entity: 'Connection',
        entityId: connection.id,
        details: { name: connection.name },
      }),
    );
    return result;
  };
}

export type SignInToConnection = ReturnType<typeof createConnectionSignIn>;

function resultOf(said: SignedIn): ConnectionSignIn {
  switch (said.kind) {
    case 'signed-in':
      return { signedIn: true, codeSentTo: null };
    case 'code-sent':
      return { signedIn: false, codeSentTo: said.to };
    case 'code-wrong':
      throw invalid('code', 'The vendor does not accept this code');
    case 'refused':
      throw new Problem('UPSTREAM_ERROR', said.detail, { facts: { reason: said.reason } });
    default:
      return assertNever(said);
  }
}
