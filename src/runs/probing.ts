import { Injectable } from '@nestjs/common';
import type { Probe } from '../connectors/connector.js';
import { DomainsService } from '../organisations/domains.service.js';
import { ConnectionStateRepository } from './connection-state.repository.js';
import { NeedsAttention } from './failures.js';
import { directoryOf, type RunContext } from './run-context.js';
import { RunsRepository } from './runs.repository.js';

/**
 * Asks what stands behind the credentials, before a read and after it. Another customer, other rights, or a scope object
 * that is gone: an admin must look, and nothing is applied.
 */
@Injectable()
export class Prober {
  constructor(
    private readonly connections: ConnectionStateRepository,
    private readonly domains: DomainsService,
    private readonly runs: RunsRepository,
  ) {}

  async probe(context: RunContext): Promise<Probe> {
    const { lease, organisationId, connectionId, runId } = context;
    await lease.write((tx) => this.runs.setPhase(tx, organisationId, runId, 'probe'));
    const directory = directoryOf(context);
    const probe = await directory.connector.probe(lease.signal);
    assertSame(probe, known(context, context.connection));
    await lease.write(async (tx) => {
      if (context.kind === 'simulation') {
        directory.verifiedDomains = new Set([...(await this.domains.verified(tx)), ...probe.verifiedDomains]);
        return;
      }
      await this.connections.keepIdentity(tx, organisationId, connectionId, probe.tenant, probe.fingerprint);
      await this.domains.noteVerifiedByConnection(tx, connectionId, probe.verifiedDomains, {
        by: { kind: 'sync', connectionId },
        runId,
      });
      directory.verifiedDomains = await this.domains.verified(tx);
    });
    return probe;
  }

  /** S-02: the probe agrees before and after the read. */
  async probeAgain(context: RunContext): Promise<void> {
    const probe = await directoryOf(context).connector.probe(context.lease.signal);
    const stored = await context.lease.read((tx) =>
      this.runs.identity(tx, context.organisationId, context.connectionId),
    );
    assertSame(probe, known(context, stored));
  }
}

/** Settings that are only simulated may need other rights than those that are known; the tenant is the same in any case. */
function known(context: RunContext, stored: Identity): Identity {
  return context.kind === 'simulation' ? { tenant: stored.tenant, fingerprint: null } : stored;
}

interface Identity {
  tenant: string | null;
  fingerprint: string | null;
}

function assertSame(probe: Probe, stored: Identity): void {
  if (stored.tenant !== null && stored.tenant !== probe.tenant) {
    throw new NeedsAttention(
      'other_tenant',
      'The credentials belong to another customer of the directory than this connection was made for; set those of the right one.',
    );
  }
  if (stored.fingerprint !== null && stored.fingerprint !== probe.fingerprint) {
    throw new NeedsAttention(
      'rights_changed',
      'The rights of the credentials are not what they were; grant what is missing, then set the credentials again.',
    );
  }
}
