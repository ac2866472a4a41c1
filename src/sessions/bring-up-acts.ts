import { ProviderFailure } from '../domain/errors.ts';
import type { Instance, SshAddress } from '../domain/instance.ts';
import { recordProof } from '../domain/lifecycle/proving.ts';
import {
  addressNews,
  endpointNews,
  recordAccess,
  recordAddress,
  waitWithInstance,
} from '../domain/lifecycle/serving.ts';
import { gpuFaultOf, mismatchesOf } from '../domain/machine-check.ts';
import type { MachineReport } from '../domain/machine-report.ts';
import { SECOND_MS } from '../domain/time.ts';
import type { Proof } from '../ports/remote-shell.ts';
import { tryOnce } from './one-try.ts';
import { servedAt } from './service-acts.ts';
import { sessionLogin } from './session-login.ts';
import { paceOf, type StepParts, setPace, type Target } from './step-parts.ts';

/** Between two looks at a machine that can be logged in to and whose GPUs are waited for: a driver takes minutes. */
const GPU_WAIT_MS = 5 * SECOND_MS;

/** A driver that comes up may list some of the GPUs, for a moment. Other GPUs found in two looks so far apart are what is there. */
const WRONG_FOR_MS = 30 * SECOND_MS;

/** Puts the session's key in, where that is a call of its own. */
export async function grantAccess(parts: StepParts, target: Target): Promise<void> {
  const { session, instance, position, site } = target;
  const { book, clock, policy } = parts;
  if (instance.providerInstanceId === undefined) return;
  try {
    const { providerInstanceId: id, tag } = instance;
    await site.provider.grantAccess(id, session.publicKey, { tag });
    await book.update(session.id, recordAccess(position, clock.now()));
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    const waitMs = error.retryAfterMs ?? policy.launchRetryMs;
    await book.update(session.id, waitWithInstance(position, clock.now() + waitMs));
  }
}

/** Asks for the one instance, for the address that the list does not show. */
export async function locate(parts: StepParts, target: Target): Promise<void> {
  const { session, instance, position, site } = target;
  const { clock, policy } = parts;
  if (instance.providerInstanceId === undefined) return;
  setPace(parts, session.id, { locateNotBefore: clock.now() + policy.watchIntervalMs });
  try {
    const { providerInstanceId: id, tag } = instance;
    const observation = await site.provider.get(id, { tag });
    if (!observation) return;
    site.watch.note(observation);
    const endpoint = endpointNews(session, instance, observation);
    if (endpoint) await servedAt(parts, { session, position }, endpoint);
    const address = addressNews(session, instance, observation);
    if (address) await foundAt(parts, { session, position }, address);
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
  }
}

/** Keeps the address; the first try to log in follows at once, and is made even where the time ran out before that. */
export async function foundAt(
  parts: StepParts,
  { session, position }: Pick<Target, 'session' | 'position'>,
  address: SshAddress,
): Promise<void> {
  const at = parts.clock.now();
  setPace(parts, session.id, {
    addressAt: at,
    loginAt: undefined,
    proveNotBefore: 0,
    wrongSinceMs: undefined,
    isSurelyWrong: false,
  });
  const proofTimeoutMs = proofTimeoutAt(parts, session.instances[position]);
  await parts.book.update(session.id, recordAddress(position, { address, at, proofTimeoutMs }));
}

/** What an operator gives every machine, and no more than makes sense at this provider. */
function proofTimeoutAt({ policy, sites }: StepParts, instance: Instance | undefined): number {
  const site = instance && sites.get(instance.api);
  return Math.min(policy.proofTimeoutMs, site?.provider.loginTimeoutMs ?? policy.proofTimeoutMs);
}

/** Tries to log in once. Whatever is in the way may pass: only the attempt's deadline gives it up. */
export async function proveLogin(parts: StepParts, target: Target): Promise<void> {
  const { session, instance, position, site } = target;
  const { shell, keys, book } = parts;
  const { address } = instance;
  if (!address) return;
  const { outcome, since, endedAt, durationMs } = await tryOnce(parts, target, {
    attempt: () => shell.prove(sessionLogin(keys, { session, instance, address })),
    isProof: ({ kind }) => kind === 'proven',
  });
  noteTry(parts, target, { proof: outcome, durationMs });
  if (outcome.kind !== 'proven') return;
  const { hostKey, report } = outcome;
  const { loginAt = endedAt } = paceOf(parts, session.id);
  // Where this is enough for the session to run, nothing is tried any more.
  setPace(parts, session.id, { loginAt, proveNotBefore: endedAt + GPU_WAIT_MS });
  if (report) noteGpus(parts, target, report);
  const proving = {
    at: endedAt,
    hostKey,
    durationMs: Math.max(0, loginAt - since),
    driverTimeoutMs: site.provider.driverTimeoutMs,
    ...(report === undefined ? {} : { report }),
  };
  await book.update(session.id, recordProof(position, proving));
}

/** Kept in memory: after a restart it is looked twice again. */
function noteGpus(parts: StepParts, { session, instance }: Target, report: MachineReport): void {
  const isWrong = gpuFaultOf(mismatchesOf(report, instance)) === 'wrong_machine';
  const nowMs = parts.clock.monotonicMs();
  const { wrongSinceMs = nowMs } = paceOf(parts, session.id);
  setPace(parts, session.id, {
    wrongSinceMs: isWrong ? wrongSinceMs : undefined,
    isSurelyWrong: isWrong && nowMs - wrongSinceMs >= WRONG_FOR_MS,
  });
}

function noteTry(
  parts: StepParts,
  { session, instance }: Target,
  { proof, durationMs }: { readonly proof: Proof; readonly durationMs: number },
): void {
  parts.recorder.note({
    kind: 'login_tried',
    sessionId: session.id,
    provider: instance.provider,
    outcome: proof.kind,
    durationMs,
    ...('phase' in proof ? { phase: proof.phase } : {}),
  });
}
