import type { NoticeKind } from '../../rules/notices/kinds.ts';

/** What the words of a notice may speak of; what is not known is null. `name`: the device's, the door's or the connection's. */
export type NoticeParts = {
  name: string | null;
  since: string | null;
  watts: string | null;
  source: string | null;
  battery: string | null;
  /** Whose code it is, what else has its digits, and how many there are. */
  pin: string | null;
  other: string | null;
  count: string | null;
  amount: string | null;
  came: string | null;
};

/** `means`: what it is, `todo`: what to do about it. For staff: plain, short, without a vendor's raw words. */
type Words = { title: (p: NoticeParts) => string; means: (p: NoticeParts) => string; todo: (p: NoticeParts) => string };

const of = (name: string | null, text: string): string => (name === null ? text : `${name}: ${text}`);

export const noticesEn: Record<NoticeKind, Words> = {
  'device-offline': {
    title: ({ name }) => of(name, 'offline'),
    means: () =>
      'The device does not answer. It is not sold while that lasts; a run under way goes on by its own timer.',
    todo: () =>
      'Look whether it has power and is in reach of the Wi-Fi. The notice goes away by itself when it answers.',
  },
  'relay-on-without-session': {
    title: ({ name }) => of(name, 'found on without a session'),
    means: ({ since, watts, source }) =>
      [
        since === null ? 'The relay is on and nobody paid or asked for it.' : `On since ${since}; nobody asked for it.`,
        watts === null ? '' : `It draws ${watts}.`,
        source === null ? '' : `Switched last by: ${source}.`,
        'It is switched off by the server, again and again until it is seen off.',
      ]
        .filter((part) => part !== '')
        .join(' '),
    todo: () =>
      'Look for a button, a schedule or another app that switches this relay, and turn that off. If the notice stays, unplug the machine.',
  },
  'session-lost-sight': {
    title: ({ name }) => of(name, 'end of a session not seen'),
    means: () =>
      'A day after its end the relay could still not be seen off. The session was closed; its own timer ended it.',
    todo: () => 'Look at the machine: whether it is off, and why the device does not answer.',
  },
  'refund-failed': {
    title: ({ name, amount }) => of(name, amount === null ? 'refund failed' : `refund of ${amount} failed`),
    means: () => 'The payment service refuses to give money back that a guest is due. It is tried again by itself.',
    todo: () =>
      'Look into your account at the payment service: often its balance is too low. Or refund there by hand; that counts.',
  },
  'payment-mismatch': {
    title: ({ name }) => of(name, 'payment does not fit'),
    means: ({ amount, came }) =>
      amount === null || came === null
        ? 'Money came that does not fit what was asked for.'
        : `${amount} was asked for, and ${came} came.`,
    todo: () => 'It buys nothing and goes back by itself. Look at the payment service how it came about.',
  },
  'guest-message': {
    title: ({ name }) => of(name, 'a guest has written'),
    means: () => 'A guest says that something went wrong with their session. What they wrote stands in the notice.',
    todo: () =>
      'Read it, look at the session, and answer where the guest left an address. Dismiss it when it is dealt with.',
  },
  dispute: {
    title: ({ name, amount }) => of(name, amount === null ? 'payment disputed' : `payment of ${amount} disputed`),
    means: () => 'The guest’s bank asks this money back. Without an answer in time it is lost.',
    todo: () => 'Answer at the payment service, with the times of the session as proof, or accept it there.',
  },
  'stripe-credentials': {
    title: () => 'The payment service refuses our key',
    means: () => 'Stripe does not take the secret key. Nothing can be sold and nothing be refunded while that lasts.',
    todo: () => 'Enter the secret key of your Stripe account anew. The notice goes away by itself when it works.',
  },
  'mail-not-going-out': {
    title: () => 'Mails do not go out',
    means: () =>
      'The mail server cannot be reached, or refuses us. Mails wait for up to three days and go out when it works.',
    todo: () => 'Look at SMTP_URL and MAIL_FROM, and at the mail server itself.',
  },
  'broker-down': {
    title: ({ name }) => of(name, 'broker does not answer'),
    means: () => 'The devices behind this broker cannot be reached. They are not sold while that lasts.',
    todo: () => 'Look whether the broker runs, and whether its address and password in the connection are still right.',
  },
  'requests-nearly-used-up': {
    title: ({ name }) => of(name, 'requests of this month nearly used up'),
    means: () =>
      'The vendor allows only so many requests a month, and nine of ten are spent. When they are used up, no lock of this connection can be opened from here until the month is over; codes that are on the locks still open them.',
    todo: () => 'Order more requests from the vendor, and write their number into the connection.',
  },
  'lock-offline': {
    title: ({ name }) => of(name, 'lock not reachable'),
    means: ({ since }) =>
      `The lock, or the gateway that speaks to it, does not answer${since === null ? '' : ` since ${since}`}. It cannot be opened from here; codes that are on it still open it.`,
    todo: () =>
      'Look whether the gateway has power and network and is near the lock, and whether the lock has power. The notice goes away by itself when it answers.',
  },
  'lock-battery-low': {
    title: ({ name, battery }) => of(name, battery === null ? 'battery low' : `battery at ${battery}`),
    means: () => 'The batteries of the lock are nearly empty. When they are, nobody gets in by code or from here.',
    todo: () => 'Change the batteries soon, all of them. The notice goes away by itself with the next reading.',
  },
  'lock-battery-unknown': {
    title: ({ name }) => of(name, 'battery not known'),
    means: () => 'There was no fresh reading of the battery for 14 days. The level that is shown may be wrong.',
    todo: () => 'Open the lock once by its vendor’s app beside it, or look whether its gateway is online.',
  },
  'lock-jammed': {
    title: ({ name }) => of(name, 'lock jammed'),
    means: ({ since }) =>
      `The bolt could not move${since === null ? '' : `, since ${since}`}. The door may not be locked.`,
    todo: () => 'Go there: look whether the door is closed and the bolt free, and turn it once by hand.',
  },
  'door-passage': {
    title: ({ name }) => of(name, 'free passage not as it should be'),
    means: () =>
      'The lock has not taken yet whether this door is free to pass. It may be locked though it should be open, or open though it should be locked.',
    todo: () =>
      'Go there, or look whether the gateway of the lock is online; it is told again by itself. Some locks cannot be held open at all: then change the status of the door.',
  },
  'pin-suspended': {
    title: ({ name, pin }) => of(name, pin === null ? 'a code cannot be set' : `the code of ${pin} cannot be set`),
    means: () =>
      'The lock refused it three times within five minutes. This code alone is left for a while and then tried again; all others go on.',
    todo: () =>
      'Give the person another way in, or other digits. Look whether the lock is full, and whether its gateway is near enough.',
  },
  'pin-conflict': {
    title: ({ name, pin }) => of(name, pin === null ? 'digits are taken' : `the digits of ${pin} are taken`),
    means: ({ other }) =>
      other === null
        ? 'Another code on the lock has the same digits. This code is not on the lock.'
        : `The code “${other}”, which was not set from here, has the same digits. This code is not on the lock.`,
    todo: () => 'Choose other digits, or take the other code away or adopt it under the codes of the lock.',
  },
  'unmanaged-codes': {
    title: ({ name, count }) =>
      of(name, count === null ? 'unknown codes on the lock' : `unknown codes on the lock: ${count}`),
    means: () => 'Codes were found on the lock that were not set from here. They open the door.',
    todo: () =>
      'Adopt them, take them away, or leave them alone: under the codes of the lock. Its rule for such codes can be changed, too.',
  },
};
