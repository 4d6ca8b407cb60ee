import { readFileSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import { RollcallError } from '../common/errors.js';

/** As `keyValue`, for what may be a secret: what was typed is not said again. */
export function credentialValue(text: string, before?: Record<string, unknown>): Record<string, unknown> {
  try {
    return keyValue(text, before);
  } catch (error) {
    if (error instanceof InvalidArgumentError)
      throw new RollcallError('request.invalid', `--credential: ${error.message}`);
    throw error;
  }
}

/**
 * `--scope kind=groups --scope 'groupIds[]=00g1' --scope 'groupIds[]=00g2'` → an object. `name=@file` takes the content of
 * a file (JSON where it is JSON), so that no secret stands in the list of processes; `@-` is standard input.
 */
export function keyValue(text: string, before: Record<string, unknown> = {}): Record<string, unknown> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It must look like name=value, name=@file or name[]=value.');
  const key = text.slice(0, at);
  const value = valueOf(text.slice(at + 1));
  if (!key.endsWith('[]')) return { ...before, [key]: value };
  const name = key.slice(0, -2);
  const list = before[name];
  return { ...before, [name]: [...(Array.isArray(list) ? (list as unknown[]) : []), value] };
}

function valueOf(text: string): unknown {
  if (text.startsWith('@')) {
    const path = text.slice(1);
    const content = read(path);
    return content.startsWith('{') ? parsed(content, path) : content;
  }
  if (text === 'true' || text === 'false') return text === 'true';
  if (text === 'null') return null;
  return /^-?\d{1,9}$/u.test(text) ? Number(text) : text;
}

function read(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8').trim();
  } catch {
    throw new InvalidArgumentError(`The file ${path} cannot be read.`);
  }
}

function parsed(content: string, path: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    throw new InvalidArgumentError(`The file ${path} begins like JSON and is not.`);
  }
}
