/** Line icons, drawn in the text's colour; they only accompany words, so they are hidden from screen readers. */
import { type Html, html } from './html.ts';

export const shieldIcon = (): Html =>
  html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M12 3l7.5 2.8v5.4c0 4.6-3.1 8.2-7.5 9.8-4.4-1.6-7.5-5.2-7.5-9.8V5.8z"/><path d="M8.7 12l2.4 2.4 4.4-4.6"/></svg>`;

export const placeIcon = (): Html =>
  html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M12 21.2c-4-4-6.8-7.4-6.8-10.9a6.8 6.8 0 0 1 13.6 0c0 3.5-2.8 6.9-6.8 10.9z"/><circle cx="12" cy="10.2" r="2.4"/></svg>`;

export const clockIcon = (): Html =>
  html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="8.8"/><path d="M12 7.2V12l3.2 2"/></svg>`;

export const backIcon = (): Html =>
  html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M9.5 5L4.8 9.7l4.7 4.7"/><path d="M5 9.7h8.7a5.3 5.3 0 0 1 0 10.6H9.5"/></svg>`;

export const alertIcon = (): Html =>
  html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="8.8"/><path d="M12 7.4v5.4M12 16.4v.1"/></svg>`;

/** The large signs of a state: a disc with a stroke in it. */
export type Sign = 'check' | 'stop' | 'cross' | 'wait' | 'tool' | 'signal' | 'question';

const strokes: Record<Sign, string> = {
  check: 'M15.5 24.5l6 6 11.5-12.5',
  stop: 'M24 14v12.5M24 33v.2',
  cross: 'M17.5 17.5l13 13M30.5 17.5l-13 13',
  wait: 'M24 12.5a11.5 11.5 0 1 1 0 23a11.5 11.5 0 0 1 0-23M24 17.5V24l4.5 3',
  tool: 'M15 33l8.5-8.5M33.5 18.2a6.6 6.6 0 0 1-8.7 6.9l-1.9-1.9a6.6 6.6 0 0 1 6.9-8.7l-3.6 3.6 3.7 3.7z',
  signal: 'M14 21.5a15 15 0 0 1 20 0M18.2 26.3a8.7 8.7 0 0 1 11.6 0M24 32.2v.2M14.5 33.5l19-19',
  question: 'M19.5 20a4.6 4.6 0 1 1 6.6 4.3c-1.5.8-2.1 1.7-2.1 3.5M24 33v.2',
};

export const signOf = (sign: Sign): Html =>
  html`<svg class="sign" viewBox="0 0 48 48" aria-hidden="true"><circle cx="24" cy="24" r="24"/><path d="${strokes[sign]}" pathLength="100"/></svg>`;
