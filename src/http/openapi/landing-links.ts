export interface LandingLink {
  readonly path: string;
  readonly meaning: string;
}

/** Where somebody who meets the broker goes on, in the order in which that makes sense. */
export const LANDING_LINKS: Readonly<Record<string, LandingLink>> = {
  documentation: { path: '/docs', meaning: 'this API, to read and to try' },
  openapi: { path: '/openapi.json', meaning: 'the same for programs (OpenAPI 3.1)' },
  offers: { path: '/offers', meaning: 'what can be rented now' },
  templates: { path: '/templates', meaning: 'ready-made images of a marketplace' },
  sessions: { path: '/sessions', meaning: 'what is rented, newest first' },
  costs: { path: '/costs', meaning: 'what was spent' },
  orphans: { path: '/orphans', meaning: 'machines of ours that no session wants' },
  health: { path: '/health', meaning: 'how the broker is' },
  ready: { path: '/ready', meaning: 'whether sessions can be had now' },
  metrics: { path: '/metrics', meaning: 'metrics in Prometheus text form' },
};

/** The paths alone, by what is there. */
export function landingPaths(): Readonly<Record<string, string>> {
  const entries = Object.entries(LANDING_LINKS).map(([title, { path }]) => [title, path]);
  return Object.fromEntries(entries);
}
