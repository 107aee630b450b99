import { expect, test } from 'vitest';
import type { FailureReason } from './session.ts';
import { running, type Story, seenOnUntil, tell, waitingForMoney } from './testing/story.ts';

/** Each documented reason: how it comes about, and what of 600 cents was earned. */
const failures: [name: string, reason: FailureReason, earned: number, happens: () => Story][] = [
  [
    'the checkout was not paid',
    'payment_not_completed',
    0,
    () => {
      const story = tell();
      story.paymentFails(1800);
      return story;
    },
  ],
  [
    'the money came when another run had the device',
    'device_in_use',
    0,
    () => {
      const story = tell();
      story.paid(0, false);
      return story;
    },
  ],
  [
    'the money came after the hold had passed to another guest',
    'device_in_use',
    0,
    () => {
      const story = tell(waitingForMoney({ superseded: true }));
      story.paid(0);
      return story;
    },
  ],
  [
    'the relay answered for 20 seconds and did not go on',
    'relay_on_failed',
    0,
    () => {
      const story = tell();
      story.paid(0);
      for (let second = 0; second < 20; second++) {
        story.tick(second);
        story.refused(second, 'switch-on');
      }
      expect(story.tick(20)).toEqual([{ kind: 'switch-off' }]);
      story.refused(20, 'switch-off');
      return story;
    },
  ],
  [
    'nobody answered for 20 seconds',
    'device_offline',
    0,
    () => {
      const story = tell();
      story.paid(0);
      for (let second = 0; second < 20; second++) {
        story.tick(second);
        story.notReached(second, 'switch-on');
      }
      expect(story.tick(20)).toEqual([{ kind: 'switch-off' }]);
      story.notReached(25, 'switch-off');
      return story;
    },
  ],
  [
    'it was silent at first, then answered and did not go on',
    'relay_on_failed',
    0,
    () => {
      const story = tell();
      story.paid(0);
      for (let second = 0; second < 20; second++) {
        story.tick(second);
        if (second < 3) story.notReached(second, 'switch-on');
        else story.refused(second, 'switch-on');
      }
      story.tick(20);
      story.refused(20, 'switch-off');
      return story;
    },
  ],
  [
    'the server was down when the delay ended',
    'relay_on_failed',
    0,
    () => {
      const story = tell(waitingForMoney({ delayMinutes: 5 }));
      story.paid(0);
      expect(story.tick(1000)).toEqual([{ kind: 'switch-off' }]);
      story.seenOff(1000);
      return story;
    },
  ],
  [
    'the relay went off and would not go on again for over a minute',
    'relay_off_prematurely',
    100,
    () => {
      const story = running();
      seenOnUntil(story, 0, 100);
      story.tick(110);
      story.seenOff(110);
      for (let second = 110; second <= 170; second++) {
        expect(story.tick(second)).toEqual([{ kind: 'switch-on', autoOffSeconds: 600 - second }]);
        story.refused(second, 'switch-on');
      }
      expect(story.tick(170.001)).toEqual([{ kind: 'switch-off' }]);
      story.seenOff(171);
      return story;
    },
  ],
  [
    'the relay was out of sight for minutes, is found off and does not get on again',
    'relay_off_prematurely',
    50,
    () => {
      const story = running();
      seenOnUntil(story, 0, 50);
      for (let second = 60; second < 300; second += 3) {
        story.tick(second);
        story.silent(second);
      }
      story.tick(300);
      story.seenOff(300);
      for (let second = 300; second <= 360; second++) {
        expect(story.tick(second)).toEqual([{ kind: 'switch-on', autoOffSeconds: 600 - second }]);
        story.refused(second, 'switch-on');
      }
      expect(story.tick(360.001)).toEqual([{ kind: 'switch-off' }]);
      story.seenOff(361);
      return story;
    },
  ],
  [
    'the relay was not seen off for a day after the end',
    'reconciliation_timeout',
    600,
    () => {
      const story = running();
      story.seenOff(10);
      story.tick(10);
      story.seenOn(40);
      seenOnUntil(story, 40, 400);
      for (let second = 410; second < 600 + 86_400; second += 30) {
        story.tick(second);
        if (second < 600) story.silent(second);
        else story.notReached(second, 'switch-off');
      }
      expect(story.session.phase).toBe('stopping');
      expect(story.tick(600 + 86_400)).toEqual([{ kind: 'lost-sight' }, { kind: 'settle' }]);
      return story;
    },
  ],
  [
    'staff ended it, and the rest goes back',
    'force_ended_by_admin',
    251,
    () => {
      const story = running();
      seenOnUntil(story, 0, 250);
      story.staffEnds(251.9);
      expect(story.tick(252)).toEqual([{ kind: 'switch-off' }]);
      story.seenOff(252.5);
      return story;
    },
  ],
  [
    'staff ended it without a refund',
    'force_ended_by_admin',
    600,
    () => {
      const story = running();
      story.staffEnds(100, false);
      story.tick(100);
      story.seenOff(101);
      return story;
    },
  ],
  [
    'staff ended it while it waited for its time, without a refund',
    'force_ended_by_admin',
    600,
    () => {
      const story = tell(waitingForMoney({ delayMinutes: 5 }));
      story.paid(0);
      story.staffEnds(10, false);
      return story;
    },
  ],
  [
    'staff gave it up before it was paid: who pays all the same gets it back, whatever staff said of refunds',
    'force_ended_by_admin',
    0,
    () => {
      const story = tell();
      story.staffEnds(10, false);
      story.paid(11);
      return story;
    },
  ],
  [
    'staff marked it as failed',
    'failed_by_admin',
    0,
    () => {
      const story = running();
      seenOnUntil(story, 0, 500);
      story.staffFails(501);
      story.tick(501);
      story.seenOff(501);
      return story;
    },
  ],
  [
    'staff marked it as failed while its end was awaited',
    'failed_by_admin',
    0,
    () => {
      const story = running();
      story.tick(600);
      story.notReached(600, 'switch-off');
      story.staffFails(700);
      story.tick(700);
      story.notReached(701, 'switch-off');
      return story;
    },
  ],
  [
    'all the money went back from the dashboard of the provider',
    'payment_reversed',
    30,
    () => {
      const story = running();
      seenOnUntil(story, 0, 30);
      story.reversed(30);
      expect(story.tick(30)).toEqual([{ kind: 'switch-off' }]);
      story.notReached(35, 'switch-off');
      return story;
    },
  ],
  [
    'the money went back before it was told that it had come',
    'payment_reversed',
    0,
    () => {
      const story = tell();
      story.reversed(10);
      story.paid(11);
      return story;
    },
  ],
];

test.each(failures)('%s: cancelled with %s, %i of 600 earned', (_, reason, earned, happens) => {
  const story = happens();
  expect(story.session).toMatchObject({ phase: 'cancelled', failureReason: reason });
  expect(story.session.endedAt).not.toBeNull();
  expect(story.earned()).toBe(earned);
  expect(story.count('settle')).toBe(1);
  expect(story.wakesAt).toBeNull();
});

test('a command that we held back ourselves says nothing of the device: it stays as reachable as it was', () => {
  const story = tell();
  story.paid(0);
  story.tick(0);
  story.notReached(0, 'switch-on');
  story.tick(1);
  story.notSent(1, 'switch-on');
  expect(story.session.run.unreachableSince).not.toBeNull();
  expect(story.tick(2)).toEqual([{ kind: 'switch-on', autoOffSeconds: 600 }]); // surely not done: no look before
  story.refused(2, 'switch-on');
  story.tick(3);
  story.notSent(3, 'switch-on');
  expect(story.session.run.unreachableSince).toBeNull();
});
