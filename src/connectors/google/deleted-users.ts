import type { Clock } from '../../common/clock.js';
import { canonicalEmail } from '../../common/email.js';
import type { Evidence } from '../connector.js';
import { isObject } from '../json.js';
import { usableId } from '../text.js';
import { USERS_PER_PAGE, type DirectoryReads } from './directory-reads.js';
import { Fresh } from './fresh.js';
import { PageTrail } from './page-trail.js';

/** Direct reads in a row share one look at the deleted. */
const FRESH_MS = 30_000;

interface Deleted {
  id: string;
  email: string | null;
}

/**
 * Users whom Google lists as deleted: those of the last 20 days, and nobody else. `showDeleted` takes the text `true`;
 * the plain listing never has them.
 */
export async function* deletedUsers(
  reads: DirectoryReads,
  signal: AbortSignal,
): AsyncGenerator<{ users: Deleted[]; observedAt: Date }, void, void> {
  const trail = new PageTrail('deleted users');
  let pageToken: string | null = null;
  do {
    const page = await reads.usersPage(
      {
        showDeleted: 'true',
        maxResults: USERS_PER_PAGE,
        fields: 'nextPageToken,users(id,primaryEmail,deletionTime)',
        ...(pageToken === null ? {} : { pageToken }),
      },
      null,
      signal,
    );
    trail.follow(page.items, page.next);
    yield { users: page.items.flatMap(deletedUser), observedAt: page.observedAt };
    pageToken = page.next;
  } while (pageToken !== null);
}

/** Only an entry that says when it was deleted is evidence: a listing that forgot the parameter names the living. */
function deletedUser(entry: unknown): Deleted[] {
  if (!isObject(entry)) return [];
  const { primaryEmail: email, deletionTime } = entry;
  const id = usableId(entry['id']);
  if (id === null || typeof deletionTime !== 'string' || Number.isNaN(Date.parse(deletionTime))) return [];
  return [{ id, email: typeof email === 'string' ? email : null }];
}

/** Evidence of all that Google still shows: somebody deleted long before the last read is gone none the less. */
export async function* deletions(reads: DirectoryReads, signal: AbortSignal): AsyncGenerator<Evidence[], void, void> {
  for await (const { users, observedAt } of deletedUsers(reads, signal)) {
    if (users.length > 0)
      yield users.map((user): Evidence => ({ externalId: user.id, verdict: 'deleted', observedAt }));
  }
}

interface DeletedNames {
  ids: ReadonlySet<string>;
  emails: ReadonlySet<string>;
}

/** For direct reads: is this id, or this address, among the deleted? One listing serves those who ask at once. */
export class DeletedLookup {
  private readonly names: Fresh<DeletedNames>;

  constructor(
    private readonly reads: DirectoryReads,
    clock: Clock,
  ) {
    this.names = new Fresh(clock, FRESH_MS);
  }

  async hasId(id: string, signal: AbortSignal): Promise<boolean> {
    return (await this.names.get(() => this.read(signal), signal)).ids.has(id);
  }

  /** @param email In canonical form. */
  async hasEmail(email: string, signal: AbortSignal): Promise<boolean> {
    return (await this.names.get(() => this.read(signal), signal)).emails.has(email);
  }

  private async read(signal: AbortSignal): Promise<DeletedNames> {
    const ids = new Set<string>();
    const emails = new Set<string>();
    for await (const { users } of deletedUsers(this.reads, signal)) {
      for (const user of users) {
        ids.add(user.id);
        const email = user.email === null ? null : canonicalEmail(user.email);
        if (email !== null) emails.add(email);
      }
    }
    return { ids, emails };
  }
}
