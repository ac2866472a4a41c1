import { setTimeout as sleep } from 'node:timers/promises';
import { ask, type SessionShown } from '../e2e/asks.ts';
import type { StagedBroker } from '../e2e/stage.ts';

/** Somebody who rents, works and leaves, again and again. */
interface Customer {
  readonly name: string;
  readonly wants: object;
  readonly hours: number;
  readonly worksMin: number;
  readonly leaves: 'done' | 'deletes' | 'lets it run out';
  readonly restsMin: number;
}

const CUSTOMERS: readonly Customer[] = [
  {
    name: 'ana',
    wants: { provider: 'vastai', gpu_type: 'RTX 4090' },
    hours: 2,
    worksMin: 6,
    leaves: 'done',
    restsMin: 3,
  },
  {
    name: 'ben',
    wants: { provider: 'vastai', min_vram: 40 },
    hours: 4,
    worksMin: 14,
    leaves: 'done',
    restsMin: 5,
  },
  {
    name: 'eva',
    wants: { provider: 'tensordock', max_price: 1 },
    hours: 3,
    worksMin: 9,
    leaves: 'deletes',
    restsMin: 4,
  },
  {
    name: 'ida',
    wants: { provider: 'tensordock', min_vram: 24 },
    hours: 8,
    worksMin: 25,
    leaves: 'done',
    restsMin: 6,
  },
  {
    name: 'max',
    wants: { provider: 'vastai', max_price: 0.3 },
    hours: 1,
    worksMin: 0,
    leaves: 'lets it run out',
    restsMin: 1,
  },
  {
    name: 'tom',
    wants: { max_price: 0.6, min_vram: 12 },
    hours: 1,
    worksMin: 4,
    leaves: 'done',
    restsMin: 2,
  },
];

export interface Shop {
  readonly broker: () => StagedBroker;
  readonly speed: number;
  /** When it is aborted, everybody goes home. */
  readonly closing: AbortSignal;
}

/** Resolves when everybody has gone home. What a broker in trouble answers, they take as it comes. */
export async function customersCome(shop: Shop): Promise<void> {
  await Promise.all(CUSTOMERS.map((customer) => comeAndGo(customer, shop)));
}

async function comeAndGo(customer: Customer, shop: Shop): Promise<void> {
  while (!shop.closing.aborted) {
    try {
      await rentOnce(customer, shop);
      await minutes(customer.restsMin, shop);
    } catch (error) {
      // The broker is down, as it is meant to be for a while, or everybody goes home.
      if (!isExpected(error)) throw error;
      if (!shop.closing.aborted) await sleep(500);
    }
  }
}

async function rentOnce(customer: Customer, shop: Shop): Promise<void> {
  const { status, body } = await ask<{ session: SessionShown }>(shop.broker(), 'POST /sessions', {
    consumer_id: customer.name,
    requirements: customer.wants,
    workload_type: 'ssh',
    reservation_hours: customer.hours,
  });
  if (status !== 201) return;
  const { id } = body.session;
  const came = await whenNoLonger(['pending', 'provisioning'], { id, shop });
  if (came !== 'running') return;
  if (customer.leaves === 'lets it run out') {
    await whenNoLonger(['running', 'stopping'], { id, shop });
    return;
  }
  await minutes(customer.worksMin, shop);
  const end = customer.leaves === 'done' ? `POST /sessions/${id}/done` : `DELETE /sessions/${id}`;
  await ask(shop.broker(), end);
}

async function whenNoLonger(
  statuses: readonly string[],
  { id, shop }: { readonly id: string; readonly shop: Shop },
): Promise<string> {
  for (;;) {
    const { body } = await ask<SessionShown>(shop.broker(), `GET /sessions/${id}`);
    if (!statuses.includes(body.status)) return body.status;
    await minutes(0.5, shop);
  }
}

/** Of the customers' and the broker's time. */
async function minutes(count: number, { speed, closing }: Shop): Promise<void> {
  await sleep((count * 60_000) / speed, undefined, { signal: closing });
}

function isExpected(error: unknown): boolean {
  return (
    error instanceof Error && (error.name === 'AbortError' || error.message === 'fetch failed')
  );
}
