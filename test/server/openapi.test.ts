import { parse } from 'parse5';
import { describe, expect, test } from 'vitest';

import { problemKinds } from '../../src/server/problem.ts';
import { modelAnswer, problemAnswer, statusAnswer } from '../../src/server/response-schemas.ts';
import { fakeApp } from './fake-engine.ts';

interface OpenApi {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Record<
    string,
    Record<string, { readonly responses: Record<string, { description: string }> }>
  >;
  readonly components: { readonly schemas: Record<string, unknown> };
}

async function document(): Promise<OpenApi> {
  return (await fakeApp().app.request('/openapi.json')).json() as Promise<OpenApi>;
}

describe('the OpenAPI document', () => {
  test('has every route, and no other', async () => {
    const { app } = fakeApp();
    const described = Object.entries((await document()).paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const served = app.routes
      .filter(({ method, path }) => method !== 'ALL' && path !== '/*')
      .map(({ method, path }) => `${method} ${path}`);
    expect(described.sort()).toEqual([...new Set(served)].sort());
    expect(described.length).toBeGreaterThan(8);
  });

  test('is of version 3.1, and all it refers to is there', async () => {
    const api = await document();
    expect(api.openapi).toBe('3.1.0');
    expect(api.info.version).toMatch(/^\d+\.\d+\.\d+/);
    for (const methods of Object.values(api.paths))
      for (const { responses } of Object.values(methods))
        for (const [status, { description }] of Object.entries(responses)) {
          expect(status).toMatch(/^[2-5]\d\d$/);
          expect(description).not.toBe('');
        }
    const names = [...JSON.stringify(api).matchAll(/"\$ref":"([^"]+)"/g)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(5);
    for (const name of names) {
      const [, schema = ''] = /^#\/components\/schemas\/(\w+)$/.exec(name ?? '') ?? [];
      expect(Object.keys(api.components.schemas)).toContain(schema);
    }
    // Optional in 3.0, gone in 3.1.
    expect(JSON.stringify(api)).not.toContain('"nullable"');
  });

  test('says of answers what they are', async () => {
    const { app, post } = fakeApp();
    statusAnswer.parse(await (await app.request('/healthz')).json());
    statusAnswer.parse(await (await app.request('/readyz')).json());
    const model = modelAnswer.parse(await (await app.request('/v1/model')).json());
    expect(model.relations).toEqual([{ id: 'P17', name: 'country' }]);
    problemAnswer.parse(await (await app.request('/nowhere')).json());
    problemAnswer.parse(await (await post('/v1/extract', { document: 7 })).json());
  });
});

describe('the page of the API', () => {
  test('names every route and every problem, and asks nothing of other servers', async () => {
    const { app } = fakeApp();
    const response = await app.request('/docs');
    expect(response.headers.get('content-type')).toContain('text/html');
    const html = await response.text();
    expect(html).not.toMatch(/(https?:)?\/\/[a-z]/i);
    const found = { forms: [] as string[], ids: [] as string[], links: [] as string[] };
    const visit = (node: object): void => {
      const {
        attrs = [],
        childNodes = [],
        nodeName,
      } = node as {
        attrs?: { name: string; value: string }[];
        childNodes?: object[];
        nodeName: string;
      };
      const attributes = Object.fromEntries(attrs.map(({ name, value }) => [name, value]));
      if (nodeName === 'form') found.forms.push(`${attributes['data-method']} ${attributes['data-path']}`);
      if (attributes['id'] !== undefined) found.ids.push(attributes['id']);
      for (const name of ['src', 'href', 'action'])
        if (attributes[name] !== undefined) found.links.push(attributes[name]);
      for (const child of childNodes) visit(child);
    };
    visit(parse(html));
    const paths = Object.entries((await document()).paths);
    expect(found.forms.sort()).toEqual(
      paths
        .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`))
        .sort(),
    );
    for (const code of Object.keys(problemKinds)) expect(found.ids).toContain(code);
    expect(found.links.every((link) => link.startsWith('/'))).toBe(true);
  });
});
