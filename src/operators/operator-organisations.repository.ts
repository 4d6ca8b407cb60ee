import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';

export interface ListedOrganisation {
  id: string;
  slug: string;
  name: string;
  sso: boolean;
  directorySync: boolean;
  deleteAfter: Date | null;
  createdAt: Date;
}

export interface ShownOrganisation extends ListedOrganisation {
  ssoEnforced: boolean;
  invitesPerHour: number | null;
  invitesPerDay: number | null;
  people: number;
  connections: { id: string; name: string; state: string }[];
  providers: { id: string; name: string; state: 'setup' | 'active' | 'disabled' }[];
}

const LISTED = 'id, slug, name, sso, directory_sync, delete_after, created_at';
const OWN = `organisation_id = current_setting('rollcall.organisation_id')::uuid`;

@Injectable()
export class OperatorOrganisationsRepository {
  /** As the worker, by short name. The installation's own is not among them. */
  page(worker: Tx, filter: { q: string; after: string | null }, limit: number): Promise<ListedOrganisation[]> {
    return worker.query<ListedOrganisation>(
      `SELECT ${LISTED} FROM organisation
        WHERE NOT is_installation AND ($1::text IS NULL OR slug > $1)
          AND (starts_with(slug, lower($2)) OR position(lower($2) in lower(name)) > 0)
        ORDER BY slug LIMIT $3`,
      [filter.after, filter.q, limit],
    );
  }

  /** In the organisation itself: counts and states, nobody's name. */
  show(tx: Tx): Promise<ShownOrganisation | null> {
    return tx.maybeOne<ShownOrganisation>(
      `SELECT ${LISTED}, sso_enforced, invites_per_hour, invites_per_day,
              (SELECT count(*) FROM person WHERE ${OWN} AND state <> 'archived') AS people,
              (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'name', name, 'state', state) ORDER BY name, id), '[]')
                 FROM connection WHERE ${OWN} AND provider <> 'csv') AS connections,
              (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'name', name, 'state', state) ORDER BY created_at, id), '[]')
                 FROM identity_provider WHERE ${OWN}) AS providers
         FROM organisation WHERE id = current_setting('rollcall.organisation_id')::uuid AND NOT is_installation`,
    );
  }
}
