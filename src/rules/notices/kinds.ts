/**
 * What a person may have to attend to. `needs-action`: money or safety waits for somebody. `warning`: it hurts business
 * until it is over. `info`: good to know. Each kind has its words in texts/notices; a new one is a line here and its words.
 */
export type Severity = 'needs-action' | 'warning' | 'info';

/** What a notice is about; its subject is the id of one. */
export type SubjectType = 'device' | 'door' | 'lock' | 'pin' | 'session' | 'payment' | 'connection' | 'organization';

export const noticeKinds = {
  /** A device does not answer. */
  'device-offline': { severity: 'warning', subject: 'device' },
  /** A relay was found on without a session and without anybody's hand. */
  'relay-on-without-session': { severity: 'needs-action', subject: 'device' },
  /** 24 h after its end a relay could still not be seen off. */
  'session-lost-sight': { severity: 'warning', subject: 'session' },
  /** Money did not get back: the provider refused, or the bank sent it back. */
  'refund-failed': { severity: 'needs-action', subject: 'payment' },
  /** Money came that does not fit what was asked for. */
  'payment-mismatch': { severity: 'needs-action', subject: 'payment' },
  /** A guest has written that something went wrong. */
  'guest-message': { severity: 'needs-action', subject: 'session' },
  /** A guest's bank asks the money back. */
  dispute: { severity: 'needs-action', subject: 'payment' },
  /** Stripe does not take our key. */
  'stripe-credentials': { severity: 'needs-action', subject: 'organization' },
  /** The mail server cannot be used: unreachable, or it refuses us. */
  'mail-not-going-out': { severity: 'warning', subject: 'organization' },
  /** The broker through which devices are reached does not answer. */
  'broker-down': { severity: 'warning', subject: 'connection' },
  /** The requests that its vendor allows in a month will not last. */
  'requests-nearly-used-up': { severity: 'warning', subject: 'connection' },
  /** A lock, or the gateway that speaks to it, does not answer. */
  'lock-offline': { severity: 'warning', subject: 'lock' },
  'lock-battery-low': { severity: 'needs-action', subject: 'lock' },
  /** No fresh reading of its battery for 14 days. */
  'lock-battery-unknown': { severity: 'warning', subject: 'lock' },
  /** Its bolt could not move. */
  'lock-jammed': { severity: 'needs-action', subject: 'lock' },
  /** A lock has not taken yet whether its door is free to pass: it may stand open, or be locked where it should not. */
  'door-passage': { severity: 'needs-action', subject: 'door' },
  /** A code failed again and again: it alone is left for a while. */
  'pin-suspended': { severity: 'needs-action', subject: 'pin' },
  /** Something else on the lock has the digits of a code. */
  'pin-conflict': { severity: 'needs-action', subject: 'pin' },
  /** Codes were found on a lock that nobody here has set. */
  'unmanaged-codes': { severity: 'warning', subject: 'lock' },
} as const satisfies Record<string, { severity: Severity; subject: SubjectType }>;

export type NoticeKind = keyof typeof noticeKinds;

export const isNoticeKind = (text: string): text is NoticeKind => Object.hasOwn(noticeKinds, text);
