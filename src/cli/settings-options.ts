import type { Command } from 'commander';
import { wholeNumber } from './command.js';
import { keyValue } from './key-values.js';

export interface SettingsOptions {
  scope?: Record<string, unknown>;
  mapping?: Record<string, unknown>;
  /** Single fields of the mapping, others staying as they are. */
  map?: Record<string, unknown>;
  policy?: Record<string, unknown>;
  schedule?: Record<string, unknown>;
  quotaShare?: number;
}

export const VALUES_HELP = `
Values are given as name=value; name[]=value adds to a list, name=@file takes a file, name=@- standard input.
What there is to set, with the usual values: rollcall connection kinds; step by step: docs/.`;

export function withSettings(command: Command): Command {
  return withMapping(command)
    .option('--policy <name=value>', 'one setting of the policy; repeatable', keyValue)
    .option('--schedule <name=value>', 'intervalMinutes, fullReadMinutes; repeatable', keyValue)
    .option('--quota-share <percent>', 'of the customer’s quota at the directory', wholeNumber(1, 90));
}

/** The two settings that say who and what is read. */
export function withMapping(command: Command): Command {
  return command
    .option('--scope <name=value>', 'who of the directory is meant, given whole; repeatable', keyValue)
    .option(
      '--map <field=path>',
      'one field, or extra, from an attribute; null leaves it to the admins; repeatable',
      keyValue,
    )
    .option('--mapping <name=value>', 'which attribute fills which field, given whole; repeatable', keyValue);
}

/** @param before The mapping that `--map` begins with. */
export function changeOf(settings: SettingsOptions, before: Record<string, unknown>): Omit<SettingsOptions, 'map'> {
  const { scope, map, policy, schedule, quotaShare } = settings;
  const mapping = map === undefined ? settings.mapping : mappedBy(map, settings.mapping ?? before);
  const given = { scope, mapping, policy, schedule, quotaShare };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** What is no field of ours is an extra; null takes an extra away. */
function mappedBy(map: Record<string, unknown>, before: Record<string, unknown>): Record<string, unknown> {
  const extras: Record<string, unknown> = { ...(before['extras'] as Record<string, unknown> | undefined) };
  const fields: Record<string, unknown> = { ...before };
  for (const [name, path] of Object.entries(map)) {
    if (Object.hasOwn(before, name) && name !== 'extras') fields[name] = path;
    else if (path === null) delete extras[name];
    else extras[name] = path;
  }
  return { ...fields, extras };
}
