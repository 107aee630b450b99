// What the page says of locks.

/** What can be wrong with a lock, by the way it is reached: [condition, label, meaning]. */
const everywhere = [
  ['jammed', 'Jammed', 'Its bolt does not move.'],
  ['slow', 'Slow', 'Commands take seconds to reach it.'],
  ['frozen', 'Frozen', 'Its administrator has frozen it: nobody opens it.'],
  ['no-remote', 'No remote unlock', 'It may not be opened from afar.'],
  ['memory-full', 'Memory full', 'No more codes fit into it.'],
];
const byReach = {
  gateway: [['out-of-range', 'Out of range', 'No gateway hears it.']],
  wifi: [
    ['power-saving', 'Power saving', 'It listens to nobody, to save its battery.'],
    ['offline', 'Offline', 'Its WiFi is gone.'],
    ['busy', 'Busy', 'It answers somebody else.'],
  ],
  bluetooth: [],
};
export const conditionsOf = (reach) => [...everywhere, ...byReach[reach]];

export function aboutLock({ reach, conditions }) {
  const wrong = conditionsOf(reach).filter(([condition]) => conditions.includes(condition));
  return wrong.map(([, , meaning]) => meaning).join(' ');
}

export const pathOf = ({ lockId }) => `/api/ttlock/locks/${lockId}`;

/** `gateway`: the one nearby. */
export function reachWords(reach, gateway) {
  if (reach === 'wifi') return 'on WiFi';
  return gateway === undefined
    ? 'reached by phones alone'
    : `by gateway ${gateway.name}${gateway.online ? '' : ' (unplugged)'}`;
}

const outcomes = {
  opened: 'It opens.',
  jammed: 'Accepted, but the bolt is jammed.',
  'no-power': 'Nothing happens: its battery is empty.',
  frozen: 'Refused: the lock is frozen.',
  'no-keypad': 'It has no keypad.',
  'no-camera': 'It has no camera.',
  'keypad-locked': 'Refused: too many wrong codes, wait five minutes.',
  'unknown-code': 'Refused: it does not know this code.',
  'not-yet': 'Refused: not valid yet.',
  expired: 'Refused: no longer valid.',
  disabled: 'Refused: this code is switched off.',
  'never-used-in-time': 'Refused: not used within a day of its start.',
  'used-up': 'Refused: used already.',
  deleted: 'Refused: this code was deleted.',
  'not-now': 'Refused: not at this time.',
  unreadable: 'Refused: this is no code of the platform.',
  'another-lock': 'Refused: made for another lock.',
  stale: 'Refused: too old, it must be shown afresh.',
};
export const outcomeWords = ({ why }) => outcomes[why] ?? why;

const events = {
  4: ['opened by code', 'code refused'],
  11: ['locked from afar', 'not locked from afar'],
  12: ['opened from afar', 'not opened from afar'],
  32: ['opened by hand', 'not opened by hand'],
  45: ['locked itself', 'did not lock itself'],
  47: ['locked by hand', 'not locked by hand'],
  48: ['keypad blocked for five minutes', ''],
  57: ['opened by QR code', ''],
  58: ['', 'QR code refused'],
  63: ['opened itself, passage time', ''],
  65: ['', 'bolt jammed, not opened'],
  66: ['', 'bolt jammed, not locked'],
};
export const eventWords = ({ type, success }) => events[type]?.[success ? 0 : 1] || `record ${type}`;

export function boltWords(lock, left) {
  if (lock.locked) return 'locked';
  if (lock.inPassage) return 'open: passage time';
  return left === null ? 'open' : `locks in ${Math.max(0, Math.ceil(left / 1000))} s`;
}

const day = (at) => new Date(at).toLocaleString([], { dateStyle: 'short', timeStyle: 'short', hour12: false });
const kinds = {
  1: 'once',
  2: 'permanent',
  3: 'period',
  4: 'deletes all others',
  5: 'weekend',
  6: 'daily',
  7: 'workdays',
  8: 'Mondays',
  9: 'Tuesdays',
  10: 'Wednesdays',
  11: 'Thursdays',
  12: 'Fridays',
  13: 'Saturdays',
  14: 'Sundays',
};

/** Every code that lies on the lock, in words. */
export function codesOn({ written, random }) {
  return [
    ...written.map(({ digits, startDate, endDate, by }) => {
      const times = endDate === null ? 'permanent' : `${day(startDate)} to ${day(endDate)}`;
      return `${digits} · ${times} · written ${by === 'keypad' ? 'at the keypad' : 'from afar'}`;
    }),
    ...random.map(({ digits, type, startDate, endDate, state }) => {
      const times = endDate === 0 ? `from ${day(startDate)}` : `${day(startDate)} to ${day(endDate)}`;
      return `${digits} · ${kinds[type]}, ${times}${state === 'good' ? '' : ` · ${state}`}`;
    }),
  ];
}
