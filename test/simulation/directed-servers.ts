import { MINUTE_MS } from '../../src/domain/time.ts';
import type { ServiceNature } from '../../src/simulator/model.ts';
import { allSurvive } from './checkers/all-survive.ts';
import { neverRuns } from './checkers/never-runs.ts';
import { servedWhereSaid } from './checkers/served-where-said.ts';
import type { CalmBut } from './directed.ts';
import { ALL_APIS, type Api, CALM_PLAN } from './plan.ts';
import { reboot, whenAllRun } from './scripts.ts';
import type { WorldOptions } from './world.ts';

/** Worlds about servers, fresh at each call. */
export function serverWorlds(calmBut: CalmBut): Readonly<Record<string, () => WorldOptions>> {
  const each = ALL_APIS.map((api) => [`servers on ${api}`, () => calmServers(calmBut, api)]);
  return {
    ...Object.fromEntries(each),

    'containers end at once': () => neverServing(calmBut, 'exits'),
    'servers answer 500': () => neverServing(calmBut, 'errors'),
    'servers take connections and say nothing': () => neverServing(calmBut, 'hangs'),
    'models are never loaded': () => neverServing(calmBut, 'loads for ever'),

    'the ports of servers show late': () =>
      calmBut({
        servers: 1,
        sessions: 4,
        apis: ['vastai', 'tensordock-v2'],
        hosts: { vast: 8, tensordock: 8 },
        busyMs: 30 * MINUTE_MS,
        containers: { ...CALM_PLAN.containers, portLagMs: 2 * MINUTE_MS },
      }),

    'servers are elsewhere after a reboot': () =>
      calmBut(
        {
          isCalm: false,
          servers: 1,
          clients: 'stay',
          apis: ['vastai'],
          busyMs: 20 * MINUTE_MS,
          containers: { ...CALM_PLAN.containers, portsMove: true },
          script: whenAllRun(1, reboot),
        },
        { checkers: [allSurvive, servedWhereSaid] },
      ),

    'the broker dies while models are loaded': () =>
      calmBut({
        isCalm: false,
        servers: 1,
        sessions: 5,
        hosts: { vast: 10, tensordock: 10 },
        busyMs: 28 * MINUTE_MS,
        crashes: { kind: 'random', count: 6, meanGapMs: MINUTE_MS, downMs: MINUTE_MS },
      }),
  };
}

function calmServers(calmBut: CalmBut, api: Api): WorldOptions {
  return calmBut({
    servers: 1,
    apis: [api],
    sessions: 6,
    hosts: { vast: 12, tensordock: 12 },
    busyMs: api === 'vastai' ? 15 * MINUTE_MS : 30 * MINUTE_MS,
  });
}

/** Attempt after attempt is given up in its time, and nobody is told that anything runs. */
function neverServing(calmBut: CalmBut, service: ServiceNature): WorldOptions {
  return calmBut(
    {
      isCalm: false,
      servers: 1,
      sessions: 6,
      apis: ['vastai'],
      hosts: { vast: 20, tensordock: 0 },
      choices: ['offer-or-like'],
      readyTimeoutMs: 7 * MINUTE_MS,
      busyMs: 20 * MINUTE_MS,
      containers: { ...CALM_PLAN.containers, services: [service] },
      wants: ({ maxOpenPorts = 99 }) => maxOpenPorts > 3,
    },
    { checkers: [neverRuns] },
  );
}
