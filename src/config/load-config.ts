import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseDocument } from 'yaml';
import { RollcallError, messageOf } from '../common/errors.js';
import { ConfigSchema, type Config } from './config.schema.js';
import { readEnvironment } from './environment.js';

type Tree = Record<string, unknown>;

const FOLDER = fileURLToPath(new URL('../../config', import.meta.url));

/**
 * Reads the configuration from files and environment, and freezes it.
 *
 * @throws {RollcallError} `config.invalid`, naming every fault at once, never a value: it may be a secret.
 */
export function loadConfig(env: NodeJS.ProcessEnv, folder = FOLDER): Config {
  const faults: string[] = [];
  const defaults = readYaml(join(folder, 'default.yaml'), faults);
  const tree = structuredClone(defaults);
  for (const file of chosenFiles(env, folder, faults)) merge(tree, readYaml(file, faults));
  const reading = readEnvironment(env, defaults);
  faults.push(...reading.faults);
  const variables = new Map<string, string>();
  for (const { path, value, variable } of reading.values) {
    set(tree, path, value);
    variables.set(path.join('.'), variable);
  }
  const parsed = ConfigSchema.safeParse(tree);
  if (parsed.success && environmentOf(env) === 'production' && !parsed.data.server.publicUrl?.startsWith('https:'))
    faults.push('server.publicUrl (ROLLCALL_SERVER_PUBLIC_URL): must be the https address of this installation');
  for (const issue of parsed.error?.issues ?? []) {
    const path = issue.path.join('.');
    const keys =
      issue.code === 'unrecognized_keys' ? issue.keys.map((key) => (path === '' ? key : `${path}.${key}`)) : [path];
    for (const key of keys)
      faults.push(
        `${key}${variables.has(key) ? ` (${variables.get(key)})` : ''}: ${issue.code === 'unrecognized_keys' ? 'is no setting of Rollcall' : issue.message}`,
      );
  }
  if (!parsed.success || faults.length > 0) {
    throw new RollcallError(
      'config.invalid',
      `The configuration has ${faults.length} fault${faults.length === 1 ? '' : 's'}: ${faults.join('; ')}.`,
      { faults },
    );
  }
  return deepFreeze(parsed.data);
}

function environmentOf(env: NodeJS.ProcessEnv): string {
  return env['ROLLCALL_ENV'] || (env['NODE_ENV'] === 'production' ? 'production' : 'development');
}

function chosenFiles(env: NodeJS.ProcessEnv, folder: string, faults: string[]): string[] {
  const environment = environmentOf(env);
  const files: string[] = [];
  const named = join(folder, `${environment}.yaml`);
  if (!/^[a-z][a-z0-9-]*$/u.test(environment) || environment === 'default')
    faults.push('ROLLCALL_ENV must be the name of a file in config/');
  else if (existsSync(named)) files.push(named);
  else if (env['ROLLCALL_ENV'])
    faults.push(`ROLLCALL_ENV names ${environment}, and there is no config/${environment}.yaml`);
  const own = env['ROLLCALL_CONFIG'];
  if (own) files.push(resolve(own));
  return files;
}

function readYaml(file: string, faults: string[]): Tree {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    faults.push(`${file} cannot be read: ${messageOf(error)}`);
    return {};
  }
  const document = parseDocument(text, { uniqueKeys: true });
  // Only the place is told: the line itself may hold a secret.
  for (const { code, linePos } of document.errors) faults.push(`${file}:${linePos?.[0].line ?? '?'}: ${code}`);
  const value: unknown = document.errors.length === 0 ? document.toJS({ maxAliasCount: 0 }) : {};
  if (value === null) return {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as Tree;
  faults.push(`${file} must hold keys and values`);
  return {};
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function merge(into: Tree, from: Tree): void {
  for (const [key, value] of Object.entries(from)) {
    const present = into[key];
    if (isTree(present) && isTree(value)) merge(present, value);
    else into[key] = value;
  }
}

function set(tree: Tree, path: readonly string[], value: unknown): void {
  let node = tree;
  for (const key of path.slice(0, -1)) {
    const next = node[key];
    node = isTree(next) ? next : (node[key] = {});
  }
  node[path.at(-1) as string] = value;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}
