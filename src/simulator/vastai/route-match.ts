import type { Route } from './routes.ts';

export interface Match {
  readonly route: Route;
  readonly ids: readonly [string, string];
}

/** Paths that the provider answers without their last slash too (§1). */
const SLASHLESS = new Set(['/api/v0/users/current']);

/** Finds every route that has a path, whatever its method. */
export function createMatcher(routes: readonly Route[]): (path: string) => readonly Match[] {
  const patterns = routes.map((route) => ({ route, pattern: patternOf(route.path) }));
  return (path) => {
    const whole = SLASHLESS.has(path) ? `${path}/` : path;
    return patterns.flatMap(({ route, pattern }) => {
      const found = pattern.exec(whole);
      return found ? [{ route, ids: [found[1] ?? '', found[2] ?? ''] as const }] : [];
    });
  };
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/:(?:id|key)/g, '([^/]+)')}$`);
}
