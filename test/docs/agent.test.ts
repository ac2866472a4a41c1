import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Value } from '@sinclair/typebox/value';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { HeartbeatBody } from '../../src/http/schemas/heartbeat-schemas.ts';
import { readPage, scriptOf } from './markdown.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gpu-broker-agent-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function program(name: string, text: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
}

/** What the page's agent says to a broker that gives these answers, one after the other. */
async function saidBy(gpu: string, statuses: readonly number[]): Promise<readonly string[]> {
  program('nvidia-smi', gpu);
  program('sleep', 'true');
  const said: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString('utf8');
    });
    request.on('end', () => {
      said.push(`${request.method} ${request.url} ${body}`);
      response.writeHead(statuses[said.length - 1] ?? 409).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const agent = spawn('bash', ['-eu', '-c', scriptOf(readPage('docs/http-api.md'), 'sh agent')], {
    env: {
      PATH: `${folder}:/usr/bin:/bin`,
      BROKER: `http://127.0.0.1:${port}`,
      SESSION: 'sess-0000000000000001',
      AGENT_TOKEN: 'agent_test',
    },
  });
  const [code] = await once(agent, 'close');
  server.close();
  expect(code).toBe(0);
  return said;
}

const TO = 'POST /sessions/sess-0000000000000001/heartbeat ';

it('the agent of docs/http-api.md tells of the busiest GPU until the session ends', async () => {
  const said = await saidBy('echo 7; echo 100; echo 31', [200, 503, 200, 409]);
  expect(said).toHaveLength(4);
  for (const one of said) {
    expect(one.startsWith(TO)).toBe(true);
    const body: unknown = JSON.parse(one.slice(TO.length));
    expect(Value.Check(HeartbeatBody, body)).toBe(true);
    expect(body).toEqual({ agent_token: 'agent_test', gpu_utilization: 100 });
  }
});

it('the agent of docs/http-api.md tells of no idleness where the GPUs cannot be read', async () => {
  const [one = ''] = await saidBy('exit 9', [409]);
  expect(() => JSON.parse(one.slice(TO.length))).toThrow();
});
