import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { foldName } from '../common/fold.js';
import type { PageQuery } from '../common/fields.js';
import { decodeCursor, toPage } from '../common/paging.js';
import { Database } from '../database/database.service.js';
import type { TitleInboxPage } from './frameworks.dto.js';
import { ReferenceRepository } from './reference.repository.js';
import { suggester } from './suggestions.js';

interface UnmatchedTitle {
  folded: string;
  title: string;
  people: number;
}

/** Titles that match no position: most people first, each with the positions that it may mean. One alias settles one. */
@Injectable()
export class TitleInboxService {
  constructor(
    private readonly database: Database,
    private readonly names: ReferenceRepository,
  ) {}

  async list(organisationId: string, page: PageQuery): Promise<TitleInboxPage> {
    const after = decodeCursor(page.cursor, z.tuple([z.number().int(), z.string()]));
    const [unmatched, positions] = await this.database.asOrganisation(
      organisationId,
      async (tx) => [await this.names.unmatched(tx, 'position'), await this.names.positions(tx)] as const,
      { readOnly: true },
    );
    const rows = asTitles(unmatched).filter(
      (one) => after === null || inOrder({ people: after[0], folded: after[1] }, one) < 0,
    );
    const suggest = suggester(positions);
    const view = ({ title, people }: UnmatchedTitle) => ({ title, people, suggestions: suggest(title) });
    return toPage(rows.slice(0, page.limit + 1), page.limit, view, (row) => [row.people, row.folded]);
  }
}

/** Spellings that fold to the same are one title, shown in the most frequent one. */
function asTitles(unmatched: readonly { name: string; people: number }[]): UnmatchedTitle[] {
  const groups = Map.groupBy(unmatched, ({ name }) => foldName(name));
  return [...groups]
    .map(([folded, spellings]) => ({
      folded,
      title: spellings.reduce((most, one) => (one.people > most.people ? one : most)).name,
      people: spellings.reduce((sum, one) => sum + one.people, 0),
    }))
    .sort(inOrder);
}

function inOrder(a: Pick<UnmatchedTitle, 'people' | 'folded'>, b: Pick<UnmatchedTitle, 'people' | 'folded'>): number {
  return b.people - a.people || (a.folded < b.folded ? -1 : a.folded > b.folded ? 1 : 0);
}
