import { setTimeout as sleep } from 'node:timers/promises';
import { checkedFetch } from './checked-fetch.ts';
import type { SimulatedInstance, Stage, StagedBroker } from './stage.ts';

/** What a consumer and an operator ask of a broker in a process of its own, and what they wait for. */

export interface SessionShown {
  readonly id: string;
  readonly status: string;
  readonly stop_reason?: string;
  readonly cost_so_far: number;
}

export interface OrphanShown {
  readonly id: string;
  readonly session_id: string;
  readonly provider_instance_id: string;
  readonly state: string;
  readonly held_for?: string;
}

interface IncidentShown {
  readonly kind: string;
  readonly message: string;
}

/** A status and a body, whatever they say. */
export interface Reply<Body> {
  readonly status: number;
  readonly body: Body;
}

const TRIES = 600;
const PAUSE_MS = 50;

export async function ask<Body = Readonly<Record<string, unknown>>>(
  { url }: StagedBroker,
  call: string,
  body?: object,
): Promise<Reply<Body>> {
  const [method = '', path = ''] = call.split(' ');
  const response = await checkedFetch(`${url}${path}`, {
    method,
    ...(body && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
  return { status: response.status, body: (await response.json()) as Body };
}

/** Looks again and again until it is so; what was seen then. */
export async function until<Value>(
  broker: StagedBroker,
  look: () => Promise<Value>,
  isSo: (value: Value) => boolean,
): Promise<Value> {
  let seen = await look();
  for (let tries = 0; tries < TRIES; tries += 1) {
    if (isSo(seen)) return seen;
    await sleep(PAUSE_MS);
    seen = await look();
  }
  throw new Error(`still ${JSON.stringify(seen)}\n${broker.running.log()}`);
}

/** A request that the broker fills from the provider's offers, as soon as there are some. */
export async function wish(broker: StagedBroker, provider: string): Promise<object> {
  await until(
    broker,
    () => ask<{ count: number }>(broker, `GET /offers?provider=${provider}&limit=1`),
    ({ body }) => body.count > 0,
  );
  return {
    consumer_id: 'e2e',
    requirements: { provider },
    workload_type: 'ssh',
    reservation_hours: 1,
  };
}

/** A session that runs. */
export async function rent(broker: StagedBroker, provider: string): Promise<string> {
  const { status, body } = await ask<{ session: SessionShown }>(
    broker,
    'POST /sessions',
    await wish(broker, provider),
  );
  if (status !== 201) throw new Error(`${status} ${JSON.stringify(body)}`);
  const { id } = body.session;
  await untilStatus(broker, id, ['running']);
  return id;
}

export async function sessionOf(broker: StagedBroker, id: string): Promise<SessionShown> {
  const { status, body } = await ask<SessionShown>(broker, `GET /sessions/${id}`);
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body;
}

export function untilStatus(
  broker: StagedBroker,
  id: string,
  wanted: readonly string[],
): Promise<SessionShown> {
  return until(
    broker,
    () => sessionOf(broker, id),
    ({ status }) => wanted.includes(status),
  );
}

/** The kinds of the incidents that last. */
export async function incidentsOf(broker: StagedBroker): Promise<readonly IncidentShown[]> {
  const { body } = await ask<{ incidents: IncidentShown[] }>(broker, 'GET /health');
  return body.incidents;
}

export function untilIncidents(
  broker: StagedBroker,
  kinds: readonly string[],
): Promise<readonly IncidentShown[]> {
  return until(
    broker,
    () => incidentsOf(broker),
    (incidents) => incidents.map(({ kind }) => kind).join() === kinds.join(),
  );
}

export async function orphansOf(broker: StagedBroker): Promise<readonly OrphanShown[]> {
  return (await ask<{ orphans: OrphanShown[] }>(broker, 'GET /orphans')).body.orphans;
}

/** The deployment's machines that are not gone, by the market's own word. */
export async function aliveOf(
  stage: Stage,
  { deploymentId }: StagedBroker,
): Promise<readonly SimulatedInstance[]> {
  const instances = await stage.instancesOf(deploymentId);
  return instances.filter(({ state }) => state !== 'gone');
}

/** Every machine that was ever rented for the session, by the market's own word. */
export async function machinesOf(
  stage: Stage,
  { deploymentId }: StagedBroker,
  session: string,
): Promise<readonly SimulatedInstance[]> {
  const tag = `gpub-${deploymentId}-${session.replace('sess-', '')}-`;
  const instances = await stage.instancesOf(deploymentId);
  return instances.filter(({ label }) => label?.startsWith(tag));
}

/** Whether each session has a machine that runs, by the market's own word. */
export async function served(
  stage: Stage,
  broker: StagedBroker,
  sessions: readonly string[],
): Promise<readonly boolean[]> {
  const machines = sessions.map((session) => machinesOf(stage, broker, session));
  return (await Promise.all(machines)).map((all) => all.some(({ state }) => state === 'running'));
}
