import { instant, instantOrNull } from '../common/fields.js';
import { managedFields } from './managed-fields.js';
import type { PersonDetailView, PersonView } from './people.dto.js';
import type { ListedPerson } from './people.repository.js';
import type { PersonRecord } from './records.repository.js';

/** What of a person leaves the service: an allow-list. */
export function toPersonView(row: ListedPerson): PersonView {
  return {
    id: row.id,
    state: row.state,
    origin: row.origin,
    email: row.email,
    firstName: row.firstName,
    lastName: row.lastName,
    isAdmin: row.isAdmin,
    isProtected: row.isProtected,
    team: named(row.teamId, row.teamName),
    position: named(row.positionId, row.positionName),
    manager: named(row.managerId, row.managerName),
    employeeNumber: row.employeeNumber,
    attributes: row.attributes,
    archiveReasons: row.archiveReasons,
    archivedAt: instantOrNull(row.archivedAt),
    createdAt: instant(row.createdAt),
    updatedAt: instant(row.updatedAt),
    version: row.version,
  };
}

export function toDetailView(
  row: ListedPerson,
  records: readonly PersonRecord[],
  formerAddresses: readonly { email: string; until: Date }[],
  reports: number,
): PersonDetailView {
  return {
    ...toPersonView(row),
    managedFields: managedFields(records),
    records: records.map((record) => ({
      connectionId: record.connectionId,
      connection: record.connection,
      externalId: record.externalId,
      linkedAt: instantOrNull(record.linkedAt),
      employed: record.employed,
      inScope: record.inScope,
      goneAt: instantOrNull(record.goneAt),
      settled: record.settled,
    })),
    formerAddresses: formerAddresses.map(({ email, until }) => ({ email, until: instant(until) })),
    reports,
  };
}

function named(id: string | null, name: string | null): { id: string; name: string } | null {
  return id === null ? null : { id, name: name ?? '' };
}
