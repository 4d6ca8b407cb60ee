import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { actorOf, contextOf } from '../audit/audit.types.js';
import type { Caller } from '../auth/auth.types.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { newId } from '../common/ids.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { Database } from '../database/database.service.js';
import { isUniqueViolation } from '../database/errors.js';
import { ImportsRepository } from './imports.repository.js';
import type { ImportOptions } from './imports.types.js';
import { Previews } from './previews.service.js';

const CHUNK = 1_048_576;
/** An upload that its process left behind is in nobody's way this long after its time. */
const GRACE_MS = 60_000;

export interface Upload {
  name: string;
  /** As the head of the request has it; null: not said. */
  declared: number | null;
  bytes: AsyncIterable<Uint8Array>;
  options?: Partial<ImportOptions>;
}

/** Takes files as they come: never more than a piece of one is in memory. */
@Injectable()
export class Uploads {
  constructor(
    private readonly database: Database,
    private readonly imports: ImportsRepository,
    private readonly previews: Previews,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'imports'>,
  ) {}

  /**
   * Keeps the file, and asks for its preview.
   *
   * @returns The id of the import.
   * @throws {RollcallError} `import.too_large`, before a byte of it is read where its length was said; `import.under_way`
   */
  async take(caller: Caller, upload: Upload): Promise<string> {
    this.assertFits(upload.declared ?? 0);
    const id = await this.begin(caller, upload);
    try {
      const file = await this.keep(caller.organisationId, id, upload.bytes);
      await this.end(caller, id, file);
      return id;
    } catch (error) {
      await this.database.asOrganisation(caller.organisationId, (tx) => this.imports.forget(tx, id));
      throw error;
    }
  }

  private async begin(caller: Caller, { name, options = {} }: Upload): Promise<string> {
    const now = this.clock.now();
    const id = newId();
    const { fileHours } = this.config.imports;
    try {
      await this.database.asOrganisation(caller.organisationId, async (tx) => {
        await this.imports.lock(tx);
        await this.imports.dropUploads(tx, abandonedBefore(now, this.config.imports));
        if (await this.imports.othersAtWork(tx, null)) throw underWay();
        await this.imports.insert(tx, {
          id,
          name,
          options: { ...this.previews.defaults(caller), ...options },
          uploadedBy: actorOf(caller),
          now,
          fileUntil: hoursAfter(now, fileHours),
        });
      });
    } catch (error) {
      throw isUniqueViolation(error, 'import_uploading') ? underWay() : error;
    }
    return id;
  }

  /** In pieces of one MiB, each in a transaction of its own. */
  private async keep(
    organisationId: string,
    id: string,
    stream: AsyncIterable<Uint8Array>,
  ): Promise<{ bytes: number; chunks: number; digest: Buffer }> {
    const hasher = createHash('sha256');
    const piece = Buffer.allocUnsafe(CHUNK);
    let filled = 0;
    let chunks = 0;
    let bytes = 0;
    const store = async (): Promise<void> => {
      const number = chunks;
      const whole = piece.subarray(0, filled);
      await this.database.asOrganisation(organisationId, (tx) => this.imports.addChunk(tx, id, number, whole));
      chunks += 1;
      filled = 0;
    };
    for await (const arrived of stream) {
      bytes += arrived.length;
      this.assertFits(bytes);
      hasher.update(arrived);
      for (let from = 0; from < arrived.length;) {
        const more = arrived.subarray(from, from + CHUNK - filled);
        piece.set(more, filled);
        filled += more.length;
        from += more.length;
        if (filled === CHUNK) await store();
      }
    }
    if (filled > 0) await store();
    return { bytes, chunks, digest: hasher.digest() };
  }

  private async end(
    caller: Caller,
    id: string,
    file: { bytes: number; chunks: number; digest: Buffer },
  ): Promise<void> {
    const now = this.clock.now();
    await this.database.asOrganisation(caller.organisationId, async (tx) => {
      await this.imports.lock(tx);
      await this.imports.uploaded(tx, id, { ...file, now, fileUntil: hoursAfter(now, this.config.imports.fileHours) });
      await this.audit.record(tx, {
        ...contextOf(caller),
        action: 'import.uploaded',
        subject: { kind: 'import', id },
        detail: { bytes: file.bytes },
      });
      await this.previews.ask(tx, caller, id, {});
    });
  }

  private assertFits(bytes: number): void {
    const most = this.config.imports.bytes;
    if (bytes > most)
      throw new RollcallError('import.too_large', `The file is larger than ${most} bytes; split it.`, { most });
  }
}

/** Whoever took an upload that began before this is gone. */
export function abandonedBefore(now: Date, { uploadWithinMs }: Pick<Config['imports'], 'uploadWithinMs'>): Date {
  return new Date(now.getTime() - uploadWithinMs - GRACE_MS);
}

function hoursAfter(now: Date, hours: number): Date {
  return new Date(now.getTime() + hours * 3_600_000);
}

export function underWay(): RollcallError {
  return new RollcallError(
    'import.under_way',
    'Another file of people is being uploaded, looked at or applied; wait until that is over.',
  );
}
