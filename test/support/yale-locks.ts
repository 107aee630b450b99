import { password } from './laundry.ts';
import { type LockPlace, openLockPlace } from './lock-place.ts';
import { addProgram, askYale, helper, owner, type Program, stranger, type YaleCall, yaleToken } from './yale-place.ts';

/** Locks, a program, and people who are something on them: an owner, a manager by their work, and two who are nobody yet. */
export type YalePlace = LockPlace & {
  program: Program;
  people: Record<'owner' | 'helper' | 'guest' | 'nobody', { token: string; id: string }>;
  /** Somebody of another organization, by a program there. */
  strange: { program: Program; token: string };
  wire: { front: string; back: string; cellar: string };
  houseId: string;
  homeId: string;
  ask(method: string, path: string, o?: YaleCall): ReturnType<typeof askYale>;
};

export const guest = 'guest@keystead.test';
export const nobody = 'nobody@keystead.test';

const scopes = ['users:sub-user:create', 'partners:excluded_lock_mgmt', 'webhooks'];

export async function openYalePlace(): Promise<YalePlace> {
  const place = await openLockPlace({ engine: false, mail: true });
  const first = await place.app.services.organizations.first();
  if (first === null) throw new Error('There is no first organization');
  for (const email of [guest, nobody]) {
    const username = email.split('@')[0] ?? '';
    const names = { firstName: username, lastName: 'Person' };
    const account = { organizationId: first.id, username, email, password, role: 'user', scope: [], by: null } as const;
    await place.app.services.accounts.create({ ...account, ...names });
  }
  const program = await addProgram(place, { scopes });
  const theirs = await addProgram(place, { name: 'Theirs', scopes }, place.tokens.stranger);
  const ask: YalePlace['ask'] = (method, path, o = {}) => askYale(place, method, path, { key: program.key, ...o });
  const person = async (email: string) => {
    const token = await yaleToken(place, program, email);
    return { token, id: String((await ask('GET', '/users/me', { token })).body.UserID) };
  };
  const people = {
    owner: await person(owner),
    helper: await person(helper),
    guest: await person(guest),
    nobody: await person(nobody),
  };
  const wireOf = async (id: string): Promise<string> =>
    (await place.rows<{ wire_id: string }>('select wire_id from locks where id = $1', [id]))[0]?.wire_id ?? '';
  const houses = (await ask('GET', '/users/houses/mine', { token: people.owner.token })).body;
  const house = (name: string): string => houses.find((one: { HouseName: string }) => one.HouseName === name).HouseID;
  return {
    ...place,
    program,
    people,
    strange: { program: theirs, token: await yaleToken(place, theirs, stranger) },
    wire: {
      front: await wireOf(place.front.id),
      back: await wireOf(place.back.id),
      cellar: await wireOf(place.cellar.id),
    },
    houseId: house('Harbour Street'),
    homeId: house('Keystead'),
    ask,
  };
}
