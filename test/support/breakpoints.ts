import pg from 'pg';

/** Tables whose every change is a place where a process can be killed, with what tells the places apart. */
const PLACES: readonly (readonly [table: string, on: string, point: string])[] = [
  ['run', 'UPDATE', "'run ' || coalesce(NEW.phase, NEW.state)"],
  ['staged_page', 'INSERT', "'a page is stored'"],
  ['staged_record', 'INSERT', "'a record is stored'"],
  ['staged_evidence', 'INSERT', "'evidence is stored'"],
  ['planned_change', 'INSERT', "'a change is planned'"],
  ['plan_batch', 'INSERT', "'a batch is cut'"],
  ['plan_batch', 'UPDATE', "'batch ' || least(NEW.batch, 3) || ' is marked'"],
  ['person', 'INSERT', "'somebody is added'"],
  ['person', 'UPDATE', "'somebody is changed'"],
  ['event', 'INSERT', "'an event is told'"],
  ['audit_entry', 'INSERT', "'an entry is made'"],
  ['directory_record', 'INSERT', "'a record is mirrored'"],
  ['directory_record', 'UPDATE', "'a mirrored record moves on'"],
];

/** Every place at which a run can be stopped, within its transaction or while that commits. */
export const BREAKPOINTS: readonly string[] = [
  ...['probe', 'read', 'verify', 'plan', 'guard', 'apply', 'finish', 'succeeded'].map((phase) => `run ${phase}`),
  'a page is stored',
  'a record is stored',
  'evidence is stored',
  'a change is planned',
  'a batch is cut',
  'batch 1 is marked',
  'batch 2 is marked',
  'somebody is added',
  'somebody is changed',
  'an event is told',
  'an entry is made',
  'a record is mirrored',
  'a mirrored record moves on',
].flatMap((point) => [point, `${point}, at COMMIT`]);

/**
 * Stops whoever comes to a place, by locks of the database: the service knows nothing of it. A lock is free unless the
 * test holds it.
 */
export class Breakpoints {
  private held: string | null = null;

  private constructor(private readonly keeper: pg.Client) {}

  static async set(url: string): Promise<Breakpoints> {
    const keeper = new pg.Client({ connectionString: url });
    // It is closed with the database.
    keeper.on('error', () => undefined);
    await keeper.connect();
    for (const [at, [table, on, point]] of PLACES.entries()) {
      for (const [when, trigger] of [
        ['', `CREATE TRIGGER story_${at} AFTER ${on}`],
        [', at COMMIT', `CREATE CONSTRAINT TRIGGER story_${at}_commit AFTER ${on}`],
      ] as const) {
        const name = `story_${at}${when === '' ? '' : '_commit'}`;
        await keeper.query(
          `CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
           BEGIN PERFORM pg_advisory_xact_lock_shared(hashtext(${point} || '${when}'), 7); RETURN NULL; END $$`,
        );
        const deferred = when === '' ? '' : 'DEFERRABLE INITIALLY DEFERRED';
        await keeper.query(`${trigger} ON ${table} ${deferred} FOR EACH ROW EXECUTE FUNCTION ${name}()`);
      }
    }
    return new Breakpoints(keeper);
  }

  async hold(point: string): Promise<void> {
    await this.keeper.query('SELECT pg_advisory_lock(hashtext($1), 7)', [point]);
    this.held = point;
  }

  /** Whether somebody waits at the place that is held. */
  async reached(): Promise<boolean> {
    const { rows } = await this.keeper.query<{ n: number }>(
      "SELECT count(*)::int AS n FROM pg_locks WHERE locktype = 'advisory' AND objid = 7 AND objsubid = 2 AND NOT granted",
    );
    return (rows[0]?.n ?? 0) > 0;
  }

  async release(): Promise<void> {
    if (this.held === null) return;
    await this.keeper.query('SELECT pg_advisory_unlock(hashtext($1), 7)', [this.held]);
    this.held = null;
  }

  async close(): Promise<void> {
    await this.keeper.end();
  }
}
