import { Type } from '@sinclair/typebox';
import { INCIDENT_KINDS } from '../../domain/incident.ts';
import { byName, closed, countOf, instant, oneOf, usd } from './fields.ts';

const ProviderStatus = closed(
  {
    status: oneOf(['ok', 'stale', 'down'], { description: 'How good its offers are.' }),
    last_success_at: Type.Optional(instant('When its offers were last read.')),
    offers: countOf('How many of its offers are on the menu now.'),
    error: Type.Optional(Type.String({ description: 'Why they are not fresh, in short.' })),
    balance_usd: Type.Optional(usd('Left on the account there, where it tells.')),
    balance_at: Type.Optional(instant('When it told.')),
    burn_usd_per_hour: Type.Optional(usd('What this broker runs up there in an hour.')),
    account_burn_usd_per_hour: Type.Optional(
      usd('What everything on the account runs up in an hour, where it tells.'),
    ),
    hours_left: Type.Optional(
      Type.Number({
        minimum: 0,
        description: 'Hours that the balance lasts at the larger of these.',
      }),
    ),
    spent_usd: Type.Optional(usd('By how much the balance has fallen since `spent_since`.')),
    expected_usd: Type.Optional(
      usd(
        'What the machines of this broker ran up in that time; the rest is traffic, or not ours.',
      ),
    ),
    spent_since: Type.Optional(instant('Since when both are counted.')),
  },
  { title: 'ProviderHealth', description: 'How one marketplace is.' },
);

export const IncidentAnswer = closed(
  {
    kind: oneOf(INCIDENT_KINDS, { description: 'What sort of thing it is.' }),
    provider: Type.Optional(Type.String({ description: 'Absent for the broker itself.' })),
    api: Type.Optional(Type.String({ description: "Which of the provider's APIs." })),
    since: instant('When it began.'),
    message: Type.String({ description: 'What it means and what can be done, for a person.' }),
  },
  { title: 'Incident', description: 'Something that lasts and that a person has to know of.' },
);

const Services = closed(
  {
    lifecycle: oneOf(['running', 'stopped'], { description: 'Whether sessions are looked after.' }),
    inventory: oneOf(['ok', 'degraded', 'down'], { description: 'How whole the menu is.' }),
    ready: oneOf(['true', 'false'], { description: 'As GET /ready, as text.' }),
  },
  { description: 'How the parts of the broker are.' },
);

export const HealthAnswer = closed(
  {
    status: oneOf(['ok', 'unavailable'], { description: 'Whether sessions can be had.' }),
    timestamp: instant('Now.'),
    services: Services,
    providers: byName(ProviderStatus, { description: 'How each marketplace is, by its name.' }),
    incidents: Type.Array(IncidentAnswer, {
      description: 'What a person has to know of now; empty when all is well.',
    }),
  },
  { title: 'Health' },
);

export const ReadyAnswer = closed(
  {
    ready: Type.Boolean({ description: 'Whether sessions can be had now.' }),
    timestamp: instant('Now.'),
  },
  { title: 'Readiness' },
);

export const LandingAnswer = closed(
  {
    name: Type.String({ description: 'What answers here.' }),
    version: Type.String({ description: 'Its version.' }),
    links: byName(Type.String({ description: 'A path.' }), {
      description: 'Where to go on, by what is there.',
    }),
  },
  { title: 'Landing' },
);
