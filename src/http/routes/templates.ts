import type { Static } from '@sinclair/typebox';
import type { Offer } from '../../domain/offer.ts';
import type { Template } from '../../domain/template.ts';
import { meetsTemplate, parseTemplateFilter } from '../../domain/template-filter.ts';
import { listedTemplates, requireTemplate } from '../../inventory/require-template.ts';
import { templatesFor } from '../../inventory/templates.ts';
import { unknownOffer } from '../../sessions/refusals.ts';
import type { AppServer } from '../app-server.ts';
import { originOf } from '../request-traces.ts';
import { answer } from '../schemas/answer.ts';
import { errorAnswers } from '../schemas/error-schemas.ts';
import { idParams, NoQuery } from '../schemas/fields.ts';
import {
  CompatibleTemplatesAnswer,
  TemplateAnswer,
  TemplateParams,
  TemplatesAnswer,
  TemplatesQuery,
} from '../schemas/template-schemas.ts';
import type { ServerParts } from '../server-parts.ts';
import {
  compatibleView,
  templatesView,
  templateView,
  withoutTemplates,
} from '../views/template-view.ts';

type TemplateParts = Pick<ServerParts, 'templates' | 'menu'>;

export function registerTemplates(app: AppServer, parts: TemplateParts): void {
  registerList(app, parts);
  registerOne(app, parts);
  registerCompatible(app, parts);
}

function registerList(app: AppServer, { templates }: TemplateParts): void {
  const schema = {
    operationId: 'listTemplates',
    summary: 'Ready-made images to rent a machine with',
    description:
      'Those that the marketplace recommends, from memory, read anew about every hour. Any other template of the marketplace is found by its hash.',
    tags: ['Templates'],
    querystring: TemplatesQuery,
    response: {
      200: answer(TemplatesAnswer, { description: 'The templates that match.' }),
      ...errorAnswers('not_found', 'provider_unavailable', 'not_ready'),
    },
  };
  app.get('/templates', { schema, config: { hasEtag: true } }, async ({ query }) =>
    templatesView(listedTemplates(templates).filter((template) => isAskedFor(template, query))),
  );
}

function registerOne(app: AppServer, { templates }: TemplateParts): void {
  const schema = {
    operationId: 'getTemplate',
    summary: 'One template',
    tags: ['Templates'],
    params: TemplateParams,
    querystring: NoQuery,
    response: {
      200: answer(TemplateAnswer, { description: 'The template.' }),
      ...errorAnswers('not_found', 'provider_unavailable'),
    },
  };
  app.get('/templates/:hash_id', { schema, config: { hasEtag: true } }, async (request) => {
    const asked = templatesFor(templates, originOf(request));
    return templateView(await requireTemplate(asked, request.params.hash_id));
  });
}

function registerCompatible(app: AppServer, { templates, menu }: TemplateParts): void {
  const schema = {
    operationId: 'listCompatibleTemplates',
    summary: 'Templates that run on an offer',
    tags: ['Templates', 'Offers'],
    params: idParams('The `id` of an offer.'),
    querystring: NoQuery,
    response: {
      200: answer(CompatibleTemplatesAnswer, {
        description: 'The templates, or none and a note for an offer of another marketplace.',
      }),
      ...errorAnswers('not_found', 'provider_unavailable', 'not_ready'),
    },
  };
  const config = { hasEtag: true } as const;
  app.get('/offers/:id/compatible-templates', { schema, config }, async ({ params }) => {
    const offer = menu.get(params.id);
    if (!offer) throw unknownOffer(params.id);
    if (!offer.facts) return withoutTemplates(offer);
    return compatibleView(
      offer,
      listedTemplates(templates).filter((template) => runsOn(template, offer)),
    );
  });
}

/** A template whose filter cannot be read is known to run nowhere. */
function runsOn({ extraFilters }: Template, { facts }: Offer): boolean {
  const filter = parseTemplateFilter(extraFilters);
  switch (filter.kind) {
    case 'none':
      return true;
    case 'conditions':
      return meetsTemplate(facts, filter.conditions);
    case 'malformed':
      return false;
  }
}

function isAskedFor(template: Template, query: Static<typeof TemplatesQuery>): boolean {
  const { name, image, recommended, use_ssh: usesSsh } = query;
  return (
    hasPart(template.name, name) &&
    hasPart(template.image, image) &&
    (recommended === undefined || template.isRecommended === recommended) &&
    (usesSsh === undefined || template.usesSsh === usesSsh)
  );
}

function hasPart(text: string, part: string | undefined): boolean {
  return part === undefined || text.toLowerCase().includes(part.toLowerCase());
}
