/** When it is open, on the pay page: a line while it is, and the coming week in a table that opens without a script. */
import type { Instant } from '../rules/instant.ts';
import { hours } from '../rules/instant.ts';
import type { DayHours } from '../rules/time/opening-hours.ts';
import { attribute, type Html, html } from './html.ts';
import { clockIcon } from './icons.ts';
import type { PageContext, Speech } from './page-context.ts';

export type HoursView = {
  open: boolean;
  closesAt: Instant | null;
  /** The coming week, from today on, with its holidays. */
  days: DayHours[];
};

/** `Open until 22:00`, where that is soon enough to matter; and why today is special. */
export function openLine({ open, closesAt, days }: HoursView, ctx: PageContext, say: Speech): Html | null {
  const soon = open && closesAt !== null && closesAt - ctx.now <= hours(24);
  const holiday = days[0]?.holiday ?? null;
  if (!soon && holiday === null) return null;
  const words = [soon ? say.pay.hours.openUntil(say.moment(closesAt)) : null, holiday].filter((text) => text !== null);
  return html`<p class="open-until">${clockIcon()} <span>${words.join(' · ')}</span></p>`;
}

export function weekTable({ days }: HoursView, say: Speech): Html {
  return html`<details class="more hours">
<summary>${say.pay.hours.title}</summary>
<table>
<caption>${say.pay.hours.zone(say.zoneName())}</caption>
<tbody>${days.map((day, n) => row(day, n === 0, say))}</tbody>
</table>
</details>`;
}

function row({ date, spans, holiday }: DayHours, today: boolean, say: Speech): Html {
  return html`<tr ${attribute('aria-current', today && 'date')}>
<th scope="row">${say.weekday(date)}${holiday !== null && html` <small>${holiday}</small>`}</th>
<td>${spans.length === 0 ? say.pay.hours.closedAllDay : spans.map((span) => html`<span>${say.openSpan(span)}</span> `)}</td>
</tr>`;
}
