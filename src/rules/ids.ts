/**
 * Branded ids: an id of one thing cannot be passed for another's. They are text, made in Node (host/random), sortable by
 * time of making, unique over the server; a prefix tells people what they look at.
 */
type Branded<Name extends string> = string & { readonly __brand: Name };

export type OrganizationId = Branded<'OrganizationId'>;
export type AccountId = Branded<'AccountId'>;
export type LoginId = Branded<'LoginId'>;
export type LocationId = Branded<'LocationId'>;
export type ConnectionId = Branded<'ConnectionId'>;
export type DeviceId = Branded<'DeviceId'>;
export type PlanId = Branded<'PlanId'>;
export type SessionId = Branded<'SessionId'>;
export type PaymentId = Branded<'PaymentId'>;
export type RefundId = Branded<'RefundId'>;
export type CommandId = Branded<'CommandId'>;
export type NoticeId = Branded<'NoticeId'>;
export type MailId = Branded<'MailId'>;
export type ObservationId = Branded<'ObservationId'>;
export type WishId = Branded<'WishId'>;
export type GuestMessageId = Branded<'GuestMessageId'>;
export type AccessEventId = Branded<'AccessEventId'>;
export type LockId = Branded<'LockId'>;
export type DoorId = Branded<'DoorId'>;
export type PinId = Branded<'PinId'>;
export type PassId = Branded<'PassId'>;
export type ApiClientId = Branded<'ApiClientId'>;
export type GrantId = Branded<'GrantId'>;
export type SignInCodeId = Branded<'SignInCodeId'>;

/** People are counted: published APIs know them by a number (and a UUID). */
export type PersonId = number & { readonly __brand: 'PersonId' };

/** Prefix of each kind of id: `dev_01k…`. */
export const idPrefixes = {
  organization: 'org',
  account: 'acc',
  login: 'log',
  location: 'loc',
  connection: 'con',
  device: 'dev',
  plan: 'plan',
  session: 'ses',
  payment: 'pay',
  refund: 'rfd',
  command: 'cmd',
  notice: 'ntc',
  mail: 'mail',
  observation: 'obs',
  wish: 'wish',
  guestMessage: 'msg',
  accessEvent: 'evt',
  lock: 'lck',
  door: 'door',
  pin: 'pin',
  pass: 'pass',
  apiClient: 'api',
  grant: 'grant',
  signInCode: 'code',
} as const;

export type IdKind = keyof typeof idPrefixes;

export type IdOf = {
  organization: OrganizationId;
  account: AccountId;
  login: LoginId;
  location: LocationId;
  connection: ConnectionId;
  device: DeviceId;
  plan: PlanId;
  session: SessionId;
  payment: PaymentId;
  refund: RefundId;
  command: CommandId;
  notice: NoticeId;
  mail: MailId;
  observation: ObservationId;
  wish: WishId;
  guestMessage: GuestMessageId;
  accessEvent: AccessEventId;
  lock: LockId;
  door: DoorId;
  pin: PinId;
  pass: PassId;
  apiClient: ApiClientId;
  grant: GrantId;
  signInCode: SignInCodeId;
};
