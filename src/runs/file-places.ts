import { foldName } from '../common/fold.js';
import { derivedId } from '../common/ids.js';
import { LONGEST_NAME } from '../frameworks/frameworks.types.js';
import type { Reference } from '../sync/facts.js';
import { decideRow, type FilePerson, type FilePolicy, type FileRow, type RowDecision } from '../sync/file-rows.js';
import { MissingTeams } from './missing-teams.js';
import { PLACE, plannedLine, type PlannedChange } from './plan.types.js';

const MOST_FOLDED = 2_000;

/** What can be the name of something here. */
function isName(text: string | null): text is string {
  return text !== null && text.length <= LONGEST_NAME && foldName(text) !== '';
}

/** Teams and positions that a file names and that are not there: made with the plan, where that was asked for. */
export class FilePlaces {
  private readonly teams: MissingTeams;
  private readonly named: Map<string, readonly { id: string; frameworkId: string }[]>;
  private readonly byId: Map<string, { id: string; frameworkId: string }>;
  private readonly made: { id: string; frameworkId: string; name: string }[] = [];
  private readonly reference: Reference;

  constructor(
    reference: Reference,
    private readonly organisationId: string,
  ) {
    this.teams = new MissingTeams(reference, organisationId, 'The file names a team that is not here yet.');
    this.named = new Map(reference.positionsByName);
    this.byId = new Map(reference.positionsById);
    const folded = new Map<string, string>();
    this.reference = {
      ...this.teams.reference,
      positionsByName: this.named,
      positionsById: this.byId,
      fold: (text) => {
        let name = folded.get(text);
        if (name === undefined) {
          name = reference.fold(text);
          // Rows name the same few teams and positions; a file that does not is no reason to grow.
          if (folded.size >= MOST_FOLDED) folded.clear();
          folded.set(text, name);
        }
        return name;
      },
    };
  }

  /** Decides with what is there and with what the plan makes. */
  decide(row: FileRow, person: FilePerson | null, policy: FilePolicy): RowDecision {
    let decision = decideRow(row, person, policy, this.reference);
    if (policy.createTeams && isName(decision.missingTeam) && decision.fault === null) {
      this.teams.take(decision.missingTeam);
      decision = decideRow(row, person, policy, this.reference);
    }
    if (policy.createPositions && isName(decision.missingPosition) && decision.fault === null) {
      const teamId = decision.change?.after.teamId ?? person?.teamId ?? null;
      if (this.takePosition(decision.missingPosition, teamId))
        decision = decideRow(row, person, policy, this.reference);
    }
    return decision;
  }

  /** What is to be made, once every row is decided. */
  lines(nextSeq: () => number): PlannedChange[] {
    return [
      ...this.teams.lines(nextSeq),
      ...this.made.map(({ id, frameworkId, name }) =>
        plannedLine({
          seq: nextSeq(),
          kind: 'position',
          situation: 'position_missing',
          label: name,
          reason: { code: 'position_made', text: 'The file names a position that is not here yet.' },
          after: { positionId: id, positionName: name, frameworkId },
          settles: true,
          place: PLACE.team,
        }),
      ),
    ];
  }

  /** A position is of a framework: where the team has none, or nobody has a team, there is no place for it. */
  private takePosition(name: string, teamId: string | null): boolean {
    const frameworkId = teamId === null ? null : (this.reference.teamsById.get(teamId)?.frameworkId ?? null);
    if (frameworkId === null) return false;
    const folded = this.reference.fold(name);
    const position = { id: derivedId(this.organisationId, `position ${frameworkId} ${folded}`), frameworkId };
    this.made.push({ ...position, name });
    this.named.set(folded, [...(this.named.get(folded) ?? []), position]);
    this.byId.set(position.id, position);
    return true;
  }
}
