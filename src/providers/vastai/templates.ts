import type { Template } from '../../domain/template.ts';
import { SECOND_MS, toRfc3339 } from '../../domain/time.ts';
import type { TemplateCatalogue } from '../../ports/provider.ts';
import { present } from '../present.ts';
import type { VastaiClient } from './client.ts';
import type { TemplateRow } from './wire.ts';

/**
 * Some forty are recommended; two thousand more are published by users and looked after by nobody, so those are only found by
 * those who know their hash. What comes back is held against the filter again, as with offers.
 */
export function vastaiTemplates(client: VastaiClient): TemplateCatalogue {
  return {
    recommended: async () => {
      const rows = await client.templates({ recommended: { eq: true } });
      return rows.filter(({ recommended }) => recommended !== false).map(templateOf);
    },
    find: async (hashId, about = {}) => {
      const rows = await client.about(about).templates({ hash_id: { eq: hashId } });
      const row = rows.find(({ hash_id }) => hash_id === hashId);
      return row && templateOf(row);
    },
  };
}

export function templateOf(row: TemplateRow): Template {
  return {
    id: row.id,
    hashId: row.hash_id,
    name: row.name,
    image: row.image,
    usesSsh: row.use_ssh ?? false,
    isRecommended: row.recommended ?? false,
    ...present({
      tag: filled(row.tag),
      env: filled(row.env),
      onStart: filled(row.onstart),
      runtype: filled(row.runtype),
      hasDirectSsh: row.ssh_direct ?? undefined,
      recommendedDiskGb: diskGb(row.recommended_disk_space),
      extraFilters: filterText(row.extra_filters),
      creatorId: row.creator_id ?? undefined,
      createdAt: instantOf(row.created_at),
      createdCount: row.count_created ?? undefined,
    }),
  };
}

function filled(text: unknown): string | undefined {
  return typeof text === 'string' && text !== '' ? text : undefined;
}

function diskGb(gb: number | null | undefined): number | undefined {
  return typeof gb === 'number' && gb > 0 ? gb : undefined;
}

/** Handed on as it was sent, broken or not: what it means is for whoever applies it. */
function filterText(filters: unknown): string | undefined {
  if (filters === undefined || filters === null) return undefined;
  return typeof filters === 'string' ? filters : JSON.stringify(filters);
}

/** In the year 2286; what is later is no date. */
const LAST_MS = 10_000_000_000 * SECOND_MS;

function instantOf(created: unknown): string | undefined {
  const at = typeof created === 'string' ? Date.parse(created) : Number(created) * SECOND_MS;
  return at > 0 && at < LAST_MS ? toRfc3339(at) : undefined;
}
