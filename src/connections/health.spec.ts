import { describe, expect, it } from '@jest/globals';
import { oktaKind } from '../connectors/okta/kind.js';
import type { Connection, Stop } from './connections.types.js';
import { healthOf } from './health.js';
import { defaultSettings } from './settings.js';

const now = new Date('2026-03-01T12:00:00Z');
const minutesAgo = (minutes: number): Date => new Date(now.getTime() - minutes * 60_000);
const attention = { code: 'unauthorized', message: 'Renew the token.', since: '2026-03-01T11:00:00.000Z' };
const stop: Stop = { by: 'organisation', since: now, reason: 'moving' };

function connection(differences: Partial<Connection> = {}): Connection {
  return {
    organisationId: 'o',
    id: 'c',
    provider: 'okta',
    name: 'Directory',
    rank: 1,
    state: 'active',
    settings: defaultSettings(oktaKind),
    settingsVersion: 2,
    confirmedVersion: 2,
    credentialsShown: {},
    credentialsAt: minutesAgo(10_000),
    tenant: 't',
    attention: null,
    unconfirmedSince: null,
    nextRunAt: minutesAgo(-50),
    lastFullAt: minutesAgo(10),
    lastRunAt: minutesAgo(10),
    failures: 0,
    failingSince: null,
    pausedAt: null,
    stoppedAt: null,
    stopReason: null,
    createdAt: minutesAgo(20_000),
    updatedAt: minutesAgo(20_000),
    version: 1,
    ...differences,
  };
}

const facts = (differences: object = {}) => ({
  id: 'c',
  lastAppliedAt: minutesAgo(10),
  skipped: 3,
  running: false,
  held: 0,
  ...differences,
});

describe('S-24 the health of a connection', () => {
  it.each([
    ['in step', connection(), facts(), undefined, 'healthy'],
    ['without credentials', connection({ credentialsAt: null, confirmedVersion: null }), facts(), undefined, 'setup'],
    ['never confirmed', connection({ confirmedVersion: null }), facts(), undefined, 'setup'],
    ['changed since it was confirmed', connection({ settingsVersion: 3 }), facts(), undefined, 'setup'],
    ['at work', connection(), facts({ running: true, held: 2 }), undefined, 'running'],
    ['with a hold', connection(), facts({ held: 2 }), undefined, 'held'],
    ['with a hold and changed settings', connection({ settingsVersion: 3 }), facts({ held: 2 }), undefined, 'held'],
    ['failing', connection({ failures: 2 }), facts(), undefined, 'failing'],
    ['paused', connection({ state: 'paused' }), facts({ held: 2 }), undefined, 'paused'],
    ['stopped', connection({ state: 'paused' }), facts(), stop, 'stopped'],
    [
      'in need of attention, whatever else',
      connection({ attention, state: 'paused' }),
      facts({ running: true }),
      stop,
      'attention',
    ],
    [
      'three intervals without a success',
      connection(),
      facts({ lastAppliedAt: minutesAgo(180) }),
      undefined,
      'healthy',
    ],
    [
      'more than three intervals without a success',
      connection(),
      facts({ lastAppliedAt: minutesAgo(181) }),
      undefined,
      'overdue',
    ],
    [
      'deltas alone for more than three days',
      connection({ lastFullAt: minutesAgo(3 * 1440 + 1) }),
      facts(),
      undefined,
      'overdue',
    ],
    [
      'that never worked once, four hours after it was confirmed',
      connection({ lastFullAt: null, createdAt: minutesAgo(240) }),
      facts({ lastAppliedAt: null }),
      undefined,
      'overdue',
    ],
    ['just made', connection({ lastFullAt: null, createdAt: minutesAgo(5) }), undefined, undefined, 'healthy'],
  ])('%s', (_name, row, found, switched, status) => {
    expect(healthOf(row, found, switched, now).status).toBe(status);
  });

  it('tells counts, times and the mend', () => {
    expect(healthOf(connection({ attention, failures: 2 }), facts({ held: 4 }), undefined, now)).toEqual({
      status: 'attention',
      message: 'Renew the token.',
      attention,
      lastCompleteReadAt: '2026-03-01T11:50:00.000Z',
      lastAppliedAt: '2026-03-01T11:50:00.000Z',
      held: 4,
      skipped: 3,
      failures: 2,
      failingSince: null,
      nextTryAt: null,
    });
  });

  it('names who stopped it, and why', () => {
    expect(healthOf(connection(), facts(), stop, now).message).toBe(
      'Stopped by an admin, for the organisation: moving.',
    );
    expect(healthOf(connection(), facts(), { ...stop, by: 'installation', reason: null }, now).message).toBe(
      'Stopped by the operator, for everybody.',
    );
  });
});
