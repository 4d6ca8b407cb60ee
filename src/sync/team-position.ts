import type { Reference } from './facts.js';

/** The team that a department names, by name and then by alias; null where there is none. */
export function teamOf(department: string, reference: Reference): string | null {
  const folded = reference.fold(department);
  const byName = reference.teamsByName.get(folded);
  if (byName !== undefined) return byName.id;
  const byAlias = reference.teamAliases.get(folded);
  return byAlias !== undefined && reference.teamsById.has(byAlias) ? byAlias : null;
}

/**
 * The position that a title names: by name within the team's framework, then in the organisation if just one position
 * has the name, then by alias. Null where there is none.
 */
export function positionOf(title: string, teamId: string | null, reference: Reference): string | null {
  const folded = reference.fold(title);
  const named = reference.positionsByName.get(folded) ?? [];
  const frameworkId = frameworkOfTeam(teamId, reference);
  const within = frameworkId === null ? undefined : named.find((position) => position.frameworkId === frameworkId);
  if (within !== undefined) return within.id;
  const only = named.length === 1 ? named[0] : undefined;
  if (only !== undefined) return only.id;
  const byAlias = reference.positionAliases.get(folded);
  return byAlias !== undefined && reference.positionsById.has(byAlias) ? byAlias : null;
}

/**
 * The position that stays when a title matches none: the present one, unless it belongs to another framework than the
 * team's. A team without framework, no team, or a position that we do not know leaves it alone.
 */
export function positionThatStays(
  positionId: string | null,
  teamId: string | null,
  reference: Reference,
): string | null {
  if (positionId === null) return null;
  const frameworkId = frameworkOfTeam(teamId, reference);
  const position = reference.positionsById.get(positionId);
  if (frameworkId === null || position === undefined) return positionId;
  return position.frameworkId === frameworkId ? positionId : null;
}

function frameworkOfTeam(teamId: string | null, reference: Reference): string | null {
  return teamId === null ? null : (reference.teamsById.get(teamId)?.frameworkId ?? null);
}
