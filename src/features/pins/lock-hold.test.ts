import { expect, test } from 'vitest';
import type { LockId, OrganizationId } from '../../rules/ids.ts';
import { minutes, seconds } from '../../rules/instant.ts';
import { heldUntil } from './lock-hold.ts';

const now = Date.UTC(2026, 11, 24, 17);
const held = (since: number | null, until: number) => ({
  organization_id: 'org_1' as OrganizationId,
  lock_id: 'lck_1' as LockId,
  written_at: null,
  held_since: since,
  held_until: until,
  pause_ms: seconds(20),
});

test('a lock whose way is in trouble is left alone until its pause is over', () => {
  const codes = held(now - seconds(5), now + seconds(15));
  expect([heldUntil(codes, now), heldUntil(codes, now + seconds(15))]).toEqual([now + seconds(15), null]);
});

test('a pause that was begun ahead of now holds up nothing: the clock was set back by minutes', () => {
  expect(heldUntil(held(now + minutes(5), now + minutes(5) + seconds(20)), now)).toBe(null);
});
