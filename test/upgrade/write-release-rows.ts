import { writeFileSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import type { Instance } from '../../src/domain/instance.ts';
import type { Session } from '../../src/domain/session.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import { createKeys } from '../../src/ssh/session-keys.ts';
import { openStore } from '../../src/store/open-store.ts';
import { instance, offer, request, START, session, sessionId } from '../support/builders.ts';

/**
 * `npx tsx test/upgrade/write-release-rows.ts NAME`, in a checkout of a release: writes a day's sessions with that release's own store, and
 * every row that came to stand in its tables into `NAME.json`. Releases from before this script are written by copying it into them.
 */
const DEPLOYMENT = 'upgrade1';
const PARTS = ['gpu', 'cpu', 'ram', 'disk'] as const;
/** Of sessions that never were: what it seals opens nothing. */
const SECRETS_KEY = Buffer.alloc(32, 7);
const MACHINE = { host: '203.0.113.7', port: 22, user: 'root' };

const [, , name = 'rows'] = process.argv;
const database = `${name}.db`;
const { store } = await openStore({ path: database, newDeploymentId: () => DEPLOYMENT });
const keys = createKeys(SECRETS_KEY);

await write(1, {
  status: 'running',
  runningAt: START + 3 * MINUTE_MS,
  instances: [running(1, vast())],
});
await write(2, {
  status: 'running',
  runningAt: START + 3 * MINUTE_MS,
  request: request({ sshPublicKey: keys.generate('own').publicKey }),
  instances: [running(2, dock())],
});
await write(3, { status: 'provisioning', instances: [launched(3, vast())] });
await write(4, {
  status: 'stopped',
  runningAt: START - 5 * HOUR_MS,
  stopAskedAt: START - 3 * HOUR_MS,
  stopReason: 'done',
  stoppedAt: START - 3 * HOUR_MS + 20 * SECOND_MS,
  instances: [failed(4), ended(4)],
});
// From the release on that keeps disks.
if (process.argv.includes('--preserved')) {
  await write(5, {
    status: 'stopped',
    runningAt: START - 2 * HOUR_MS,
    stopAskedAt: START - MINUTE_MS,
    stopReason: 'done',
    stoppedAt: START,
    request: request({ keepsDisk: true }),
    instances: [preserved(5)],
  });
}
await store.close();
dump();

async function write(number: number, fields: Partial<Session>): Promise<void> {
  const id = sessionId(number);
  const pair = keys.generate(id);
  const isOwn = fields.request?.sshPublicKey !== undefined;
  const made = session({
    id,
    createdAt: START - 6 * HOUR_MS + number * SECOND_MS,
    expiresAt: START + 3 * HOUR_MS,
    publicKey: fields.request?.sshPublicKey ?? pair.publicKey,
    ...(isOwn ? {} : { sealedPrivateKey: keys.seal(pair.privateKey, id) }),
    ...fields,
  });
  const { sealedPrivateKey: _none, ...withoutKey } = made;
  const event = { kind: 'session_extended', at: START, sessionId: id, expiresAt: START } as const;
  await store.create({
    session: isOwn ? withoutKey : made,
    events: [event],
    idempotency: { key: `key ${number}`, bodyHash: 'hash', expiresAt: START + 24 * HOUR_MS },
  });
}

function vast() {
  return offer({ id: 'vastai-1', provider: 'vastai', api: 'vastai', providerId: '1' });
}

function dock() {
  const price = { gpu: 300_000, cpu: 30_000, ram: 40_000, disk: 10_000 };
  return offer({ id: 'tensordock-1', provider: 'tensordock', api: 'tensordock-v2', price });
}

function launched(number: number, rented: ReturnType<typeof offer>): Instance {
  const lines = rented.api === 'vastai' ? (['disk'] as const) : PARTS;
  return instance({
    sessionId: sessionId(number),
    attempt: 1,
    tag: `gpub-${DEPLOYMENT}-${sessionId(number)}-1`,
    offer: rented,
    state: 'launched',
    phase: 'starting',
    providerInstanceId: `machine-${number}`,
    intendedAt: START,
    launchedAt: START + SECOND_MS,
    firstSeenAt: START + 5 * SECOND_MS,
    launchAttempts: 1,
    costs: lines.map((part) => line(rented, part)),
  });
}

function running(number: number, rented: ReturnType<typeof offer>): Instance {
  return {
    ...launched(number, rented),
    phase: 'running',
    accessGrantedAt: START + 10 * SECOND_MS,
    address: MACHINE,
    hostKey: 'SHA256:pinned',
    runningAt: START + 3 * MINUTE_MS,
    costs: PARTS.filter((part) => rented.price[part] > 0).map((part) => line(rented, part)),
  };
}

function failed(number: number): Instance {
  const costs = [
    { ...line(vast(), 'disk'), startedAt: START - 6 * HOUR_MS, endedAt: START - 5.5 * HOUR_MS },
  ];
  return {
    ...launched(number, vast()),
    state: 'gone',
    intendedAt: START - 6 * HOUR_MS,
    goneAt: START - 5.5 * HOUR_MS,
    failure: { code: 'never_ready', message: 'No login worked in time.' },
    costs,
  };
}

function ended(number: number): Instance {
  const goneAt = START - 3 * HOUR_MS + 20 * SECOND_MS;
  const spent = { startedAt: START - 5.4 * HOUR_MS, endedAt: goneAt };
  return {
    ...running(number, dock()),
    attempt: 2,
    tag: `gpub-${DEPLOYMENT}-${sessionId(number)}-2`,
    state: 'gone',
    providerInstanceId: 'machine-40',
    intendedAt: START - 5.5 * HOUR_MS,
    terminateAskedAt: START - 3 * HOUR_MS,
    terminateAttempts: 1,
    goneAt,
    costs: PARTS.map((part) => ({ ...line(dock(), part), ...spent })),
  };
}

function preserved(number: number): Instance {
  const gpu = { ...line(vast(), 'gpu'), startedAt: START - 2 * HOUR_MS, endedAt: START };
  const disk = { ...line(vast(), 'disk'), startedAt: START - 2 * HOUR_MS };
  const row = running(number, vast());
  return { ...row, state: 'preserved', phase: 'stopped', preservedAt: START, costs: [gpu, disk] };
}

function line({ price }: ReturnType<typeof offer>, part: (typeof PARTS)[number]) {
  return { part, rateMicroUsdPerHour: price[part], startedAt: START + SECOND_MS };
}

/** All rows, by table; what migrations themselves write down is theirs. */
function dump(): void {
  const rows = new Sqlite(database, { readonly: true });
  const tables = rows
    .prepare<[], string>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'migrations' ORDER BY rowid",
    )
    .pluck()
    .all();
  const all = tables.map((table) => [table, rows.prepare(`SELECT * FROM ${table}`).all()] as const);
  writeFileSync(`${name}.json`, `${JSON.stringify(Object.fromEntries(all), null, 1)}\n`);
  rows.close();
}
