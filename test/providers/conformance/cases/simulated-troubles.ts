import assert from 'node:assert/strict';
import type { Offer } from '../../../../src/domain/offer.ts';
import type { WireFaults } from '../../../../src/simulator/wire-faults.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { orderFor, PUBLIC_KEY, recordedTarget, TAG } from '../launch-order.ts';
import { PORT_CALLS } from '../port-calls.ts';
import { ROOMY, simulatedStage } from '../simulated-stage.ts';
import type { ConformanceSubject } from '../subject.ts';

const MINUTE_MS = 60_000;

type Fault = Exclude<keyof WireFaults, 'latencyMs' | 'outages'>;

/** After these the change was made, and its caller is not told. */
const UNTOLD: readonly Fault[] = ['lostAnswer', 'resetAfter', 'serverErrorAfter', 'cutBody'];
/** After these nothing was done. */
const NEVER_REACHED: readonly Fault[] = [
  'refused',
  'serverErrorBefore',
  'badGatewayBefore',
  'rateLimited',
  'echoed',
];

/** A network and gateways that keep no promises, between the adapter and the simulated marketplace. */
export const SIMULATED_TROUBLES: readonly ConformanceCase[] = [
  ...UNTOLD.map((fault) => ({
    name: `launch: one that took effect and ended in ${fault} is unknown, was asked for once, and its machine carries the tag`,
    run: (subject: ConformanceSubject) => isUnknownOnce(subject, fault),
  })),
  ...UNTOLD.map((fault) => ({
    name: `terminate: one that took effect and ended in ${fault} is a failure, and asking again is the way out`,
    run: (subject: ConformanceSubject) => endsAllTheSame(subject, fault),
  })),
  ...[...NEVER_REACHED, ...UNTOLD].map((fault) => ({
    name: `get: a living machine does not look gone through ${fault}`,
    run: (subject: ConformanceSubject) => isNotTakenForGone(subject, fault),
  })),
  ...[...NEVER_REACHED, ...UNTOLD].map((fault) => ({
    name: `list: a full account does not look empty through ${fault}`,
    run: (subject: ConformanceSubject) => isNotTakenForEmpty(subject, fault),
  })),
  ...NEVER_REACHED.map((fault) => ({
    name: `launch: after ${fault} nothing was rented, and only what is certain is called not done`,
    run: (subject: ConformanceSubject) => rentsNothing(subject, fault),
  })),
  {
    name: 'launch: one that was delivered twice rents no more than can be found by its tag',
    run: async (subject) => {
      const stage = simulatedStage(subject, { hosts: ROOMY });
      const offer = await stage.offer();
      stage.trouble({ duplicated: 1 });
      await stage.settled(stage.provider.launch(orderFor(offer)));
      stage.trouble({});
      const listed = await stage.done(stage.provider.list());
      assert.equal(listed.filter(({ tag }) => tag === TAG).length, stage.living(TAG).length);
    },
  },
  {
    name: 'terminate: one that was delivered twice ends the machine',
    run: async (subject) => {
      const stage = simulatedStage(subject);
      const id = await stage.rent();
      stage.trouble({ duplicated: 1 });
      await stage.done(stage.provider.terminate(id));
      await stage.gone(id);
    },
  },
  {
    name: 'terminate: deletes that do nothing are seen through by looking, and asking again ends the machine',
    run: async (subject) => {
      const stage = simulatedStage(subject, { market: { lyingDeletes: 1 } });
      const id = await stage.rent();
      for (let asked = 0; asked < 5; asked += 1) {
        await stage.done(stage.provider.terminate(id));
        await stage.clock.advance(MINUTE_MS);
        const seen = await stage.done(stage.provider.get(id));
        assert.equal(seen === undefined, stage.truth(id).goneAt !== null);
      }
      assert.notEqual(stage.truth(id).goneAt, null);
    },
  },
  {
    name: 'list: a machine that the list does not show yet is found by a look at it',
    run: async (subject) => {
      const lag = { appearMs: 10 * MINUTE_MS, disappearMs: 0 };
      const stage = simulatedStage(subject, { market: { listLag: lag } });
      const id = await stage.rent();
      assert.equal((await stage.done(stage.provider.get(id)))?.id, id);
    },
  },
  ...PORT_CALLS.filter(({ name }) => name !== 'offers').map((call) => ({
    name: `${call.name}: refused keys are told as such, and nothing looks gone for them`,
    ...(call.needs === undefined ? {} : { needs: call.needs }),
    run: async (subject: ConformanceSubject) => {
      const stage = simulatedStage(subject);
      const offer = await stage.offer();
      const id = await stage.rent({ offer });
      stage.market.revokeKeys(subject.simulator.market);
      const target = { ...(await recordedTarget(subject)), id, order: orderFor(offer) };
      const failure = await stage.failed(call.ask(stage.provider, target));
      assert.deepEqual([failure.kind, failure.outcome], ['unauthorized', 'not_done']);
      assert.equal(stage.truth(id).goneAt, null);
    },
  })),
  {
    name: 'launch: an account without money rents nothing, and is told so',
    run: async (subject) => {
      const stage = simulatedStage(subject);
      const offer = await stage.offer();
      stage.market.drainCredit(subject.simulator.market);
      const failure = await stage.failed(stage.provider.launch(orderFor(offer)));
      assert.deepEqual([failure.kind, failure.outcome], ['insufficient_funds', 'not_done']);
      assert.equal(stage.living(TAG).length, 0);
    },
  },
  {
    name: 'launch: an offer whose machine is not to be had is no capacity, and rents nothing',
    run: async (subject) => {
      const stage = simulatedStage(subject, { hosts: [{ nature: 'stale', gpuCount: 2 }] });
      const failure = await stage.failed(stage.provider.launch(orderFor(await stage.offer())));
      assert.deepEqual([failure.kind, failure.outcome], ['no_capacity', 'not_done']);
      assert.equal(stage.living(TAG).length, 0);
    },
  },
  ...[
    { says: 'of another provider', adapterData: {} },
    { says: 'of another version', adapterData: { version: 0, askId: '1', v0Name: 7 } },
  ].map(({ says, adapterData }) => ({
    name: `launch: an offer ${says} is refused before anything is sent`,
    run: (subject: ConformanceSubject) => isRefusedUnsent(subject, { adapterData }),
  })),
  {
    name: 'grant access: whatever became of earlier tries, asked again the key is in, once',
    needs: 'access call',
    run: async (subject) => {
      const stage = simulatedStage(subject);
      const { id } = await stage.done(stage.provider.launch(orderFor(await stage.offer())));
      for (const fault of [...NEVER_REACHED, ...UNTOLD]) {
        stage.trouble({ [fault]: 1 });
        await stage.settled(stage.provider.grantAccess(id, PUBLIC_KEY));
      }
      stage.trouble({});
      await stage.done(stage.provider.grantAccess(id, PUBLIC_KEY));
      assert.equal(stage.market.keys(id).length, 1);
    },
  },
];

