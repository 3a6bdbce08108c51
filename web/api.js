/** The page at `/api`: every operation of the HTTP API, read from the node's own description of it. */

import { h } from './dom.js';
import { curl, fields, operations, typeOf } from './openapi.js';

/** @typedef {import('./openapi.js').Description} Description */
/** @typedef {import('./openapi.js').Operation} Operation */
/** @typedef {import('./openapi.js').Schema} Schema */

const ADDRESS = '/api/v1/openapi.json';

/** @param {string} selector */
const place = (selector) => /** @type {HTMLElement} */ (document.querySelector(selector));

/** Reads the description and shows it, or says that it cannot. */
async function begin() {
  try {
    const answer = await fetch(ADDRESS);
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    show(await answer.json());
  } catch (error) {
    place('#state').textContent = `The description could not be read (${error instanceof Error ? error.message : error}). Load the page again.`;
  }
}

/** @param {Description} description */
function show(description) {
  /** @type {Map<string, Operation[]>} */
  const byTag = new Map();
  for (const operation of operations(description)) byTag.set(operation.tag, [...(byTag.get(operation.tag) ?? []), operation]);
  place('#contents').replaceChildren(...[...byTag].map(([tag, group]) => contents(tag, group)));
  const sections = [...byTag].map(([tag, group]) =>
    h('section', { id: anchor(tag) }, h('h2', {}, heading(tag)), ...group.map((operation) => card(description, operation))));
  place('#main').replaceChildren(head(description), ...sections);
  // The browser has looked for the place before it was there.
  if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
}

/** @param {Description} description */
function head({ info }) {
  return h('header', {},
    h('h1', {}, `${info.title} HTTP API`),
    h('p', { class: 'lead' }, info.description ?? ''),
    h('p', { class: 'hint' }, `Version ${info.version}. For programs: `, h('a', { href: ADDRESS }, ADDRESS), '.'));
}

/** @param {string} tag @param {Operation[]} group */
function contents(tag, group) {
  const links = group.map((operation) => h('li', {}, h('a', { href: `#${operation.id}` }, operation.title.replace(/\.$/, ''))));
  return h('div', {}, h('a', { class: 'tag', href: `#${anchor(tag)}` }, heading(tag)), h('ol', {}, ...links));
}

/** @param {Description} description @param {Operation} operation */
function card(description, operation) {
  const { id, method, path, title, about, parameters, body, answers } = operation;
  const rows = parameters.map((parameter) => ({
    name: parameter.name, type: typeOf(description, parameter.schema ?? {}), required: !!parameter.required,
    about: [PLACES[parameter.in], parameter.description].filter(Boolean).join(' '), depth: 0,
  }));
  return h('article', { id },
    h('h3', {}, h('span', { class: `method ${method.toLowerCase()}` }, method), h('code', {}, path)),
    h('p', {}, [title, about].filter(Boolean).join(' ')),
    table('Parameters', rows),
    body && table('Body', fields(description, body)),
    h('details', {}, h('summary', {}, 'Answers'), ...answers.map((answer) => answered(description, answer))),
    command(curl(description, operation, location.origin)));
}

/** @type {Record<string, string>} */
const PLACES = { path: 'In the path.', query: 'Behind the question mark.', header: 'A header.' };

/** @param {Description} description @param {Operation['answers'][number]} answer */
function answered(description, { status, about, schema }) {
  const good = status.startsWith('2');
  return h('div', { class: good ? 'answer good' : 'answer' },
    h('p', {}, h('code', {}, status), ` ${about}`),
    good && schema && table('', fields(description, schema)));
}

/** @param {string} caption @param {import('./openapi.js').Field[]} rows */
function table(caption, rows) {
  if (!rows.length) return null;
  const row = (/** @type {import('./openapi.js').Field} */ field) => h('tr', {},
    h('td', {}, h('code', { 'data-depth': Math.min(field.depth, 4) }, field.name), field.required && h('span', { class: 'required', title: 'required' }, ' *')),
    h('td', {}, field.type), h('td', {}, field.about));
  return h('div', { class: 'scroll', tabindex: '0' },
    h('table', {}, caption && h('caption', {}, caption), h('tbody', {}, ...rows.map(row))));
}

/** @param {string} line */
function command(line) {
  const button = h('button', { class: 'button small quiet', type: 'button' }, 'Copy');
  button.addEventListener('click', async () => {
    await navigator.clipboard?.writeText(line).catch(() => {});
    button.textContent = 'Copied';
  });
  return h('div', { class: 'command' }, h('pre', { tabindex: '0' }, line), button);
}

/** @param {string} tag */
const anchor = (tag) => `tag-${tag.replaceAll(' ', '-')}`;

/** @param {string} tag */
const heading = (tag) => tag.charAt(0).toUpperCase() + tag.slice(1);

await begin();
