import { derivedId } from '../common/ids.js';
import type { Reference } from '../sync/facts.js';
import { PLACE, plannedLine, type PlannedChange } from './plan.types.js';

/** Teams that departments name and that are not there: made with the plan, where the connection says so. */
export class MissingTeams {
  readonly reference: Reference;
  private readonly byName: Map<string, { id: string; frameworkId: string | null }>;
  private readonly byId: Map<string, { id: string; frameworkId: string | null; name: string }>;
  private readonly made: { id: string; name: string }[] = [];

  constructor(
    reference: Reference,
    private readonly organisationId: string,
    private readonly why = 'A department of the directory has no team yet.',
  ) {
    this.byName = new Map(reference.teamsByName);
    this.byId = new Map(reference.teamsById);
    this.reference = {
      ...reference,
      fold: (text) => reference.fold(text),
      teamsByName: this.byName,
      teamsById: this.byId,
    };
  }

  /** From now on the name is a team's. Its id is the plan's own, and the same in every plan: preview and run are equal. */
  take(name: string): void {
    const folded = this.reference.fold(name);
    if (this.byName.has(folded)) return;
    const team = { id: derivedId(this.organisationId, folded), name };
    this.made.push(team);
    this.byName.set(folded, { id: team.id, frameworkId: null });
    this.byId.set(team.id, { ...team, frameworkId: null });
  }

  lines(nextSeq: () => number): PlannedChange[] {
    return this.made.map((team) =>
      plannedLine({
        seq: nextSeq(),
        kind: 'team',
        situation: 'team_missing',
        label: team.name,
        reason: { code: 'team_made', text: this.why },
        after: { teamId: team.id, teamName: team.name },
        settles: true,
        place: PLACE.team,
      }),
    );
  }
}
