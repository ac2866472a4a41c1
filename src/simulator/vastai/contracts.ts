import type { SimInstance } from '../model.ts';

/**
 * What the renter wrote in a create beyond what the marketplace itself needs to know. The provider only keeps
 * it to show it again, so it lives with the façade.
 */
export interface Contract {
  /** In the order in which the renter gave it. */
  readonly env: readonly (readonly [string, string])[];
  readonly onstart: string | null;
  readonly args: readonly string[];
  /** As stored, e.g. `ssh_direc ssh_proxy`. */
  readonly runtype: string;
  /** $/h for the whole offer; null for an on-demand rental. */
  readonly bid: number | null;
  readonly templateId: number | null;
  readonly templateHashId: string | null;
  readonly templateName: string | null;
}

export interface Contracts {
  /** Whoever was rented past this façade has an empty contract. */
  of(instanceId: string): Contract;
  keep(instanceId: string, contract: Contract): void;
  /** A start that waits for GPUs: it happens, and bills, as soon as they are free. */
  isQueued(instance: SimInstance): boolean;
  queue(instance: SimInstance): void;
  unqueue(instanceId: string): void;
}

const EMPTY: Contract = {
  env: [],
  onstart: null,
  args: [],
  runtype: 'ssh_direc ssh_proxy',
  bid: null,
  templateId: null,
  templateHashId: null,
  templateName: null,
};

export function createContracts(): Contracts {
  const contracts = new Map<string, Contract>();
  // What the marketplace said of each when it was queued: once it says something else, the wait was over.
  const queued = new Map<string, string>();
  return {
    of: (id) => contracts.get(id) ?? EMPTY,
    keep: (id, contract) => void contracts.set(id, contract),
    isQueued: ({ id, statusText }) => queued.get(id) === statusText,
    queue: ({ id, statusText }) => void queued.set(id, statusText),
    unqueue: (id) => void queued.delete(id),
  };
}
