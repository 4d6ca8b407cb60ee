import { z } from 'zod';
import { isId } from './ids.js';

/** Control characters, halves of surrogate pairs, what is no character, and what turns the direction of the text around it. */
const UNFIT = /[\p{Cc}\p{Cs}\u2028\u2029\u202A-\u202E\u2066-\u2069\uFEFF\uFFFD\p{Noncharacter_Code_Point}]/u;

/** A line of text that a person typed: trimmed, in NFC, not empty, at most so many UTF-16 units. */
export function line(longest: number) {
  return z
    .string()
    .normalize('NFC')
    .trim()
    .min(1)
    .max(longest)
    .refine((text) => !UNFIT.test(text), 'has characters that cannot be shown');
}

/** The id of anything of ours, in its one text form. */
export const Id = z.uuid().refine(isId, 'is not written in lower case');
export type Id = string;

/** An instant as every answer gives it: UTC, milliseconds. */
export const Instant = z.iso.datetime({ precision: 3 });

/** What every list takes: how many, and where the page before ended (`next` of its answer). */
export const PageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().min(1).max(1000).optional(),
});
export type PageQuery = z.infer<typeof PageQuery>;

/** What every list answers with. `next` is null on the last page. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.strictObject({ items: z.array(item), next: z.string().nullable() });
}

export function instant(at: Date): string {
  return at.toISOString();
}

export function instantOrNull(at: Date | null): string | null {
  return at === null ? null : at.toISOString();
}
