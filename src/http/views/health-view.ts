import type { Static } from '@sinclair/typebox';
import type { AccountHealth } from '../../costs/accounts.ts';
import type { Incident } from '../../domain/incident.ts';
import { toUsd } from '../../domain/money.ts';
import { type EpochMs, HOUR_MS, toRfc3339 } from '../../domain/time.ts';
import type { MenuHealth, ProviderHealth } from '../../inventory/menu.ts';
import type { LifecyclePhase } from '../../sessions/session-service.ts';
import type { HealthAnswer } from '../schemas/health-schemas.ts';
import { incidentView } from './incident-view.ts';
import { known } from './known.ts';

type HealthBody = Static<typeof HealthAnswer>;

interface Vitals {
  readonly phase: LifecyclePhase;
  readonly menu: MenuHealth;
  readonly incidents: readonly Incident[];
  readonly accounts: readonly AccountHealth[];
}

/** An incident is no reason for `unavailable`: another start of the broker would not mend it. */
export function healthView({ phase, menu, incidents, accounts }: Vitals, now: EpochMs): HealthBody {
  const isReady = phase === 'running';
  return {
    status: isReady ? 'ok' : 'unavailable',
    timestamp: toRfc3339(now),
    services: {
      lifecycle: isReady ? 'running' : 'stopped',
      inventory: menu.status,
      ready: isReady ? 'true' : 'false',
    },
    providers: providersView(menu.providers, accounts),
    incidents: incidents.map(incidentView),
  };
}

/** One entry a public name: two APIs of one marketplace are told as one. */
function providersView(
  providers: readonly ProviderHealth[],
  accounts: readonly AccountHealth[],
): HealthBody['providers'] {
  const names = [...new Set(providers.map((provider) => provider.name))];
  return Object.fromEntries(
    names.map((name) => [
      name,
      {
        ...providerView(providers.filter((one) => one.name === name)),
        ...accountView(accounts.find(({ provider }) => provider === name)),
      },
    ]),
  );
}

function providerView(apis: readonly ProviderHealth[]): HealthBody['providers'][string] {
  const successes = apis.flatMap((api) =>
    api.lastSuccessAt === undefined ? [] : [api.lastSuccessAt],
  );
  const error = apis.find((api) => api.error !== undefined)?.error;
  return {
    status: jointStatus(apis),
    offers: apis.reduce((sum, api) => sum + api.offers, 0),
    ...known({
      last_success_at: successes.length === 0 ? undefined : toRfc3339(Math.max(...successes)),
      error,
    }),
  };
}

function accountView(account: AccountHealth | undefined) {
  const { balance, burnPerHour, accountBurnPerHour, lastsForMs, spending } = account ?? {};
  return known({
    balance_usd: balance && toUsd(balance.amount),
    balance_at: balance && toRfc3339(balance.at),
    burn_usd_per_hour: burnPerHour === undefined ? undefined : toUsd(burnPerHour),
    account_burn_usd_per_hour:
      accountBurnPerHour === undefined ? undefined : toUsd(accountBurnPerHour),
    spent_usd: spending && toUsd(spending.spent),
    expected_usd: spending && toUsd(spending.expected),
    spent_since: spending && toRfc3339(spending.since),
    hours_left: lastsForMs === undefined ? undefined : Math.round(lastsForMs / TENTH_HOUR_MS) / 10,
  });
}

const TENTH_HOUR_MS = HOUR_MS / 10;

/** Down only when every API is: as long as one answers, the marketplace can be rented from. */
function jointStatus(apis: readonly ProviderHealth[]): ProviderHealth['status'] {
  if (apis.every((api) => api.status === 'ok')) return 'ok';
  return apis.every((api) => api.status === 'down') ? 'down' : 'stale';
}
