import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Report, Wish } from './people-at-doors.ts';
import type { Server } from './place.ts';
import { type Line, ms, quantile } from './report.ts';

/**
 * What is felt at doors that are well when two accounts of ten get into trouble. Two places at the same time, each a
 * process with its own locks: in one all is well. So whatever else the machine does falls on both.
 */
export async function benchDoors(server: Server, size: { locks: number; seconds: number }): Promise<Line[]> {
  const wish = (name: string, broken: boolean): Wish => ({
    connection: server.connection,
    database: `bench_doors_${name}`,
    broken,
    ...size,
  });
  const calm = furnished(wish('calm', false));
  const storm = furnished(wish('storm', true));
  await Promise.all([calm.ready, storm.ready]);
  const [well, ill] = await Promise.all([calm.go(), storm.go()]);
  const line = (what: string, share: number): Line => {
    const [a, b] = [quantile(ill.times, share), quantile(well.times, share)];
    return {
      what: `a door is opened while one TTLock account of ten hangs and another answers 429, ${what}`,
      ratio: a / b,
      target: 1.3,
      detail: `${ms(a)} against ${ms(b)}, ${ill.times.length} and ${well.times.length} times at ${size.locks} locks; ${ill.inVain} in vain`,
    };
  };
  return [line('median', 0.5), line('99 %', 0.99)];
}

type Over = Extract<Report, { kind: 'over' }>;

function furnished(wish: Wish): { ready: Promise<void>; go(): Promise<Over> } {
  const child = fork(path.join(import.meta.dirname, 'children', 'doors.ts'), { serialization: 'advanced' });
  child.send(wish);
  return {
    ready: report(child, 'furnished').then(() => undefined),
    async go() {
      const over = report(child, 'over');
      child.send(wish);
      const told = await over;
      if (child.exitCode === null) await once(child, 'exit');
      return told;
    },
  };
}

async function report<Kind extends Report['kind']>(
  child: ChildProcess,
  kind: Kind,
): Promise<Extract<Report, { kind: Kind }>> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`A place of the bench ended with ${String(code)}`);
  });
  ended.catch(() => undefined);
  const [told] = (await Promise.race([once(child, 'message'), ended])) as [Report];
  if (told.kind !== kind) throw new Error(`A place of the bench told of ${told.kind}`);
  return told as Extract<Report, { kind: Kind }>;
}
