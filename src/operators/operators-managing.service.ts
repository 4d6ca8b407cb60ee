import { Inject, Injectable } from '@nestjs/common';
import type { AuditContext } from '../audit/audit.types.js';
import { RollcallError } from '../common/errors.js';
import { instant } from '../common/fields.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { publicSiteOf } from '../config/public-site.js';
import { Database } from '../database/database.service.js';
import { Mails } from '../mail/mails.service.js';
import { Installation } from '../organisations/installation.service.js';
import { Operators, type OperatorRow } from '../organisations/operators.service.js';
import { OrganisationsService } from '../organisations/organisations.service.js';
import { OperatorPeople } from './operator-people.service.js';
import type { FirstAdminView, NamePerson, OperatorsList, OperatorView } from './operators.dto.js';

/** Who runs the installation, and whom they make the first admin of an organisation. */
@Injectable()
export class OperatorsManaging {
  constructor(
    private readonly database: Database,
    private readonly installation: Installation,
    private readonly operators: Operators,
    private readonly organisations: OrganisationsService,
    private readonly people: OperatorPeople,
    private readonly mails: Mails,
    @Inject(CONFIG) private readonly config: Pick<Config, 'server'>,
  ) {}

  async list(): Promise<OperatorsList> {
    return { items: (await this.operators.list()).map(toView) };
  }

  /** Makes the person too, when the installation's own organisation has nobody of this address. */
  async add(who: NamePerson, by: AuditContext): Promise<OperatorView> {
    const installation = await this.installation.ensure();
    const { personId } = await this.database.asOrganisation(installation, (tx) =>
      this.people.bringIn(tx, who, { isAdmin: false, by }),
    );
    await this.operators.make(personId, by);
    const made = (await this.operators.list()).find((one) => one.personId === personId);
    if (!made) throw new RollcallError('operator.not_found', 'Somebody ended them as operator at the same moment.');
    return toView(made);
  }

  end(personId: string, by: AuditContext): Promise<void> {
    return this.operators.end(personId, by);
  }

  /**
   * An organisation without single sign-on has nobody else to begin with. They are told where to sign in; the link that
   * lets them in they ask for themselves.
   *
   * @throws {RollcallError} `organisation.not_found`, `organisation.deleting`, `organisation.has_admin`, `person.address_invalid`,
   *   `person.archived`
   */
  firstAdmin(organisationId: string, who: NamePerson, by: AuditContext): Promise<FirstAdminView> {
    return this.database.asOrganisation(organisationId, async (tx) => {
      await this.organisations.requireStaying(tx);
      const { personId, emailCanonical } = await this.people.bringInFirstAdmin(tx, who, by);
      await this.mails.enqueue(tx, {
        template: 'first_admin',
        cause: `first_admin:${personId}`,
        to: emailCanonical,
        personId,
        values: { link: `${publicSiteOf(this.config.server).origin}/sign-in` },
      });
      return { personId, email: emailCanonical };
    });
  }
}

function toView({ madeAt, ...row }: OperatorRow): OperatorView {
  return { ...row, madeAt: instant(madeAt) };
}
