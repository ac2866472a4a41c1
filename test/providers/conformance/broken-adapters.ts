import { ProviderFailure } from '../../../src/domain/errors.ts';
import type { Observation } from '../../../src/domain/instance.ts';
import type { Offer } from '../../../src/domain/offer.ts';
import type { LaunchOrder, PowerSwitch, Provider } from '../../../src/ports/provider.ts';
import { had } from './port-calls.ts';
import { VASTAI_SUBJECT } from './subjects/vastai.ts';

/** An adapter that is good but for one thing. */
export interface BrokenAdapter {
  readonly fault: string;
  readonly broken: (good: Provider) => Provider;
  /** The beginning of the names of the cases among which it has to be found out. */
  readonly theme: string;
  /** One of those that have to fail. */
  readonly caughtBy: string;
}

export const BROKEN_ADAPTERS: readonly BrokenAdapter[] = [
  {
    fault: 'takes any failure of a look for "gone"',
    broken: (good) => ({ ...good, get: (id) => good.get(id).catch(() => undefined) }),
    theme: 'get',
    caughtBy: 'get: a 500 with words is a failure, and told as what it is',
  },
  {
    fault: 'takes refused keys for "gone"',
    broken: (good) => ({
      ...good,
      get: (id) => good.get(id).catch(unless('unauthorized', undefined)),
    }),
    theme: 'get',
    caughtBy: 'get: refused keys are told as such, and nothing looks gone for them',
  },
  {
    fault: 'takes a failed list for an empty one',
    broken: (good) => ({ ...good, list: () => good.list().catch(() => []) }),
    theme: 'list',
    caughtBy: 'list: a full account does not look empty through resetAfter',
  },
  {
    fault: 'reads the first page of a list alone',
    broken: (good) => ({ ...good, list: async () => (await good.list()).slice(0, 25) }),
    theme: 'list',
    caughtBy: 'list: an account with 26 machines is listed whole',
  },
  {
    fault: 'lists its own machines alone',
    broken: (good) => ({
      ...good,
      list: async () => (await good.list()).filter(({ tag }) => tag?.startsWith('gpub-test01-')),
    }),
    theme: 'list',
    caughtBy: 'list: an account with 2 machines is listed whole',
  },
  {
    fault: 'calls an end done whatever came of it',
    broken: (good) => ({ ...good, terminate: (id) => good.terminate(id).catch(() => undefined) }),
    theme: 'terminate',
    caughtBy: 'terminate: a 401 is a failure, and told as what it is',
  },
  {
    fault: 'calls an end undone of what has ended',
    broken: (good) => ({ ...good, terminate: (id) => endOfKnown(good, id) }),
    theme: 'terminate',
    caughtBy: 'terminate: asked again, at once and for ever after, it is content',
  },
  {
    fault: 'calls a launch not done of which nobody knows',
    broken: (good) => ({ ...good, launch: (order) => good.launch(order).catch(asNotDone) }),
    theme: 'launch',
    caughtBy: 'launch: silence is a failure, and told as what it is',
  },
  {
    fault: 'launches again when the answer is lost',
    broken: (good) => ({
      ...good,
      launch: (order) => good.launch(order).catch(() => good.launch(order)),
    }),
    theme: 'launch',
    caughtBy:
      'launch: one that took effect and ended in resetAfter is unknown, was asked for once, and its machine carries the tag',
  },
  {
    fault: 'forgets the machine that a failed launch left',
    broken: (good) => ({ ...good, launch: (order) => good.launch(order).catch(withoutLeftover) }),
    theme: 'launch',
    caughtBy: 'launch: a bid too low: a stopped contract was made (Vast.ai facts §7.5)',
  },
  {
    fault: 'cuts tags',
    broken: (good) => ({
      ...good,
      launch: (order) => good.launch({ ...order, tag: order.tag.slice(0, 32) }),
    }),
    theme: 'launch',
    caughtBy:
      'launch: a tag of the greatest length comes back to the letter, in the list and alone',
  },
  {
    fault: 'bids where nobody asked it to',
    broken: (good) => ({ ...good, launch: (order) => good.launch(bidding(order)) }),
    theme: 'launch',
    caughtBy:
      "launch: without a bid nothing of one is sent, and the machine is nobody else's to take",
  },
  {
    fault: 'forgets the bid',
    broken: (good) => ({ ...good, launch: ({ bidPerHour: _, ...order }) => good.launch(order) }),
    theme: 'launch',
    caughtBy: 'launch: a bid is sent, the machine is rented by it, and it is seen to be',
  },
  {
    fault: 'quotes the provider to the letter',
    broken: (good) => ({ ...good, get: (id) => good.get(id).catch(asQuoted) }),
    theme: 'get: nothing of a credential',
    caughtBy:
      'get: nothing of a credential is shown when this quotes it: an unknown key, which a status alone would call none',
  },
  {
    fault: 'throws what it stumbles over',
    broken: (good) => ({
      ...good,
      list: () =>
        good.list().catch(() => {
          throw new TypeError('rows is not iterable');
        }),
    }),
    theme: 'list',
    caughtBy: 'list: null is a failure, and told as what it is',
  },
  {
    fault: 'forgets how long to wait',
    broken: (good) => ({ ...good, offers: () => good.offers().catch(withoutWait) }),
    theme: 'offers',
    caughtBy: 'offers: a 429 that says when to come back is a failure, and told as what it is',
  },
  {
    fault: 'shows an empty menu when the provider fails',
    broken: (good) => ({ ...good, offers: () => good.offers().catch(() => []) }),
    theme: 'offers',
    caughtBy: "offers: a gateway's 502 page is a failure, and told as what it is",
  },
  {
    fault: 'prices offers without their disks',
    broken: (good) => ({
      ...good,
      offers: async () => (await good.offers()).map(withoutDiskPrice),
    }),
    theme: 'offers',
    caughtBy: 'offers: what is asked costs what the marketplace bills',
  },
  {
    fault: 'says that a machine runs before it does',
    broken: (good) => ({
      ...good,
      get: async (id) => asRunning(await good.get(id)),
    }),
    theme: 'get',
    caughtBy: 'get: a machine that boots is starting, without a promise of a login',
  },
  {
    fault: 'calls a stop done whatever came of it',
    broken: (good) =>
      withPower(good, {
        stop: (id) =>
          had(good.power)
            .stop(id)
            .catch(() => undefined),
      }),
    theme: 'stop',
    caughtBy: 'stop: of a machine that is gone it is a failure, told as not found',
  },
  {
    fault: 'calls a start accepted that waits for GPUs',
    broken: (good) =>
      withPower(good, {
        start: (id) => had(good.power).start(id).catch(unless('no_capacity', undefined)),
      }),
    theme: 'start',
    caughtBy:
      'start: with the GPUs taken it is no capacity, not done, and nothing starts later by itself',
  },
  {
    fault: 'reads a balance as nothing when it cannot be read',
    broken: (good) => ({ ...good, balance: () => good.balance().catch(() => ({ amount: 0 })) }),
    theme: 'balance',
    caughtBy: 'balance: silence is a failure, and told as what it is',
  },
  {
    fault: 'leaves out what was charged last',
    broken: (good) => ({
      ...good,
      charges: async (window) => (await had(good.charges)(window)).slice(0, -1),
    }),
    theme: 'charges',
    caughtBy: 'charges: an ended machine is charged what it was billed',
  },
  {
    fault: 'leaves stopped machines out of its rule for bills',
    broken: (good) => ({ ...good, billing: { ...good.billing, stopped: [] } }),
    theme: 'billing',
    caughtBy: 'billing: and with a machine that is stopped and started again',
  },
  {
    fault: 'finds no template where it may not look',
    broken: (good) => ({
      ...good,
      templates: {
        ...had(good.templates),
        find: (hash) =>
          had(good.templates)
            .find(hash)
            .catch(() => undefined),
      },
    }),
    theme: 'template',
    caughtBy: 'template by hash: a 401 is a failure, and told as what it is',
  },
];

