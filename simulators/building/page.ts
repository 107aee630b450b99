/** The frame of the page; building.js fills it from /api/live. */
const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%232f6f5e'/%3E%3Ccircle cx='8' cy='8' r='4' fill='%23ffd166'/%3E%3C/svg%3E";

export function pageHtml(): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>Virtual building</title>
<link rel="icon" href="${icon}"><link rel="stylesheet" href="/looks.css"><link rel="stylesheet" href="/building.css"><link rel="stylesheet" href="/locks.css"><script src="/building.js" type="module"></script>
</head><body>
<header><h1>Virtual building</h1><p id="connection" class="pill" role="status">connecting …</p>
<p class="intro">Simulated relays, locks and a simulated Stripe. Break things here and watch what Keystead does.</p></header>
<nav id="links" aria-label="Addresses"></nav>
<p id="trouble" class="trouble" role="alert" hidden></p>
<main>
<section aria-labelledby="devices-title"><h2 id="devices-title">Relays</h2><div id="devices" class="cards"></div></section>
<section id="locks-room" aria-labelledby="locks-title" hidden><h2 id="locks-title">Locks</h2><div id="gateways" class="gateways"></div><div id="locks" class="cards"></div></section>
<section id="yale-room" aria-labelledby="yale-title" hidden><h2 id="yale-title">Yale and August locks</h2><p id="yale-code" class="soft" data-testid="yale-code"></p><div id="bridges" class="gateways"></div><div id="yale-locks" class="cards"></div></section>
<section aria-labelledby="stripe-title"><h2 id="stripe-title">Stripe</h2>
<div class="card"><div id="stripe-faults" class="choices" role="group" aria-label="State of Stripe"></div><p id="stripe-about" class="soft about"></p>
<div class="line"><button type="button" id="hold" data-testid="stripe-hold" aria-pressed="false">Hold webhooks</button>
<span id="webhook-url" class="soft"></span></div></div>
<div class="columns"><div><h3>Payments</h3><ul id="payments" class="rows"></ul><p id="no-payments" class="soft">No checkout yet.</p></div>
<div><h3>Webhooks</h3><ul id="events" class="rows"></ul><p id="no-events" class="soft">No event yet.</p></div></div>
</section></main>
<noscript><p class="trouble">This page is live and needs JavaScript. The same as data: <a href="/api/state">/api/state</a>.</p></noscript>
</body></html>`;
}
