import { QUANTIZATIONS } from '../../domain/workload.ts';
import { MAX_ON_START_BYTES } from '../schemas/workload-fields.ts';
import { isRecord } from '../validation/is-record.ts';
import { nearestName } from '../validation/nearest-name.ts';
import type { Problem } from '../validation/problem.ts';
import { serverOf } from './workload.ts';

type Body = Readonly<Record<string, unknown>>;

const ENTRYPOINT_FIELDS = ['docker_image', 'model_id', 'quantization', 'exposed_ports'];

/** What a schema cannot say of what a session is to run. Takes the body as it came: each rule looks at its own types. */
export function workloadProblems(body: Body): readonly Problem[] {
  const own = body['launch_mode'] === 'entrypoint' ? entrypointProblems(body) : sshProblems(body);
  return [...own, ...commandProblems(body['on_start_cmd'])];
}

function sshProblems(body: Body): readonly Problem[] {
  const given = ENTRYPOINT_FIELDS.filter((path) => !isAbsent(body[path]));
  return [
    ...given.map((path) => ({ path, message: 'needs launch_mode entrypoint' })),
    ...templateProblems(body),
  ];
}

function templateProblems({ template_hash_id: own, requirements }: Body): readonly Problem[] {
  const asked = isRecord(requirements) ? requirements['template_hash_id'] : undefined;
  if (own === undefined || asked === undefined || own === asked) return [];
  return [
    {
      path: 'requirements.template_hash_id',
      message: 'must not differ from template_hash_id, which has offers fit that template already',
    },
  ];
}

function entrypointProblems(body: Body): readonly Problem[] {
  return [
    ...imageProblems(body),
    ...quantizationProblems(body),
    ...portProblems(body['exposed_ports']),
    ...problemWhen(body['on_start_cmd'] !== undefined, {
      path: 'on_start_cmd',
      message: 'goes with launch_mode ssh only: it would take the place of what the image runs',
    }),
    ...problemWhen(body['template_hash_id'] !== undefined, {
      path: 'template_hash_id',
      message: 'goes with launch_mode ssh only: a template brings its own image and command',
    }),
  ];
}

function imageProblems(body: Body): readonly Problem[] {
  const hasImage = body['docker_image'] !== undefined;
  if (body['model_id'] !== undefined) return [];
  if (!hasImage) {
    const message = 'is required with launch_mode entrypoint, or model_id instead';
    return [{ path: 'docker_image', message }];
  }
  return problemWhen(isAbsent(body['exposed_ports']), {
    path: 'exposed_ports',
    message: 'must name at least one port when there is no model_id: clients connect to the first',
  });
}

function quantizationProblems(body: Body): readonly Problem[] {
  const { quantization: method, model_id: modelId, workload_type: type } = body;
  if (method === undefined) return [];
  if (modelId === undefined) return [{ path: 'quantization', message: 'needs model_id' }];
  const server = serverOf(type);
  const methods = QUANTIZATIONS[server];
  if (typeof method !== 'string' || method === '' || methods.includes(method)) return [];
  const meant = nearestName(method, methods);
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
  const message = `must be a method of the server, ${server}: ${methods.join(', ')}${hint}`;
  return [{ path: 'quantization', message }];
}

function portProblems(ports: unknown): readonly Problem[] {
  return problemWhen(Array.isArray(ports) && ports.includes(22), {
    path: 'exposed_ports',
    message: 'must not name 22, which is for SSH',
  });
}

function commandProblems(command: unknown): readonly Problem[] {
  if (typeof command !== 'string' || command === '') return [];
  const path = 'on_start_cmd';
  return [
    ...problemWhen(command.trim() === '', { path, message: 'must not be blank' }),
    ...problemWhen(command.includes('\0'), { path, message: 'must not have a null character' }),
    // More characters than that are for the schema to refuse: it is one fault, and told once.
    ...problemWhen(
      command.length <= MAX_ON_START_BYTES && Buffer.byteLength(command) > MAX_ON_START_BYTES,
      {
        path,
        message: `must be at most ${MAX_ON_START_BYTES} bytes long in UTF-8`,
      },
    ),
  ];
}

/** An empty list asks for nothing. */
function isAbsent(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0);
}

function problemWhen(isSo: boolean, problem: Problem): readonly Problem[] {
  return isSo ? [problem] : [];
}
