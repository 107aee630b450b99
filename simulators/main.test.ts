import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import mqtt from 'mqtt';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { clientOf, washing } from './stripe/test-bench.ts';

const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

async function run(dir: string, ...words: string[]): Promise<{ child: ChildProcess; said: string }> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'main.ts'), ...words], {
    env: { ...process.env, DIR: dir },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.push(child);
  let said = '';
  for await (const part of child.stdout) {
    said += String(part);
    if (said.includes('Remembered in')) break;
  }
  return { child, said };
}

describe('the simulators as a program', () => {
  it('come back after kill -9 with the same addresses and with a relay that was just answered as on', async () => {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'simulators-'));
    const first = await run(dir);
    const address = /Washer 1\s+(\S+)/.exec(first.said)?.[1] ?? '';
    const answer = await fetch(`http://${address}/rpc/Switch.Set?id=0&on=true&toggle_after=600`);
    expect(await answer.json()).toEqual({ was_on: false });
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');

    const second = await run(dir);
    expect(second.said).toBe(first.said);
    const status = await fetch(`http://${address}/rpc/Switch.GetStatus?id=0`);
    expect(await status.json()).toMatchObject({ output: true, timer_duration: 600 });
    second.child.kill('SIGTERM');
    const [code] = await once(second.child, 'exit');
    expect(code).toBe(0);
  });

  it('still know a payment whose guest was sent on just before kill -9', async () => {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'simulators-'));
    const first = await run(dir);
    const url = /^Stripe\s+(\S+)/m.exec(first.said)?.[1] ?? '';
    const secretKey = /secret key\s+(\S+)/.exec(first.said)?.[1] ?? '';
    const session = await clientOf({ url, secretKey }).checkout.sessions.create(washing());
    const card = { email: 'g@example.com', cardNumber: '4242424242424242', expiry: '12/34', cvc: '123' };
    const paid = await fetch(session.url ?? '', {
      method: 'POST',
      body: new URLSearchParams(card),
      redirect: 'manual',
    });
    expect(paid.status).toBe(303);
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');

    await run(dir);
    const known = await clientOf({ url, secretKey }).checkout.sessions.retrieve(session.id);
    expect(known).toMatchObject({ status: 'complete', payment_status: 'paid' });
    const events = await clientOf({ url, secretKey }).events.list();
    expect(events.data).toHaveLength(3);
  });

  it('put a device on a broker, and let another dial a server, when they are told to', async () => {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'simulators-'));
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : null;
    const dialled = once(server, 'connection').then(async ([socket]) => String((await once(socket, 'message'))[0]));
    const dial = `Washer 1=ws://127.0.0.1:${port}/secret`;
    const { said } = await run(dir, '--mqtt', 'Gym lights', '--mqtt-port', '0', '--dial', dial);
    expect(said).not.toContain('/secret');
    expect(JSON.parse(await dialled)).toMatchObject({ method: 'NotifyFullStatus', src: idOf(said, 'Washer 1') });
    server.close();

    const client = await mqtt.connectAsync(/mqtt:\S+/.exec(said)?.[0] ?? '');
    const heard = new Promise<string>((resolve) => client.on('message', (_, text) => resolve(text.toString())));
    await client.subscribeAsync(`${idOf(said, 'Gym lights')}/online`);
    expect(await heard).toBe('true');
    await client.endAsync(true);
  });
});

const idOf = (said: string, name: string): string => new RegExp(`${name}\\s+\\S+\\s+(\\S+)`).exec(said)?.[1] ?? '';
