// Elements are made once and then changed, so that focus and clicks survive updates.
export const find = (id) => document.getElementById(id);

/** What the page knows: the last state, and how far the simulators' clock is ahead of this browser's. */
export const live = { state: null, ahead: 0 };

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'text') element.textContent = value;
    else if (name === 'click') element.addEventListener('click', value);
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export const button = (text, testid, label, click) =>
  make('button', { type: 'button', text, 'data-testid': testid, 'aria-label': label, click });

export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** One child a key, in the order given. */
export function keyed(parent, items, keyOf, create, change) {
  const old = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  items.forEach((item, index) => {
    const key = keyOf(item);
    let child = old.get(key);
    if (child === undefined) {
      child = create(item);
      child.dataset.key = key;
    }
    old.delete(key);
    if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null);
    change(child, item);
  });
  for (const child of old.values()) child.remove();
}

/** What was answered; null when it was a refusal, which the page tells. */
export async function send(path, body) {
  const trouble = find('trouble');
  try {
    const answer = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const said = await answer.json();
    trouble.hidden = answer.ok;
    say(trouble, answer.ok ? '' : said.error);
    return answer.ok ? said : null;
  } catch {
    trouble.hidden = false;
    say(trouble, 'The simulators did not answer.');
    return null;
  }
}

export const clockOf = (at) => new Date(at).toLocaleTimeString([], { hour12: false });

export function faultButton(label, fault, about, testid, click) {
  const button = make('button', {
    type: 'button',
    text: label,
    'data-fault': fault,
    'data-testid': testid,
    'aria-label': `${about}: ${label}`,
    click,
  });
  if (fault === 'none') button.className = 'normal';
  return button;
}

export function showPressed(group, fault) {
  for (const button of group.children) button.setAttribute('aria-pressed', String(button.dataset.fault === fault));
}
