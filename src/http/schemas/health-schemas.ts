import { Type } from '@sinclair/typebox';
import { closed, instant, oneOf } from './fields.ts';

const ProviderStatus = closed({
  status: oneOf(['ok', 'stale', 'down'], { description: 'How good its offers are.' }),
  last_success_at: Type.Optional(instant('When its offers were last read.')),
  offers: Type.Integer({ description: 'On the menu now.' }),
  error: Type.Optional(Type.String({ description: 'Why they are not fresh, in short.' })),
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
});

export const ReadyAnswer = closed({ ready: Type.Boolean(), timestamp: instant('Now.') });

export const LandingAnswer = closed({
  name: Type.String(),
  version: Type.String(),
  links: Type.Record(Type.String(), Type.String()),
});
