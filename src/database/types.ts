// Written by `npm run database-types` from the migrations. Do not edit.
import type { AccessEventId, AccountId, ApiClientId, CommandId, ConnectionId, DeviceId, DoorId, GrantId, GuestMessageId, LocationId, LockId, LoginId, MailId, NoticeId, ObservationId, OrganizationId, PassId, PaymentId, PersonId, PinId, PlanId, RefundId, SessionId, SignInCodeId, WishId } from '../rules/ids.ts';
import type { Generated, Json, Timestamp } from './column-types.ts';

export interface AccessEvents {
  organization_id: OrganizationId;
  at: Timestamp;
  id: AccessEventId;
  place_kind: 'door' | 'lock' | 'device';
  place_id: string;
  location_id: LocationId | null;
  person_id: PersonId | null;
  credential_kind: string;
  credential_ref: string | null;
  decision: 'granted' | 'denied';
  reason: string;
  api: string;
  account_id: AccountId | null;
  command_id: CommandId | null;
  details: Json;
}

export interface AccountLocations {
  organization_id: OrganizationId;
  account_id: AccountId;
  location_id: LocationId;
}

export interface Accounts {
  organization_id: OrganizationId;
  id: AccountId;
  number: Generated<number>;
  username: string;
  email: string | null;
  password_hash: string;
  role: 'admin' | 'user';
  all_locations: boolean;
  first_name: string | null;
  last_name: string | null;
  disabled: Generated<boolean>;
  created_at: Timestamp;
  updated_at: Timestamp;
  person_id: PersonId | null;
}

export interface ApiClients {
  organization_id: OrganizationId;
  id: ApiClientId;
  name: string;
  key_hash: Buffer;
  key_last4: string;
  secret_hash: Buffer;
  redirect_uris: string[];
  scopes: ('users:sub-user:create' | 'partners:excluded_lock_mgmt' | 'webhooks')[];
  created_at: Timestamp;
  updated_at: Timestamp;
  revoked_at: Timestamp | null;
}

export interface AuditEntries {
  organization_id: OrganizationId;
  number: number;
  at: Timestamp;
  category: string;
  action: string;
  account_id: AccountId | null;
  entity: string;
  entity_id: string;
  details: Json;
  commitments: Json;
  previous_hash: Buffer;
  hash: Buffer;
}

export interface AuditHeads {
  organization_id: OrganizationId;
  number: number;
  hash: Buffer;
}

export interface AuditPersonal {
  organization_id: OrganizationId;
  number: number;
  field: string;
  value: string;
  salt: Buffer;
}

export interface AuthorizationCodes {
  organization_id: OrganizationId;
  code_hash: Buffer;
  grant_id: GrantId;
  redirect_uri: string;
  expires_at: Timestamp;
  used_at: Timestamp | null;
}

export interface Commands {
  organization_id: OrganizationId;
  id: CommandId;
  device_id: DeviceId;
  session_id: SessionId | null;
  account_id: AccountId | null;
  kind: 'switch-on' | 'switch-off';
  auto_off_seconds: number | null;
  asked_at: Timestamp;
  lease_until: Timestamp;
  outcome: 'confirmed' | 'accepted' | 'refused' | 'unknown' | null;
  detail: string | null;
  finished_at: Timestamp | null;
}

export interface Connections {
  organization_id: OrganizationId;
  id: ConnectionId;
  vendor: 'shelly-lan' | 'shelly-cloud' | 'shelly-mqtt' | 'shelly-websocket' | 'ttlock' | 'yale' | 'stripe';
  name: string;
  config: Json;
  sealed: Buffer | null;
  created_at: Timestamp;
  updated_at: Timestamp;
}

export interface DeviceCalls {
  organization_id: OrganizationId;
  id: string;
  connection_id: ConnectionId;
  process_id: string;
  call: Json;
  deadline_at: Timestamp;
  taken_at: Timestamp | null;
  answer: Json | null;
}

export interface DeviceLinks {
  organization_id: OrganizationId;
  connection_id: ConnectionId;
  hardware_id: string;
  process_id: string | null;
  hardware: Json;
  changed_at: Timestamp;
}

export interface Devices {
  organization_id: OrganizationId;
  id: DeviceId;
  uid: string;
  connection_id: ConnectionId | null;
  hardware_id: string;
  channel: number;
  location_id: LocationId | null;
  name: string;
  description: string | null;
  status: 'ACTIVE' | 'MAINTENANCE';
  device_type: string | null;
  channel_count: number | null;
  created_at: Timestamp;
  updated_at: Timestamp;
  deleted_at: Timestamp | null;
  opening_hours: Json | null;
}

