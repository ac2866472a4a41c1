import { Type } from '@sinclair/typebox';
import { INCIDENT_KINDS } from '../../domain/incident.ts';
import { closed, instant, oneOf } from './fields.ts';

const ProviderStatus = closed({
  status: oneOf(['ok', 'stale', 'down'], { description: 'How good its offers are.' }),
  last_success_at: Type.Optional(instant('When its offers were last read.')),
  offers: Type.Integer({ description: 'On the menu now.' }),
  error: Type.Optional(Type.String({ description: 'Why they are not fresh, in short.' })),
});

export const IncidentAnswer = closed({
  kind: oneOf(INCIDENT_KINDS, { description: 'What sort of thing it is.' }),
  provider: Type.Optional(Type.String({ description: 'Absent for the broker itself.' })),
  api: Type.Optional(Type.String({ description: "Which of the provider's APIs." })),
  since: instant('When it began.'),
  message: Type.String({ description: 'What it means and what can be done, for a person.' }),
});

export const HealthAnswer = closed({
  status: oneOf(['ok', 'unavailable'], { description: 'Whether sessions can be had.' }),
  timestamp: instant('Now.'),
  services: closed({
    lifecycle: oneOf(['running', 'stopped'], { description: 'Whether sessions are looked after.' }),
    inventory: oneOf(['ok', 'degraded', 'down'], { description: 'How whole the menu is.' }),
    ready: oneOf(['true', 'false'], { description: 'As GET /ready, as text.' }),
  }),
  providers: Type.Record(Type.String(), ProviderStatus),
  incidents: Type.Array(IncidentAnswer, {
    description: 'What a person has to know of now; empty when all is well.',
  }),
});

export const ReadyAnswer = closed({ ready: Type.Boolean(), timestamp: instant('Now.') });

export const LandingAnswer = closed({
  name: Type.String(),
  version: Type.String(),
  links: Type.Record(Type.String(), Type.String()),
});
