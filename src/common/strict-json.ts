import jsonc from 'jsonc-parser';
import { RollcallError } from './errors.js';

export interface JsonLimits {
  depth: number;
  arrayLength: number;
}

const RESERVED = new Set(['__proto__', 'constructor', 'prototype']);
const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads JSON that a stranger sent: UTF-8, RFC 8259 to the letter, no member twice, none of a name that objects
 * inherit, not too deep, no array too long, and only text that a database can hold.
 *
 * @throws {RollcallError} of the `request.` family, naming what was wrong but never what was sent.
 */
export function parseStrictJson(bytes: Uint8Array, limits: JsonLimits): unknown {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch (error) {
    throw malformed('The body is not UTF-8.', error);
  }
  // First the walk, which stops at the first bad depth; the platform's parser then has the last word on the grammar.
  walk(text, limits);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw malformed('The body is not JSON.', error);
  }
}

interface Level {
  names: Set<string> | null;
  items: number;
}

function walk(text: string, limits: JsonLimits): void {
  const levels: Level[] = [];
  const enter = (level: Level): void => {
    if (levels.push(level) > limits.depth) {
      throw new RollcallError('request.too_deep', `The body is nested deeper than ${limits.depth} levels.`);
    }
  };
  const countItem = (): void => {
    const level = levels.at(-1);
    if (level?.names === null && ++level.items > limits.arrayLength) {
      throw new RollcallError('request.too_large', `An array in the body has more than ${limits.arrayLength} items.`);
    }
  };
  jsonc.visit(
    text,
    {
      onObjectBegin: () => {
        countItem();
        enter({ names: new Set(), items: 0 });
      },
      onObjectEnd: () => void levels.pop(),
      onArrayBegin: () => {
        countItem();
        enter({ names: null, items: 0 });
      },
      onArrayEnd: () => void levels.pop(),
      onObjectProperty: (name) => checkName(name, levels.at(-1)?.names ?? new Set()),
      onLiteralValue: (value: unknown) => {
        countItem();
        if (typeof value === 'string') checkText(value);
      },
      onError: () => {
        throw malformed('The body is not JSON.');
      },
    },
    { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false },
  );
}

function checkName(name: string, names: Set<string>): void {
  checkText(name);
  if (RESERVED.has(name))
    throw new RollcallError('request.forbidden_member', 'The body has a member of a reserved name.');
  if (names.has(name)) throw new RollcallError('request.duplicate_member', 'The body names a member twice.');
  names.add(name);
}

function checkText(text: string): void {
  if (text.includes('\0') || !text.isWellFormed())
    throw malformed('The body has text with a NUL or half a surrogate pair.');
}

function malformed(message: string, cause?: unknown): RollcallError {
  return new RollcallError('request.malformed', message, undefined, { cause });
}