export interface Directory {
  kind: 'username' | 'email' | 'uid' | 'session-token' | 'login' | 'inbound' | 'pass-token' | 'short-code' | 'api-key' | 'api-client';
  key: string;
  organization_id: OrganizationId;
  target: string;
}

export interface Disputes {
  organization_id: OrganizationId;
  id: string;
  payment_id: PaymentId;
  state: 'inquiry' | 'needs-response' | 'under-review' | 'won' | 'lost' | 'dropped';
  amount: number;
  currency: string;
  reason: string;
  due_at: Timestamp | null;
  opened_at: Timestamp;
  closed_at: Timestamp | null;
  told_at: Timestamp;
}

export interface Doors {
  organization_id: OrganizationId;
  id: DoorId;
  uid: string;
  code: string;
  lock_id: LockId | null;
  location_id: LocationId | null;
  name: string;
  description: string | null;
  notes: string | null;
  price: number;
  duration_minutes: number;
  status: 'ACTIVE' | 'PASSAGE' | 'MAINTENANCE';
  passage: Json | null;
  passage_set_at: Timestamp | null;
  passage_trouble: string | null;
  opening_hours: Json | null;
  created_at: Timestamp;
  updated_at: Timestamp;
  deleted_at: Timestamp | null;
  passage_due_at: Timestamp | null;
}

export interface ExcludedLocks {
  organization_id: OrganizationId;
  api_client_id: ApiClientId;
  lock_id: LockId;
  excluded_at: Timestamp;
}

export interface Grants {
  organization_id: OrganizationId;
  id: GrantId;
  api_client_id: ApiClientId;
  person_id: PersonId;
  account_id: AccountId | null;
  kind: 'session' | 'code' | 'sub-user';
  install_id: string | null;
  password_mark: string | null;
  verified_at: Timestamp | null;
  used_until: Timestamp;
  created_at: Timestamp;
  ended_at: Timestamp | null;
  ended_why: string | null;
  owner_account_id: AccountId | null;
}

export interface GuestMessages {
  organization_id: OrganizationId;
  id: GuestMessageId;
  session_id: SessionId;
  text: string;
  email: string | null;
  created_at: Timestamp;
}

export interface Holds {
  organization_id: OrganizationId;
  device_id: DeviceId;
  holder_hash: Buffer;
  session_id: SessionId;
  payment_id: PaymentId | null;
  checkouts: number;
  expires_at: Timestamp;
}

export interface KnownInstalls {
  organization_id: OrganizationId;
  account_id: AccountId;
  install_id: string;
  known_since: Timestamp;
}

export interface LocationModes {
  organization_id: OrganizationId;
  location_id: LocationId;
  mode: 'lockdown' | 'open-all' | 'normal';
  people: Generated<(PersonId)[]>;
  accounts: Generated<(AccountId)[]>;
  since: Timestamp;
  account_id: AccountId;
}

export interface Locations {
  organization_id: OrganizationId;
  id: LocationId;
  name: string;
  address: string | null;
  time_zone: string;
  created_at: Timestamp;
  updated_at: Timestamp;
  opening_hours: Json | null;
  holidays: Generated<Json>;
  last_start: Generated<'ends-before-closing' | 'before-closing'>;
  uuid: Generated<string>;
}

export interface LockBatteries {
  organization_id: OrganizationId;
  lock_id: LockId;
  at: Timestamp;
  battery: number;
}

export interface LockCodes {
  organization_id: OrganizationId;
  lock_id: LockId;
  written_at: Timestamp | null;
  held_since: Timestamp | null;
  held_until: Timestamp | null;
  pause_ms: Generated<number>;
}

export interface LockCommands {
  organization_id: OrganizationId;
  id: CommandId;
  lock_id: LockId;
  lane: string;
  kind: string;
  facts: Json;
  asked_by: Json;
  asked_at: Timestamp;
  sending_until: Timestamp;
  lease_until: Timestamp;
  outcome: 'confirmed' | 'accepted' | 'refused' | 'unknown' | null;
  reason: string | null;
  detail: string | null;
  finished_at: Timestamp | null;
  proved_at: Timestamp | null;
  cut_short: Generated<boolean>;
  left_told_at: Timestamp | null;
}

