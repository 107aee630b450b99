/** "Let this program use your locks?": who asks, what it may, name and password, and the way back without. */
import { renderDocument } from './document.ts';
import { attribute, html } from './html.ts';
import { alertIcon, signOf } from './icons.ts';
import { type PageContext, speechOf } from './page-context.ts';

export type ConsentView = {
  program: string;
  /** What the form goes to, and what it brings along. */
  action: string;
  fields: readonly (readonly [name: string, value: string])[];
  name: string;
  problem: 'wrong' | 'locked' | 'disabled' | null;
};

export function consentPage({ program, action, fields, name, problem }: ConsentView, ctx: PageContext): string {
  const words = speechOf(ctx).consent;
  return renderDocument(
    {
      title: words.title(program),
      main: html`<main data-testid="consent" data-state="${problem ?? 'asked'}" tabindex="-1">
<h1>${words.title(program)}</h1>
<p class="lead">${words.text(program)}</p>
<section class="tell"><form method="post" action="${action}">
${problem !== null && html`<p class="alert bad" role="alert" id="consent-problem">${alertIcon()} <span>${words.problems[problem]}</span></p>`}
${fields.map(([field, value]) => html`<input type="hidden" name="${field}" value="${value}">`)}
<label for="consent-name">${words.name}</label>
<input class="field" id="consent-name" name="name" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="320" required value="${name}" ${attribute('aria-invalid', problem !== null && 'true')} ${attribute('aria-describedby', problem !== null && 'consent-problem')}>
<label for="consent-password">${words.password}</label>
<input class="field" id="consent-password" name="password" type="password" autocomplete="current-password" maxlength="1024" required>
<button class="button" name="answer" value="allow">${words.allow}</button>
<button class="button quiet" name="answer" value="deny" formnovalidate>${words.deny}</button>
<p class="hint">${words.hint}</p>
</form></section>
</main>`,
      refreshSeconds: null,
      noConnection: null,
    },
    ctx,
  );
}

/** Nobody is sent anywhere that was not named by an administrator. */
export function consentUnknownPage(ctx: PageContext): string {
  const words = speechOf(ctx).consent.unknown;
  return renderDocument(
    {
      title: words.title,
      main: html`<main data-testid="consent" data-state="unknown" class="message plain" tabindex="-1">
${signOf('question')}
<h1>${words.title}</h1>
<p class="lead">${words.text}</p>
<p class="hint">${words.hint}</p>
</main>`,
      refreshSeconds: null,
      noConnection: null,
    },
    ctx,
  );
}
