import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BrokerApi, CreatedAnswer, OfferAnswer, SessionAnswer } from './api.ts';
import { runOverSsh, sshCommand, targetOf } from './login.ts';
import { answer, bold, command, dim, green, heading, progress, say, table } from './screen.ts';

/** For the reader's `grep -E` and for this program alike. */
const SHOWN_METRICS =
  '^gpu_(orphans|destroy|ssh_verify_failures|ssh_verify_duration_seconds_(sum|count))';

export interface WalkParts {
  readonly api: BrokerApi;
  /** A folder of the demo's own, for the key. */
  readonly folder: string;
}

/** The whole job, one request after the other, each shown with its answer. */
export async function walk({ api, folder }: WalkParts): Promise<void> {
  const offer = await showMenu(api);
  const created = await rent(api, offer);
  const keyFile = keepKey(folder, created);
  const running = await waitUntilRunning(api, created.session.id);
  await logIn(running, keyFile, created.ssh_private_key);
  await end(api, running.id);
  await showCost(api, running.id);
}

async function showMenu(api: BrokerApi): Promise<OfferAnswer> {
  heading(1, 'The menu: what can be rented now, all marketplaces, all-in prices');
  const cheapest = await showOffers(api, '/offers?gpu_type=RTX+4090&limit=5');
  await showOffers(api, '/offers?gpu_type=RTX+4090&provider=tensordock&limit=5');
  const { total } = await api.get<{ total: number }>('/offers?limit=1');
  answer(dim(`${total} offers in all: Vast.ai, TensorDock v2 and TensorDock v0 in one menu`));
  if (!cheapest) throw new Error('the menu has no RTX 4090');
  return cheapest;
}

async function showOffers(api: BrokerApi, path: string): Promise<OfferAnswer | undefined> {
  command(`curl '${api.url}${path}'`);
  const { offers } = await api.get<{ offers: OfferAnswer[] }>(path);
  table([
    ['USD/h', 'GPU', 'VRAM', 'offer', 'where'],
    ...offers.map((offer) => [
      offer.price_per_hour.toFixed(3),
      `${offer.gpu_count} × ${offer.gpu_type}`,
      `${offer.vram_gb} GB`,
      offer.id,
      offer.location,
    ]),
  ]);
  return offers[0];
}

async function rent(api: BrokerApi, offer: OfferAnswer): Promise<CreatedAnswer> {
  heading(2, `Rent one: ${offer.gpu_type} at ${offer.price_per_hour.toFixed(3)} USD per hour`);
  const body = {
    consumer_id: 'demo',
    offer_id: offer.id,
    workload_type: 'interactive',
    reservation_hours: 1,
    auto_retry: true,
  };
  command(
    `curl -X POST ${api.url}/sessions -H 'content-type: application/json' -d '${JSON.stringify(body)}'`,
  );
  const created = await api.post<CreatedAnswer>('/sessions', body);
  const { id, status, provider, price_per_hour } = created.session;
  answer(JSON.stringify({ id, status, provider, price_per_hour }));
  answer(dim('and, this once, ssh_private_key: -----BEGIN OPENSSH PRIVATE KEY-----…'));
  return created;
}

function keepKey(folder: string, created: CreatedAnswer): string {
  const keyFile = join(mkdtempSync(join(folder, 'key-')), 'id');
  writeFileSync(keyFile, created.ssh_private_key, { mode: 0o600 });
  return keyFile;
}

async function waitUntilRunning(api: BrokerApi, id: string): Promise<SessionAnswer> {
  heading(3, 'Wait until a login is proven');
  command(`curl ${api.url}/sessions/${id}`);
  const line = progress();
  for (let tries = 0; tries < 600; tries += 1) {
    const session = await api.get<SessionAnswer>(`/sessions/${id}`);
    if (session.status === 'running') {
      line.done(
        green(
          `running after ${(tries / 2).toFixed(0)} s: ${session.ssh_user}@${session.ssh_host}:${session.ssh_port}`,
        ),
      );
      return session;
    }
    if (session.status === 'failed' || session.status === 'stopped') {
      throw new Error(`the session is ${session.status}: ${session.error ?? 'no reason given'}`);
    }
    line.show(`${session.status} after ${(tries / 2).toFixed(0)} s`);
    await sleep(500);
  }
  throw new Error('the session did not run within five minutes');
}

async function logIn(session: SessionAnswer, keyFile: string, privateKey: string): Promise<void> {
  heading(4, 'Log in and look at the GPU');
  const target = targetOf(session, keyFile, privateKey);
  command(sshCommand(target, 'nvidia-smi'));
  answer(await runOverSsh(target, 'nvidia-smi'));
}

async function end(api: BrokerApi, id: string): Promise<void> {
  heading(5, 'Done: end it, and wait for the provider to confirm');
  command(`curl -X POST ${api.url}/sessions/${id}/done`);
  answer(JSON.stringify(await api.post(`/sessions/${id}/done`)));
  const line = progress();
  for (let tries = 0; tries < 240; tries += 1) {
    const session = await api.get<SessionAnswer>(`/sessions/${id}`);
    if (session.status === 'stopped') {
      line.done(
        green(`stopped after ${(tries / 2).toFixed(0)} s: the provider no longer has the instance`),
      );
      return;
    }
    line.show(`${session.status} after ${(tries / 2).toFixed(0)} s`);
    await sleep(500);
  }
  throw new Error('the session did not stop within two minutes');
}

async function showCost(api: BrokerApi, id: string): Promise<void> {
  heading(6, 'What it cost, and what the metrics say');
  command(`curl '${api.url}/costs?session_id=${id}'`);
  answer(JSON.stringify(await api.get(`/costs?session_id=${id}`)));
  command(`curl -s ${api.url}/metrics | grep -E '${SHOWN_METRICS}'`);
  const metrics = await api.text('/metrics');
  const shown = metrics.split('\n').filter((line) => new RegExp(SHOWN_METRICS).test(line));
  answer(shown.join('\n'));
  say();
  say(bold('That was the whole job.'));
}
