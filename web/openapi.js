/**
 * Reads a description of an HTTP API (OpenAPI 3.1) for people: its operations, the fields of what goes in and
 * out, and a line for curl. It knows as much of the standard as this node writes.
 *
 * @typedef {{$ref?: string, type?: string | string[], enum?: (string | null)[], description?: string, items?: Schema,
 *   properties?: Record<string, Schema>, required?: string[], allOf?: Schema[], oneOf?: Schema[], example?: unknown,
 *   minLength?: number, maxLength?: number, minimum?: number, maximum?: number}} Schema
 * @typedef {{name: string, in: string, required?: boolean, description?: string, schema?: Schema}} Parameter
 * @typedef {{description?: string, content?: Record<string, {schema?: Schema}>}} Answer
 * @typedef {{tags?: string[], operationId?: string, summary?: string, description?: string, parameters?: Parameter[],
 *   requestBody?: {content?: Record<string, {schema?: Schema}>}, responses?: Record<string, Answer>}} Described
 * @typedef {{info: {title: string, version: string, description?: string}, servers?: {url: string}[],
 *   paths: Record<string, Record<string, Described>>, components?: {schemas?: Record<string, Schema>}}} Description
 * @typedef {{id: string, tag: string, method: string, path: string, title: string, about: string,
 *   parameters: Parameter[], body: Schema | null, answers: {status: string, about: string, schema: Schema | null}[]}} Operation
 * @typedef {{name: string, type: string, required: boolean, about: string, depth: number}} Field
 */

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** How deep fields are shown: a page of rooms with their stage and its publications. */
const MAX_DEPTH = 6;

/** All operations, in the order of the description. @param {Description} description @returns {Operation[]} */
export function operations(description) {
  return Object.entries(description.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => operation(path, method, /** @type {Described} */ (item[method]))));
}

/** @param {string} path @param {string} method @param {Described} described @returns {Operation} */
function operation(path, method, described) {
  const answers = Object.entries(described.responses ?? {}).sort(([a], [b]) => a.localeCompare(b));
  return {
    id: described.operationId ?? `${method}-${path}`,
    tag: described.tags?.[0] ?? '',
    method: method.toUpperCase(),
    path,
    title: described.summary ?? described.operationId ?? path,
    about: described.description ?? '',
    parameters: described.parameters ?? [],
    body: schemaOf(described.requestBody?.content),
    answers: answers.map(([status, answer]) => ({ status, about: answer.description ?? '', schema: schemaOf(answer.content) })),
  };
}

/** @param {Record<string, {schema?: Schema}> | undefined} content */
const schemaOf = (content) => content?.['application/json']?.schema ?? null;

/** The fields of a schema, those of its parts behind them. @param {Description} description @param {Schema} schema @returns {Field[]} */
export function fields(description, schema, depth = 0) {
  const { properties, required, items } = whole(description, schema);
  if (items) return fields(description, items, depth);
  if (depth > MAX_DEPTH) return [];
  return Object.entries(properties).flatMap(([name, property]) => {
    const part = whole(description, property);
    const about = property.description ?? part.description;
    const field = { name, type: part.type, required: required.has(name), about, depth };
    return [field, ...fields(description, property, depth + 1)];
  });
}

/** The name of a schema's type, for people. @param {Description} description @param {Schema} schema */
export const typeOf = (description, schema) => whole(description, schema).type;

/**
 * A schema with what it refers to.
 * @param {Description} description @param {Schema} schema
 * @returns {{type: string, description: string, items: Schema | null, properties: Record<string, Schema>, required: Set<string>}}
 */
function whole(description, schema) {
  const found = schema.$ref ? referred(description, schema.$ref) : schema;
  const parts = [...(found.allOf ?? []), ...(found.oneOf ?? []).filter((part) => part.type !== 'null')];
  const all = parts.map((part) => whole(description, part));
  const properties = Object.assign({}, ...all.map((part) => part.properties), found.properties);
  const required = new Set([...all.flatMap((part) => [...part.required]), ...(found.required ?? [])]);
  const type = named(description, found) || all.find((part) => part.type)?.type || '';
  return { type, description: found.description ?? '', items: found.items ?? null, properties, required };
}

/** @param {Description} description @param {string} ref @returns {Schema} */
const referred = (description, ref) => description.components?.schemas?.[ref.replace('#/components/schemas/', '')] ?? {};

/** @param {Description} description @param {Schema} schema @returns {string} */
function named(description, schema) {
  if (schema.enum) return schema.enum.filter((word) => word !== null).join(' | ');
  const type = [schema.type ?? []].flat().filter((name) => name !== 'null').join(' | ');
  if (type === 'array' && schema.items) return `list of ${typeOf(description, schema.items)}`;
  const bounds = [schema.minLength ?? schema.minimum, schema.maxLength ?? schema.maximum];
  if (bounds[1] === undefined) return type;
  return `${type}, ${bounds[0] ?? 0} to ${bounds[1]}${type === 'string' ? ' characters' : ''}`;
}

/** A line for a terminal. @param {Description} description @param {Operation} operation @param {string} origin */
export function curl(description, operation, origin) {
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name) => name.toUpperCase());
  const words = ['curl'];
  if (operation.method !== 'GET') words.push('-X', operation.method);
  words.push('-H', "'Authorization: Bearer KEY'");
  if (operation.body) {
    const body = JSON.stringify(example(description, operation.body));
    words.push('-H', "'Content-Type: application/json'", '-d', `'${body.replaceAll("'", "'\\''")}'`);
  }
  words.push(`'${origin}${description.servers?.[0]?.url ?? ''}${path}'`);
  return words.join(' ');
}

/** A value as it might be: of an object what is required, or its first field. @param {Description} description @param {Schema} schema @returns {unknown} */
export function example(description, schema) {
  const found = schema.$ref ? referred(description, schema.$ref) : schema;
  if (found.example !== undefined) return found.example;
  if (found.enum) return found.enum[0];
  const type = [found.type ?? []].flat()[0];
  if (type === 'boolean') return true;
  if (type === 'integer' || type === 'number') return found.minimum ?? 1;
  if (type === 'string') return 'text';
  if (type === 'array') return found.items ? [example(description, found.items)] : [];
  const { properties, required } = whole(description, found);
  const names = required.size ? [...required] : Object.keys(properties).slice(0, 1);
  return Object.fromEntries(names.map((name) => [name, example(description, properties[name] ?? {})]));
}
