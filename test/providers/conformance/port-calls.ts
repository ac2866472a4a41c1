import type { ProviderInstanceId } from '../../../src/domain/ids.ts';
import type { Span } from '../../../src/domain/money.ts';
import type { LaunchOrder, Provider } from '../../../src/ports/provider.ts';
import type { Capability } from './capabilities.ts';

/** What the calls of a test are about. */
export interface Target {
  readonly id: ProviderInstanceId;
  readonly publicKey: string;
  readonly order: LaunchOrder;
  readonly window: Span;
  readonly templateHash: string;
}

export interface PortCall {
  readonly name: CallName;
  readonly needs?: Capability;
  /** Whether it asks the provider for a change, so that a lost answer leaves open what happened. */
  readonly nature: 'reads' | 'changes';
  readonly ask: (provider: Provider, target: Target) => Promise<unknown>;
}

export const CALL_NAMES = [
  'offers',
  'launch',
  'grant access',
  'list',
  'get',
  'terminate',
  'stop',
  'start',
  'balance',
  'charges',
  'recommended templates',
  'template by hash',
] as const;
export type CallName = (typeof CALL_NAMES)[number];

/** Every method of the port. */
export const PORT_CALLS: readonly PortCall[] = [
  { name: 'offers', nature: 'reads', ask: (provider) => provider.offers() },
  { name: 'launch', nature: 'changes', ask: (provider, { order }) => provider.launch(order) },
  {
    name: 'grant access',
    needs: 'access call',
    nature: 'changes',
    ask: (provider, { id, publicKey }) => provider.grantAccess(id, publicKey),
  },
  { name: 'list', nature: 'reads', ask: (provider) => provider.list() },
  { name: 'get', nature: 'reads', ask: (provider, { id }) => provider.get(id) },
  { name: 'terminate', nature: 'changes', ask: (provider, { id }) => provider.terminate(id) },
  {
    name: 'stop',
    needs: 'power',
    nature: 'changes',
    ask: (provider, { id }) => had(provider.power).stop(id),
  },
  {
    name: 'start',
    needs: 'power',
    nature: 'changes',
    ask: (provider, { id }) => had(provider.power).start(id),
  },
  { name: 'balance', needs: 'balance', nature: 'reads', ask: (provider) => provider.balance() },
  {
    name: 'charges',
    needs: 'charges',
    nature: 'reads',
    ask: (provider, { window }) => had(provider.charges)(window),
  },
  {
    name: 'recommended templates',
    needs: 'templates',
    nature: 'reads',
    ask: (provider) => had(provider.templates).recommended(),
  },
  {
    name: 'template by hash',
    needs: 'templates',
    nature: 'reads',
    ask: (provider, { templateHash }) => had(provider.templates).find(templateHash),
  },
];

export function portCall(name: CallName): PortCall {
  const call = PORT_CALLS.find((one) => one.name === name);
  if (!call) throw new Error(`the port has no call named ${name}`);
  return call;
}

/** The part of a port that the subject has not declared to lack. */
export function had<Part>(part: Part | undefined): Part {
  if (part === undefined) throw new Error('the adapter lacks this and its subject does not say so');
  return part;
}
