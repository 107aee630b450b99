import type { Clock } from '../../host/clock.ts';
import type { VendorHttp } from '../../host/vendor-http.ts';
import { type Instant, seconds } from '../../rules/instant.ts';
import type { Driver, HardwareRef, LookFor, Outcome, Pace } from '../port.ts';
import { type CloudAnswer, createCloudClient } from './cloud-client.ts';
import { ageOf, isSurelyLater, proofOf, type Sent, settleMilliseconds } from './cloud-judge.ts';
import { listCloud } from './cloud-list.ts';
import { createCloudReads } from './cloud-reads.ts';
import { type Picture, pictureOf } from './cloud-relay.ts';
import { checkCommand, refusedBy, type SetAnswer, type Trouble, toObservation, unreachable } from './judge.ts';

/**
 * Shelly relays of every generation through Shelly's cloud. The cloud counts requests, so every one waits for its turn;
 * it shows pictures, so after a command only what is surely no picture from before counts.
 * It must never report as done what was not seen, and never as not done what may still happen.
 */
export type ShellyCloudOptions = {
  server: string;
  authKey: string;
  http: VendorHttp;
  clock: Clock;
  pace: Pace;
};

/** A switch that has not begun by then is refused, with nothing sent: the rest of the deadline is for its read-back. */
const patienceToSwitch = seconds(6);

export function createShellyCloudDriver(o: ShellyCloudOptions): Driver {
  const { clock } = o;
  const client = createCloudClient(o);
  const reads = createCloudReads(client);
  const names = new Map<string, string | null>();
  const sentTo = new Map<string, Sent>();
  /** Switch-ons that were not seen yet, until their own timer has surely run out. */
  const shadows = new Map<string, { since: Sent; until: Instant }>();

  return {
    describe: () => ({ canSwitch: true, hasAutoOff: true, readsPower: true }),
    list: (signal) => listCloud(client, names, signal),

    perform: async (ref, command, signal) => {
      checkCommand(command);
      const wish = { id: ref.hardwareId, channel: ref.channel, on: command.kind === 'switch-on' };
      const body = command.kind === 'switch-on' ? { ...wish, toggle_after: command.autoOffSeconds } : wish;
      let at = clock.now();
      const request = () => {
        at = clock.now();
        return { path: '/v2/devices/api/set/switch', body };
      };
      const patience = clock.deadline(patienceToSwitch, signal);
      const answer = await client.call({ request, lookFor: 'people', patience, signal });
      if (answer.kind === 'trouble') return refusedBy(answer);
      const sent: Sent = { command, said: saidBy(answer), at, cloudAt: cloudTimes(at) };
      sentTo.set(keyOf(ref), sent);
      if (command.kind === 'switch-on') {
        shadows.set(keyOf(ref), { since: sent, until: at + (command.autoOffSeconds + 60) * 1000 });
      }
      return lookUntilProved(ref, sent, signal);
    },

    observe: async (ref, signal, lookFor = 'people') => {
      while (!signal.aborted) {
        const picture = await look(ref, lookFor, signal);
        if ('reason' in picture) return unreachable(picture, clock.now());
        if (ageOf(picture, sentTo.get(keyOf(ref)), clock.now()) !== 'old') return toObservation(picture.relay);
      }
      return {
        kind: 'unreachable',
        why: 'Shelly Cloud still shows how it was before the last command',
        at: clock.now(),
      };
    },
  };

  /** Each look waits for its turn, so they are a second apart. */
  async function lookUntilProved(ref: HardwareRef, sent: Sent, signal: AbortSignal): Promise<Outcome> {
    let seen = 'it was not looked at in time';
    let last = false;
    while (!last && !signal.aborted) {
      last = clock.now() - sent.at >= settleMilliseconds;
      const picture = await look(ref, 'people', signal);
      if ('reason' in picture) {
        seen = picture.detail;
        last ||= picture.reason !== 'vendor';
        continue;
      }
      const age = ageOf(picture, sent, clock.now());
      const proof = proofOf(sent, picture, age, shadows.has(keyOf(ref)));
      if (proof !== null) return proof;
      seen = 'Shelly Cloud does not show it yet';
      last ||= age === 'settled';
    }
    if (sent.said.kind === 'taken') return { kind: 'accepted' };
    return { ...sent.said, kind: 'unknown', detail: `${sent.said.detail}; read-back: ${seen}` };
  }

  async function look(ref: HardwareRef, lookFor: LookFor, signal: AbortSignal): Promise<Picture | Trouble> {
    const shown = await reads.status(ref.hardwareId, lookFor, signal);
    if (shown.kind === 'trouble') return shown;
    if (shown.kind === 'unknown-device') {
      return { kind: 'trouble', reason: 'not-found', detail: `The Shelly account has no device ${ref.hardwareId}` };
    }
    const at = clock.now();
    const cloudNow = client.cloudTime(at);
    const picture = pictureOf(shown.device, ref.channel, { at, ahead: cloudNow === null ? null : cloudNow - at });
    if (!('reason' in picture)) seeThrough(ref, picture);
    return picture;
  }

  /** A picture from after a switch-on: whatever it shows, that command is no secret any more. */
  function seeThrough(ref: HardwareRef, picture: Picture): void {
    const shadow = shadows.get(keyOf(ref));
    if (shadow === undefined) return;
    const shown = picture.relay.on && ageOf(picture, shadow.since, shadow.since.at) === 'new';
    if (shown || isSurelyLater(picture, shadow.since) || clock.now() > shadow.until) shadows.delete(keyOf(ref));
  }

  function cloudTimes(at: Instant): Sent['cloudAt'] {
    const sent = client.cloudTime(at);
    const answered = client.cloudTime(clock.now());
    return sent === null || answered === null ? null : { sent, answered };
  }
}

/** A good answer has no body, or one that says so; anything else is no answer that we understand. */
function saidBy(answer: Exclude<CloudAnswer, Trouble>): Exclude<SetAnswer, { kind: 'refused' }> {
  if (answer.kind === 'lost') return answer;
  const { value } = answer;
  const empty = value === undefined || value === null || (typeof value === 'object' && !Array.isArray(value));
  return empty
    ? { kind: 'taken', named: true }
    : { kind: 'lost', detail: 'Shelly Cloud gave an answer of another kind' };
}

const keyOf = (ref: HardwareRef): string => `${ref.hardwareId}/${ref.channel}`;
