import { createHash } from 'node:crypto';
import { isObject, type JsonObject, json, parseJson } from '../json.ts';
import type { SimReply } from '../model.ts';
import { badSearchKey, failure, invalidArgs, invalidBody } from './errors.ts';
import { type Columns, compareValues, type RowTest, readFilters } from './query-operators.ts';
import { TEMPLATE_TEXTS, type TemplateText } from './template-catalogue.ts';
import { readColumns } from './template-columns.ts';
import { type Read, type Row, read, refused } from './wire.ts';

export interface Templates {
  list(): readonly Row[];
  find(wanted: { readonly id: unknown; readonly hashId: unknown }): Row | undefined;
  /** The edited template; its hash is another one from then on. Undefined when no template has this hash. */
  edit(hashId: unknown, changes: JsonObject): Row | undefined;
  /** The new template, or the one there is already with the same content. */
  add(written: TemplateText): Row;
  /** False when no template has this number. */
  remove(id: unknown): boolean;
}

const FIRST_ID = 300_100;
const EDITABLE: readonly string[] = Object.keys(TEMPLATE_TEXTS[0] ?? {});
const RUNTYPES = ['ssh', 'jupyter', 'args'] as const;
const FILTERABLE = new Set([
  'id',
  'hash_id',
  'name',
  'image',
  'tag',
  'default_tag',
  'creator_id',
  'created_at',
  'count_created',
  'docker_login_repo',
  'jup_direct',
  'recent_create_date',
  'recommended',
  'recommended_disk_space',
  'ssh_direct',
  'use_ssh',
  'private',
]);

const TEMPLATE_COLUMNS: Columns = {
  find: (name) => (FILTERABLE.has(name) ? (row) => row[name] : undefined),
  unknown: 'refused',
  allows: () => true,
};

export function createTemplates(): Templates {
  const templates = new Map<number, Row>(
    TEMPLATE_TEXTS.map((written, index) => [
      FIRST_ID + index,
      templateRow(FIRST_ID + index, written),
    ]),
  );
  const byHash = (hashId: unknown): Row | undefined =>
    [...templates.values()].find((row) => row['hash_id'] === hashId);
  return {
    list: () => [...templates.values()],
    find: ({ id, hashId }) => (hashId === undefined ? templates.get(Number(id)) : byHash(hashId)),
    edit(hashId, changes) {
      const before = byHash(hashId);
      if (!before) return undefined;
      const kept = Object.entries(changes).filter(([field]) => EDITABLE.includes(field));
      const after = withHash({ ...before, ...Object.fromEntries(kept) });
      templates.set(Number(after['id']), after);
      return after;
    },
    add(written) {
      const id = Math.max(FIRST_ID - 1, ...templates.keys()) + 1;
      const made = templateRow(id, written);
      const twin = byHash(made['hash_id']);
      if (!twin) templates.set(id, made);
      return twin ?? made;
    },
    remove: (id) => typeof id === 'number' && templates.delete(id),
  };
}

/** `GET /api/v0/template/` (§15.1). There is no paging: all that match come at once. */
export function searchTemplates(templates: Templates, query: URLSearchParams): SimReply {
  const filters = readTemplateFilters(query.get('select_filters'));
  if (filters.kind === 'refused') return filters.reply;
  const orderBy = query.get('order_by') ?? 'id';
  if (!FILTERABLE.has(orderBy)) return badSearchKey(orderBy);
  const columns = readColumns(query.get('select_cols'));
  if (columns.kind === 'refused') return columns.reply;
  const rows = templates
    .list()
    .filter(filters.value)
    .sort((left, right) => compareValues(left[orderBy], right[orderBy]))
    .map(columns.value);
  return json(200, { success: true, templates_found: rows.length, templates: rows });
}

/** `PUT /api/v0/template/`: an edit by hash (§15.5). */
export function editTemplate(templates: Templates, body: JsonObject): SimReply {
  const edited = templates.edit(body['hash_id'], body);
  if (!edited) return unknown();
  return stored('Template updated', edited);
}

/** `POST /api/v0/template/` (§15.5): what is left out is empty, and identical content makes no second template. */
export function addTemplate(templates: Templates, body: JsonObject): SimReply {
  for (const field of ['name', 'image']) {
    if (typeof body[field] !== 'string' || body[field] === '') {
      return invalidArgs(`Invalid args: Template ${field} is required`);
    }
  }
  const text = (field: string): string => (typeof body[field] === 'string' ? body[field] : '');
  const runtype = RUNTYPES.find((one) => one === body['runtype']) ?? 'ssh';
  const disk = body['recommended_disk_space'];
  const added = templates.add({
    ...{ name: text('name'), image: text('image'), tag: text('tag'), env: text('env') },
    ...{
      onstart: text('onstart'),
      runtype,
      desc: text('desc'),
      extra_filters: text('extra_filters'),
    },
    ...{ recommended: false, private: body['private'] === true },
    recommended_disk_space: typeof disk === 'number' ? disk : 8,
  });
  return stored('Template created', added);
}

/** `DELETE /api/v0/template/` takes the number; a hash is refused. */
export function removeTemplate(templates: Templates, body: JsonObject): SimReply {
  const id = body['template_id'];
  if (typeof id !== 'number') return invalidArgs('Invalid args: template_id is required');
  return templates.remove(id) ? json(200, { success: true, msg: 'Template deleted' }) : unknown();
}

function stored(msg: string, { id, hash_id, name }: Row): SimReply {
  return json(200, { success: true, msg, template: { id, hash_id, name } });
}

function unknown(): SimReply {
  return failure(404, 'no_such_template', { msg: 'Template not found.' });
}

function readTemplateFilters(source: string | null): Read<RowTest> {
  if (source === null) return read(() => true);
  const filters = parseJson(source);
  return isObject(filters) ? readFilters(filters, TEMPLATE_COLUMNS) : refused(invalidBody());
}

function templateRow(id: number, written: TemplateText): Row {
  return withHash({
    id,
    ...written,
    default_tag: null,
    args_str: '',
    use_ssh: written.runtype !== 'args',
    ssh_direct: written.runtype !== 'args',
    jup_direct: written.runtype === 'jupyter',
    use_jupyter_lab: false,
    jupyter_dir: '/',
    docker_login_repo: null,
    readme: '',
    creator_id: 4_242,
    created_at: 1_769_000_000,
    recent_create_date: 1_790_000_000,
    count_created: id % 1_000,
  });
}

/** The hash is one of the content, so that an edit changes it and the number stays. */
function withHash(row: Row): Row {
  const content = EDITABLE.map((field) => [field, row[field]]);
  const hash = createHash('md5').update(JSON.stringify(content)).digest('hex');
  return { ...row, hash_id: hash };
}
