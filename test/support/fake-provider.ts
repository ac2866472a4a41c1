import type { BillingRule } from '../../src/domain/billing.ts';
import { type FailureKind, ProviderFailure } from '../../src/domain/errors.ts';
import type { Observation } from '../../src/domain/instance.ts';
import type { Offer } from '../../src/domain/offer.ts';
import { SECOND_MS } from '../../src/domain/time.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { LaunchOrder, LaunchReceipt, Provider } from '../../src/ports/provider.ts';

export type Operation =
  | 'offers'
  | 'launch'
  | 'grantAccess'
  | 'list'
  | 'get'
  | 'stop'
  | 'start'
  | 'terminate';

/** What happens to one call: nothing special, a failure before or after it took effect, or no answer yet. */
export type Fault =
  | { readonly kind: 'before'; readonly failure: ProviderFailure }
  | { readonly kind: 'after'; readonly failure: ProviderFailure }
  /** The call takes effect when it arrives, and is answered only when this resolves. */
  | { readonly kind: 'hangs'; readonly until: Promise<unknown> };

/** A machine as the fake market has it. Tests change it in place. */
export interface FakeInstance {
  readonly id: string;
  tag: string | undefined;
  phase: Observation['phase'];
  address: Observation['address'];
  openPorts: Observation['openPorts'];
  createdAt: number;
  runningSince: number | undefined;
  /** Gone as far as `get` can tell. */
  isGone: boolean;
  /** Whether lists show it. */
  isListed: boolean;
  /** What is shown of it beside the fields above, or instead of them. */
  shown: Partial<Observation>;
}

/**
 * A market behind the provider port: what is launched exists at once, runs at once and is gone when terminated, unless a
 * test says otherwise.
 */
export interface FakeProvider extends Provider {
  readonly instances: readonly FakeInstance[];
  readonly calls: readonly { readonly operation: Operation; readonly about: string }[];
  /** What was launched, answered or not. */
  readonly orders: readonly LaunchOrder[];
  menu: readonly Offer[];
  /** How new instances are. */
  onLaunch: (instance: FakeInstance) => void;
  /** Whether a terminate that is accepted really ends the instance. */
  endsOnTerminate: boolean;
  /** What a stop, and a start, that are accepted do to the machine. */
  onStop: (instance: FakeInstance) => void;
  onStart: (instance: FakeInstance) => void;
  /** The next calls of this operation meet these faults, in this order. */
  fault(operation: Operation, ...faults: readonly Fault[]): void;
  /** All calls of this operation meet this fault from now on; undefined heals it. */
  faultAlways(operation: Operation, fault: Fault | undefined): void;
  /** A machine that the broker did not launch. */
  add(overrides?: Partial<FakeInstance>): FakeInstance;
  count(operation: Operation): number;
}

const EVERYTHING: BillingRule = {
  created: ['gpu', 'cpu', 'ram', 'disk'],
  running: ['gpu', 'cpu', 'ram', 'disk'],
  stopped: ['disk'],
};

export function failure(
  kind: FailureKind,
  outcome: 'not_done' | 'unknown' = 'not_done',
  more: { readonly retryAfterMs?: number; readonly leftover?: string } = {},
): ProviderFailure {
  return new ProviderFailure({ kind, outcome, detail: `told to fail as ${kind}`, ...more });
}

export function refused(...failed: Parameters<typeof failure>): Fault {
  return { kind: 'before', failure: failure(...failed) };
}

export function lost(...failed: Parameters<typeof failure>): Fault {
  return { kind: 'after', failure: failure(...failed) };
}

export interface FakeProviderOptions {
  readonly clock: Clock;
  readonly api?: string;
  readonly name?: string;
  readonly menu?: readonly Offer[];
  readonly readyTimeoutMs?: number;
  readonly serverReadyTimeoutMs?: number;
  readonly loginTimeoutMs?: number;
  readonly driverTimeoutMs?: number;
  readonly settleMs?: number;
  /** Everything from creation on, where none is given. */
  readonly billing?: BillingRule;
  /** Left out, machines can be stopped and started. */
  readonly power?: 'none';
}

