import { describe, expect, it } from 'vitest';
import {
  errorOf,
  instance,
  LEAST_BODY,
  problemsOf,
  SESSION_ID,
  session,
  world,
} from './http-world.ts';

const SERVER_BODY = { ...LEAST_BODY, launch_mode: 'entrypoint' };

function post(payload: object) {
  return { method: 'POST', url: '/sessions', payload } as const;
}

async function workloadOf(body: object) {
  const { inject, created } = world();
  const answer = await inject(post(body));
  expect(answer.statusCode).toBe(201);
  return created[0]?.request;
}

describe('POST /sessions in launch_mode entrypoint', () => {
  it('serves a model with vLLM on port 8000', async () => {
    const request = await workloadOf({ ...SERVER_BODY, model_id: 'owner/name' });
    expect(request?.workload).toEqual({
      kind: 'entrypoint',
      image: expect.stringMatching(/^vllm\/vllm-openai:/),
      model: { server: 'vllm', modelId: 'owner/name' },
      ports: [8000],
    });
    expect(request?.diskGb).toBeUndefined();
  });

  it('serves it with TGI where the work is for that, quantized as asked, at the first of the ports', async () => {
    const request = await workloadOf({
      ...SERVER_BODY,
      workload_type: 'llm_tgi',
      model_id: 'owner/name',
      quantization: 'eetq',
      exposed_ports: [3000, 9000],
    });
    expect(request?.workload).toEqual({
      kind: 'entrypoint',
      image: expect.stringContaining('text-generation-inference'),
      model: { server: 'tgi', modelId: 'owner/name', quantization: 'eetq' },
      ports: [3000, 9000],
    });
  });

  it('runs an image of the caller’s as it is', async () => {
    const request = await workloadOf({
      ...SERVER_BODY,
      docker_image: 'registry.example:5000/team/app@sha256:0123456789abcdef0123456789abcdef',
      exposed_ports: [8080],
    });
    expect(request?.workload).toEqual({
      kind: 'entrypoint',
      image: 'registry.example:5000/team/app@sha256:0123456789abcdef0123456789abcdef',
      ports: [8080],
    });
  });

  it('runs an image of the caller’s with the server’s arguments when there is a model', async () => {
    const request = await workloadOf({
      ...SERVER_BODY,
      docker_image: 'my/vllm:1',
      model_id: 'gpt2',
      exposed_ports: [],
    });
    expect(request?.workload).toEqual({
      kind: 'entrypoint',
      image: 'my/vllm:1',
      model: { server: 'vllm', modelId: 'gpt2' },
      ports: [8000],
    });
  });

  it.each([
    'nginx',
    'vllm/vllm-openai:v0.10.2',
    'ghcr.io/owner/x',
    'Registry.Example/team/app__v-1.x:Tag_1',
    'localhost/x',
    'myhost:5000/x--y/z',
  ])('takes the image %s', async (image) => {
    const body = { ...SERVER_BODY, docker_image: image, exposed_ports: [80] };
    expect((await world().inject(post(body))).statusCode).toBe(201);
  });

  it.each([
    [{}, 'docker_image: is required with launch_mode entrypoint, or model_id instead'],
    [
      { docker_image: 'nginx' },
      'exposed_ports: must name at least one port when there is no model_id: clients connect to the first',
    ],
    [
      { docker_image: 'nginx', exposed_ports: [80], quantization: 'awq' },
      'quantization: needs model_id',
    ],
    [
      { model_id: 'a/b', quantization: 'awqq' },
      expect.stringMatching(
        /^quantization: must be a method of the server, vllm: .*; did you mean awq\?$/,
      ),
    ],
    [
      { model_id: 'a/b', quantization: 'eetq' },
      expect.stringContaining('quantization: must be a method of the server, vllm'),
    ],
    [
      { model_id: 'a/b', quantization: 'gguf', workload_type: 'llm_tgi' },
      expect.stringContaining('quantization: must be a method of the server, tgi'),
    ],
    [{ model_id: 'a/b', exposed_ports: [22] }, 'exposed_ports: must not name 22, which is for SSH'],
    [
      { model_id: 'a/b', on_start_cmd: 'date' },
      expect.stringContaining('on_start_cmd: goes with launch_mode ssh only'),
    ],
    [
      { model_id: 'a/b', template_hash_id: 'a8a44c7363cbca20056020397e3bf072' },
      expect.stringContaining('template_hash_id: goes with launch_mode ssh only'),
    ],
    [
      { model_id: '--trust-remote-code' },
      'model_id: must be a model as Hugging Face names it, such as owner/name',
    ],
    [{ model_id: 'a/b/c' }, expect.stringContaining('model_id: must be')],
    [{ model_id: '../b' }, expect.stringContaining('model_id: must be')],
    [
      { docker_image: 'nginx:' },
      expect.stringContaining('docker_image: must be an image reference'),
    ],
    [{ docker_image: 'a b' }, expect.stringContaining('docker_image: must be an image reference')],
    [{ docker_image: 'UPPER/x' }, expect.stringContaining('docker_image: must be')],
    [{ docker_image: 'nginx/Web' }, expect.stringContaining('docker_image: must be')],
    [{ docker_image: 'a//b' }, expect.stringContaining('docker_image: must be')],
    [{ docker_image: 'a/b:' }, expect.stringContaining('docker_image: must be')],
    [{ docker_image: 'nginx:v1:2' }, expect.stringContaining('docker_image: must be')],
    [{ docker_image: 'nginx@sha256:12' }, expect.stringContaining('docker_image: must be')],
    [{ docker_image: '.a/b' }, expect.stringContaining('docker_image: must be')],
    [{ docker_image: 'host:5000/' }, expect.stringContaining('docker_image: must be')],
    [{ docker_image: 'x'.repeat(1025) }, expect.stringContaining('docker_image: must be')],
  ])('refuses %j', async (change, problem) => {
    const { inject, created } = world();
    const answer = await inject(post({ ...SERVER_BODY, ...change }));
    expect(answer.statusCode).toBe(400);
    expect(problemsOf(answer)).toContainEqual(problem);
    expect(created).toEqual([]);
  });

  it('tells every problem at once', async () => {
    const body = {
      ...SERVER_BODY,
      quantization: 'awq',
      exposed_ports: [22],
      on_start_cmd: 'date',
      reservation_hours: 0,
    };
    expect(problemsOf(await world().inject(post(body)))).toEqual([
      'docker_image: is required with launch_mode entrypoint, or model_id instead',
      'exposed_ports: must not name 22, which is for SSH',
      expect.stringContaining('on_start_cmd: goes with launch_mode ssh only'),
      'quantization: needs model_id',
      'reservation_hours: must be at least 1',
    ]);
  });
});

