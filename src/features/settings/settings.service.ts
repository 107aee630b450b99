import type { Kysely } from 'kysely';
import type { Database } from '../../database/open.ts';
import { standInLine } from '../../database/stand-in-line.ts';
import type { DB } from '../../database/types.ts';
import type { Clock } from '../../host/clock.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import type { OrganizationId } from '../../rules/ids.ts';
import type { Audit } from '../audit/audit.service.ts';
import { loadSettings, saveSetting } from './settings.store.ts';
import { checked, defaults, type Settings, type SettingsChange } from './settings.ts';

/** What an organization has set. Reads fall back to defaults; a change is checked key by key, and audited old and new. */
export function createSettings({ database, clock, audit }: { database: Database; clock: Clock; audit: Audit }) {
  async function get(organizationId: OrganizationId, db: Kysely<DB> = database.read): Promise<Settings> {
    const stored = await loadSettings(db, organizationId);
    const settings: Record<string, unknown> = { ...defaults };
    for (const key of Object.keys(defaults)) if (stored.has(key)) settings[key] = stored.get(key);
    return settings as Settings; // written by `change` alone, which checks
  }

  async function change(actor: Actor, wanted: SettingsChange): Promise<Settings> {
    return database.transaction('settings-change', async (tx) => {
      await standInLine(tx, 'settings', actor.organizationId);
      const before = await get(actor.organizationId, tx);
      const changes = checked(wanted, before);
      const keys = Object.keys(changes).filter(
        (key) => JSON.stringify(changes[key as keyof Settings]) !== JSON.stringify(before[key as keyof Settings]),
      ) as (keyof Settings)[];
      for (const key of keys) await saveSetting(tx, actor.organizationId, key, changes[key], clock.now());
      if (keys.length > 0) {
        await audit.append(tx, {
          organizationId: actor.organizationId,
          category: 'settings',
          action: 'settings changed',
          actor,
          entity: 'Settings',
          entityId: actor.organizationId,
          details: Object.fromEntries(
            keys.map((key) => [key, { from: shown(key, before), to: shown(key, { ...before, ...changes }) ?? null }]),
          ),
          ...(keys.includes('noticeMail')
            ? { personal: { noticeMailTo: (changes.noticeMail ?? before.noticeMail).to.join(', ') || null } }
            : {}),
        });
      }
      return { ...before, ...changes };
    });
  }

  return { get, change };
}

/** Addresses name people: the entry holds them as personal facts, and only their number for ever. */
function shown(key: keyof Settings, settings: Settings): unknown {
  return key === 'noticeMail' ? { ...settings.noticeMail, to: settings.noticeMail.to.length } : settings[key];
}

export type SettingsService = ReturnType<typeof createSettings>;
export type { Settings } from './settings.ts';