export interface LockUsers {
  organization_id: OrganizationId;
  lock_id: LockId;
  person_id: PersonId;
  role: 'superuser' | 'manager' | 'user';
  created_at: Timestamp;
  updated_at: Timestamp;
}

export interface Locks {
  organization_id: OrganizationId;
  id: LockId;
  connection_id: ConnectionId | null;
  hardware_id: string;
  name: string;
  model: string | null;
  firmware: string | null;
  mac: string | null;
  capabilities: Json;
  bridge_id: string | null;
  bridge_online: boolean | null;
  bridge_seen_at: Timestamp | null;
  bolt: Generated<'locked' | 'unlocked' | 'jammed' | 'unknown'>;
  bolt_since: Timestamp | null;
  door_state: 'open' | 'closed' | null;
  observed_at: Timestamp | null;
  observed_from: 'command' | 'poll' | 'push' | 'record' | null;
  tried_at: Timestamp | null;
  unreachable_since: Timestamp | null;
  trouble: string | null;
  battery: number | null;
  battery_at: Timestamp | null;
  codes_read_at: Timestamp | null;
  records_until: Timestamp | null;
  unmanaged: Generated<'report' | 'restore' | 'ignore'>;
  created_at: Timestamp;
  updated_at: Timestamp;
  deleted_at: Timestamp | null;
  wire_id: Generated<string>;
}

export interface LoginAttempts {
  name: string;
  failed_count: number;
  locked_until: Timestamp | null;
  last_failed_at: Timestamp;
}

export interface Logins {
  organization_id: OrganizationId;
  id: LoginId;
  account_id: AccountId;
  kind: 'cookie' | 'token';
  ip: string | null;
  user_agent: string | null;
  created_at: Timestamp;
  expires_at: Timestamp;
  ended_at: Timestamp | null;
}

export interface Mails {
  organization_id: OrganizationId;
  id: MailId;
  key: string;
  kind: 'receipt' | 'done' | 'refund' | 'notice' | 'free' | 'code';
  recipient: string | null;
  language: string;
  facts: Json | null;
  state: 'waiting' | 'sending' | 'sent' | 'refused' | 'given-up' | 'bundled';
  bundle: MailId | null;
  attempts: Generated<number>;
  unsure: Generated<number>;
  try_at: Timestamp | null;
  detail: string | null;
  created_at: Timestamp;
  finished_at: Timestamp | null;
  about: string | null;
}

export interface Notices {
  organization_id: OrganizationId;
  id: NoticeId;
  kind: string;
  subject: string;
  facts: Json;
  raised_at: Timestamp;
  cleared_at: Timestamp | null;
  device_id: DeviceId | null;
  came_back: Generated<Json>;
  dismissed_at: Timestamp | null;
  dismissed_by: AccountId | null;
}

export interface Observations {
  organization_id: OrganizationId;
  device_id: DeviceId;
  at: Timestamp;
  id: ObservationId;
  kind: 'on' | 'off' | 'offline' | 'online' | 'power';
  watts: number | null;
  source: string | null;
  why: string | null;
}

export interface Organizations {
  id: OrganizationId;
  slug: string;
  name: string;
  created_at: Timestamp;
}

export interface Paces {
  key: Buffer;
  free_at: Timestamp;
  holder: string;
  people_until: Timestamp;
}

export interface Passes {
  organization_id: OrganizationId;
  id: PassId;
  token_hash: Buffer;
  token_sealed: Buffer;
  door_id: DoorId;
  phase: 'awaiting-payment' | 'issuing' | 'issued' | 'ended' | 'cancelled';
  duration_ms: number;
  paid_at: Timestamp | null;
  valid_from: Timestamp | null;
  valid_until: Timestamp | null;
  issue_until: Timestamp | null;
  way: Json | null;
  delivered: Generated<boolean>;
  failure_reason: string | null;
  guest_email: string | null;
  language: string | null;
  wake_at: Timestamp | null;
  tries: Generated<number>;
  first_opened_at: Timestamp | null;
  created_at: Timestamp;
  holder_hash: Buffer | null;
}

