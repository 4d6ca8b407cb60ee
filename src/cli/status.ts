import { ConnectionsService } from '../connections/connections.service.js';
import { OrganisationsService } from '../organisations/organisations.service.js';
import type { Session } from './session.js';

/** In these states nobody has to do anything. A pause is somebody's decision. */
const WELL = new Set(['healthy', 'running', 'paused']);

export interface Status {
  well: boolean;
  /** The reason for which all syncs of the installation are stopped; null: they are not. */
  stopped: string | null;
  connections: {
    organisation: string;
    connection: string;
    status: string;
    held: number;
    lastCompleteReadAt: string | null;
    message: string;
  }[];
}

/** Whether all is well: of every organisation, or of one. */
export async function statusOf(session: Session, slug: string | undefined): Promise<Status> {
  const organisations = session.service(OrganisationsService);
  const { stoppedAt, stopReason } = await organisations.installation();
  const chosen = slug === undefined ? await organisations.list() : [await session.organisation(slug)];
  const connections: Status['connections'] = [];
  for (const organisation of chosen) {
    const { items } = await session.service(ConnectionsService).list(organisation.id);
    for (const { name, health } of items) {
      connections.push({
        organisation: organisation.slug,
        connection: name,
        status: health.status,
        held: health.held,
        lastCompleteReadAt: health.lastCompleteReadAt,
        message: health.message,
      });
    }
  }
  const stopped = stoppedAt === null ? null : (stopReason ?? 'no reason was given');
  return { well: stopped === null && connections.every((one) => WELL.has(one.status)), stopped, connections };
}
