import { BrokerError } from '../domain/errors.ts';
import type { OfferFilter } from '../domain/offer-filter.ts';
import type { Template } from '../domain/template.ts';
import { parseTemplateFilter, type TemplateMatch } from '../domain/template-filter.ts';
import type { Templates, TemplatesAbsent } from './templates.ts';

/** The recommended templates, or the refusal that tells why there are none yet. */
export function listedTemplates(templates: Templates): readonly Template[] {
  const listing = templates.list();
  switch (listing.kind) {
    case 'listed':
      return listing.templates;
    case 'filling':
      throw new BrokerError(
        'not_ready',
        'the templates are still being read; try again in a moment',
      );
    case 'unsupported':
    case 'unavailable':
      throw templatesAbsent(listing);
  }
}

/** The template of this hash, or the refusal that tells the caller why there is none. */
export async function requireTemplate(templates: Templates, hashId: string): Promise<Template> {
  const finding = await templates.find(hashId);
  switch (finding.kind) {
    case 'found':
      return finding.template;
    case 'unknown':
      throw new BrokerError(
        'not_found',
        'there is no such template; an edited template has another hash, list them with GET /templates',
      );
    case 'unsupported':
    case 'unavailable':
      throw templatesAbsent(finding);
  }
}

/**
 * What the template asks of an offer. A filter that cannot be read is refused and not ignored; it is 422 because the
 * request is well formed, and no offer can be matched with what it names.
 */
export function templateMatch({ hashId, extraFilters }: Template): TemplateMatch {
  const filter = parseTemplateFilter(extraFilters);
  switch (filter.kind) {
    case 'none':
      return { hashId, conditions: [] };
    case 'conditions':
      return { hashId, conditions: filter.conditions };
    case 'malformed':
      throw new BrokerError(
        'no_matching_offer',
        `no offer can be matched with the template: its extra_filters ${filter.problem}`,
        { message: 'Choose another template, or give requirements without template_hash_id.' },
      );
  }
}

/** The filter with what the named template asks of an offer, where one is named. Refuses one that is unknown or unreadable. */
export async function withTemplate(
  templates: Templates,
  filter: OfferFilter,
  hashId: string | undefined,
): Promise<OfferFilter> {
  if (hashId === undefined) return filter;
  return { ...filter, template: templateMatch(await requireTemplate(templates, hashId)) };
}

/** Why there are no templates to be had at all. */
function templatesAbsent({ kind }: TemplatesAbsent): BrokerError {
  switch (kind) {
    case 'unsupported':
      return new BrokerError(
        'not_found',
        'no marketplace that has templates is configured: its API key is not set',
      );
    case 'unavailable':
      return new BrokerError(
        'provider_unavailable',
        'the marketplace cannot be asked for its templates now',
        { retry_suggested: true },
      );
  }
}
