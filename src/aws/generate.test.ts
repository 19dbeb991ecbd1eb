import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServiceContract } from './contract.ts';
import { sqs } from './generated/sqs.ts';

const script = fileURLToPath(new URL('../../scripts/generate.mjs', import.meta.url));
const fixtures = fileURLToPath(new URL('./fixtures', import.meta.url));
let folder: string;
let source: string;
let parcel: ServiceContract;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'posthorn-generate-'));
  execFileSync(process.execPath, [script, fixtures, folder, 'parcel']);
  source = readFileSync(join(folder, 'parcel.ts'), 'utf8');
  parcel = (await import(pathToFileURL(join(folder, 'parcel.ts')).href)).parcel;
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the generated contract', () => {
  it('keeps what every protocol needs', () => {
    expect(parcel.service).toBe('parcel');
    expect(parcel.shapeNamespace).toBe('com.amazonaws.parcelpost');
    expect(parcel.protocols).toEqual(['rest-json', 'json', 'query']);
    expect(parcel.operations.SendParcel).toEqual({
      http: ['POST', '/parcels', 202],
      input: 'SendParcelRequest',
      errors: [],
    });
    expect(parcel.operations.TrackParcels).toEqual({
      http: ['GET', '/parcels/{Depot}'],
      input: 'TrackParcelsRequest',
      output: 'TrackParcelsResponse',
      resultWrapper: 'TrackParcelsResult',
      errors: ['DepotNotFound', 'DepotOnFire'],
      paginator: { inputToken: 'NextToken', outputToken: 'NextToken', limitKey: 'Limit', resultKey: 'Parcels' },
    });
  });

  it('keeps where members travel, and how', () => {
    const request = parcel.shapes.TrackParcelsRequest;
    expect(request).toMatchObject({
      required: ['Depot'],
      members: {
        Depot: { location: 'uri' },
        Limit: { location: 'querystring', locationName: 'limit' },
        Since: { location: 'header', locationName: 'x-since', timestampFormat: 'rfc822' },
      },
    });
    expect(parcel.shapes.TrackParcelsResponse).toMatchObject({ payload: 'Raw' });
    expect(parcel.shapes.SendParcelRequest).toMatchObject({ members: { Token: { idempotencyToken: true } } });
    expect(parcel.shapes.Contents).toMatchObject({ union: true });
    expect(parcel.shapes.Bytes).toEqual({ type: 'blob', streaming: true });
    expect(parcel.shapes.DepotName).toEqual({ type: 'string', min: 1, max: 20, pattern: '[\\w\u00e9-]+' });
    expect(parcel.shapes.DepotNotFound).toMatchObject({
      error: { code: 'Depot.NotFound', httpStatus: 404, senderFault: true },
    });
    expect(parcel.shapes.DepotOnFire).toMatchObject({ error: { httpStatus: 500, senderFault: false } });
  });

  it('drops documentation and what no operation reaches', () => {
    expect(source).not.toMatch(/must not be copied|Nor this/);
    expect(parcel.shapes.Unused).toBeUndefined();
  });

  it('is ASCII, and the same bytes every time', () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: everything but ASCII is what it looks for.
    expect(source).not.toMatch(/[^\u0000-\u007f]/);
    execFileSync(process.execPath, [script, fixtures, folder, 'parcel']);
    expect(readFileSync(join(folder, 'parcel.ts'), 'utf8')).toBe(source);
  });
});

describe('the generated types', () => {
  it('describe inputs and outputs', () => {
    expect(source).toContain('export interface Parcel {\n  readonly Weight: number;');
    expect(source).toContain('readonly Nested?: Parcel | undefined;');
    expect(source).toContain('readonly Parcels?: readonly Parcel[] | undefined;');
    expect(source).toContain('readonly Labels?: { readonly [key: string]: string } | undefined;');
    expect(source).toContain('readonly Goods?: Uint8Array | undefined;');
    expect(source).toContain("export type Color = 'red' | 'it\\'s-green';");
  });

  it('map operations to them', () => {
    expect(source).toContain('export interface ParcelOperations {');
    expect(source).toContain('  TrackParcels: { input: TrackParcelsRequest; output: TrackParcelsResponse };');
    expect(source).toContain('  SendParcel: { input: SendParcelRequest; output: void };');
  });
});

describe('the contract of SQS', () => {
  it('has the names of the Query protocol back', () => {
    expect(sqs.shapes.SendMessageBatchRequest).toMatchObject({
      members: { Entries: { locationName: 'SendMessageBatchRequestEntry' } },
    });
    expect(sqs.shapes.TagMap).toMatchObject({ key: { locationName: 'Key' }, value: { locationName: 'Value' } });
    expect(sqs.protocols).toEqual(['json', 'query']);
    expect(sqs.xmlNamespace).toBe('http://queue.amazonaws.com/doc/2012-11-05/');
  });

  it('names every flattened list and map of a structure', () => {
    const unnamed = [];
    for (const [name, shape] of Object.entries(sqs.shapes)) {
      if (shape.type !== 'structure') continue;
      for (const [memberName, member] of Object.entries(shape.members)) {
        const target = sqs.shapes[member.shape];
        const holds = target?.type === 'list' || target?.type === 'map';
        if (holds && member.locationName === undefined) unnamed.push(`${name}.${memberName}`);
      }
    }
    expect(unnamed).toEqual([]);
  });
});
