import {
  MODEL_SERVER_PORT,
  type ModelServer,
  type ModelServing,
  SERVER_IMAGES,
  type ServerWorkload,
  type Workload,
} from '../../domain/workload.ts';
import { known } from '../views/known.ts';
import type { CreateSessionBody } from './create-session-body.ts';

/** What the machine is rented for; the body is valid by schema and by `workloadProblems`. */
export function workloadOf(body: CreateSessionBody): Workload {
  return body.launch_mode === 'entrypoint'
    ? serverWorkload(body)
    : { kind: 'ssh', ...known({ onStart: body.on_start_cmd }) };
}

/** The program that serves models for a type of work. */
export function serverOf(workloadType: unknown): ModelServer {
  return workloadType === 'llm_tgi' ? 'tgi' : 'vllm';
}

function serverWorkload(body: CreateSessionBody): ServerWorkload {
  const server = serverOf(body.workload_type);
  const model: ModelServing | undefined =
    body.model_id === undefined
      ? undefined
      : { server, modelId: body.model_id, ...known({ quantization: body.quantization }) };
  const [first = MODEL_SERVER_PORT, ...others] = body.exposed_ports ?? [];
  return {
    kind: 'entrypoint',
    image: body.docker_image ?? SERVER_IMAGES[server],
    ...known({ model }),
    ports: [first, ...others],
  };
}
