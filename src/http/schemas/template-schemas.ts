import { Type } from '@sinclair/typebox';
import { closed } from './fields.ts';

/** Longer than any name or image on offer. */
const MAX_PART_CHARS = 200;

function part(of: string) {
  const description = `Part of the ${of}; case does not matter.`;
  return Type.Optional(Type.String({ minLength: 1, maxLength: MAX_PART_CHARS, description }));
}

export const TemplatesQuery = closed({
  name: part('name'),
  image: part('image'),
  recommended: Type.Optional(
    Type.Boolean({
      description:
        'Whether the marketplace recommends it. Only those are listed; any other is found by its hash.',
    }),
  ),
  use_ssh: Type.Optional(Type.Boolean({ description: 'Whether it is made for logins.' })),
});

export const TemplateParams = closed({
  hash_id: Type.String({ description: 'The content hash, which each edit changes.' }),
});

const DISK = Type.Optional(Type.Number({ description: 'GB of disk that its author recommends.' }));

export const TemplateAnswer = closed(
  {
    id: Type.Integer({ description: "The marketplace's number, which stays when it is edited." }),
    hash_id: Type.String({
      description: 'Hash of the content, which each edit changes: what launches name.',
    }),
    name: Type.String({ description: 'As its author called it.' }),
    image: Type.String({ description: 'Docker image, without its tag.' }),
    tag: Type.Optional(Type.String({ description: "The image's tag." })),
    env: Type.Optional(Type.String({ description: 'Docker flags: variables and ports.' })),
    onstart: Type.Optional(Type.String({ description: 'Shell that each start of it runs.' })),
    runtype: Type.Optional(
      Type.String({ description: 'How it is started when it is launched elsewhere than here.' }),
    ),
    use_ssh: Type.Boolean({ description: 'Whether it is made for logins.' }),
    ssh_direct: Type.Optional(Type.Boolean({ description: 'Whether logins go without a proxy.' })),
    recommended: Type.Boolean({ description: 'Whether the marketplace recommends it.' }),
    recommended_disk_space: DISK,
    extra_filters: Type.Optional(
      Type.String({
        description:
          "What it asks of an offer, as JSON text in the marketplace's own names and units; as it was written, which may be empty, `null` or malformed.",
      }),
    ),
    creator_id: Type.Optional(Type.Integer({ description: "The author's number." })),
    created_at: Type.Optional(Type.String({ description: 'RFC 3339, UTC.' })),
    count_created: Type.Optional(
      Type.Integer({ description: 'How many machines were ever made from it.' }),
    ),
  },
  { title: 'Template' },
);

export const TemplatesAnswer = closed({
  templates: Type.Array(TemplateAnswer, { description: "In the marketplace's own order." }),
  count: Type.Integer({ description: 'How many these are.' }),
});

const CompatibleTemplate = closed({
  hash_id: Type.String({ description: 'What launches name.' }),
  name: Type.String({ description: 'As its author called it.' }),
  image: Type.String({ description: 'Docker image, without its tag.' }),
  recommended_disk_space: DISK,
});

export const CompatibleTemplatesAnswer = closed({
  offer_id: Type.String({ description: 'The offer that was asked about.' }),
  compatible_templates: Type.Array(CompatibleTemplate, {
    description: 'Recommended templates whose every filter the offer satisfies.',
  }),
  count: Type.Integer({ description: 'How many these are.' }),
  note: Type.Optional(Type.String({ description: 'Why there are none, where that is so.' })),
});
