import type { TemplateCondition } from './template-filter.ts';

/** What a session's machine is rented for. */
export type Workload = LoginWorkload | ServerWorkload;

export const LAUNCH_MODES = ['ssh', 'entrypoint'] as const;

/** A machine to log in to; it is ready when a login works. */
export interface LoginWorkload {
  readonly kind: 'ssh';
  /** Shell run at each start of the machine, after the login has been set up. */
  readonly onStart?: string;
  readonly template?: TemplateUse;
}

/** The marketplace's template that a machine is made from, as it was when the session was asked for. */
export interface TemplateUse {
  /** The content hash: an edited template has another one. */
  readonly hashId: string;
  /** The template's own start command, which a start command of the request must not push out. */
  readonly onStart?: string;
  /** What the template asks of an offer; absent for one that asks nothing. */
  readonly conditions?: readonly TemplateCondition[];
}

/** A container whose program serves HTTP; it is ready when that program answers. */
export interface ServerWorkload {
  readonly kind: 'entrypoint';
  readonly image: string;
  /** Undefined for an image that knows by itself what to run. */
  readonly model?: ModelServing;
  /** Container ports to open, at least one; clients connect to the first. */
  readonly ports: readonly [number, ...number[]];
}

export const MODEL_SERVERS = ['vllm', 'tgi'] as const;
export type ModelServer = (typeof MODEL_SERVERS)[number];

/**
 * The methods that each server's release of {@link SERVER_IMAGES} takes (`--quantization` of vLLM, `--quantize` of TGI).
 * A server that is given another one ends at once, and the machine would be paid for until its time ran out.
 */
export const QUANTIZATIONS: Readonly<Record<ModelServer, readonly string[]>> = {
  vllm: [
    'awq',
    'awq_marlin',
    'bitsandbytes',
    'compressed-tensors',
    'experts_int8',
    'fbgemm_fp8',
    'fp8',
    'gguf',
    'gptq',
    'gptq_marlin',
    'hqq',
    'marlin',
    'modelopt',
    'moe_wna16',
    'mxfp4',
    'ptpc_fp8',
    'torchao',
  ],
  tgi: [
    'awq',
    'bitsandbytes',
    'bitsandbytes-fp4',
    'bitsandbytes-nf4',
    'compressed-tensors',
    'eetq',
    'exl2',
    'fp8',
    'gptq',
    'marlin',
  ],
};

export interface ModelServing {
  readonly server: ModelServer;
  /** As Hugging Face names it: `owner/name`. */
  readonly modelId: string;
  /** As the server names the method; undefined = as the model's own files say. */
  readonly quantization?: string;
}

/** One container, as any machine with Docker would run it with all its GPUs. */
export interface Container {
  readonly image: string;
  /** Put behind the image's own entrypoint. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly ports: readonly number[];
}

/** How to see that a workload serves. */
export interface Readiness {
  /** The container's port. */
  readonly port: number;
  readonly path: string;
  /** `ok`: only a 2xx counts, as the server is up before its model is; `any`: whatever is below 500. */
  readonly accepts: 'ok' | 'any';
}

/** The container that serves the workload on so many GPUs. */
export function containerOf(workload: ServerWorkload, gpuCount: number): Container {
  const { image, model, ports } = workload;
  if (!model) return { image, args: [], env: {}, ports };
  const args = SERVER_ARGS[model.server](model, { gpuCount, port: ports[0] });
  return { image, args, env: {}, ports };
}

/** Model servers open their port before the model is loaded and say so at `/health`; of other programs nothing is known. */
export function readinessOf({ model, ports: [port] }: ServerWorkload): Readiness {
  return model ? { port, path: '/health', accepts: 'ok' } : { port, path: '/', accepts: 'any' };
}

/** Where a model server listens unless the request says otherwise. */
export const MODEL_SERVER_PORT = 8000;

/** Images that hold the servers, by their projects' own releases of 2025. */
export const SERVER_IMAGES: Readonly<Record<ModelServer, string>> = {
  vllm: 'vllm/vllm-openai:v0.10.2',
  tgi: 'ghcr.io/huggingface/text-generation-inference:3.3.5',
};

interface Placement {
  readonly gpuCount: number;
  readonly port: number;
}

/** Each server's own flags (vLLM's `vllm serve`, TGI's `text-generation-launcher`). */
const SERVER_ARGS: Readonly<
  Record<ModelServer, (model: ModelServing, placement: Placement) => readonly string[]>
> = {
  vllm: ({ modelId, quantization }, { gpuCount, port }) => [
    ...['--model', modelId, '--host', '0.0.0.0', '--port', String(port)],
    ...(quantization === undefined ? [] : ['--quantization', quantization]),
    ...(gpuCount === 1 ? [] : ['--tensor-parallel-size', String(gpuCount)]),
  ],
  tgi: ({ modelId, quantization }, { gpuCount, port }) => [
    ...['--model-id', modelId, '--hostname', '0.0.0.0', '--port', String(port)],
    ...(quantization === undefined ? [] : ['--quantize', quantization]),
    ...(gpuCount === 1 ? [] : ['--num-shard', String(gpuCount)]),
  ],
};
