import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ERROR_STATUS } from '../../src/domain/errors.ts';
import { FAILURE_TYPES } from '../../src/domain/failure-words.ts';
import { INCIDENT_KINDS } from '../../src/domain/incident.ts';
import { HOLD_REASONS, ORPHAN_STATES } from '../../src/domain/orphan.ts';
import { SESSION_STATUSES, STOP_REASONS, WORKLOAD_TYPES } from '../../src/domain/session.ts';
import { CostSummaryAnswer, CostsQuery } from '../../src/http/schemas/cost-schemas.ts';
import { DiagnosticsAnswer } from '../../src/http/schemas/diagnostics-schemas.ts';
import { ErrorAnswer } from '../../src/http/schemas/error-schemas.ts';
import { HealthAnswer, IncidentAnswer } from '../../src/http/schemas/health-schemas.ts';
import { HeartbeatAnswer, HeartbeatBody } from '../../src/http/schemas/heartbeat-schemas.ts';
import { OfferAnswer, OffersAnswer, offersQuery } from '../../src/http/schemas/offer-schemas.ts';
import {
  OrphanAnswer,
  OrphansAnswer,
  orphansQuery,
} from '../../src/http/schemas/orphan-schemas.ts';
import { PlanAnswer, planQuery } from '../../src/http/schemas/plan-schemas.ts';
import {
  ATTEMPT_OUTCOMES,
  createSessionBody,
  SessionAnswer,
} from '../../src/http/schemas/session-schemas.ts';
import {
  CompatibleTemplatesAnswer,
  TemplateAnswer,
  TemplatesQuery,
} from '../../src/http/schemas/template-schemas.ts';
import { buildServer } from '../../src/http/server.ts';
import { SORT_KEYS } from '../../src/inventory/menu.ts';
import { world } from './http-world.ts';

const page = readFileSync(new URL('../../docs/http-api.md', import.meta.url), 'utf8');

describe('docs/http-api.md', () => {
  it.each(Object.entries(ERROR_STATUS))('tells of %s with status %i', (code, status) => {
    expect(page).toContain(`\n| \`${code}\` | ${status} | `);
  });

  it('tells of every route and of no other', async () => {
    const rows = [...page.matchAll(/^\| `([A-Z]+ \/[^`]*)` \|/gm)].map(([, route]) => route);
    const server = buildServer(world().parts);
    await server.ready();
    const routes = Object.entries(server.swagger().paths ?? {}).flatMap(([path, operations]) =>
      Object.keys(operations ?? {}).map(
        (method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
      ),
    );
    expect(rows.toSorted()).toEqual([...routes, 'GET /docs'].toSorted());
  });

  const schemas = {
    offersQuery: offersQuery(['vastai']),
    createSessionBody: createSessionBody({ providers: ['vastai'], maxReservationHours: 12 }),
    OfferAnswer,
    OffersAnswer,
    TemplatesQuery,
    TemplateAnswer,
    CompatibleTemplatesAnswer,
    SessionAnswer,
    planQuery,
    PlanAnswer,
    DiagnosticsAnswer,
    HeartbeatBody,
    HeartbeatAnswer,
    orphansQuery: orphansQuery(['vastai']),
    OrphanAnswer,
    OrphansAnswer,
    HealthAnswer,
    IncidentAnswer,
    CostsQuery,
    CostSummaryAnswer,
    ErrorAnswer,
  };

  it.each(Object.entries(schemas))('names every field of %s', (_name, schema) => {
    const unnamed = Object.keys(schema.properties).filter(
      (field) => !page.includes(`\`${field}\``) && !page.includes(`"${field}"`),
    );
    expect(unnamed).toEqual([]);
  });

  it('names every value of the closed sets', () => {
    const sets = [
      ...[SESSION_STATUSES, STOP_REASONS, WORKLOAD_TYPES, ATTEMPT_OUTCOMES, SORT_KEYS],
      ...[ORPHAN_STATES, HOLD_REASONS, INCIDENT_KINDS, FAILURE_TYPES],
    ];
    expect(sets.flat().filter((value) => !page.includes(`\`${value}\``))).toEqual([]);
  });
});
