import type { App } from '../src/app.ts';
import type { Actor } from '../src/rules/accounts/actor.ts';

type Services = App['services'];
type Location = Awaited<ReturnType<Services['locations']['list']>>[number];

export const everything = { limit: 500, after: null };

/** The location of that name; made where there is none. */
export async function location(
  { locations }: Services,
  actor: Actor,
  wanted: { name: string; address: string; timeZone: string },
): Promise<Location> {
  const all = await locations.list(actor, everything);
  return all.find(({ name }) => name === wanted.name) ?? locations.create(actor, wanted);
}
