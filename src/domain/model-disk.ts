import type { ModelServing, Workload } from './workload.ts';

/** What a model server needs on its disk, in GB. */
export interface DiskNeed {
  /** The model's files, as they are downloaded. */
  readonly modelGb: number;
  /** The server's image, unpacked. */
  readonly imageGb: number;
  /** The least disk on which it can run: both, and some room for caches and logs. */
  readonly requiredGb: number;
  /** What it is given when nobody says how much: the estimate may be off, and a download may leave a second copy for a while. */
  readonly comfortableGb: number;
}

/** vLLM's and TGI's releases of 2025 take about this much; a caller's own image is counted as one of them. */
const IMAGE_GB = 10;
const WORKING_ROOM_GB = 4;
const COMFORT_FACTOR = 1.2;
const COMFORT_STEP_GB = 10;

/** Undefined where the workload serves no model, or the model's name does not tell its size. */
export function diskNeedOf(workload: Workload): DiskNeed | undefined {
  if (workload.kind !== 'entrypoint' || !workload.model) return undefined;
  const parameters = parametersOf(workload.model.modelId);
  if (parameters === undefined) return undefined;
  const modelGb = Math.ceil((parameters * bitsOf(workload.model)) / 8 / 1e9);
  const requiredGb = modelGb + IMAGE_GB + WORKING_ROOM_GB;
  const steps = Math.ceil((requiredGb * COMFORT_FACTOR) / COMFORT_STEP_GB);
  return { modelGb, imageGb: IMAGE_GB, requiredGb, comfortableGb: steps * COMFORT_STEP_GB };
}

const UNITS = { m: 1e6, b: 1e9, t: 1e12 } as const;

/** `7B`, `0.5b`, `360M`, `1T`, and `8x7B` as the product: a word of the name. `A22B`, the active part of `235B-A22B`, is none. */
const SIZE = /(?<![a-z0-9.])(?:(\d{1,3})x)?(\d{1,4}(?:\.\d{1,3})?)([mbt])(?![a-z0-9])/g;

/** The largest number of parameters that the name speaks of. */
export function parametersOf(modelId: string): number | undefined {
  const name = modelId.slice(modelId.indexOf('/') + 1).toLowerCase();
  const sizes = [...name.matchAll(SIZE)].map(([, experts = '1', count = '', unit]) => {
    return Number(experts) * Number(count) * (unit === 'm' || unit === 't' ? UNITS[unit] : UNITS.b);
  });
  return sizes.length === 0 ? undefined : Math.max(...sizes);
}

const UNQUANTIZED_BITS = 16;

/** What a name says of how its files are stored. In this order: a name that says both, such as `AWQ-INT8`, means the narrower word. */
const NAMED_BITS: readonly (readonly [RegExp, number])[] = [
  [/(?<![a-z0-9])(int8|w8a8|w8a16|8-?bit|q8(_\w+)?|fp8)(?![a-z0-9])/, 8],
  [
    /(?<![a-z0-9])(int4|w4a16|w4a8|4-?bit|awq|gptq|gguf|nf4|nvfp4|mxfp4|fp4|q4(_\w+)?)(?![a-z0-9])/,
    4,
  ],
  // Released in four bits, which its name does not say.
  [/gpt-oss/, 4],
];

/** Methods that only work on files that were quantized before. The others read full files and shrink them in memory. */
const STORED_BITS: Readonly<Record<string, number>> = {
  awq: 4,
  awq_marlin: 4,
  gptq: 4,
  gptq_marlin: 4,
  gguf: 4,
  marlin: 4,
  mxfp4: 4,
};

/** Bits per parameter of the files that are downloaded. */
function bitsOf({ modelId, quantization }: ModelServing): number {
  const name = modelId.toLowerCase();
  const named = NAMED_BITS.find(([words]) => words.test(name))?.[1];
  const stored = quantization === undefined ? undefined : STORED_BITS[quantization];
  return named ?? stored ?? UNQUANTIZED_BITS;
}
