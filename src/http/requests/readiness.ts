import { GPU_WORKLOADS, type Readiness } from '../../domain/session.ts';
import { isRecord } from '../validation/is-record.ts';
import type { Problem } from '../validation/problem.ts';
import type { CreateSessionBody } from './create-session-body.ts';

/** What `running` is to mean. A server shows by serving, and a machine that lets in nobody but the caller by that. */
export function wantedReadiness(body: CreateSessionBody): Readiness {
  if (body.readiness !== undefined) return body.readiness;
  const isSeenInto = body.launch_mode !== 'entrypoint' && body.ssh_public_key === undefined;
  return isSeenInto && GPU_WORKLOADS.includes(body.workload_type) ? 'gpu' : 'login';
}

/** GPUs are looked at over a login of the broker's own. */
export function readinessProblems(body: unknown): readonly Problem[] {
  if (!isRecord(body) || body['readiness'] !== 'gpu') return [];
  const problem = (message: string): Problem => ({ path: 'readiness', message });
  if (body['launch_mode'] === 'entrypoint') {
    return [
      problem('must not be gpu with launch_mode entrypoint: a server is ready when it serves'),
    ];
  }
  if (body['ssh_public_key'] === undefined) return [];
  return [
    problem(
      'must not be gpu with ssh_public_key: with a key of your own nobody but you can log in and look at the GPUs',
    ),
  ];
}
