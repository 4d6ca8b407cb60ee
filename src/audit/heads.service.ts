import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock.js';
import { codeOf } from '../common/errors.js';
import { inTurn } from '../common/in-turn.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { Database } from '../database/database.service.js';
import { Secrets } from '../database/secrets.service.js';
import { AuditChain } from './chain.service.js';
import { ChainRepository } from './chain.repository.js';
import { isGenuine, readHead, signHead, type HeadKey, type SignedHead } from './heads.js';

const PURPOSE = 'rollcall audit heads';

/** Heads of one organisation that were signed with a key of ours, and how many lines tell nothing. */
export interface KnownHeads {
  genuine: SignedHead[];
  /** Signed with our key's name and not with our key, or no head at all. */
  forged: number;
  /** Signed with a key that is not known any more. */
  unknownKey: number;
}

/** Writes the signed heads of all chains to a file, and to the log, which go where the database's keeper cannot reach. */
@Injectable()
export class AuditHeads {
  private readonly log = new Logger('audit');
  private readonly written = new Map<string, number>();

  constructor(
    private readonly database: Database,
    private readonly secrets: Secrets,
    private readonly chain: AuditChain,
    private readonly links: ChainRepository,
    @Inject(CONFIG) private readonly config: Pick<Config, 'audit'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Chains what is left and writes the heads that moved since this process wrote them last. Returns how many. */
  async exportAll(): Promise<number> {
    const [key] = this.keys();
    if (key === undefined) throw new TypeError('there is always a secret key');
    return inTurn(this.chain.organisations(), async (organisation) => {
      await this.chain.extend(organisation);
      const head = await this.database.asOrganisation(organisation, (tx) => this.links.head(tx), { readOnly: true });
      if (head === null || this.written.get(organisation) === head.position) return 0;
      const { position } = head;
      const at = this.clock.now().toISOString();
      const line = signHead({ organisation, position, hash: head.hash.toString('hex'), at }, key);
      // First the log, which is there when the file cannot be written.
      this.log.log({ head: line }, 'the head of an audit chain');
      await mkdir(dirname(this.config.audit.headsFile), { recursive: true, mode: 0o700 });
      await appendFile(this.config.audit.headsFile, `${line}\n`, { mode: 0o600 });
      this.written.set(organisation, position);
      return 1;
    });
  }

  /**
   * The heads that a file holds, by organisation.
   *
   * @param file Null: the one that this installation writes, which may not be there yet.
   */
  async read(file: string | null): Promise<(organisationId: string) => KnownHeads> {
    const { byOrganisation, broken } = await this.judged(file);
    return (organisationId) => {
      const known = byOrganisation.get(organisationId) ?? { genuine: [], forged: 0, unknownKey: 0 };
      return { ...known, forged: known.forged + broken };
    };
  }

  /** Of each organisation that a file tells of, the head furthest on that we signed. */
  async newest(file: string | null): Promise<SignedHead[]> {
    const { byOrganisation } = await this.judged(file);
    return [...byOrganisation.values()].flatMap(({ genuine: [first, ...more] }) =>
      first === undefined ? [] : [more.reduce((far, head) => (head.position > far.position ? head : far), first)],
    );
  }

  private async judged(file: string | null): Promise<{ byOrganisation: Map<string, KnownHeads>; broken: number }> {
    const text = await readFile(file ?? this.config.audit.headsFile, 'utf8').catch((error: unknown) => {
      if (file === null && codeOf(error) === 'ENOENT') return '';
      throw error;
    });
    const keys = new Map(this.keys().map((key) => [key.id, key]));
    const heads = text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map(readHead);
    const byOrganisation = new Map<string, KnownHeads>();
    for (const head of heads) {
      if (head === null) continue;
      const known = byOrganisation.get(head.organisation) ?? { genuine: [], forged: 0, unknownKey: 0 };
      byOrganisation.set(head.organisation, known);
      const key = keys.get(head.key);
      if (key === undefined) known.unknownKey += 1;
      else if (isGenuine(head, key)) known.genuine.push(head);
      else known.forged += 1;
    }
    return { byOrganisation, broken: heads.filter((head) => head === null).length };
  }

  private keys(): HeadKey[] {
    return this.secrets.derived(PURPOSE).map(({ id, bytes }) => ({ id, seed: bytes }));
  }
}
