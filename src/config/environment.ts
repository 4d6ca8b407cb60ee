/** Variables that are named by habit elsewhere, and the key each sets. */
const BY_HABIT: Record<string, readonly string[]> = {
  DATABASE_URL: ['database', 'url'],
  DATABASE_MIGRATE_URL: ['database', 'migrateUrl'],
  DATABASE_WORKER_URL: ['database', 'workerUrl'],
  PORT: ['server', 'port'],
  ROLLCALL_SECRET_KEY: ['secretKey', 'value'],
  ROLLCALL_KEY_FILE: ['secretKey', 'file'],
};

/** These choose files and set no key. */
const CHOOSERS = new Set(['ROLLCALL_ENV', 'ROLLCALL_CONFIG', 'ROLLCALL_CLI_ORGANISATION']);

export interface EnvironmentReading {
  /** Values by path, to be laid over the files. */
  values: { path: readonly string[]; value: unknown; variable: string }[];
  faults: string[];
}

/** `bodyLimitBytes` is `BODY_LIMIT_BYTES`. */
function toVariable(key: string): string {
  return key.replace(/([a-z0-9])([A-Z])/gu, '$1_$2').toUpperCase();
}

/** Leaves of the defaults, each under the name of its variable. */
function knownVariables(defaults: Record<string, unknown>): Map<string, { path: string[]; present: unknown }> {
  const known = new Map<string, { path: string[]; present: unknown }>();
  const walk = (node: Record<string, unknown>, path: string[]): void => {
    for (const [key, present] of Object.entries(node)) {
      const here = [...path, key];
      if (typeof present === 'object' && present !== null && !Array.isArray(present))
        walk(present as Record<string, unknown>, here);
      else known.set(`ROLLCALL_${here.map(toVariable).join('_')}`, { path: here, present });
    }
  };
  walk(defaults, []);
  return known;
}

/** `ROLLCALL_CONNECTORS_<KIND>_<KEY>`: the kinds stand in the defaults, their keys are the kind's own. */
function connectorPath(variable: string, kinds: readonly string[]): string[] | null {
  const kind = kinds.find((name) => variable.startsWith(`ROLLCALL_CONNECTORS_${toVariable(name)}_`));
  if (kind === undefined) return null;
  const rest = variable.slice(`ROLLCALL_CONNECTORS_${toVariable(kind)}_`.length);
  if (!/^[A-Z0-9]+(_[A-Z0-9]+)*$/u.test(rest)) return null;
  return [
    'connectors',
    kind,
    rest.toLowerCase().replace(/_([a-z0-9])/gu, (_whole, letter: string) => letter.toUpperCase()),
  ];
}

/** A variable is text; what it stands for is told by the default that it replaces. */
function parse(text: string, present: unknown): unknown {
  if (text === 'null') return null;
  if (Array.isArray(present)) {
    return text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  }
  if (typeof present === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (typeof present === 'number') return /^-?\d+(\.\d+)?$/u.test(text) ? Number(text) : text;
  return text;
}

/** Connector settings have no default to tell their type. */
function guess(text: string): unknown {
  return text === 'true' ? true : text === 'false' ? false : text;
}

/** Keys that are a number when given, though their default is null. */
const NUMBERS_THAT_MAY_BE_NULL = new Set(['ROLLCALL_SERVER_METRICS_PORT']);

/** Reads what the environment says. An empty variable says nothing. */
export function readEnvironment(env: NodeJS.ProcessEnv, defaults: Record<string, unknown>): EnvironmentReading {
  const known = knownVariables(defaults);
  const kinds = Object.keys((defaults['connectors'] as Record<string, unknown> | undefined) ?? {});
  const reading: EnvironmentReading = { values: [], faults: [] };
  for (const [variable, text] of Object.entries(env)) {
    if (text === undefined || text === '' || CHOOSERS.has(variable)) continue;
    const habit = BY_HABIT[variable];
    if (habit !== undefined) {
      reading.values.push({ path: habit, value: parse(text, habit.at(-1) === 'port' ? 0 : ''), variable });
      continue;
    }
    if (!variable.startsWith('ROLLCALL_')) continue;
    const key = known.get(variable);
    const connector = key === undefined ? connectorPath(variable, kinds) : null;
    if (key !== undefined) {
      reading.values.push({
        path: key.path,
        value: parse(text, NUMBERS_THAT_MAY_BE_NULL.has(variable) ? 0 : key.present),
        variable,
      });
    } else if (connector !== null) {
      reading.values.push({ path: connector, value: guess(text), variable });
    } else {
      reading.faults.push(`${variable} is no setting of Rollcall`);
    }
  }
  return reading;
}
