import type { Config } from '../config.ts';
import { createMailRound } from '../engine/mail-round.ts';
import { createDelivery } from '../features/mail/delivery.service.ts';
import { createLetterFacts } from '../features/mail/letter-facts.service.ts';
import { createLetterWriter } from '../pages/mails/write-letter.ts';
import { createSmtpProvider } from '../providers/smtp/provider.ts';
import type { Doors } from './doors.ts';
import type { Ground } from './ground.ts';
import type { Guests } from './guests.ts';
import type { House } from './house.ts';
import type { Machines } from './machines.ts';
import type { Money } from './money.ts';
import type { Notices } from './notices.ts';
import type { Partners } from './partners.ts';

type Given = {
  house: House;
  notices: Notices;
  partners: Partners;
  money: Money;
  machines: Machines;
  doors: Doors;
  guests: Guests;
  /** Null: mail is off. */
  mailServer: Config['mail'];
};

/** Hands over the mails that were written down: read and worded as late as can be. */
export function composeMail(ground: Ground, given: Given) {
  const { clock, log, publicUrl } = ground;
  const { mailServer } = given;
  const { settings } = given.house;
  const { notices } = given.notices;
  const { payments } = given.money;
  const { sessions } = given.machines;
  const { passes } = given.doors;
  const { facts, passFacts, telling } = given.guests;
  const about = {
    sessions,
    facts,
    passes,
    passFacts,
    payments,
    notices,
    settings,
    telling,
    signInCodes: given.partners.signInCodes,
  };
  const writing = { letterFacts: createLetterFacts({ ...ground, ...about }), write: createLetterWriter({ publicUrl }) };
  const delivery =
    mailServer === null
      ? null
      : createDelivery({ ...ground, notices, ...writing, provider: createSmtpProvider({ server: mailServer, clock }) });
  return { mails: createMailRound({ clock, log, delivery }) } as const;
}

export type Mail = ReturnType<typeof composeMail>;
