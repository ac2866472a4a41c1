import type { Endpoint } from '../domain/instance.ts';
import { recordEndpoint, recordService } from '../domain/lifecycle/serving.ts';
import type { Session } from '../domain/session.ts';
import { readinessOf } from '../domain/workload.ts';
import type { WorkloadAnswer } from '../ports/workload-probe.ts';
import { tryOnce } from './one-try.ts';
import { type StepParts, setPace, type Target } from './step-parts.ts';

/** Keeps where the workload is reached; the first look at it there follows at once. */
export async function servedAt(
  parts: StepParts,
  { session, position }: Pick<Target, 'session' | 'position'>,
  endpoint: Endpoint,
): Promise<Session | undefined> {
  const at = parts.clock.now();
  const isMove = session.instances[position]?.endpoint !== undefined;
  setPace(parts, session.id, { ...(isMove ? {} : { addressAt: at }), proveNotBefore: 0 });
  return parts.book.update(session.id, recordEndpoint(position, { endpoint, at }));
}

/** Asks the workload once. Whatever it says instead of serving may pass: only the attempt's deadline gives it up. */
export async function proveService(parts: StepParts, target: Target): Promise<void> {
  const { session, instance, position } = target;
  const { probe, book } = parts;
  const { endpoint } = instance;
  const { workload } = session.request;
  if (!endpoint || workload.kind !== 'entrypoint') return;
  const { path, accepts } = readinessOf(workload);
  const { outcome, since, endedAt, durationMs } = await tryOnce(parts, target, {
    attempt: () => probe.probe({ ...endpoint, path, accepts }),
    isProof: ({ kind }) => kind === 'serving',
  });
  noteTry(parts, target, { answer: outcome, durationMs });
  if (outcome.kind !== 'serving') return;
  const httpStatus = outcome.status;
  const service = { at: endedAt, endpoint, httpStatus, durationMs: Math.max(0, endedAt - since) };
  await book.update(session.id, recordService(position, service));
}

function noteTry(
  parts: StepParts,
  { session, instance }: Target,
  { answer, durationMs }: { readonly answer: WorkloadAnswer; readonly durationMs: number },
): void {
  parts.recorder.note({
    kind: 'service_tried',
    sessionId: session.id,
    provider: instance.provider,
    outcome: answer.kind === 'silent' ? answer.reason : answer.kind,
    durationMs,
  });
}
