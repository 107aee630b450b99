import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MailScene, openMailScene } from './mail-scene.ts';
import { type Machine, until } from './place.ts';

/**
 * The server killed around the sending of a mail. What a payment has decided is mailed in the end; twice only where the
 * mail server had taken it and nobody was left to hear so, and then as the same mail.
 */
let scene: MailScene;
let machines: Machine[];
beforeAll(async () => {
  scene = await openMailScene(['One', 'Two', 'Three', 'Four']);
  ({ machines } = scene);
});
afterAll(() => scene.close());

const inbox = (to: string) => scene.inbox(to);
const rowOf = async (to: string) =>
  (await scene.client.query('select state, attempts from mails where recipient = $1', [to])).rows[0];

type Look = () => void | Promise<void>;
/** A guest pays at this machine, and the server dies at this commit of the mail that it sends. */
async function killedAt(point: string, machine: Machine | undefined, email: string, dead: Look): Promise<void> {
  const { place, server } = scene;
  const pay = async (): Promise<void> => {
    const { cookie } = await place.call('GET', `/pay/${machine?.uid}`, { staff: false });
    const body = { planId: machine?.hour, email };
    const begun = await place.call('POST', `/api/public/device/${machine?.uid}/intent`, { body, cookie, staff: false });
    const checkout = place.simulators.stripe.checkouts().find(({ url }) => url === begun.body.url);
    await place.simulators.stripe.pay(checkout?.id ?? '');
  };
  expect(await server.killedAt(point, pay, dead)).toBe('SIGKILL');
}

/** By the next server, when the time of the dead sender is over. */
async function untilSent(to: string): Promise<void> {
  await scene.sendersAreGone();
  await until('it is sent', async () => (await rowOf(to))?.state === 'sent');
}

test('killed before it was marked as being sent: sent once', async () => {
  await killedAt('mail-sending:before', machines[0], 'one@example.com', () => {
    expect(inbox('one@example.com')).toEqual([]);
  });
  await untilSent('one@example.com');
  expect(inbox('one@example.com').length).toBe(1);
});

test('killed when it was marked and the mail server had heard nothing: sent once', async () => {
  await killedAt('mail-sending:after', machines[1], 'two@example.com', async () => {
    expect(inbox('two@example.com')).toEqual([]);
    expect(await rowOf('two@example.com')).toEqual({ state: 'sending', attempts: 1 });
  });
  await untilSent('two@example.com');
  expect(inbox('two@example.com').length).toBe(1);
});

test('killed when the mail server had taken it and nobody had written that down: sent again as the same mail', async () => {
  await killedAt('mail-told:before', machines[2], 'three@example.com', () => {
    expect(inbox('three@example.com').length).toBe(1);
  });
  await untilSent('three@example.com');
  const [mail, again, ...others] = inbox('three@example.com');
  expect(others).toEqual([]);
  expect(again?.messageId).toBe(mail?.messageId);
  expect(mail?.messageId).toMatch(/^<mail_[0-9a-z]{26}@keystead\.test>$/);
});

test('killed when it was written down: sent once', async () => {
  await killedAt('mail-told:after', machines[3], 'four@example.com', async () => {
    expect(await rowOf('four@example.com')).toEqual({ state: 'sent', attempts: 1 });
  });
  await untilSent('four@example.com');
  expect(inbox('four@example.com').length).toBe(1);
});