describe('POST /sessions in launch_mode ssh', () => {
  it('takes a start command and a template', async () => {
    const request = await workloadOf({
      ...LEAST_BODY,
      on_start_cmd: 'echo "ü" > /root/started',
      template_hash_id: 'a8a44c7363cbca20056020397e3bf072',
    });
    expect(request?.workload).toEqual({ kind: 'ssh', onStart: 'echo "ü" > /root/started' });
    expect(request?.templateHashId).toBe('a8a44c7363cbca20056020397e3bf072');
  });

  it.each([
    [{ docker_image: 'nginx' }, 'docker_image: needs launch_mode entrypoint'],
    [{ model_id: 'a/b' }, 'model_id: needs launch_mode entrypoint'],
    [{ quantization: 'awq' }, 'quantization: needs launch_mode entrypoint'],
    [{ launch_mode: 'ssh', exposed_ports: [80] }, 'exposed_ports: needs launch_mode entrypoint'],
    [{ on_start_cmd: ' \n' }, 'on_start_cmd: must not be blank'],
    [{ on_start_cmd: 'a\0b' }, 'on_start_cmd: must not have a null character'],
    [{ on_start_cmd: 'ü'.repeat(1751) }, 'on_start_cmd: must be at most 3500 bytes long in UTF-8'],
    [{ template_hash_id: 'no hash' }, 'template_hash_id: must be a hash_id as in GET /templates'],
  ])('refuses %j', async (change, problem) => {
    const answer = await world().inject(post({ ...LEAST_BODY, ...change }));
    expect(answer.statusCode).toBe(400);
    expect(problemsOf(answer)).toContainEqual(problem);
  });

  it('takes a start command of exactly so many bytes', async () => {
    await workloadOf({ ...LEAST_BODY, on_start_cmd: 'ü'.repeat(1750) });
  });

  it('refuses two templates', async () => {
    const { offer_id: _, ...rest } = LEAST_BODY;
    const requirements = { template_hash_id: 'aaaaaaaaaaaaaaaa' };
    const body = { ...rest, requirements, template_hash_id: 'bbbbbbbbbbbbbbbb' };
    const answer = await world().inject(post(body));
    expect(problemsOf(answer)).toContainEqual(
      expect.stringContaining('requirements.template_hash_id: must not differ'),
    );
  });
});

describe('a session of a server', () => {
  const model = { server: 'vllm', modelId: 'a/b' } as const;
  const request = {
    ...session().request,
    workload: { kind: 'entrypoint', image: 'vllm/vllm-openai:v1', model, ports: [8000] },
  } as const;

  function shown(overrides: Parameters<typeof instance>[0]) {
    const { address: _, hostKey: __, ...bare } = instance(overrides);
    const stored = session({ request, instances: [bare] });
    return world({ stored }).inject({ url: `/sessions/${SESSION_ID}` });
  }

  it('shows where clients connect, and no login', async () => {
    const answer = await shown({ endpoint: { host: '192.0.2.7', port: 41_000 } });
    expect(answer.json()).toMatchObject({
      launch_mode: 'entrypoint',
      api_endpoint: 'http://192.0.2.7:41000',
    });
    expect(Object.keys(answer.json())).not.toContain('ssh_host');
  });

  it('writes an address of the sixth version so that clients can use it', async () => {
    const answer = await shown({ endpoint: { host: '2001:db8::7', port: 80 } });
    expect(answer.json()).toMatchObject({ api_endpoint: 'http://[2001:db8::7]:80' });
  });

  it('shows no address that may be another customer’s by now', async () => {
    const answer = await shown({ endpoint: { host: '192.0.2.7', port: 41_000 }, state: 'gone' });
    expect(answer.statusCode).toBe(200);
    expect(Object.keys(answer.json())).not.toContain('api_endpoint');
  });
});

it('says so when launch_mode is none', async () => {
  const answer = await world().inject(post({ ...LEAST_BODY, launch_mode: 'both' }));
  expect(errorOf(answer).error).toBe('launch_mode must be one of ssh, entrypoint');
});