export interface Payments {
  organization_id: OrganizationId;
  id: PaymentId;
  module: 'DOOR' | 'DEVICE';
  status: 'PENDING' | 'SUCCEEDED' | 'FAILED' | 'REFUNDED';
  amount: number;
  currency: string;
  refunded: Generated<number>;
  refunded_outside: Generated<number>;
  session_id: SessionId | null;
  device_id: DeviceId | null;
  door_id: DoorId | null;
  plan_id: PlanId | null;
  location_id: LocationId | null;
  guest_email: string | null;
  provider_checkout_id: string | null;
  provider_checkout_url: string | null;
  provider_intent_id: string | null;
  checkout_request: Json | null;
  checkout_expires_at: Timestamp | null;
  abandoned: Generated<boolean>;
  check_at: Timestamp | null;
  checks: Generated<number>;
  paid_at: Timestamp | null;
  created_at: Timestamp;
  updated_at: Timestamp;
  extra_ms: Generated<number>;
  taken: Generated<boolean>;
  told_back: Generated<number>;
  owed: Generated<number>;
  disputed: Generated<number>;
  books_check_at: Timestamp | null;
  books_checks: Generated<number>;
  declined_code: string | null;
  declined_at: Timestamp | null;
  language: string | null;
  pass_id: PassId | null;
}

export interface People {
  organization_id: OrganizationId;
  id: Generated<PersonId>;
  uuid: string;
  name: string;
  created_at: Timestamp;
  updated_at: Timestamp;
  deleted_at: Timestamp | null;
  first_name: string | null;
  last_name: string | null;
  email: string | null;
  phone: string | null;
  owner_person_id: PersonId | null;
  partner_user_id: string | null;
  api_client_id: ApiClientId | null;
}

export interface PinReservations {
  organization_id: OrganizationId;
  lock_id: LockId;
  slot: number;
  pin_hash: Buffer;
  person_id: PersonId;
  api_client_id: ApiClientId;
  expires_at: Timestamp;
}

export interface Pins {
  organization_id: OrganizationId;
  id: PinId;
  lock_id: LockId;
  person_id: PersonId | null;
  label: string | null;
  pin_hash: Buffer;
  pin_sealed: Buffer;
  access_type: 'always' | 'temporary' | 'recurring' | 'oneTime';
  schedule: Json;
  as_written: Json | null;
  state: 'created' | 'loaded' | 'disabling' | 'disabled' | 'enabling' | 'updating' | 'deleting' | 'gone';
  conflict: Json | null;
  suspended_until: Timestamp | null;
  failures: Generated<Json>;
  placement: Json | null;
  trouble: string | null;
  pass_id: PassId | null;
  api: string;
  wake_at: Timestamp | null;
  loaded_at: Timestamp | null;
  used_at: Timestamp | null;
  created_at: Timestamp;
  updated_at: Timestamp;
  deleted_at: Timestamp | null;
  slot: number | null;
  is_master: Generated<boolean>;
  asked_by: PersonId | null;
  api_client_id: ApiClientId | null;
}

export interface Processes {
  id: string;
  lock_key: number;
  worker_ids: string[];
  started_at: Generated<Timestamp>;
}

export interface ProviderEvents {
  organization_id: OrganizationId;
  provider: string;
  event_id: string;
  received_at: Timestamp;
  intent_id: string | null;
}

export interface ProviderRefunds {
  organization_id: OrganizationId;
  id: string;
  payment_id: PaymentId;
  refund_id: RefundId | null;
  amount: number;
  state: 'pending' | 'succeeded' | 'failed';
  failure: string | null;
  heard_at: Timestamp;
}

export interface RefreshTokens {
  organization_id: OrganizationId;
  token_hash: Buffer;
  grant_id: GrantId;
  expires_at: Timestamp;
  replaced_at: Timestamp | null;
}

export interface Refunds {
  organization_id: OrganizationId;
  id: RefundId;
  payment_id: PaymentId;
  amount: number;
  reason: string;
  status: 'asked' | 'done' | 'failed';
  provider_refund_id: string | null;
  attempts: Generated<number>;
  try_at: Timestamp | null;
  trouble: string | null;
  created_at: Timestamp;
  done_at: Timestamp | null;
  device_id: DeviceId | null;
}

export interface Relays {
  organization_id: OrganizationId;
  device_id: DeviceId;
  output: 'on' | 'off' | null;
  seen_at: Timestamp | null;
  tried_at: Timestamp | null;
  unreachable_since: Timestamp | null;
  auto_off_at: Timestamp | null;
  power_watts: number | null;
  source: string | null;
  trouble: string | null;
  manual_until: Timestamp | null;
  energy_counter: number | null;
  offline_since: Timestamp | null;
  online_since: Timestamp | null;
  output_since: Timestamp | null;
  noted_watts: number | null;
  noted_at: Timestamp | null;
  model: string | null;
  firmware: string | null;
  described_at: Timestamp | null;
}

export interface ServerFacts {
  key: string;
  value: Json;
}

