import { ProviderFailure } from '../../domain/errors.ts';
import { NoPublicIp } from './refusal.ts';

/** A launch that cannot even be asked for. */
export function notLaunchable(detail: string): ProviderFailure {
  return new ProviderFailure({ kind: 'invalid', outcome: 'not_done', detail });
}

/** A launch that this host cannot take and another may. */
export function lacksPorts(detail: string): ProviderFailure {
  return new ProviderFailure({
    kind: 'no_capacity',
    outcome: 'not_done',
    detail,
    isForOrderOnly: true,
  });
}

/** The provider said before doing anything that the site's pool of public addresses is empty. */
export function lacksPublicIp(error: unknown): boolean {
  return isNotDone(error) && error.cause instanceof NoPublicIp;
}

export function isUnauthorized(error: unknown): boolean {
  return isNotDone(error) && error.kind === 'unauthorized';
}

function isNotDone(error: unknown): error is ProviderFailure {
  return error instanceof ProviderFailure && error.outcome === 'not_done';
}
