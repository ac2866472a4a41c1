import type { SimReply } from '../model.ts';

export type Handler<Context> = (context: Context, id: string) => SimReply | Promise<SimReply>;

/** Keys are a method and a path below the API's root, e.g. `GET /instances/{id}`; the first match counts. */
export type RouteTable<Context> = Readonly<Record<string, Handler<Context>>>;

export type RouteMatch<Context> =
  | { readonly kind: 'found'; readonly handler: Handler<Context>; readonly id: string }
  | { readonly kind: 'wrong_method' }
  | { readonly kind: 'unknown' };

export function matchRoute<Context>(
  table: RouteTable<Context>,
  asked: { readonly method: string; readonly path: string },
): RouteMatch<Context> {
  let match: RouteMatch<Context> = { kind: 'unknown' };
  for (const [key, handler] of Object.entries(table)) {
    const [method = '', pattern = ''] = key.split(' ');
    const id = idIn(asked.path, pattern);
    if (id === undefined) continue;
    if (method === asked.method) return { kind: 'found', handler, id };
    match = { kind: 'wrong_method' };
  }
  return match;
}

/** The text at `{id}`, '' for a pattern without one, undefined when the path has another shape. */
function idIn(path: string, pattern: string): string | undefined {
  const parts = path.split('/');
  const wanted = pattern.split('/');
  if (parts.length !== wanted.length) return undefined;
  let id = '';
  for (const [index, part] of parts.entries()) {
    if (wanted[index] === '{id}' && part !== '') id = part;
    else if (wanted[index] !== part) return undefined;
  }
  return id;
}
