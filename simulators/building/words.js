// What the page says of faults and relays, and what they mean: [fault, label, meaning].
export const deviceFaults = [
  ['none', 'Normal', 'Does what it is told, and says so.'],
  ['offline', 'Offline', 'Its network plug is pulled; relay and timer go on.'],
  ['answer-lost', 'Answer lost', 'Obeys, but its answer never arrives.'],
  ['slow', 'Slow', 'Answers, but only after seconds.'],
  ['refuses', 'Refuses', 'Answers every switching with an error.'],
  ['dead-relay', 'Dead relay', 'Says yes, but its contact does not close.'],
];
export const stripeFaults = [
  ['none', 'Normal', 'Takes payments, gives refunds, tells of both.'],
  ['down', 'Down', 'Nobody reaches it: neither the API nor the payment page.'],
  ['server-error', 'Server errors', 'Its API answers with errors; the payment page works.'],
  ['rate-limited', 'Too many requests', 'Its API refuses everything with 429; the payment page works.'],
  ['answer-lost', 'Answer lost', 'Does what it is asked, but its answer never arrives.'],
  ['slow', 'Slow', 'Its API answers, but only after seconds.'],
  ['silent', 'Silent', 'Takes every request and never answers; the payment page works.'],
  ['refund-fails', 'Refunds fail', 'Takes payments, but refuses every refund.'],
  ['refund-pending', 'Refunds pend', 'Refunds are pending until the bank has answered.'],
];

export const aboutFault = (faults, name) => faults.find(([fault]) => fault === name)?.[2] ?? '';

const sources = {
  init: 'at its start',
  HTTP_in: 'by network',
  button: 'by button',
  timer: 'by timer',
  fault: 'by fault',
};
export const switchedBy = (source) => sources[source] ?? source;

/** `left`: seconds of a running timer, or null. */
export function relayWords({ output, source }, left) {
  if (left !== null) return `${output ? 'off' : 'on'} in ${span(left)} · ${switchedBy(source)}`;
  if (output) return `no timer · ${switchedBy(source)}`;
  return source === 'init' ? 'not switched yet' : `switched off ${switchedBy(source)}`;
}

export function span(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n) => String(n).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** What the bank or the cardholder may do to this charge now: [label, path, body]. */
export function bankActions(charge) {
  if (charge === undefined) return [];
  const standing = charge.refunds.filter(({ status }) => status !== 'failed').at(-1);
  const dispute = charge.disputes.find(({ status }) => !['won', 'lost', 'warning_closed'].includes(status));
  return [
    standing?.status === 'pending' && ['Refund goes through', `/api/stripe/refunds/${standing.id}/succeed`, {}],
    standing !== undefined && ['Refund comes back', `/api/stripe/refunds/${standing.id}/fail`, {}],
    charge.disputes.length === 0 && [
      'Guest disputes it',
      '/api/stripe/dispute',
      { paymentIntent: charge.paymentIntentId },
    ],
    dispute !== undefined && ['Answer the dispute', `/api/stripe/disputes/${dispute.id}/answer`, {}],
    dispute !== undefined && ['Dispute won', `/api/stripe/disputes/${dispute.id}/win`, {}],
    dispute !== undefined && ['Dispute lost', `/api/stripe/disputes/${dispute.id}/lose`, {}],
  ].filter(Boolean);
}
