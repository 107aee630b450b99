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
    'connection-create-first',
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
  ...named('a vendor gave out other tokens: nothing of it moves money or hardware', ['vendor-tokens']),
  ...named('what locks are asked to do: locks.test.ts kills at each of them', [
    'lock-command-asked',
    'lock-command-told',
    'lock-command-left',
    'location-mode',
  ]),
  ...named('what is known of locks, made anew at the next look or with the next reading of their books', [
    'lock-looked-at',
    'lock-described',
    'lock-records',
    'lock-battery-unknown',
  ]),
  ...named('staff furnishes locks, or is denied: one row, and nothing is asked of hardware', [
    'lock-create',
    'lock-change',
    'lock-delete',
    'access-denied',
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
  ...named('staff tries out or renews a connection, or reads notices: nothing of it moves money or hardware', [
    'connection-renew',
    'connection-tested',
    'shelly-tested',
    'ttlock-tested',
    'stripe-tested',
    'notice-dismiss',
  ]),
  ...named('a note beside the purchase, made anew at the next look', [
    'device-described',
    'observations-forgotten',
    'session-language',
    'credentials-well',
    'credentials-refused',
    'broker-up',
    'broker-down',
  ]),
  ...named('who waits for a free machine, or writes to the owner: waiting.test.ts kills where a mail is decided', [
    'wish-left',
    'wish-taken-back',
    'wish-told',
    'wishes-looked-at',
    'wishes-refused',
    'guest-message',
  ]),
  ...named('the purchase of a way in has a crash test of its own: entrance.test.ts', [
    'door-checkout-open',
    'pass-step',
    'pass-told',
  ]),
  ...named('staff furnishes doors, or gives them other addresses: nothing of it moves money or hardware', [
    'door-create',
    'door-change',
    'door-status',
    'door-delete',
    'door-address',
    'device-address',
    'short-code-make',
  ]),
  ...named('a note beside the purchase, or told again by the next round', [
    'door-passage',
    'pass-language',
    'lock-listed-for-guest',
  ]),
  ...named('mails have a crash test of their own: mail.test.ts', ['mail-sending', 'mail-told']),
  ...named(
    'how a relay that dials one process is asked by another, and none of them decides anything: a death in the middle is a call without an answer (test/features/shelly-two-processes.test.ts), and the relay is read',
    [
      'device-call-asked',
      'device-call-withdrawn',
      'device-call-forgotten',
      'device-call-taken',
      'device-call-answered',
      'device-linked',
      'device-unlinked',
    ],
  ),
  'master-key-proof': 'written once, at the first start, before anything is sold',
};

function named(reason: string, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, reason]));
}
