import type { InstancePhase } from '../../../src/domain/instance.ts';

/** The fields that together tell what an instance of Vast.ai does, and what that is in our words. */
export interface VastaiStatus {
  readonly actual: string | null;
  readonly intended: string | null;
  readonly current: string | null;
  readonly next: string | null;
  readonly message?: string;
  /** Since it was made. */
  readonly minutes?: number;
  readonly phase: InstancePhase;
}

/** Vast.ai facts §9, row by row; §10 for the texts. */
// biome-ignore format: one status a line reads as the table that it is.
export const VASTAI_STATUSES: readonly VastaiStatus[] = [
  { actual: null, intended: 'running', current: 'running', next: 'running', phase: 'starting' },
  { actual: 'created', intended: 'running', current: 'running', next: 'running', phase: 'starting' },
  { actual: 'creating', intended: 'running', current: 'running', next: 'running', phase: 'starting' },
  { actual: 'loading', intended: 'running', current: 'running', next: 'running', phase: 'starting' },
  { actual: 'scheduling', intended: 'running', current: 'running', next: 'running', phase: 'starting' },
  { actual: 'rebooting', intended: 'running', current: 'running', next: 'running', phase: 'starting' },
  { actual: 'recycling', intended: 'running', current: 'running', next: 'running', phase: 'starting' },
  { actual: 'running', intended: 'running', current: 'running', next: 'running', phase: 'running' },
  { actual: 'running', intended: null, current: null, next: null, phase: 'running' },
  { actual: 'frozen', intended: 'running', current: 'running', next: 'running', phase: 'running' },
  { actual: 'running', intended: 'stopped', current: 'running', next: 'stopped', phase: 'stopping' },
  { actual: 'running', intended: 'stopped', current: 'running', next: 'running', phase: 'stopping' },
  { actual: 'running', intended: 'running', current: 'running', next: 'stopped', phase: 'stopping' },
  { actual: 'exited', intended: 'stopped', current: 'stopped', next: 'stopped', phase: 'stopped' },
  { actual: 'stopped', intended: 'stopped', current: 'stopped', next: 'stopped', phase: 'stopped' },
  { actual: 'running', intended: 'stopped', current: 'stopped', next: 'stopped', phase: 'stopped' },
  { actual: 'offline', intended: 'stopped', current: 'stopped', next: 'stopped', phase: 'stopped' },
  { actual: null, intended: 'stopped', current: 'stopped', next: 'stopped', phase: 'stopped' },
  { actual: 'running', intended: 'running', current: 'stopped', next: 'stopped', phase: 'stopped' },
  { actual: 'exited', intended: 'running', current: 'running', next: 'running', minutes: 1, phase: 'starting' },
  { actual: 'exited', intended: 'running', current: 'running', next: 'running', minutes: 30, phase: 'stopped' },
  { actual: 'stopped', intended: 'running', current: 'stopped', next: 'running', phase: 'stopped' },
  { actual: 'stopped', intended: 'running', current: 'stopped', next: 'stopped', phase: 'stopped' },
  { actual: 'loading', intended: 'running', current: 'running', next: 'stopped', phase: 'failed' },
  { actual: null, intended: 'running', current: 'running', next: 'stopped', phase: 'failed' },
  { actual: 'unknown', intended: 'running', current: 'running', next: 'running', phase: 'unknown' },
  { actual: 'offline', intended: 'running', current: 'running', next: 'running', phase: 'unknown' },
  { actual: 'levitating', intended: 'running', current: 'running', next: 'running', phase: 'unknown' },
  { actual: 'destroying', intended: 'running', current: 'running', next: 'running', phase: 'stopping' },
  { actual: 'terminated', intended: 'running', current: 'running', next: 'running', phase: 'stopping' },
  { actual: 'created', intended: 'running', current: 'running', next: 'running', message: 'manifest for x/y:z not found', phase: 'failed' },
  { actual: 'loading', intended: 'running', current: 'running', next: 'running', message: 'manifest unknown', phase: 'failed' },
  { actual: 'loading', intended: 'running', current: 'running', next: 'running', message: 'failed to resolve reference "x"', phase: 'failed' },
  { actual: 'created', intended: 'running', current: 'running', next: 'running', message: 'pull access denied for x/y', phase: 'failed' },
  { actual: 'created', intended: 'running', current: 'running', next: 'running', message: 'unauthorized: authentication required', phase: 'failed' },
  { actual: 'created', intended: 'running', current: 'running', next: 'running', message: 'OCI runtime create failed', phase: 'failed' },
  { actual: 'created', intended: 'running', current: 'running', next: 'running', message: 'container failed to start', phase: 'failed' },
  { actual: 'exited', intended: 'running', current: 'running', next: 'running', message: 'GPU error, unable to start instance', phase: 'failed' },
  { actual: 'loading', intended: 'running', current: 'running', next: 'running', message: 'docker_build() error writing dockerfile', phase: 'failed' },
  { actual: 'loading', intended: 'running', current: 'running', next: 'running', message: 'no space left on device', phase: 'failed' },
  { actual: 'loading', intended: 'running', current: 'running', next: 'running', message: 'retrying: layer 3/12', phase: 'starting' },
  { actual: 'running', intended: 'running', current: 'running', next: 'running', message: 'no space left on device', phase: 'running' },
  { actual: 'stopped', intended: 'stopped', current: 'stopped', next: 'stopped', message: 'success, running x/ssh', phase: 'stopped' },
];

/** A word of either API of TensorDock, and what it is in ours; `gone` is a machine that does not exist. */
export interface TensordockStatus {
  readonly word: string;
  readonly phase: InstancePhase | 'gone';
}

/** TensorDock facts §6, the v2 OpenAPI document, and the v0 Postman collection. Case does not matter. */
export const TENSORDOCK_STATUSES: readonly TensordockStatus[] = [
  { word: 'creating', phase: 'starting' },
  { word: 'starting', phase: 'starting' },
  { word: 'Deploying', phase: 'starting' },
  { word: 'pending', phase: 'starting' },
  { word: 'provisioning', phase: 'starting' },
  { word: 'restarting', phase: 'starting' },
  { word: 'running', phase: 'running' },
  { word: 'Running', phase: 'running' },
  { word: ' RUNNING ', phase: 'running' },
  { word: 'stopping', phase: 'stopping' },
  { word: 'deleting', phase: 'stopping' },
  { word: 'stopped', phase: 'stopped' },
  { word: 'StoppedDisassociated', phase: 'stopped' },
  { word: 'Outbid', phase: 'stopped' },
  { word: 'error', phase: 'failed' },
  { word: 'failed', phase: 'failed' },
  { word: 'terminated', phase: 'failed' },
  { word: 'deleted', phase: 'gone' },
  { word: 'Deleted', phase: 'gone' },
  { word: 'levitating', phase: 'unknown' },
  { word: 'running soon', phase: 'unknown' },
];
