import type { Endpoint } from '../../domain/instance.ts';

/** Plain HTTP, as the container's program serves it; an address of the sixth version stands in brackets. */
export function endpointUrl({ host, port }: Endpoint): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
