import type { Story } from './story-world.js';

/** What an organisation has, ids and times apart, so that two that lived through the same can be compared. */
export async function finalState(story: Story): Promise<Record<string, unknown>> {
  return {
    people: await people(story),
    records: await story.rows(
      `SELECT r.external_id, ${KEY} AS person, encode(r.observed_hash, 'hex') AS observed,
              r.settled_hash IS NOT DISTINCT FROM r.observed_hash AS settled, r.email_canonical, r.employed, r.in_scope,
              r.out_of_scope_because, r.fault, r.awaited_manager, r.unmatched_title, r.unmatched_team,
              r.gone_at IS NOT NULL AS gone, r.gone_because, r.missing_since IS NOT NULL AS missing
         FROM directory_record r LEFT JOIN person p ON p.organisation_id = r.organisation_id AND p.id = r.person_id
        ORDER BY r.external_id`,
    ),
    held: await story.rows(
      `SELECT m.external_id, m.kind, m.state FROM hold h JOIN hold_member m ON m.organisation_id = h.organisation_id AND m.hold_id = h.id
        WHERE h.state = 'open' AND m.state IN ('waiting', 'approved') ORDER BY 1, 2`,
    ),
    conflicts: await story.rows(
      `SELECT kind, external_id, other_external_id FROM conflict WHERE resolved_at IS NULL ORDER BY 1, 2, 3`,
    ),
    overrides: await story.rows(
      `SELECT o.kind, o.cause, o.external_id, ${KEY} AS person, o.released_at IS NOT NULL AS released
         FROM override o JOIN person p ON p.organisation_id = o.organisation_id AND p.id = o.person_id ORDER BY 1, 2, 3, 4, 5`,
    ),
    notices: await story.rows(
      `SELECT n.kind, n.message, ${KEY} AS person FROM notice n LEFT JOIN person p ON p.organisation_id = n.organisation_id AND p.id = n.person_id
        WHERE n.mended_at IS NULL ORDER BY 1, 2, 3`,
    ),
    teams: await story.rows(`SELECT name FROM team ORDER BY name`),
  };
}

/** Who somebody is, whatever their id: the records that they were ever tied to, and their address at the end. */
const KEY = `concat_ws(' ', p.email_canonical, p.state, p.version,
  (SELECT string_agg(k.external_id, ' ' ORDER BY k.external_id) FROM directory_record k
    WHERE k.organisation_id = p.organisation_id AND k.person_id = p.id))`;

function people(story: Story): Promise<object[]> {
  return story.rows(
    `SELECT ${KEY} AS person, p.state, p.origin, p.email, p.email_canonical, p.first_name, p.last_name, p.sort_name, p.is_admin,
            p.is_protected, p.employee_number, p.attributes, p.archive_reasons, p.archived_at IS NOT NULL AS archived, p.version,
            t.name AS team, s.name AS position, m.email_canonical AS manager,
            (SELECT string_agg(f.email, ' ' ORDER BY f.email) FROM former_address f
              WHERE f.organisation_id = p.organisation_id AND f.person_id = p.id) AS former,
            (SELECT string_agg(k.token, ' ' ORDER BY k.token) FROM person_token k
              WHERE k.organisation_id = p.organisation_id AND k.person_id = p.id) AS tokens,
            (SELECT json_agg(json_build_array(e.type, e.payload->>'origin', e.payload->>'reason', e.payload->>'state',
                      (SELECT string_agg(c, ',' ORDER BY c) FROM jsonb_object_keys(e.payload->'changed') c)) ORDER BY e.seq)
               FROM event e WHERE e.organisation_id = p.organisation_id AND e.person_id = p.id) AS told
       FROM person p
       LEFT JOIN team t ON t.organisation_id = p.organisation_id AND t.id = p.team_id
       LEFT JOIN position s ON s.organisation_id = p.organisation_id AND s.id = p.position_id
       LEFT JOIN person m ON m.organisation_id = p.organisation_id AND m.id = p.manager_id
      ORDER BY 1`,
  );
}