async function isRefusedUnsent(
  subject: ConformanceSubject,
  changes: Partial<Offer>,
): Promise<void> {
  const stage = simulatedStage(subject);
  const offer = { ...(await stage.offer()), ...changes };
  const sent = stage.requests.length;
  const failure = await stage.failed(stage.provider.launch(orderFor(offer)));
  assert.deepEqual([failure.kind, failure.outcome], ['invalid', 'not_done']);
  assert.equal(stage.requests.length, sent);
}

async function isUnknownOnce(subject: ConformanceSubject, fault: Fault): Promise<void> {
  const stage = simulatedStage(subject);
  const offer = await stage.offer();
  stage.trouble({ [fault]: 1 });
  const failure = await stage.failed(stage.provider.launch(orderFor(offer)));
  assert.equal(failure.outcome, 'unknown');
  assert.equal(stage.requests.filter(subject.rents).length, 1);
  stage.trouble({});
  const [machine] = stage.living(TAG);
  const listed = await stage.done(stage.provider.list());
  assert.deepEqual(
    listed.filter(({ tag }) => tag === TAG).map(({ id }) => id),
    [machine?.id],
  );
}

async function endsAllTheSame(subject: ConformanceSubject, fault: Fault): Promise<void> {
  const stage = simulatedStage(subject);
  const id = await stage.rent();
  stage.trouble({ [fault]: 1 });
  const failure = await stage.failed(stage.provider.terminate(id));
  assert.equal(failure.outcome, 'unknown');
  stage.trouble({});
  await stage.done(stage.provider.terminate(id));
  await stage.gone(id);
}

async function isNotTakenForGone(subject: ConformanceSubject, fault: Fault): Promise<void> {
  const stage = simulatedStage(subject);
  const id = await stage.rent();
  stage.trouble({ [fault]: 1 });
  const failure = await stage.failed(stage.provider.get(id));
  assert.notEqual(failure.kind, 'not_found');
}

async function isNotTakenForEmpty(subject: ConformanceSubject, fault: Fault): Promise<void> {
  const stage = simulatedStage(subject);
  await stage.rent();
  stage.trouble({ [fault]: 1 });
  await stage.failed(stage.provider.list());
}

async function rentsNothing(subject: ConformanceSubject, fault: Fault): Promise<void> {
  const stage = simulatedStage(subject);
  const offer = await stage.offer();
  stage.trouble({ [fault]: 1 });
  const failure = await stage.failed(stage.provider.launch(orderFor(offer)));
  assert.equal(stage.living(TAG).length, 0);
  if (fault === 'refused' || fault === 'rateLimited') assert.equal(failure.outcome, 'not_done');
  if (fault === 'badGatewayBefore' || fault === 'serverErrorBefore')
    assert.equal(failure.outcome, 'unknown');
}
