const ALIAS_PREFIX = '/api/v1';

/**
 * The canonical form of a request target: `/api/v1/inventory…` is another name for `/offers…`, and everything else
 * below `/api/v1` for the same path at the root. Routing sees only canonical paths, so that one registration, one
 * set of checks and one route label serve both. A fragment is the caller's own business (RFC 9110, section 4.2.5), and cut off.
 */
export function canonicalPath(asked: string): string {
  const fragmentAt = asked.indexOf('#');
  const target = fragmentAt < 0 ? asked : asked.slice(0, fragmentAt);
  const rest = below(target, ALIAS_PREFIX);
  if (rest === undefined) return target;
  const inventory = below(rest, '/inventory');
  if (inventory !== undefined) return `/offers${inventory}`;
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** What follows the prefix, when the prefix ends at a path segment's end. */
function below(target: string, prefix: string): string | undefined {
  if (!target.startsWith(prefix)) return undefined;
  const rest = target.slice(prefix.length);
  return rest === '' || rest.startsWith('/') || rest.startsWith('?') ? rest : undefined;
}
