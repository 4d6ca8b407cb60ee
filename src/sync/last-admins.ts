/**
 * Row 10 across a plan: whom of the admins that a plan would remove (or make a member) it must keep, so that an active
 * admin is left. Nobody while somebody else stays; else the one of the lowest id, for the same answer every time.
 * Applying enforces the rule again, against whatever happened since.
 *
 * @param removals Ids of people whom the plan archives or demotes; who is no active admin does not matter.
 * @param activeAdmins Ids of all active admins of the organisation.
 * @returns Ids whose removal becomes `skip: last_admin`.
 */
export function lastAdmins(removals: Iterable<string>, activeAdmins: Iterable<string>): string[] {
  const admins = new Set(activeAdmins);
  const leaving = new Set<string>();
  for (const id of removals) if (admins.has(id)) leaving.add(id);
  if (leaving.size === 0 || leaving.size < admins.size) return [];
  let kept: string | null = null;
  for (const id of leaving) if (kept === null || id < kept) kept = id;
  return kept === null ? [] : [kept];
}
