import { Injectable } from '@nestjs/common';
import { ahead } from '../common/ahead.js';
import type { RunContext } from '../runs/run-context.js';
import { ImportsRepository } from './imports.repository.js';
import type { ImportRow } from './imports.types.js';
import { fileLost } from './previews.service.js';

/** A kept file as a stream, a piece at a time and the next one on its way. */
@Injectable()
export class FileBytes {
  constructor(private readonly imports: ImportsRepository) {}

  /** @throws {RollcallError} `import.file_lost` */
  async assertThere({ lease }: RunContext, row: ImportRow, now: Date): Promise<void> {
    const there = await lease.read((tx) => this.imports.countChunks(tx, row.id));
    if (row.state !== 'uploaded' || row.fileUntil <= now || there !== row.chunks) throw fileLost();
  }

  /** @throws {RollcallError} `import.file_lost` */
  async *of({ lease }: RunContext, { id, chunks }: ImportRow): AsyncGenerator<Buffer> {
    const read = (number: number): Promise<Buffer | null> => lease.read((tx) => this.imports.chunk(tx, id, number));
    if (chunks === 0) return;
    let next = ahead(read(0));
    for (let number = 0; number < chunks; number++) {
      const bytes = await next;
      if (bytes === null) throw fileLost();
      if (number + 1 < chunks) next = ahead(read(number + 1));
      yield bytes;
    }
  }
}
