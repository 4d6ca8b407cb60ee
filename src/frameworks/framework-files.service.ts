import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import type { AuditContext } from '../audit/audit.types.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { newId } from '../common/ids.js';
import { invalidInput } from '../common/invalid-input.js';
import { Database } from '../database/database.service.js';
import { isUniqueViolation } from '../database/errors.js';
import type { Tx } from '../database/tx.js';
import { FrameworkFilesRepository } from './framework-files.repository.js';
import { isEmpty, planFramework, type FrameworkPlan } from './framework-plan.js';
import { FrameworkFile, type ExportedFramework, type ImportedFramework } from './frameworks.dto.js';
import { FrameworksRepository } from './frameworks.repository.js';
import { comparable } from './names.js';
import { ReferenceRepository } from './reference.repository.js';
import { ReferenceService } from './reference.service.js';

/** A framework as a file: its positions in their order, its teams, and the other names of both. */
@Injectable()
export class FrameworkFiles {
  constructor(
    private readonly database: Database,
    private readonly frameworks: FrameworksRepository,
    private readonly files: FrameworkFilesRepository,
    private readonly names: ReferenceRepository,
    private readonly reference: ReferenceService,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws {RollcallError} `framework.not_found` */
  export(organisationId: string, id: string): Promise<ExportedFramework> {
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

  /** @throws {RollcallError} `import.framework_invalid` */
  parse(text: string): FrameworkFile {
    let read: unknown;
    try {
      read = JSON.parse(text);
    } catch (error) {
      throw new RollcallError('import.framework_invalid', 'The file is not JSON.', undefined, { cause: error });
    }
    const parsed = FrameworkFile.safeParse(read);
    if (parsed.success) return parsed.data;
    throw new RollcallError('import.framework_invalid', invalidInput(parsed.error.issues).message);
  }

  /**
   * Adds what a file has and is not here, all of it or nothing; what is here stays as it is. Teams that are here and have
   * no framework get this one.
   *
   * @throws {RollcallError} `alias.exists`, `import.framework_invalid`
   */
  async import(organisationId: string, file: FrameworkFile, by: AuditContext): Promise<ImportedFramework> {
    const work = () => this.database.asOrganisation(organisationId, (tx) => this.make(tx, file, by));
    try {
      return await work();
    } catch (error) {
      // Somebody made one of the names meanwhile: it is here now.
      if (!isUniqueViolation(error)) throw error;
      return work();
    }
  }

  /** What an import would make. @throws {RollcallError} `alias.exists`, `import.framework_invalid` */
  preview(organisationId: string, file: FrameworkFile): Promise<ImportedFramework> {
    return this.database.asOrganisation(
      organisationId,
      async (tx) => {
        const id = await this.files.called(tx, comparable(file.name));
        const plan = await this.plan(tx, file, id);
        return toView(file, id, id === null, plan);
      },
      { readOnly: true, isolation: 'repeatable read' },
    );
  }

  private async plan(tx: Tx, file: FrameworkFile, id: string | null): Promise<FrameworkPlan> {
    return planFramework(file, {
      id,
      positions: id === null ? [] : await this.files.positions(tx, id),
      teams: await this.names.teams(tx),
      aliases: await this.names.aliases(tx),
    });
  }

  private async make(tx: Tx, file: FrameworkFile, by: AuditContext): Promise<ImportedFramework> {
    await this.files.lock(tx);
    const found = await this.files.called(tx, comparable(file.name));
    // Whoever changes the order of its positions, or the framework of its teams, waits.
    if (found !== null) await this.frameworks.lock(tx, found);
    await this.files.lockTeams(tx, file.teams.map(({ name }) => comparable(name))); // prettier-ignore
    const plan = await this.plan(tx, file, found);
    const id = found ?? newId();
    if (found !== null && isEmpty(plan)) return toView(file, id, false, plan);
    await this.write(tx, { id, isNew: found === null, name: file.name }, plan);
    const { positions, teams, given, aliases } = plan;
    const ofKind = (kind: 'team' | 'position'): string[] =>
      aliases.flatMap((one) => (one.kind === kind ? [one.folded] : []));
    const foldedOf = (made: readonly { folded: string }[]): string[] => made.map(({ folded }) => folded);
    await this.reference.nameChanged(tx, 'position', [...foldedOf(positions), ...ofKind('position')]);
    await this.reference.nameChanged(
      tx,
      'team',
      [...foldedOf(teams), ...ofKind('team')],
      given.map((one) => one.id),
    );
    await this.audit.record(tx, {
      ...by,
      action: 'framework.imported',
      subject: { kind: 'framework', id },
      detail: { positions: positions.length, teams: teams.length + given.length, aliases: aliases.length },
    });
    return toView(file, id, found === null, plan);
  }

  private async write(
    tx: Tx,
    { id, isNew, name }: { id: string; isNew: boolean; name: string },
    { positions, moved, teams, given, aliases }: FrameworkPlan,
  ): Promise<void> {
    const now = this.clock.now();
    if (isNew) await this.frameworks.insert(tx, { id, name, folded: comparable(name), createdAt: now });
    const rows = (made: readonly object[]): string => JSON.stringify(made.map((one) => ({ ...one, id: newId() })));
    await this.files.rank(tx, id, JSON.stringify(moved));
    await this.names.addPositions(tx, id, rows(positions), now);
    await this.files.addTeams(tx, id, rows(teams), now);
    await this.files.giveTo(tx, id, given.map((one) => one.id)); // prettier-ignore
    await this.files.addAliases(tx, id, rows(aliases), now);
  }
}

function toView(file: FrameworkFile, id: string | null, isNew: boolean, plan: FrameworkPlan): ImportedFramework {
  const namesOf = (made: readonly { name: string }[]): string[] => made.map(({ name }) => name);
  return {
    id,
    name: file.name,
    made: isNew,
    positions: namesOf(plan.positions),
    teams: namesOf(plan.teams),
    given: namesOf(plan.given),
    aliases: namesOf(plan.aliases),
  };
}
