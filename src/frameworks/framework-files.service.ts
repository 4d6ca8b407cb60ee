import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import type { AuditContext } from '../audit/audit.types.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { newId } from '../common/ids.js';
import { Database } from '../database/database.service.js';
import { isUniqueViolation } from '../database/errors.js';
import type { Tx } from '../database/tx.js';
import { FrameworkFilesRepository } from './framework-files.repository.js';
import type { FrameworkFile, FrameworkView } from './frameworks.dto.js';
import { FrameworksRepository } from './frameworks.repository.js';
import { FrameworksService } from './frameworks.service.js';
import { comparable } from './names.js';
import { ReferenceService } from './reference.service.js';

/** A framework as a file: its positions in their order, its teams, and the other names of both. */
@Injectable()
export class FrameworkFiles {
  constructor(
    private readonly database: Database,
    private readonly service: FrameworksService,
    private readonly frameworks: FrameworksRepository,
    private readonly files: FrameworkFilesRepository,
    private readonly reference: ReferenceService,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws {RollcallError} `framework.not_found` */
  export(organisationId: string, id: string): Promise<FrameworkFile> {
    return this.database.asOrganisation(
      organisationId,
      async (tx) => {
        const framework = await this.frameworks.find(tx, id);
        if (framework === null) throw new RollcallError('framework.not_found', 'There is no such framework.');
        return { name: framework.name, ...(await this.files.of(tx, id)) };
      },
      { readOnly: true, isolation: 'repeatable read' },
    );
  }

  /**
   * Makes a framework, all of it or nothing. Teams that are here and have no framework get this one.
   *
   * @throws {RollcallError} `framework.exists`, `alias.exists`, `import.framework_invalid`
   */
  async import(organisationId: string, file: FrameworkFile, by: AuditContext): Promise<FrameworkView> {
    assertDistinct('positions', file.positions.map(({ name }) => name)); // prettier-ignore
    assertDistinct('teams', file.teams.map(({ name }) => name)); // prettier-ignore
    assertDistinct('other names of positions', file.positions.flatMap(({ aliases }) => aliases)); // prettier-ignore
    assertDistinct('other names of teams', file.teams.flatMap(({ aliases }) => aliases)); // prettier-ignore
    const id = newId();
    try {
      await this.database.asOrganisation(organisationId, (tx) => this.make(tx, id, file, by));
    } catch (error) {
      if (isUniqueViolation(error, 'framework_organisation_id_folded_key'))
        throw new RollcallError('framework.exists', 'There is a framework of this name already.');
      if (isUniqueViolation(error))
        throw new RollcallError('alias.exists', 'One of the other names is in use already; delete that alias first.');
      throw error;
    }
    return this.service.show(organisationId, id);
  }

  private async make(tx: Tx, id: string, file: FrameworkFile, by: AuditContext): Promise<void> {
    const now = this.clock.now();
    await this.frameworks.insert(tx, { id, name: file.name, folded: comparable(file.name), createdAt: now });
    const named = (name: string) => ({ id: newId(), name, folded: comparable(name) });
    const positions = file.positions.map((one, at) => ({ ...named(one.name), rank: at + 1, aliases: one.aliases }));
    await this.files.addPositions(tx, id, JSON.stringify(positions), now);
    const teams = file.teams.map((one) => ({ ...named(one.name), aliases: one.aliases }));
    const ofOthers = await this.files.teamsOfOthers(tx, teams.map(({ folded }) => folded)); // prettier-ignore
    if (ofOthers.length > 0)
      throw new RollcallError(
        'import.framework_invalid',
        `These teams have another framework: ${ofOthers.join(', ')}.`,
      );
    await this.files.addTeams(tx, id, JSON.stringify(teams), now);
    const aliases = [
      ...positions.flatMap((one) => one.aliases.map((name) => ({ ...named(name), kind: 'position', of: one.folded }))),
      ...teams.flatMap((one) => one.aliases.map((name) => ({ ...named(name), kind: 'team', of: one.folded }))),
    ];
    await this.files.addAliases(tx, id, JSON.stringify(aliases), now);
    await this.reference.nameChanged(tx, 'position', [
      ...positions.map(({ folded }) => folded),
      ...aliases.flatMap(({ kind, folded }) => (kind === 'position' ? [folded] : [])),
    ]);
    await this.reference.nameChanged(tx, 'team', [
      ...teams.map(({ folded }) => folded),
      ...aliases.flatMap(({ kind, folded }) => (kind === 'team' ? [folded] : [])),
    ]);
    await this.audit.record(tx, {
      ...by,
      action: 'framework.imported',
      subject: { kind: 'framework', id },
      detail: { positions: positions.length, teams: teams.length, aliases: aliases.length },
    });
  }
}

function assertDistinct(what: string, names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    const folded = comparable(name);
    if (seen.has(folded))
      throw new RollcallError('import.framework_invalid', `"${name}" is there twice among the ${what}.`);
    seen.add(folded);
  }
}
