import type { OfferFilter } from '../../domain/offer-filter.ts';
import { requireTemplate, templateMatch } from '../../inventory/require-template.ts';
import type { Templates } from '../../inventory/templates.ts';

/** The filter with what the named template asks of an offer, where one is named. Refuses one that is unknown or unreadable. */
export async function withTemplate(
  filter: OfferFilter,
  hashId: string | undefined,
  templates: Templates,
): Promise<OfferFilter> {
  if (hashId === undefined) return filter;
  return { ...filter, template: templateMatch(await requireTemplate(templates, hashId)) };
}
