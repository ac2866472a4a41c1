import type { Static } from '@sinclair/typebox';
import type { Offer } from '../../domain/offer.ts';
import type { Template } from '../../domain/template.ts';
import type {
  CompatibleTemplatesAnswer,
  TemplateAnswer,
  TemplatesAnswer,
} from '../schemas/template-schemas.ts';
import { known } from './known.ts';

export function templateView(template: Template): Static<typeof TemplateAnswer> {
  return {
    id: template.id,
    hash_id: template.hashId,
    name: template.name,
    image: template.image,
    use_ssh: template.usesSsh,
    recommended: template.isRecommended,
    ...known({
      tag: template.tag,
      env: template.env,
      onstart: template.onStart,
      runtype: template.runtype,
      ssh_direct: template.hasDirectSsh,
      recommended_disk_space: template.recommendedDiskGb,
      extra_filters: template.extraFilters,
      creator_id: template.creatorId,
      created_at: template.createdAt,
      count_created: template.createdCount,
    }),
  };
}

export function templatesView(templates: readonly Template[]): Static<typeof TemplatesAnswer> {
  return { templates: templates.map(templateView), count: templates.length };
}

export function compatibleView(
  offer: Offer,
  templates: readonly Template[],
): Static<typeof CompatibleTemplatesAnswer> {
  const compatible = templates.map((template) => ({
    hash_id: template.hashId,
    name: template.name,
    image: template.image,
    ...known({ recommended_disk_space: template.recommendedDiskGb }),
  }));
  return { offer_id: offer.id, compatible_templates: compatible, count: compatible.length };
}

/** For an offer of a marketplace that has no templates. */
export function withoutTemplates(offer: Offer): Static<typeof CompatibleTemplatesAnswer> {
  const note = `templates belong to another marketplace: an offer of ${offer.provider} fits none`;
  return { ...compatibleView(offer, []), note };
}