function unless<Value>(kind: ProviderFailure['kind'], value: Value): (error: unknown) => Value {
  return (error) => {
    if (error instanceof ProviderFailure && error.kind === kind) return value;
    throw error;
  };
}

async function endOfKnown(good: Provider, id: string): Promise<void> {
  if (!(await good.get(id))) {
    throw new ProviderFailure({
      kind: 'not_found',
      outcome: 'not_done',
      detail: 'no such machine',
    });
  }
  await good.terminate(id);
}

function changed(error: unknown, changes: Partial<ProviderFailure>): never {
  if (!(error instanceof ProviderFailure)) throw error;
  const { kind, outcome, detail, retryAfterMs, leftover, isForOrderOnly, cause } = {
    ...error,
    cause: error.cause,
    ...changes,
  };
  throw new ProviderFailure({
    kind,
    outcome,
    detail,
    cause,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(leftover === undefined ? {} : { leftover }),
    ...(isForOrderOnly ? { isForOrderOnly } : {}),
  });
}

function asNotDone(error: unknown): never {
  return changed(error, { outcome: 'not_done' });
}

function withoutLeftover(error: unknown): never {
  return changed(error, { leftover: undefined });
}

function withoutWait(error: unknown): never {
  return changed(error, { retryAfterMs: undefined });
}

/** As an adapter would that puts what was sent into what is shown. */
function asQuoted(error: unknown): never {
  return changed(error, { detail: `GET with ${VASTAI_SUBJECT.secrets.join(' ')}` });
}

function bidding(order: LaunchOrder): LaunchOrder {
  return { ...order, bidPerHour: order.bidPerHour ?? order.offer.minBid ?? 1_000_000 };
}

function withoutDiskPrice(offer: Offer): Offer {
  return { ...offer, price: { ...offer.price, disk: 0 } };
}

function asRunning(seen: Observation | undefined): Observation | undefined {
  return seen && { ...seen, phase: 'running' };
}

function withPower(good: Provider, changes: Partial<PowerSwitch>): Provider {
  return { ...good, power: { ...had(good.power), ...changes } };
}
