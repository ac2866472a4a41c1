import { ProviderFailure } from '../../domain/errors.ts';
import type { Observation } from '../../domain/instance.ts';
import type { VastaiClient } from './client.ts';
import { observationOf, type Reading } from './observation.ts';
import type { InstancesReply } from './wire.ts';

/** 5,000 instances at 25 a page; a list that goes on longer is a loop. */
const MAX_PAGES = 200;

/**
 * Every instance of the account. What it returns is complete by the provider's own count; a list that is short, repeats
 * itself, changed while it was read, or has a row that nobody can attribute, is a failure and never a shorter list.
 */
export async function readAllInstances(
  client: VastaiClient,
  reading: () => Reading,
): Promise<readonly Observation[]> {
  const found = new Map<string, Observation>();
  const tokens = new Set<string>();
  let token: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const page = await client.page(token);
    for (const observation of readRows(page, reading())) found.set(observation.id, observation);
    token = nextToken(page);
    if (token === undefined) return complete(found, page);
    if (tokens.has(token)) throw incomplete('the list of instances goes in circles');
    tokens.add(token);
  }
  throw incomplete('the list of instances has no end');
}

function readRows(page: InstancesReply, reading: Reading): readonly Observation[] {
  const rows = page.instances ?? [];
  if (typeof page.instances_found === 'number' && page.instances_found !== rows.length) {
    throw incomplete('a page of instances is not as long as it says');
  }
  return rows.map((row) => {
    const observation = observationOf(row, reading);
    if (!observation) throw incomplete('an instance without a readable id and label is listed');
    return observation;
  });
}

/** A page that neither counts the whole nor says what follows, or that leaves its rows out uncounted, cannot be told from a cut one. */
function nextToken(page: InstancesReply): string | undefined {
  const isUnsaid = page.next_token === undefined || page.instances === null;
  if (isUnsaid && typeof page.total_instances !== 'number') {
    throw incomplete('a page of instances says nothing of the others');
  }
  return page.next_token ? page.next_token : undefined;
}

/** The count of the last page is the newest. */
function complete(
  found: ReadonlyMap<string, Observation>,
  last: InstancesReply,
): readonly Observation[] {
  if (typeof last.total_instances === 'number' && last.total_instances !== found.size) {
    throw incomplete('the list of instances does not hold as many as it counts');
  }
  return [...found.values()];
}

function incomplete(detail: string): ProviderFailure {
  return new ProviderFailure({ kind: 'malformed', outcome: 'not_done', detail });
}
