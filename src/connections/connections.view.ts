import { instant, instantOrNull } from '../common/fields.js';
import type { ConnectionView } from './connections.dto.js';
import type { HealthRow } from './connections.repository.js';
import type { Connection, Stop } from './connections.types.js';
import { healthOf } from './health.js';

/** A connection as its admins see it: no secret, no lease, no cursor. */
export function toView(
  row: Connection,
  around: { facts: HealthRow | undefined; stop: Stop | undefined; now: Date },
): ConnectionView {
  if (row.state === 'deleting') throw new TypeError('a deleted connection is shown to nobody');
  return {
    id: row.id,
    provider: row.provider,
    name: row.name,
    rank: row.rank,
    state: row.state,
    settings: settingsView(row.settings),
    settingsVersion: row.settingsVersion,
    previewNeeded: row.confirmedVersion !== row.settingsVersion,
    credentials:
      row.credentialsAt === null ? null : { setAt: instant(row.credentialsAt), shown: row.credentialsShown ?? {} },
    tenant: row.tenant,
    stoppedAt: instantOrNull(row.stoppedAt),
    stopReason: row.stopReason,
    health: healthOf(row, around.facts, around.stop, around.now),
    createdAt: instant(row.createdAt),
    updatedAt: instant(row.updatedAt),
    version: row.version,
  };
}

export function settingsView(settings: Connection['settings']): ConnectionView['settings'] {
  return {
    scope: settings.scope as Record<string, unknown>,
    mapping: { ...settings.mapping },
    policy: settings.policy,
    schedule: settings.schedule,
    quotaShare: settings.quotaShare,
  };
}
