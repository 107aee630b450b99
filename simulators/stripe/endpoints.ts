/** Webhook endpoints: created, listed, changed and deleted; the secret is shown once. */
import { invalid, missing, noSuch } from './errors.ts';
import { type FormObject, metadata, refuseUnknown, text, texts, url } from './form.ts';
import { newId, randomLetters } from './ids.ts';
import { API_VERSION, type Ledger } from './ledger.ts';
import type { EndpointObject } from './types.ts';

const allowed = {
  url: true,
  enabled_events: true,
  description: true,
  metadata: true,
  api_version: true,
  connect: true,
  disabled: true,
  expand: true,
} as const;

export function createEndpoint(ledger: Ledger, form: FormObject): Record<string, unknown> {
  refuseUnknown(form, allowed);
  const address = url(form, 'url');
  if (address === undefined) throw missing('url');
  const wanted = texts(form, 'enabled_events');
  if (wanted.length === 0) throw missing('enabled_events');
  const endpoint: EndpointObject = {
    id: newId('we'),
    object: 'webhook_endpoint',
    api_version: text(form, 'api_version') ?? API_VERSION,
    application: null,
    created: ledger.seconds(),
    description: text(form, 'description') ?? null,
    enabled_events: wanted,
    livemode: false,
    metadata: metadata(form),
    secret: `whsec_${randomLetters(32)}`,
    status: 'enabled',
    url: address,
  };
  ledger.endpoints.put(endpoint.id, endpoint);
  return endpoint;
}

export function findEndpoint(ledger: Ledger, id: string): EndpointObject {
  const found = ledger.endpoints.get(id);
  if (found === undefined) throw noSuch('webhook endpoint', id, 'webhook_endpoint');
  return found;
}

export function withoutSecret(endpoint: EndpointObject): EndpointObject {
  const { secret: _, ...shown } = endpoint;
  return shown as EndpointObject;
}

export function updateEndpoint(ledger: Ledger, id: string, form: FormObject): Record<string, unknown> {
  refuseUnknown(form, allowed);
  const endpoint = findEndpoint(ledger, id);
  const disabled = text(form, 'disabled');
  if (disabled !== undefined && disabled !== 'true' && disabled !== 'false') {
    throw invalid(`Invalid boolean: ${disabled}`, { param: 'disabled' });
  }
  endpoint.url = url(form, 'url') ?? endpoint.url;
  if (form.enabled_events !== undefined) endpoint.enabled_events = texts(form, 'enabled_events');
  if (disabled !== undefined) endpoint.status = disabled === 'true' ? 'disabled' : 'enabled';
  endpoint.description = text(form, 'description') ?? endpoint.description;
  ledger.endpoints.put(id, endpoint);
  return withoutSecret(endpoint);
}

export function deleteEndpoint(ledger: Ledger, id: string): Record<string, unknown> {
  findEndpoint(ledger, id);
  ledger.endpoints.drop(id);
  return { id, object: 'webhook_endpoint', deleted: true };
}
