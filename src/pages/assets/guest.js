/**
 * What guest pages do beyond plain HTML: count down, follow the machine, name the price on the button, send once.
 * The server renders; on a change this fetches the page's <main> and swaps it. The phone's clock is never read:
 * seconds come from the server and are counted monotonically from their arrival.
 */
const seconds = () => performance.now() / 1000;
/** @param {string} selector */
const inMain = (selector) => /** @type {HTMLInputElement | null} */ (main.querySelector(selector));
/** @type {HTMLElement} */
let main = document.querySelector('main') ?? document.body;
const { token } = main.dataset;
const api = `/api/public/sessions/${token}`;

// Counting down

const loaded = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType('navigation'))[0];
let arrived = (loaded?.responseStart ?? 0) / 1000;
let drawn = arrived;
let left = 0;
let zeroSeen = false;

/** @param {number} value */
function count(value) {
  left = value;
  zeroSeen = false;
  tick();
}

function tick() {
  const shown = inMain('[data-left]');
  const title = main.dataset.title ?? document.title;
  if (!shown) {
    if (document.title !== title) document.title = title;
    return;
  }
  const now = Math.max(0, left - (seconds() - arrived));
  const text = clock(Math.ceil(now));
  if (document.title !== `${text} · ${title}`) {
    document.title = `${text} · ${title}`;
    shown.textContent = text;
    const arc = inMain('.arc');
    const total = Number(arc?.dataset.total ?? 0);
    if (total > 0) {
      arc?.setAttribute('stroke-dasharray', `${Math.min(1000, (now / total) * 1000)} 1000`);
      arc?.setAttribute('visibility', now > 0 ? 'visible' : 'hidden');
    }
  }
  if (now === 0 && !zeroSeen && main.dataset.state !== 'finishing') {
    zeroSeen = true;
    setTimeout(check, 600);
  }
}

/** @param {number} whole */
function clock(whole) {
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (parts[0] === 0) parts.shift();
  return parts.map((part, i) => (i ? String(part).padStart(2, '0') : part)).join(':');
}

// Asking and swapping

/** @param {string} address */
async function ask(address) {
  const answer = await fetch(address, { cache: 'no-store', signal: AbortSignal.timeout?.(8000) ?? null });
  if (!answer.ok && answer.status !== 404) throw new Error(`${answer.status}`);
  return answer;
}

let asked = 0;
let newest = 0;

async function swap() {
  const turn = ++asked;
  const address = new URL(location.href);
  address.searchParams.set('fragment', '1');
  address.searchParams.set('lang', document.documentElement.lang); // the page's own, also where cookies are refused
  const answer = await ask(`${address.pathname}${address.search}`);
  const at = seconds();
  const next = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('main');
  if (!next || turn < newest) return; // a late answer never takes the place of a newer one
  newest = turn;
  const changed = next.dataset.state !== main.dataset.state || next.dataset.refund !== main.dataset.refund;
  // somebody is filling it in
  if (inMain('textarea')?.value || (!changed && inMain('textarea, input:not([type=hidden])'))) return;
  if (inMain('.hours[open]')) next.querySelector('.hours')?.setAttribute('open', ''); // somebody is reading it
  const places = 'a, button, input, summary';
  const focused = main.contains(document.activeElement) && document.activeElement;
  const place = [...main.querySelectorAll(places)].indexOf(/** @type {Element} */ (focused));
  main.replaceWith(next);
  main = next;
  arrived = drawn = at;
  if (focused) {
    const same = /** @type {HTMLElement | undefined} */ (main.querySelectorAll(places)[place]);
    (same?.textContent === focused.textContent ? same : main)?.focus({ preventScroll: true });
  }
  if (changed) {
    say([...main.querySelectorAll('h1, h2, .strong, .lead, .money b')].map((part) => part.textContent).join('. '));
  }
  offerCopy();
  count(Number(inMain('[data-left]')?.dataset.left ?? 0));
}

/** @param {string} text */
function say(text) {
  const place = document.getElementById('announcement');
  if (place) place.textContent = text;
}

/** @param {boolean} lost */
function connection(lost) {
  const banner = document.getElementById('connection');
  if (!banner?.textContent || banner.hidden !== lost) return;
  banner.hidden = !lost;
  if (lost) say(banner.textContent);
}

// Following: by events; asking every 2 s while they fail, and now and then anyway, as a dead line looks like a quiet one