export interface Sessions {
  organization_id: OrganizationId;
  id: SessionId;
  token_hash: Buffer;
  token_sealed: Buffer;
  device_id: DeviceId;
  plan_id: PlanId;
  plan_name: string;
  phase: 'awaiting-payment' | 'delayed' | 'starting' | 'running' | 'stopping' | 'completed' | 'cancelled';
  duration_ms: number;
  delay_ms: number;
  superseded: Generated<boolean>;
  paid_at: Timestamp | null;
  starts_at: Timestamp | null;
  started_at: Timestamp | null;
  ends_at: Timestamp | null;
  ended_at: Timestamp | null;
  run: Json;
  failure_reason: string | null;
  guest_email: string | null;
  language: string | null;
  wake_at: Timestamp | null;
  created_at: Timestamp;
  finish_below_watts: number | null;
  finish_after_ms: number | null;
  energy_wh: number | null;
  energy_counter: number | null;
  mail_when_done: Generated<boolean>;
}

export interface Settings {
  organization_id: OrganizationId;
  key: string;
  value: Json;
  updated_at: Timestamp;
}

export interface ShortCodes {
  organization_id: OrganizationId;
  target: string;
  code: string;
}

export interface SignInCodes {
  organization_id: OrganizationId;
  id: SignInCodeId;
  account_id: AccountId;
  grant_id: GrantId;
  code_sealed: Buffer;
  tries: Generated<number>;
  created_at: Timestamp;
  expires_at: Timestamp;
  used_at: Timestamp | null;
}

export interface Tries {
  key: Buffer;
  count: number;
  until: Timestamp;
}

export interface UnmanagedCodes {
  organization_id: OrganizationId;
  lock_id: LockId;
  reference: string;
  name: string | null;
  slot: number | null;
  code_window: Json | null;
  pin_sealed: Buffer | null;
  first_seen_at: Timestamp;
  seen_at: Timestamp;
  ignored: Generated<boolean>;
  pin_hash: Buffer | null;
  unwanted: Generated<boolean>;
}

export interface UsagePlans {
  organization_id: OrganizationId;
  id: PlanId;
  device_id: DeviceId;
  name: string;
  description: string | null;
  duration_minutes: number;
  delay_minutes: number;
  price: number;
  sort_order: number;
  active: boolean;
  created_at: Timestamp;
  updated_at: Timestamp;
  deleted_at: Timestamp | null;
  finish_below_watts: number | null;
  finish_after_minutes: number | null;
}

export interface VendorRequests {
  organization_id: OrganizationId;
  connection_id: ConnectionId;
  month: string;
  count: number;
}

export interface VendorTokens {
  organization_id: OrganizationId;
  connection_id: ConnectionId;
  account: Buffer;
  sealed: Buffer;
  expires_at: Timestamp;
  changed_at: Timestamp;
}

export interface WishRefusals {
  organization_id: OrganizationId;
  address_hash: Buffer;
  until: Timestamp;
}

export interface Wishes {
  organization_id: OrganizationId;
  id: WishId;
  device_id: DeviceId;
  any_alike: boolean;
  email: string | null;
  address_hash: Buffer;
  holder_hash: Buffer;
  ip_hash: Buffer;
  token_hash: Buffer;
  token_sealed: Buffer;
  language: string;
  state: 'waiting' | 'told' | 'stopped' | 'expired';
  look_at: Timestamp | null;
  told_device_id: DeviceId | null;
  created_at: Timestamp;
  expires_at: Timestamp;
  ended_at: Timestamp | null;
}

export interface DB {
  access_events: AccessEvents;
  account_locations: AccountLocations;
  accounts: Accounts;
  api_clients: ApiClients;
  audit_entries: AuditEntries;
  audit_heads: AuditHeads;
  audit_personal: AuditPersonal;
  authorization_codes: AuthorizationCodes;
  commands: Commands;
  connections: Connections;
  device_calls: DeviceCalls;
  device_links: DeviceLinks;
  devices: Devices;
  directory: Directory;
  disputes: Disputes;
  doors: Doors;
  excluded_locks: ExcludedLocks;
  grants: Grants;
  guest_messages: GuestMessages;
  holds: Holds;
  known_installs: KnownInstalls;
  location_modes: LocationModes;
  locations: Locations;
  lock_batteries: LockBatteries;
  lock_codes: LockCodes;
  lock_commands: LockCommands;
  lock_users: LockUsers;
  locks: Locks;
  login_attempts: LoginAttempts;
  logins: Logins;
  mails: Mails;
  notices: Notices;
  observations: Observations;
  organizations: Organizations;
  paces: Paces;
  passes: Passes;
  payments: Payments;
  people: People;
  pin_reservations: PinReservations;
  pins: Pins;
  processes: Processes;
  provider_events: ProviderEvents;
  provider_refunds: ProviderRefunds;
  refresh_tokens: RefreshTokens;
  refunds: Refunds;
  relays: Relays;
  server_facts: ServerFacts;
  sessions: Sessions;
  settings: Settings;
  short_codes: ShortCodes;
  sign_in_codes: SignInCodes;
  tries: Tries;
  unmanaged_codes: UnmanagedCodes;
  usage_plans: UsagePlans;
  vendor_requests: VendorRequests;
  vendor_tokens: VendorTokens;
  wish_refusals: WishRefusals;
  wishes: Wishes;
}

