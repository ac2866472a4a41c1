import { describe, expect, test } from 'vitest';
import { diskNeedOf, parametersOf } from '../../src/domain/model-disk.ts';
import type { ModelServing, Workload } from '../../src/domain/workload.ts';

function serving(modelId: string, quantization?: string): Workload {
  const model: ModelServing = { server: 'vllm', modelId };
  return {
    kind: 'entrypoint',
    image: 'vllm/vllm-openai:v0.10.2',
    model: quantization === undefined ? model : { ...model, quantization },
    ports: [8000],
  };
}

describe('a model’s name tells its size', () => {
  test.each([
    ['meta-llama/Llama-3.1-8B-Instruct', 8e9],
    ['Qwen/Qwen2.5-0.5B', 0.5e9],
    ['HuggingFaceTB/SmolLM2-360M-Instruct', 360e6],
    ['mistralai/Mixtral-8x7B-v0.1', 56e9],
    ['Qwen/Qwen3-235B-A22B', 235e9],
    ['TheBloke/Llama-2-70b-instruct-AWQ', 70e9],
    ['casperhansen/llama-3-70b-instruct-awq', 70e9],
    ['inclusionAI/Ling-1T', 1e12],
    ['llama-7b', 7e9],
  ])('%s', (modelId, parameters) => {
    expect(parametersOf(modelId)).toBe(parameters);
  });

  test.each([
    'gpt2',
    'deepseek-ai/DeepSeek-V2.5',
    'google/gemma-3n-E4B-it',
    '7b-labs/tiny',
    'microsoft/phi-2',
    'owner/v1.5beta',
  ])('%s does not', (modelId) => {
    expect(parametersOf(modelId)).toBeUndefined();
    expect(diskNeedOf(serving(modelId))).toBeUndefined();
  });
});

describe('the disk that a model needs', () => {
  test('is about 132 GB for the 236 billion parameters of DeepSeek-V2.5 in four bits', () => {
    expect(diskNeedOf(serving('deepseek-ai/DeepSeek-V2.5-236B', 'awq'))).toEqual({
      modelGb: 118,
      imageGb: 10,
      requiredGb: 132,
      comfortableGb: 160,
    });
  });

  test.each([
    ['meta-llama/Llama-3.1-8B', undefined, 16],
    ['meta-llama/Llama-3.1-8B', 'gptq', 4],
    ['someone/Llama-3.1-8B-AWQ', undefined, 4],
    ['someone/Llama-3.1-8B-GPTQ-Int8', 'gptq', 8],
    ['RedHatAI/Llama-3.1-8B-FP8', undefined, 8],
    ['someone/Llama-3.1-8B-GGUF', undefined, 4],
    ['unsloth/Llama-3.1-8B-bnb-4bit', undefined, 4],
    ['openai/gpt-oss-20b', undefined, 10],
  ])('%s with %s takes %i GB for its files', (modelId, quantization, gb) => {
    expect(diskNeedOf(serving(modelId, quantization))?.modelGb).toBe(gb);
  });

  test.each(['bitsandbytes', 'fp8', 'eetq'])(
    'is that of the full files with %s, which shrinks them in memory',
    (quantization) => {
      expect(diskNeedOf(serving('meta-llama/Llama-3.1-70B', quantization))?.modelGb).toBe(140);
    },
  );

  test('is not known for an image that serves no model, or for a login', () => {
    const ports = [8000] as const;
    expect(diskNeedOf({ kind: 'entrypoint', image: 'nginx:1', ports })).toBeUndefined();
    expect(diskNeedOf({ kind: 'ssh' })).toBeUndefined();
  });
});
