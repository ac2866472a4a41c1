import { ask, orphansOf } from '../e2e/asks.ts';
import type { Stage, StagedBroker } from '../e2e/stage.ts';

/** Where faults are switched on and off. */
export interface Scene {
  readonly stage: Stage;
  readonly broker: () => StagedBroker;
  readonly killBroker: () => Promise<void>;
  readonly startBroker: () => Promise<void>;
}

export interface Fault {
  readonly name: string;
  /** When it is switched on, at the earliest, in minutes of the broker's time from the start. */
  readonly atMin: number;
  /** What has to fire while it lasts, and to be silent again some time after it. */
  readonly alerts: readonly string[];
  readonly on: (scene: Scene) => Promise<void>;
  readonly off: (scene: Scene) => Promise<void>;
}

export const FAULTS: readonly Fault[] = [
  {
    name: 'every call to a marketplace is answered 500',
    atMin: 8,
    alerts: [
      'GpuProviderDown',
      'GpuMenuStale',
      'GpuTerminateFailing',
      'GpuInstanceNotEnding',
      'GpuIncident',
    ],
    on: async (scene) => {
      await control(scene, 'faults', { serverErrorBefore: 1 });
      await endOneThatRuns(scene);
    },
    off: (scene) => control(scene, 'faults', {}),
  },
  {
    name: "a machine with the deployment's tag that this broker did not launch",
    atMin: 34,
    alerts: ['GpuOrphanFound', 'GpuOrphansHeld'],
    on: plantOrphan,
    off: endHeldOrphans,
  },
  {
    name: 'TensorDock takes the keys no more',
    atMin: 44,
    alerts: ['GpuAccountNeedsAPerson'],
    on: (scene) => control(scene, 'revoke-keys?market=tensordock'),
    off: (scene) => control(scene, 'restore-keys?market=tensordock'),
  },
  {
    name: 'all credit at TensorDock is used up',
    atMin: 58,
    alerts: ['GpuBalanceLow'],
    on: (scene) => control(scene, 'drain-credit?market=tensordock'),
    off: (scene) => control(scene, 'pay-in?market=tensordock&usd=100'),
  },
  {
    name: 'the broker is killed',
    // Before a quarter of an hour has passed: credit that is gone without a cause is an alert of its own by then.
    atMin: 70,
    alerts: ['GpuBrokerDown'],
    on: (scene) => scene.killBroker(),
    off: (scene) => scene.startBroker(),
  },
];

async function control(scene: Scene, what: string, body: object = {}): Promise<void> {
  const { VASTAI_BASE_URL: simulator } = scene.stage.environment('both');
  const answer = await fetch(`${simulator}/_sim/${what}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`the simulator says to ${what}: ${await answer.text()}`);
}

/** So that there is an end to wait for. */
async function endOneThatRuns({ broker }: Scene): Promise<void> {
  const { body } = await ask<{ sessions: readonly { readonly id: string }[] }>(
    broker(),
    'GET /sessions?status=running&limit=1',
  );
  const [session] = body.sessions;
  if (!session) throw new Error('nothing runs that could be ended');
  await ask(broker(), `POST /sessions/${session.id}/done`);
}

/** Rented in the deployment's name past the broker, as a second broker with its id would. */
async function plantOrphan({ stage, broker }: Scene): Promise<void> {
  const { VASTAI_BASE_URL: market, VASTAI_API_KEY: key } = stage.environment('both');
  const { body } = await ask<{ offers: readonly { readonly provider_id: string }[] }>(
    broker(),
    'GET /offers?provider=vastai&sort=-price_per_hour&limit=1',
  );
  const answer = await fetch(`${market}/api/v0/asks/${body.offers[0]?.provider_id}/`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      image: 'ubuntu:22.04',
      disk: 20,
      runtype: 'ssh_direct',
      label: `gpub-${broker().deploymentId}-${'abcd'.repeat(4)}-1`,
    }),
  });
  if (!answer.ok) throw new Error(`the orphan was not rented: ${await answer.text()}`);
}

async function endHeldOrphans({ broker }: Scene): Promise<void> {
  for (const { id, state } of await orphansOf(broker()))
    if (state === 'held') await ask(broker(), `POST /orphans/${encodeURIComponent(id)}/terminate`);
}
