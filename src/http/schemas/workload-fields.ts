import { Type } from '@sinclair/typebox';
import { READINESS } from '../../domain/session.ts';
import { LAUNCH_MODES } from '../../domain/workload.ts';
import { formed, oneOf } from './fields.ts';

/**
 * Docker's grammar of image references, save that a registry's name has a dot or a port, as `UPPER/x` would else be asked
 * of a host called UPPER. Repository names are lower case: a pull of another name fails when the machine is paid for.
 */
const LABEL = '[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*';
const REGISTRY = `(?:${LABEL}(?:\\.${LABEL})+(?::[0-9]+)?|${LABEL}:[0-9]+|localhost)/`;
const REPOSITORY_PART = '[a-z0-9]+(?:(?:[.]|__?|-+)[a-z0-9]+)*';
const TAG = ':[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}';
const DIGEST = '@[a-z0-9]+(?:[+._-][a-z0-9]+)*:[A-Fa-f0-9]{32,}';
const IMAGE = `^(?:${REGISTRY})?${REPOSITORY_PART}(?:/${REPOSITORY_PART})*(?:${TAG})?(?:${DIGEST})?$`;
const MAX_IMAGE_CHARS = 1_024;
/** A command line's worth of a name, never an option and never a path out of somewhere. */
const MODEL_ID = '^[A-Za-z0-9][A-Za-z0-9._-]{0,95}(/[A-Za-z0-9][A-Za-z0-9._-]{0,95})?$';
export const MAX_EXPOSED_PORTS = 16;
export const MAX_ON_START_BYTES = 3_500;

/** What the machine is rented for. Which of these go together is for `workload-rules.ts` to say. */
export function workloadFields() {
  return {
    launch_mode: Type.Optional(
      oneOf(LAUNCH_MODES, {
        description:
          '`ssh` (default): a machine to log in to. `entrypoint`: a container that serves HTTP, from `model_id` or `docker_image`.',
      }),
    ),
    readiness: Type.Optional(
      oneOf(READINESS, {
        description:
          'Ssh mode: what `running` means. `login`: a login works. `gpu`: it works, and the GPUs are those that were offered and a driver answers for them. `gpu` when left out for workload_type `llm`, `training`, `inference`, `llm_vllm` and `llm_tgi`, else `login`; always `login` with `ssh_public_key`.',
      }),
    ),
    docker_image: Type.Optional({
      ...formed(IMAGE, {
        meaning: 'an image reference such as vllm/vllm-openai:v0.10.2, the name in lower case',
        description:
          'Entrypoint mode: the image to run. With `model_id` it is run with the model server’s arguments.',
      }),
      maxLength: MAX_IMAGE_CHARS,
    }),
    model_id: Type.Optional(
      formed(MODEL_ID, {
        meaning: 'a model as Hugging Face names it, such as owner/name',
        description:
          'Entrypoint mode: the model to serve, with TGI for workload_type `llm_tgi` and with vLLM otherwise.',
      }),
    ),
    quantization: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        description: 'Entrypoint mode: the method as the model server names it, such as `awq`.',
      }),
    ),
    exposed_ports: Type.Optional(
      Type.Array(Type.Integer({ minimum: 1, maximum: 65_535, description: 'TCP port number.' }), {
        maxItems: MAX_EXPOSED_PORTS,
        uniqueItems: true,
        description:
          'Entrypoint mode: container ports to open. Clients connect to the first, `api_endpoint`; 8000 when only `model_id` is given.',
      }),
    ),
    on_start_cmd: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: MAX_ON_START_BYTES,
        description: 'Ssh mode: shell to run at each start of the machine, at most 3,500 bytes.',
      }),
    ),
    template_hash_id: Type.Optional(
      formed('^[A-Za-z0-9]{1,128}$', {
        meaning: 'a hash_id as in GET /templates',
        description:
          'Ssh mode: the template to make the machine from. Only offers that fit the template are taken.',
      }),
    ),
  };
}
