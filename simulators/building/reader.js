// The QR reader of a lock: it is shown text, or a picture: a screenshot of the guest's page, chosen, pasted or dropped.
import { button, make, say, send } from './elements.js';
import { outcomeWords, pathOf } from './lock-words.js';

/** A camera sees a code near or far: fine squares want a larger picture, a whole screen a smaller one. */
const SCALES = [1, 2, 0.5];
const MOST_PIXELS = 16e6;

/** What the QR code in a picture says; null when there is none. */
async function readPicture(file) {
  await import('./jsQR.js'); // large, and seldom asked for
  const picture = await createImageBitmap(file);
  for (const scale of SCALES) {
    const [width, height] = [Math.round(picture.width * scale), Math.round(picture.height * scale)];
    if (width * height === 0 || width * height > MOST_PIXELS) continue;
    const canvas = new OffscreenCanvas(width, height).getContext('2d');
    canvas.fillStyle = '#fff'; // what is transparent is paper
    canvas.fillRect(0, 0, width, height);
    canvas.drawImage(picture, 0, 0, width, height);
    const found = globalThis.jsQR(canvas.getImageData(0, 0, width, height).data, width, height);
    if (found !== null) return found.data;
  }
  return null;
}

/** What came of a try stays until the next. */
export async function attempt(lock, outcome, path, body) {
  const said = await send(`${pathOf(lock)}/${path}`, body);
  tell(outcome, said === null ? '' : outcomeWords(said), said?.opened === true);
}

function tell(outcome, words, good) {
  say(outcome, words);
  outcome.className = `outcome ${good ? 'good' : 'bad'}`;
}

export function makeReader(lock, outcome) {
  const { lockId, name } = lock;
  const scan = (content) => {
    if (content !== '') void attempt(lock, outcome, 'scan', { content });
  };
  async function look(file) {
    tell(outcome, 'Looking …', true);
    const content = await readPicture(file).catch(() => undefined);
    if (content === undefined) tell(outcome, 'This is no picture.', false);
    else if (content === null) tell(outcome, 'There is no QR code in this picture.', false);
    else scan(content);
  }

  const field = make('input', {
    placeholder: 'what the QR code says',
    autocomplete: 'off',
    spellcheck: 'false',
    'aria-label': `What the QR code for ${name} says`,
    'data-testid': `qr-${lockId}`,
  });
  const show = () => {
    const content = field.value.trim();
    field.value = '';
    scan(content);
  };
  field.addEventListener('keydown', ({ key }) => {
    if (key === 'Enter') show();
  });
  field.addEventListener('paste', (event) => {
    const [file] = event.clipboardData.files;
    if (file === undefined) return;
    event.preventDefault();
    void look(file);
  });

  const chosen = make('input', { type: 'file', accept: 'image/*', hidden: '', tabindex: '-1' });
  chosen.addEventListener('change', () => {
    const [file] = chosen.files;
    chosen.value = ''; // the same picture may be shown again
    if (file !== undefined) void look(file);
  });
  const choose = button('Picture …', `picture-${lockId}`, `Show a picture of the QR code to ${name}`, () =>
    chosen.click(),
  );
  const reader = make(
    'div',
    { class: 'reader', role: 'group', 'aria-label': `QR reader of ${name}` },
    field,
    button('Show', `scan-${lockId}`, `Show the QR code to ${name}`, show),
    make('p', { class: 'soft', text: 'Or a screenshot of the guest’s page: drop it here, paste it above, or' }, ' '),
    chosen,
  );
  reader.querySelector('p').append(choose);
  takeDrops(reader, look);
  return reader;
}

function takeDrops(reader, look) {
  const over = (on) => reader.classList.toggle('over', on);
  reader.addEventListener('dragover', (event) => {
    event.preventDefault();
    over(true);
  });
  reader.addEventListener('dragleave', () => over(false));
  reader.addEventListener('drop', (event) => {
    event.preventDefault();
    over(false);
    const [file] = event.dataTransfer.files;
    if (file !== undefined) void look(file);
  });
}
