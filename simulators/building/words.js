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
  ['slow', 'Slow', 'Its API answers, but only after seconds.'],
  ['refund-fails', 'Refunds fail', 'Takes payments, but refuses every refund.'],
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
