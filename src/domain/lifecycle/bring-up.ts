import type { AttemptFailure, Instance } from '../instance.ts';
import { gpuFaultOf, type Mismatch } from '../machine-check.ts';
import type { Session } from '../session.ts';
import type { Decision, InstanceCase, View } from './decision.ts';
import { paced, soonest } from './waits.ts';

/** The next thing towards an instance that is usable: a login that works, or a server that answers. */
export function decideBringUp({ session, instance, position, view }: InstanceCase): Decision {
  const way = wayOf(session, instance);
  const wrong = wrongMachine(session, instance);
  // Nothing but another machine helps; one look alone may have come while its driver was coming up.
  if (wrong && view.pace.isSurelyWrong) return { kind: 'fail_attempt', position, failure: wrong };
  if (view.now >= instance.readyBy) {
    const failed = { kind: 'fail_attempt', position, failure: wrong ?? way.failure } as const;
    return untried(way, position, view) ?? failed;
  }
  if (way.needsAccess) return paced(instance, view) ?? { kind: 'grant_access', position };
  if (!way.isLocated) {
    const sighting = view.sightings[position];
    const isUp = sighting?.kind === 'seen' && sighting.observation.phase === 'running';
    // The list that shows it running wakes this session; asking for each one before that would cost a call a machine.
    if (!isUp) return { kind: 'rest', until: instance.readyBy };
    return soonest(view.pace.locateNotBefore, instance, view) ?? { kind: 'locate', position };
  }
  return soonest(view.pace.proveNotBefore, instance, view) ?? { kind: way.proof, position };
}

/** How an instance proves itself, by what it was rented for. */
interface Way {
  readonly proof: 'prove_login' | 'prove_service';
  readonly isLocated: boolean;
  /** A server asks for no login, so no key is put in for its sake. */
  readonly needsAccess: boolean;
  readonly failure: AttemptFailure;
}

function wayOf({ request }: Session, instance: Instance): Way {
  switch (request.workload.kind) {
    case 'ssh':
      return {
        proof: 'prove_login',
        isLocated: instance.address !== undefined,
        needsAccess: instance.accessGrantedAt === undefined,
        failure: whatLacks(instance),
      };
    case 'entrypoint':
      return {
        proof: 'prove_service',
        isLocated: instance.endpoint !== undefined,
        needsAccess: false,
        failure: NO_SERVICE,
      };
  }
}

/**
 * A process that was away while the time ran out has not looked yet: it looks once before it gives up, because no
 * restart may end what works.
 */
function untried(
  { isLocated, proof }: Way,
  position: number,
  { pace }: View,
): Decision | undefined {
  const lastTry = isLocated ? pace.proveNotBefore : pace.locateNotBefore;
  return lastTry === 0 ? { kind: isLocated ? proof : 'locate', position } : undefined;
}

/** Hardware that is not what was offered, where `running` means that it is. */
function wrongMachine({ request }: Session, instance: Instance): AttemptFailure | undefined {
  const { mismatches = [] } = instance;
  if (request.readiness !== 'gpu' || gpuFaultOf(mismatches) !== 'wrong_machine') return undefined;
  return {
    code: 'wrong_machine',
    message: `the machine is not what was offered: ${mismatches.map(sentenceOf).join('; ')}`,
  };
}

function sentenceOf({ kind, offered, found }: Mismatch): string {
  return `${kind} is ${found} and was offered as ${offered}`;
}

/** What was still lacking when the time was over. */
function whatLacks({ mismatches = [], machine, hostKey, resumedAt }: Instance): AttemptFailure {
  if (gpuFaultOf(mismatches) === 'no_driver') return NO_DRIVER;
  // A machine that was resumed brings the key of its former run.
  const isLoggedInto = hostKey !== undefined && resumedAt === undefined;
  return isLoggedInto && machine === undefined ? SILENT : NO_LOGIN;
}

const NO_DRIVER: AttemptFailure = {
  code: 'no_driver',
  message: 'no GPU driver answered (nvidia-smi) in the time that it was given',
};

const SILENT: AttemptFailure = {
  code: 'never_ready',
  message: 'a login works, and in the time that it was given the machine did not say what it is',
};

const NO_LOGIN: AttemptFailure = {
  code: 'never_ready',
  message: 'the instance did not accept a login in the time that it was given',
};

const NO_SERVICE: AttemptFailure = {
  code: 'never_ready',
  message: 'the workload did not answer over HTTP in the time that it was given',
};