export function fakeProvider(options: FakeProviderOptions): FakeProvider {
  const { clock, api = 'alpha' } = options;
  const instances: FakeInstance[] = [];
  const calls: { operation: Operation; about: string }[] = [];
  const orders: LaunchOrder[] = [];
  const queued = new Map<Operation, Fault[]>();
  const standing = new Map<Operation, Fault>();

  async function meet<Value>(operation: Operation, about: string, effect: () => Value) {
    calls.push({ operation, about });
    const fault = queued.get(operation)?.shift() ?? standing.get(operation);
    if (fault?.kind === 'before') throw fault.failure;
    const value = effect();
    if (fault?.kind === 'after') throw fault.failure;
    if (fault?.kind === 'hangs') await fault.until;
    return value;
  }

  function add(overrides: Partial<FakeInstance> = {}): FakeInstance {
    const instance: FakeInstance = {
      id: `${api}-i${instances.length + 1}`,
      tag: undefined,
      phase: 'running',
      address: { host: '192.0.2.1', port: 22_000 + instances.length, user: 'root' },
      openPorts: undefined,
      createdAt: clock.now(),
      runningSince: clock.now(),
      isGone: false,
      isListed: true,
      shown: {},
      ...overrides,
    };
    instances.push(instance);
    return instance;
  }

  const existing = (id: string) => instances.find((one) => one.id === id && !one.isGone);
  const switched = (id: string, effect: (instance: FakeInstance) => void): void => {
    const instance = existing(id);
    if (!instance) throw failure('not_found');
    effect(instance);
  };

  const provider: FakeProvider = {
    api,
    name: options.name ?? api,
    billing: options.billing ?? EVERYTHING,
    readyTimeoutMs: options.readyTimeoutMs ?? 600 * SECOND_MS,
    serverReadyTimeoutMs: options.serverReadyTimeoutMs ?? 1_200 * SECOND_MS,
    loginTimeoutMs: options.loginTimeoutMs ?? 600 * SECOND_MS,
    driverTimeoutMs: options.driverTimeoutMs ?? 300 * SECOND_MS,
    settleMs: options.settleMs ?? 60 * SECOND_MS,
    instances,
    calls,
    orders,
    menu: options.menu ?? [],
    onLaunch: () => {},
    endsOnTerminate: true,
    onStop: (instance) => {
      instance.phase = 'stopped';
      instance.runningSince = undefined;
    },
    onStart: (instance) => {
      instance.phase = 'running';
      instance.runningSince = clock.now();
    },
    fault: (operation, ...faults) => {
      queued.set(operation, [...(queued.get(operation) ?? []), ...faults]);
    },
    faultAlways: (operation, fault) => {
      if (fault) standing.set(operation, fault);
      else standing.delete(operation);
    },
    add,
    count: (operation) => calls.filter((call) => call.operation === operation).length,
    // Read just now, as a marketplace's rows are.
    offers: () =>
      meet('offers', '', () => provider.menu.map((one) => ({ ...one, fetchedAt: clock.now() }))),
    launch: (order: LaunchOrder): Promise<LaunchReceipt> =>
      meet('launch', order.tag, () => {
        orders.push(order);
        const shown = { interruptible: order.bidPerHour !== undefined };
        const instance = add({ tag: order.tag, shown });
        provider.onLaunch(instance);
        return { id: instance.id };
      }),
    grantAccess: (id) => meet('grantAccess', id, () => {}),
    list: () =>
      meet('list', '', () =>
        instances.filter((one) => one.isListed && !one.isGone).map(observationOf),
      ),
    get: (id) =>
      meet('get', id, () => {
        const instance = existing(id);
        return instance && observationOf(instance);
      }),
    terminate: (id) =>
      meet('terminate', id, () => {
        const instance = existing(id);
        if (instance && provider.endsOnTerminate) instance.isGone = true;
      }),
    balance: async () => undefined,
    ...(options.power === 'none'
      ? {}
      : {
          power: {
            stop: (id: string) => meet('stop', id, () => switched(id, provider.onStop)),
            start: (id: string) => meet('start', id, () => switched(id, provider.onStart)),
          },
        }),
  };
  return provider;
}

function observationOf(instance: FakeInstance): Observation {
  const { id, tag, phase, address, openPorts, createdAt, runningSince, shown } = instance;
  return {
    id,
    tag,
    phase,
    createdAt,
    ...(address === undefined ? {} : { address }),
    ...(openPorts === undefined ? {} : { openPorts }),
    ...(runningSince === undefined ? {} : { runningSince }),
    ...shown,
  };
}