/** @type {EventSource | undefined} */
let events;
let hears = false;
let rounds = 0;
let failures = 0;
let timer = 0;
/** @type {Record<string, string>} */
const last = {};

function listen() {
  events?.close();
  if (!token || main.dataset.live === 'done') return;
  events = new EventSource(`${api}/events`);
  events.onopen = () => {
    hears = true;
    void check();
  };
  events.onmessage = ({ data }) => take(JSON.parse(data), 'events').catch(check);
  events.onerror = () => {
    if (hears) void check();
    hears = false;
  };
}

/** `source`: the two ways may tell different fields, so news is compared with the last of its own kind.
 * @param {any} news @param {string} source */
async function take(news, source) {
  const { state, status, startsAt, startedAt, endsAt, refund, remainingSeconds } = news;
  const sign = JSON.stringify([state, status, startsAt, startedAt, endsAt, refund]);
  const fits = state === main.dataset.state && (refund?.state ?? '') === main.dataset.refund;
  if (sign !== (last[source] ?? (fits && sign)) || (state && !fits)) await swap();
  else if (state === 'running') {
    arrived = seconds();
    count(remainingSeconds);
  }
  last[source] = sign;
}

async function check() {
  clearTimeout(timer);
  try {
    if (token) {
      await take(await (await ask(api)).json(), 'answers');
      // by now a link is offered to those who see nothing happen
      if (seconds() - drawn > Number(main.dataset.offerIn ?? Infinity)) await swap();
    } else if (['pay', 'access'].includes(main.dataset.testid ?? '')) await swap();
    failures = 0;
    connection(false);
  } catch (error) {
    failures += 1;
    connection(!navigator.onLine || (failures > 1 && !hears && String(error) !== 'Error: 429'));
  }
  plan();
}

function plan() {
  clearTimeout(timer);
  const { live, refresh } = main.dataset;
  let wait = Number(refresh ?? 0);
  if (token && live !== 'done') wait = live !== 'active' ? 30 : hears ? 10 : Math.min(10, 2 + failures);
  if (live === 'done') events?.close();
  else if (events?.readyState === 2 && ++rounds % 10 === 0) listen();
  if (wait > 0) timer = setTimeout(check, wait * 1000);
}

// The form: the price on the button, and one sending for many taps

/** @type {[HTMLButtonElement, string | null] | undefined} */
let sending;

function release() {
  if (sending) {
    sending[0].ariaBusy = 'false';
    sending[0].textContent = sending[1];
    sending = undefined;
  }
  const button = inMain('form .button');
  const label = inMain('input[name=planId]:checked')?.dataset.label;
  if (button && label) button.textContent = label;
}

document.addEventListener('change', release);
document.addEventListener('submit', (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  const button = /** @type {HTMLButtonElement | null} */ (form.querySelector('.button'));
  if (!button) return;
  if (sending || !navigator.onLine) {
    event.preventDefault();
    connection(!navigator.onLine);
    return;
  }
  sending = [button, button.textContent];
  button.ariaBusy = 'true';
  button.textContent = button.dataset.busy ?? button.textContent;
  setTimeout(release, 20_000);
});

// A code to be copied: a button that is there for those alone whose browser can

function offerCopy() {
  const button = inMain('[data-copy]');
  if (button && navigator.clipboard) button.hidden = false;
}

document.addEventListener('click', async ({ target }) => {
  const button = /** @type {HTMLElement} */ (target).closest?.('[data-copy]');
  if (!(button instanceof HTMLElement)) return;
  await navigator.clipboard.writeText(button.dataset.copy ?? '').catch(() => undefined);
  button.textContent = button.dataset.copied ?? button.textContent;
  say(button.textContent ?? '');
});

// What came of a button is told once

function tellOnce() {
  const told = inMain('[data-testid=opened]');
  if (!told) return;
  history.replaceState(null, '', location.pathname);
  say(told.textContent);
}

// Beginning, and coming back

function back() {
  if (document.visibilityState === 'visible') void check();
}
addEventListener('pageshow', ({ persisted }) => {
  if (!persisted) return;
  release();
  listen();
  back();
});
addEventListener('pagehide', () => events?.close());
addEventListener('offline', () => connection(true));
addEventListener('online', () => {
  listen(); // the old line may be dead without a word
  back();
});
document.addEventListener('visibilitychange', back);
count(Number(inMain('[data-left]')?.dataset.left ?? 0));
setInterval(tick, 250);
release();
offerCopy();
tellOnce();
listen();
plan();
