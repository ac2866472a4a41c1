import { Type } from '@sinclair/typebox';
import { LAUNCH_MODES } from '../../domain/workload.ts';
import { formed, oneOf } from './fields.ts';

/** Characters of image references; a name that ends in a colon breaks a provider's own code. */
const IMAGE = '^[A-Za-z0-9]([A-Za-z0-9._/:@-]{0,1022}[A-Za-z0-9_])?$';
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
    docker_image: Type.Optional(
      formed(IMAGE, {
        meaning: 'an image reference such as vllm/vllm-openai:v0.10.2, at most 1,024 characters',
        description:
          'Entrypoint mode: the image to run. With `model_id` it is run with the model server’s arguments.',
      }),
    ),
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
