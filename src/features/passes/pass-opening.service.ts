import type { Database, Tx } from '../../database/open.ts';
import type { Credential } from '../../rules/access/decide.ts';
import { notFound, Problem } from '../../rules/errors.ts';
import { minutes, seconds } from '../../rules/instant.ts';
import type { Asking, OpeningService } from '../access/opening.service.ts';
import type { PlacesService } from '../access/places.service.ts';
import type { Limits } from '../limits/limits.service.ts';
import type { PassesService, PassRow } from './passes.service.ts';

type Deps = {
  database: Database;
  limits: Limits;
  places: PlacesService;
  opening: OpeningService;
  passes: PassesService;
};

export type GuestOpening = 'confirmed' | 'accepted' | 'unknown';

/** The "Open now" button: the same decision and the same honest answer as for everybody else at this door. */
export function createPassOpening({ database, limits, places, opening, passes }: Deps) {
  const tries = limits.tries('open now', { most: 12, withinMs: minutes(1) });

  /** What was surely not done is thrown, in a kind sentence. */
  async function open(token: string): Promise<GuestOpening> {
    const pass = await passes.byToken(token);
    if (pass === null) throw notFound('Access not found');
    const { organization_id: organizationId, id } = pass;
    await tries.count(id);
    const place = await places.ofDoor(organizationId, pass.door_id);
    if (place === null) throw notFound('Access not found');
    const asking: Asking = {
      place,
      act: 'unlock',
      credential: async (tx) => credentialOf(await passes.find(organizationId, id, tx)),
      ref: id,
      by: { api: 'hygate', passId: id },
      facts: { passId: id },
      deadline: seconds(15),
      told: (tx, outcome) => heard(tx, pass, outcome.kind),
      // an emergency is not the guest’s doing: who had nothing but the button pressed it in vain
      denied: async (tx, reason) => (reason === 'lockdown' ? heard(tx, pass, 'refused') : undefined),
    };
    const opened = await opening.open(asking).catch(async (error: unknown) => {
      if (error instanceof Problem) await inVain(pass);
      throw error;
    });
    if (opened.kind === 'denied') {
      throw new Problem('ACCESS_DENIED', 'This door does not open for you right now', {
        facts: { reason: opened.reason },
      });
    }
    const { outcome } = opened;
    if (outcome.kind !== 'refused') return outcome.kind;
    const late = outcome.reason === 'unreachable' || outcome.reason === 'asleep';
    throw new Problem(late ? 'UPSTREAM_TIMEOUT' : 'UPSTREAM_ERROR', 'The lock did not open. Please try again', {
      facts: { reason: outcome.reason === 'busy' ? 'busy' : 'failed' },
      ...(outcome.reason === 'busy' ? { retryAfterSeconds: 5 } : {}),
    });
  }

  /** It came to no command: a turn at the gateway that did not come in time is no fault of the guest's either. */
  const inVain = (pass: PassRow): Promise<void> =>
    database.transaction('pass-pressed-in-vain', (tx) => heard(tx, pass, 'refused'));

  async function heard(tx: Tx, { organization_id, id }: PassRow, kind: GuestOpening | 'refused'): Promise<void> {
    if (kind === 'unknown') return; // it may have opened
    await passes.step(tx, organization_id, id, { kind: kind === 'refused' ? 'open-failed' : 'opened' });
  }

  return { open };
}

export type PassOpening = ReturnType<typeof createPassOpening>;

const credentialOf = (pass: PassRow | null): Credential => ({
  kind: 'pass',
  accountId: null,
  personId: null,
  state: pass?.phase === 'issued' ? 'active' : pass === null || pass.paid_at === null ? 'unknown' : 'ended',
  fits: true,
  validFrom: null, // it begins when it is issued, also by a clock that was set back since
  validUntil: pass?.valid_until ?? null,
  usesLeft: null,
});
