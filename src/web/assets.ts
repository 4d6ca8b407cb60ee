import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import { codeOf } from '../common/errors.js';

export const AssetName = z.string().max(200);

export interface Asset {
  type: string;
  bytes: Buffer;
  /** Null where packing saves nothing. */
  packed: Buffer | null;
}

const TYPES: Record<string, { type: string; packs: boolean }> = {
  '.js': { type: 'text/javascript; charset=utf-8', packs: true },
  '.css': { type: 'text/css; charset=utf-8', packs: true },
  '.svg': { type: 'image/svg+xml', packs: true },
  '.woff2': { type: 'font/woff2', packs: false },
};

/** The files of the built pages, by name, read and packed once: nothing that is asked for later ever becomes a path. */
export class Assets {
  private readonly files: ReadonlyMap<string, Asset>;

  /** @param folder With the built pages; without any, there are no files. */
  constructor(folder: string) {
    this.files = new Map(read(join(folder, 'assets')));
  }

  find(name: string): Asset | null {
    return this.files.get(name) ?? null;
  }
}

function read(folder: string): [string, Asset][] {
  return namesIn(folder).flatMap((name) => {
    const known = TYPES[extname(name)];
    if (!known) return [];
    const bytes = readFileSync(join(folder, name));
    return [[name, { type: known.type, bytes, packed: known.packs ? gzipSync(bytes) : null }]];
  });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    return [];
  }
}
