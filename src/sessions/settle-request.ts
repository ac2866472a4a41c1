import { BrokerError } from '../domain/errors.ts';
import { type DiskNeed, diskNeedOf } from '../domain/model-disk.ts';
import type { Choice, SessionRequest } from '../domain/session.ts';
import type { Template } from '../domain/template.ts';
import type { Workload } from '../domain/workload.ts';
import { requireTemplate, templateMatch, withTemplate } from '../inventory/require-template.ts';
import type { Templates } from '../inventory/templates.ts';

/** What a consumer asks for, before the broker has looked up what it only names and settled what it leaves open. */
export interface SessionWish extends Omit<SessionRequest, 'diskGb'> {
  /** GB; undefined = what the workload needs. */
  readonly diskGb?: number;
  /** The template that the machine is to be made from. */
  readonly templateHashId?: string;
  /** The template that offers have to fit, whatever the machine is made from. */
  readonly filterTemplateHashId?: string;
}

/** Enough for an image and a small model. */
const USUAL_DISK_GB = 50;
/** More than this cannot be asked for, so no default goes beyond it. */
const MAX_DISK_GB = 10_000;

/** The request as it is stored. Rejects for a template that is not to be had and for a disk on which it cannot run. */
export async function settleRequest(
  templates: Templates,
  wish: SessionWish,
): Promise<SessionRequest> {
  const { templateHashId, filterTemplateHashId, diskGb, ...request } = wish;
  const template =
    templateHashId === undefined ? undefined : await requireTemplate(templates, templateHashId);
  return {
    ...request,
    choice: await settleChoice(templates, request.choice, filterTemplateHashId ?? templateHashId),
    workload: template ? madeFrom(request.workload, template) : request.workload,
    diskGb: settleDisk({ workload: request.workload, template, wantedGb: diskGb }),
  };
}

async function settleChoice(
  templates: Templates,
  choice: Choice,
  hashId: string | undefined,
): Promise<Choice> {
  if (choice.kind !== 'requirements') return choice;
  return { ...choice, filter: await withTemplate(templates, choice.filter, hashId) };
}

function madeFrom(workload: Workload, template: Template): Workload {
  if (workload.kind !== 'ssh') return workload;
  const { hashId, onStart } = template;
  const { conditions } = templateMatch(template);
  return {
    ...workload,
    template: {
      hashId,
      ...(onStart === undefined ? {} : { onStart }),
      ...(conditions.length === 0 ? {} : { conditions }),
    },
  };
}

interface DiskCase {
  readonly workload: Workload;
  readonly template: Template | undefined;
  readonly wantedGb: number | undefined;
}

/** The disk has to be settled before an offer is chosen: what an offer costs, and whether it fits, follow from it. */
function settleDisk({ workload, template, wantedGb }: DiskCase): number {
  const need = diskNeedOf(workload);
  const recommendedGb = Math.ceil(template?.recommendedDiskGb ?? 0);
  const requiredGb = Math.max(need?.requiredGb ?? 0, recommendedGb);
  const diskGb = wantedGb ?? defaultGb(need, recommendedGb);
  if (diskGb >= requiredGb) return diskGb;
  const what = need ? 'the model and its server need' : 'the template recommends';
  throw new BrokerError(
    'insufficient_disk',
    `${what} ${requiredGb} GB of disk, ${diskGb} GB ${wantedGb === undefined ? 'are the most that a session can have' : 'were asked for'}`,
    { requested_gb: diskGb, ...needDetails(need, requiredGb) },
  );
}

function defaultGb(need: DiskNeed | undefined, recommendedGb: number): number {
  const gb = Math.max(USUAL_DISK_GB, need?.comfortableGb ?? 0, recommendedGb);
  return Math.min(gb, MAX_DISK_GB);
}

/** The numbers behind a refusal for the sake of the disk. */
export function needDetails(
  need: DiskNeed | undefined,
  requiredGb: number | undefined = need?.requiredGb,
): Readonly<Record<string, number>> {
  return {
    ...(requiredGb === undefined ? {} : { required_gb: requiredGb }),
    ...(need ? { model_gb: need.modelGb, image_gb: need.imageGb } : {}),
  };
}
