import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MailScene, openMailScene } from './mail-scene.ts';
import { type Machine, until } from './place.ts';

/** The server killed when it tells a guest that a machine is free: they are told in the end, once, and nobody else is. */
let scene: MailScene;
beforeAll(async () => {
  scene = await openMailScene(['One', 'Two']);
});
afterAll(() => scene.close());

const inbox = (to: string) => scene.inbox(to);
const states = async () =>
  (await scene.client.query('select state from wishes order by created_at')).rows.map(({ state }) => state);

/** Two guests wait for a machine that is in use; answers with what makes it free. */
async function awaited(machine: Machine | undefined, emails: [string, string]): Promise<() => Promise<unknown>> {
  const { place, client } = scene;
  const path = `/api/public/device/${machine?.uid}`;
  const begun = await place.call('POST', `${path}/intent`, { body: { planId: machine?.hour }, staff: false });
  expect(begun.status).toBe(200);
  for (const email of emails) {
    const body = { email, any: false };
    expect((await place.call('POST', `${path}/tell-me`, { body, staff: false })).status).toBe(200);
  }
  await until('the machine looked at while it was in use', async () => {
    const { rowCount } = await client.query("select from wishes where state = 'waiting' and look_at > created_at");
    return rowCount === emails.length;
  });
  const success = place.simulators.stripe.checkouts().find(({ url }) => url === begun.body.url)?.successUrl ?? '';
  const token = /\/session\/([^?]+)/.exec(success)?.[1];
  return () => place.call('PATCH', `/api/sessions/${token}/end`, { body: {} });
}

/** By the next server. */
async function untilTold(email: string): Promise<void> {
  await scene.sendersAreGone();
  await until('a mail', () => inbox(email).length > 0);
  await until('nothing left to send', async () => {
    const { rows } = await scene.client.query("select from mails where state in ('waiting', 'sending')");
    return rows.length === 0;
  });
}

test('before it was decided: decided by the next process, and told once', async () => {
  const free = await awaited(scene.machines[0], ['one@example.com', 'two@example.com']);
  const end = await scene.server.killedAt('wish-told:before', free, async () => {
    expect(await states()).toEqual(['waiting', 'waiting']);
    expect(inbox('one@example.com')).toEqual([]);
  });
  expect(end).toBe('SIGKILL');
  await untilTold('one@example.com');
  expect(await states()).toEqual(['told', 'waiting']);
  expect([inbox('one@example.com').length, inbox('two@example.com').length]).toEqual([1, 0]);
});

test('when it was decided and nobody had heard: told once', async () => {
  await scene.client.query('delete from wishes');
  const free = await awaited(scene.machines[1], ['three@example.com', 'four@example.com']);
  const end = await scene.server.killedAt('wish-told:after', free, async () => {
    expect(await states()).toEqual(['told', 'waiting']);
  });
  expect(end).toBe('SIGKILL');
  await untilTold('three@example.com');
  expect(await states()).toEqual(['told', 'waiting']);
  expect([inbox('three@example.com').length, inbox('four@example.com').length]).toEqual([1, 0]);
});
