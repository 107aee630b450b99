import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openStage, type Stage } from './stage.ts';
import { desk, type Visitor } from './visitor.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(() => stage.clear());
afterAll(() => stage.close());

/** Goes there by Tab, as without a mouse. */
async function tabTo({ page }: Visitor, testId: string): Promise<void> {
  const here = () => page.evaluate(() => document.activeElement?.getAttribute('data-testid') ?? '');
  for (let presses = 0; presses < 250 && (await here()) !== testId; presses++) await page.keyboard.press('Tab');
  expect(await here()).toBe(testId);
}

test('the virtual building shows the lamp of a run live, and who paid', async () => {
  const { laundry } = stage;
  const watcher = await stage.visitor(desk);
  await watcher.page.goto(laundry.building.url);
  const lamp = (state: string) => watcher.page.getByRole('img', { name: `Washer 1 is ${state}` }).waitFor();
  await lamp('off');

  const guest = await stage.guest();
  await guest.tap('Quick rinse');
  await guest.tap('Pay €1.00');
  await guest.payByCard('4242 4242 4242 4242');
  await lamp('on');
  await watcher.sees('On · 2050 W', 'off in', 'Washer 1: Quick rinse', 'checkout.session.completed');
  await laundry.ahead(61_000);
  await lamp('off');
  await guest.seesTitle('Session Complete');
});

test('the virtual building pulls the plug by a click, and puts it in again by the keyboard alone', async () => {
  const watcher = await stage.visitor(desk);
  await watcher.page.goto(stage.laundry.building.url);
  const fault = () => stage.laundry.shelly.device('Washer 1').fault;
  await watcher.page.getByRole('button', { name: 'Washer 1: Offline' }).click();
  await watcher.page.getByRole('button', { name: 'Washer 1: Offline', pressed: true }).waitFor();
  expect(fault()).toBe('offline');

  await tabTo(watcher, 'fault-none-Washer 1');
  await watcher.page.keyboard.press('Enter');
  await watcher.page.getByRole('button', { name: 'Washer 1: Normal', pressed: true }).waitFor();
  expect(fault()).toBe('none');
  await tabTo(watcher, 'fault-refuses-Washer 1');
  await watcher.page.keyboard.press('Space');
  await watcher.page.getByRole('button', { name: 'Washer 1: Refuses', pressed: true }).waitFor();
  expect(fault()).toBe('refuses');

  await watcher.page.getByRole('button', { name: 'Stripe: Down' }).click();
  await watcher.page.getByRole('button', { name: 'Stripe: Down', pressed: true }).waitFor();
  expect(stage.laundry.stripe.state().fault).toBe('down');
});

test('the API reference lists the operations and keeps to its content policy', async () => {
  const reader = await stage.visitor(desk);
  await reader.page.setViewportSize({ width: 1280, height: 40_000 }); // what is out of sight is not in the page
  await reader.page.goto(`${stage.laundry.url}/api/docs`);
  await reader.sees('Keystead', 'Guest pages');
  const sections = reader.page.locator('.opblock-tag');
  await sections.first().waitFor();
  for (const section of await sections.all()) await section.click();
  await reader.page.getByText('/api/public/sessions/{token}/events').waitFor();
  const { paths } = (await stage.laundry.call('GET', '/api/openapi.json')).body;
  const operations = Object.values<object>(paths).flatMap((path) => Object.keys(path)).length;
  expect(await reader.page.locator('.opblock').count()).toBe(operations);
  await reader.page.getByText('/api/public/sessions/{token}/events').click();
  await reader.sees('Follow a session live');
});

test('the console is one plain page that leads to the reference', async () => {
  const reader = await stage.visitor(desk);
  for (const path of ['/', '/console', '/console/devices/1']) {
    await reader.page.goto(stage.laundry.url + path);
    await reader.seesTitle('Keystead');
    await reader.sees('The server is running.');
  }
  await reader.tap('Open the API reference');
  await reader.page.waitForURL('**/api/docs');
  await reader.sees('Guest pages');
});
