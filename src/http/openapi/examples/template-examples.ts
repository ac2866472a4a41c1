import type { Static } from '@sinclair/typebox';
import type { TemplateAnswer } from '../../schemas/template-schemas.ts';
import type { ExamplesOf } from './operation-examples.ts';

export const templateExamples: ExamplesOf = (provider) => {
  const template = templateExample();
  const { hash_id, name, image, recommended_disk_space } = template;
  const offerId = `${provider}-1282301`;
  return {
    listTemplates: {
      parameters: { name: 'pytorch' },
      answers: { 200: { templates: [template], count: 1 } },
    },
    getTemplate: { parameters: { hash_id }, answers: { 200: template } },
    listCompatibleTemplates: {
      parameters: { id: offerId },
      answers: {
        200: {
          offer_id: offerId,
          compatible_templates: [{ hash_id, name, image, recommended_disk_space }],
          count: 1,
        },
      },
    },
  };
};

function templateExample(): Static<typeof TemplateAnswer> {
  return {
    id: 300100,
    hash_id: '0a1b2c3d4e5f60718293a4b5c6d7e8f9',
    name: 'PyTorch',
    image: 'pytorch/pytorch',
    tag: '2.7.0-cuda12.8-cudnn9-runtime',
    env: '-p 8080:8080 -e JUPYTER_DIR=/workspace',
    onstart: 'entrypoint.sh',
    runtype: 'jupyter',
    use_ssh: true,
    ssh_direct: true,
    recommended: true,
    recommended_disk_space: 32,
    extra_filters: '{"cuda_max_good":{"gte":12.4},"compute_cap":{"gte":700}}',
    creator_id: 4242,
    created_at: '2026-01-21T12:53:20Z',
    count_created: 100,
  };
}
