import { pullFailure } from '../images.ts';
import type { FacadeQuirks, SimInstance, SimMs } from '../model.ts';

/** The four words that together tell an instance's state (§9), and the free text beside them. */
export interface InstanceStatus {
  readonly actual: string | null;
  readonly intended: string;
  readonly current: string;
  readonly next: string;
  readonly message: string | null;
}

/** How long nothing at all is known of a new container. */
const SILENT_MS = 3_000;

/** The container states that a machine which cannot run the container was seen to show (§9, §10). */
const BROKEN_STATES = ['created', 'exited', 'loading', 'created', 'offline', 'unknown'] as const;
const BROKEN_TEXT = 'Error response from daemon: container failed to start\n';

export function instanceStatus(instance: SimInstance, look: Look): InstanceStatus {
  switch (instance.state) {
    case 'creating':
      return look.now - instance.stateSince < SILENT_MS
        ? wanted(null, null)
        : wanted('created', null);
    case 'loading':
      return loading(instance, look);
    case 'running':
      return wanted(heardOf(instance), running(instance));
    case 'stopping':
      return { ...wanted('running', running(instance)), intended: 'stopped', next: 'stopped' };
    case 'stopped':
      return stopped(instance, look);
    case 'broken':
      return broken(instance);
    case 'gone':
      return gone(instance);
  }
}

export interface Look {
  readonly now: SimMs;
  readonly isQueued: boolean;
  readonly quirks: FacadeQuirks;
}

/** A second start pulls nothing; some were seen as exited for a while (§9, §17.20). */
function loading(instance: SimInstance, { now, quirks }: Look): InstanceStatus {
  const { image } = instance;
  const isRestart = instance.statusText === RESTART_TEXT;
  if (isRestart && quirks.restartAs === 'exited') return wanted('exited', running(instance));
  return wanted('loading', pullFailure(image) ?? `Pulling ${image}: ${layerOf(instance, now)}\n`);
}

/** As the marketplace itself calls a start that is not the first. */
const RESTART_TEXT = 'starting';

/** Either word was seen for a host that is not heard of; the message stays (§9). */
function heardOf({ id, offlineSince }: SimInstance): string {
  if (offlineSince === null) return 'running';
  return Number(id) % 2 === 0 ? 'offline' : 'unknown';
}

function wanted(actual: string | null, message: string | null): InstanceStatus {
  return { actual, message, intended: 'running', current: 'running', next: 'running' };
}

/** Either word is seen for a stopped container; the old message stays. */
function stopped(instance: SimInstance, { isQueued, quirks }: Look): InstanceStatus {
  const actual = Number(instance.id) % 2 === 0 ? 'exited' : 'stopped';
  const words = { actual, intended: 'stopped', current: 'stopped', next: 'stopped' };
  if (isQueued) {
    return {
      ...words,
      intended: 'running',
      next: 'running',
      message: 'Required resources are currently unavailable, state change queued.',
    };
  }
  const isEvicted = instance.stoppedFor === 'outbid' && quirks.outbidAs === 'meant to run';
  const message = running(instance);
  return isEvicted
    ? { ...words, actual: 'stopped', intended: 'running', message }
    : { ...words, message };
}

/** A host that lost its connection tells nothing new: the last message stays. */
function broken(instance: SimInstance): InstanceStatus {
  const actual = BROKEN_STATES[Number(instance.id) % BROKEN_STATES.length] ?? 'unknown';
  const isSilent = actual === 'offline' || actual === 'unknown';
  const text = instance.statusText === '' ? BROKEN_TEXT : instance.statusText;
  return wanted(actual, isSilent ? running(instance) : text);
}

/** A row that a lagging list still shows: a vanished machine has no heartbeat, a destroyed one has exited. */
function gone(instance: SimInstance): InstanceStatus {
  return instance.endedBy === 'market'
    ? wanted('unknown', running(instance))
    : {
        ...wanted('exited', running(instance)),
        intended: 'stopped',
        current: 'stopped',
        next: 'stopped',
      };
}

/** Stays after a stop, which is why nobody should decide by it. */
function running({ image, container }: SimInstance): string {
  return `success, running ${image.replaceAll(':', '_')}/${container === null ? 'ssh' : 'args'}`;
}

function layerOf(instance: SimInstance, now: SimMs): string {
  const seconds = Math.floor((now - instance.stateSince) / 1_000);
  return `${Math.min(12, 1 + Math.floor(seconds / 10))}/12 layers`;
}