export const columns: { readonly [T in keyof DB]: readonly (keyof DB[T])[] } = {
  access_events: [
    'organization_id',
    'at',
    'id',
    'place_kind',
    'place_id',
    'location_id',
    'person_id',
    'credential_kind',
    'credential_ref',
    'decision',
    'reason',
    'api',
    'account_id',
    'command_id',
    'details',
  ],
  account_locations: [
    'organization_id',
    'account_id',
    'location_id',
  ],
  accounts: [
    'organization_id',
    'id',
    'number',
    'username',
    'email',
    'password_hash',
    'role',
    'all_locations',
    'first_name',
    'last_name',
    'disabled',
    'created_at',
    'updated_at',
    'person_id',
  ],
  api_clients: [
    'organization_id',
    'id',
    'name',
    'key_hash',
    'key_last4',
    'secret_hash',
    'redirect_uris',
    'scopes',
    'created_at',
    'updated_at',
    'revoked_at',
  ],
  audit_entries: [
    'organization_id',
    'number',
    'at',
    'category',
    'action',
    'account_id',
    'entity',
    'entity_id',
    'details',
    'commitments',
    'previous_hash',
    'hash',
  ],
  audit_heads: [
    'organization_id',
    'number',
    'hash',
  ],
  audit_personal: [
    'organization_id',
    'number',
    'field',
    'value',
    'salt',
  ],
  authorization_codes: [
    'organization_id',
    'code_hash',
    'grant_id',
    'redirect_uri',
    'expires_at',
    'used_at',
  ],
  commands: [
    'organization_id',
    'id',
    'device_id',
    'session_id',
    'account_id',
    'kind',
    'auto_off_seconds',
    'asked_at',
    'lease_until',
    'outcome',
    'detail',
    'finished_at',
  ],
  connections: [
    'organization_id',
    'id',
    'vendor',
    'name',
    'config',
    'sealed',
    'created_at',
    'updated_at',
  ],
  device_calls: [
    'organization_id',
    'id',
    'connection_id',
    'process_id',
    'call',
    'deadline_at',
    'taken_at',
    'answer',
  ],
  device_links: [
    'organization_id',
    'connection_id',
    'hardware_id',
    'process_id',
    'hardware',
    'changed_at',
  ],
  devices: [
    'organization_id',
    'id',
    'uid',
    'connection_id',
    'hardware_id',
    'channel',
    'location_id',
    'name',
    'description',
    'status',
    'device_type',
    'channel_count',
    'created_at',
    'updated_at',
    'deleted_at',
    'opening_hours',
  ],
  directory: [
    'kind',
    'key',
    'organization_id',
    'target',
  ],
  disputes: [
    'organization_id',
    'id',
    'payment_id',
    'state',
    'amount',
    'currency',
    'reason',
    'due_at',
    'opened_at',
    'closed_at',
    'told_at',
  ],
  doors: [
    'organization_id',
    'id',
    'uid',
    'code',
    'lock_id',
    'location_id',
    'name',
    'description',
    'notes',
    'price',
    'duration_minutes',
    'status',
    'passage',
    'passage_set_at',
    'passage_trouble',
    'opening_hours',
    'created_at',
    'updated_at',
    'deleted_at',
    'passage_due_at',
  ],
  excluded_locks: [
    'organization_id',
    'api_client_id',
    'lock_id',
    'excluded_at',
  ],
  grants: [
    'organization_id',
    'id',
    'api_client_id',
    'person_id',
    'account_id',
    'kind',
    'install_id',
    'password_mark',
    'verified_at',
    'used_until',
    'created_at',
    'ended_at',
    'ended_why',
    'owner_account_id',
  ],
  guest_messages: [
    'organization_id',
    'id',
    'session_id',
    'text',
    'email',
    'created_at',
  ],
  holds: [
    'organization_id',
    'device_id',
    'holder_hash',
    'session_id',
    'payment_id',
    'checkouts',
    'expires_at',
  ],
  known_installs: [
    'organization_id',
    'account_id',
    'install_id',
    'known_since',
  ],
  location_modes: [
    'organization_id',
    'location_id',
    'mode',
    'people',
    'accounts',
    'since',
    'account_id',
  ],
  locations: [
    'organization_id',
    'id',
    'name',
    'address',
    'time_zone',
    'created_at',
    'updated_at',
    'opening_hours',
    'holidays',
    'last_start',
    'uuid',
  ],
  lock_batteries: [
    'organization_id',
    'lock_id',
    'at',
    'battery',
  ],
  lock_codes: [
    'organization_id',
    'lock_id',
    'written_at',
    'held_since',
    'held_until',
    'pause_ms',
  ],
  lock_commands: [
    'organization_id',
    'id',
    'lock_id',
    'lane',
    'kind',
    'facts',
    'asked_by',
    'asked_at',
    'sending_until',
    'lease_until',
    'outcome',
    'reason',
    'detail',
    'finished_at',
    'proved_at',
    'cut_short',
    'left_told_at',
  ],
  lock_users: [
    'organization_id',
    'lock_id',
    'person_id',
    'role',
    'created_at',
    'updated_at',
  ],
  locks: [
    'organization_id',
    'id',
    'connection_id',
    'hardware_id',
    'name',
    'model',
    'firmware',
    'mac',
    'capabilities',
    'bridge_id',
    'bridge_online',
    'bridge_seen_at',
    'bolt',
    'bolt_since',
    'door_state',
    'observed_at',
    'observed_from',
    'tried_at',
    'unreachable_since',
    'trouble',
    'battery',
    'battery_at',
    'codes_read_at',
    'records_until',
    'unmanaged',
    'created_at',
    'updated_at',
    'deleted_at',
    'wire_id',
  ],
  login_attempts: [
    'name',
    'failed_count',
    'locked_until',
    'last_failed_at',
  ],
  logins: [
    'organization_id',
    'id',
    'account_id',
    'kind',
    'ip',
    'user_agent',
    'created_at',
    'expires_at',
    'ended_at',
  ],
  mails: [
    'organization_id',
    'id',
    'key',
    'kind',
    'recipient',
    'language',
    'facts',
    'state',
    'bundle',
    'attempts',
    'unsure',
    'try_at',
    'detail',
    'created_at',
    'finished_at',
    'about',
  ],
  notices: [
    'organization_id',
    'id',
    'kind',
    'subject',
    'facts',
    'raised_at',
    'cleared_at',
    'device_id',
    'came_back',
    'dismissed_at',
    'dismissed_by',
  ],
  observations: [
    'organization_id',
    'device_id',
    'at',
    'id',
    'kind',
    'watts',
    'source',
    'why',
  ],
  organizations: [
    'id',
    'slug',
    'name',
    'created_at',
  ],
  paces: [
    'key',
    'free_at',
    'holder',
    'people_until',
  ],
  passes: [
    'organization_id',
    'id',
    'token_hash',
    'token_sealed',
    'door_id',
    'phase',
    'duration_ms',
    'paid_at',
    'valid_from',
    'valid_until',
    'issue_until',
    'way',
    'delivered',
    'failure_reason',
    'guest_email',
    'language',
    'wake_at',
    'tries',
    'first_opened_at',
    'created_at',
    'holder_hash',
  ],
  payments: [
    'organization_id',
    'id',
    'module',
    'status',
    'amount',
    'currency',
    'refunded',
    'refunded_outside',
    'session_id',
    'device_id',
    'door_id',
    'plan_id',
    'location_id',
    'guest_email',
    'provider_checkout_id',
    'provider_checkout_url',
    'provider_intent_id',
    'checkout_request',
    'checkout_expires_at',
    'abandoned',
    'check_at',
    'checks',
    'paid_at',
    'created_at',
    'updated_at',
    'extra_ms',
    'taken',
    'told_back',
    'owed',
    'disputed',
    'books_check_at',
    'books_checks',
    'declined_code',
    'declined_at',
    'language',
    'pass_id',
  ],
  people: [
    'organization_id',
    'id',
    'uuid',
    'name',
    'created_at',
    'updated_at',
    'deleted_at',
    'first_name',
    'last_name',
    'email',
    'phone',
    'owner_person_id',
    'partner_user_id',
    'api_client_id',
  ],
  pin_reservations: [
    'organization_id',
    'lock_id',
    'slot',
    'pin_hash',
    'person_id',
    'api_client_id',
    'expires_at',
  ],
  pins: [
    'organization_id',
    'id',
    'lock_id',
    'person_id',
    'label',
    'pin_hash',
    'pin_sealed',
    'access_type',
    'schedule',
    'as_written',
    'state',
    'conflict',
    'suspended_until',
    'failures',
    'placement',
    'trouble',
    'pass_id',
    'api',
    'wake_at',
    'loaded_at',
    'used_at',
    'created_at',
    'updated_at',
    'deleted_at',
    'slot',
    'is_master',
    'asked_by',
    'api_client_id',
  ],
  processes: [
    'id',
    'lock_key',
    'worker_ids',
    'started_at',
  ],
  provider_events: [
    'organization_id',
    'provider',
    'event_id',
    'received_at',
    'intent_id',
  ],
  provider_refunds: [
    'organization_id',
    'id',
    'payment_id',
    'refund_id',
    'amount',
    'state',
    'failure',
    'heard_at',
  ],
  refresh_tokens: [
    'organization_id',
    'token_hash',
    'grant_id',
    'expires_at',
    'replaced_at',
  ],
  refunds: [
    'organization_id',
    'id',
    'payment_id',
    'amount',
    'reason',
    'status',
    'provider_refund_id',
    'attempts',
    'try_at',
    'trouble',
    'created_at',
    'done_at',
    'device_id',
  ],
  relays: [
    'organization_id',
    'device_id',
    'output',
    'seen_at',
    'tried_at',
    'unreachable_since',
    'auto_off_at',
    'power_watts',
    'source',
    'trouble',
    'manual_until',
    'energy_counter',
    'offline_since',
    'online_since',
    'output_since',
    'noted_watts',
    'noted_at',
    'model',
    'firmware',
    'described_at',
  ],
  server_facts: [
    'key',
    'value',
  ],
  sessions: [
    'organization_id',
    'id',
    'token_hash',
    'token_sealed',
    'device_id',
    'plan_id',
    'plan_name',
    'phase',
    'duration_ms',
    'delay_ms',
    'superseded',
    'paid_at',
    'starts_at',
    'started_at',
    'ends_at',
    'ended_at',
    'run',
    'failure_reason',
    'guest_email',
    'language',
    'wake_at',
    'created_at',
    'finish_below_watts',
    'finish_after_ms',
    'energy_wh',
    'energy_counter',
    'mail_when_done',
  ],
  settings: [
    'organization_id',
    'key',
    'value',
    'updated_at',
  ],
  short_codes: [
    'organization_id',
    'target',
    'code',
  ],
  sign_in_codes: [
    'organization_id',
    'id',
    'account_id',
    'grant_id',
    'code_sealed',
    'tries',
    'created_at',
    'expires_at',
    'used_at',
  ],
  tries: [
    'key',
    'count',
    'until',
  ],
  unmanaged_codes: [
    'organization_id',
    'lock_id',
    'reference',
    'name',
    'slot',
    'code_window',
    'pin_sealed',
    'first_seen_at',
    'seen_at',
    'ignored',
    'pin_hash',
    'unwanted',
  ],
  usage_plans: [
    'organization_id',
    'id',
    'device_id',
    'name',
    'description',
    'duration_minutes',
    'delay_minutes',
    'price',
    'sort_order',
    'active',
    'created_at',
    'updated_at',
    'deleted_at',
    'finish_below_watts',
    'finish_after_minutes',
  ],
  vendor_requests: [
    'organization_id',
    'connection_id',
    'month',
    'count',
  ],
  vendor_tokens: [
    'organization_id',
    'connection_id',
    'account',
    'sealed',
    'expires_at',
    'changed_at',
  ],
  wish_refusals: [
    'organization_id',
    'address_hash',
    'until',
  ],
  wishes: [
    'organization_id',
    'id',
    'device_id',
    'any_alike',
    'email',
    'address_hash',
    'holder_hash',
    'ip_hash',
    'token_hash',
    'token_sealed',
    'language',
    'state',
    'look_at',
    'told_device_id',
    'created_at',
    'expires_at',
    'ended_at',
  ],
};
