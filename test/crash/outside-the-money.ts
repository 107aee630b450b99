/**
 * Commits that the life of a purchase never comes to, each with the reason. Every other commit of the server has to be
 * killed in a scenario (kill-scenarios.ts): one that is in neither list fails the test.
 */
export const outsideTheMoney: Readonly<Record<string, string>> = {
  ...named('staff furnishes the place: nothing of it moves money or hardware', [
    'location-create',
    'location-change',
    'location-delete',
    'connection-create',
    'connection-change',
    'connection-delete',
    'device-create',
    'device-change',
    'device-delete',
    'plan-create',
    'plan-change',
    'plan-delete',
    'settings-change',
    'stripe-config',
  ]),
  ...named('accounts and logins', [
    'account-create',
    'first-administrator',
    'login',
    'login-attempt',
    'login-attempt-back',
    'login-failed',
    'logout',
    'password-change',
  ]),
  'master-key-proof': 'written once, at the first start, before anything is sold',
};

function named(reason: string, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, reason]));
}
