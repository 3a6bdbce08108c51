import assert from 'node:assert/strict';
import { test } from 'node:test';

import { curl, example, fields, operations, typeOf } from '../openapi.js';

/** @type {import('../openapi.js').Description} */
const description = {
  info: { title: 'Roomcast', version: '1' },
  servers: [{ url: '/api/v1' }],
  paths: {
    '/rooms/{room}': {
      patch: {
        tags: ['rooms'],
        operationId: 'changeRoom',
        summary: 'Changes a room.',
        parameters: [{ name: 'room', in: 'path', required: true, schema: { type: 'string' } }],
        requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Change' } } } },
        responses: {
          404: { description: 'There is none' },
          200: { description: 'The room', content: { 'application/json': { schema: { $ref: '#/components/schemas/Room' } } } },
        },
      },
      get: { responses: {} },
    },
  },
  components: {
    schemas: {
      Change: { type: 'object', properties: { name: { type: ['string', 'null'], minLength: 1, maxLength: 64 }, kind: { type: ['string', 'null'], enum: ['live', 'call', null] } } },
      Room: {
        allOf: [
          { type: 'object', required: ['name'], properties: { name: { type: 'string', description: 'Its name' } } },
          { type: 'object', properties: { stage: { type: 'array', items: { $ref: '#/components/schemas/Member' } } } },
        ],
      },
      Member: { type: 'object', required: ['role'], properties: { role: { type: 'string', enum: ['host'] }, next: { $ref: '#/components/schemas/Member' } } },
    },
  },
};

test('operations are read in order, and their answers by status', () => {
  const [get, patch] = operations(description);
  assert.equal(get.method, 'GET');
  assert.equal(patch.id, 'changeRoom');
  assert.deepEqual(patch.answers.map((answer) => answer.status), ['200', '404']);
});

test('fields of parts stand behind the field that holds them, and a loop comes to an end', () => {
  const rows = fields(description, { $ref: '#/components/schemas/Room' });
  assert.deepEqual(rows.slice(0, 3).map(({ name, type, depth, required }) => [name, type, depth, required]), [
    ['name', 'string', 0, true],
    ['stage', 'list of object', 0, false],
    ['role', 'host', 1, true],
  ]);
  assert.ok(rows.length < 30);
});

test('a type is told with its bounds and without null', () => {
  const change = description.components?.schemas?.Change?.properties ?? {};
  assert.equal(typeOf(description, change.name), 'string, 1 to 64 characters');
  assert.equal(typeOf(description, change.kind), 'live | call');
});

test('the line for curl can be pasted', () => {
  const patch = operations(description)[1];
  assert.equal(
    curl(description, patch, 'https://node'),
    "curl -X PATCH -H 'Authorization: Bearer KEY' -H 'Content-Type: application/json' -d '{\"name\":\"text\"}' 'https://node/api/v1/rooms/ROOM'",
  );
  assert.deepEqual(example(description, { $ref: '#/components/schemas/Member' }), { role: 'host' });
});
