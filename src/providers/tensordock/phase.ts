import type { InstancePhase } from '../../domain/instance.ts';

/** Status words of both APIs, lower case. Words that are documented or seen; any other says nothing. */
const PHASES: ReadonlyMap<string, InstancePhase> = new Map<string, InstancePhase>([
  ['creating', 'starting'],
  ['pending', 'starting'],
  ['queued', 'starting'],
  ['provisioning', 'starting'],
  ['deploying', 'starting'],
  ['starting', 'starting'],
  ['restarting', 'starting'],
  ['running', 'running'],
  ['stopping', 'stopping'],
  ['deleting', 'stopping'],
  ['stopped', 'stopped'],
  ['stoppeddisassociated', 'stopped'],
  ['outbid', 'stopped'],
  ['error', 'failed'],
  ['failed', 'failed'],
  /** Ended by somebody; still shown, so it is still asked to end until the provider no longer knows it. */
  ['terminated', 'failed'],
]);

export function phaseOf(status: string): InstancePhase {
  return PHASES.get(status.trim().toLowerCase()) ?? 'unknown';
}

/** The provider's word that the machine does not exist any more, although it still shows a record of it. */
export function isDeleted(status: string): boolean {
  return status.trim().toLowerCase() === 'deleted';
}

/** The provider's own word where it says more than the phase does. */
export function reasonOf(status: string): { readonly reason?: string } {
  const isPlain = phaseOf(status) === 'running' || phaseOf(status) === 'starting';
  return isPlain ? {} : { reason: `provider shows ${status.trim().slice(0, 40)}` };
}
