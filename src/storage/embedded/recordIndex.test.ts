import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nowhere, offsetOf, placeOf, RecordIndex } from './recordIndex.ts';

const keysAtMost = 2 ** 16;
const recordBytes = 8;

/** Two chunks with the same records in them, without values: one for every key of two bytes. */
const chunk = Buffer.alloc(keysAtMost * recordBytes);
for (let key = 0; key < keysAtMost; key += 1) {
  chunk.writeUInt16BE(2, key * recordBytes);
  chunk.writeUInt16BE(key, key * recordBytes + 6);
}
const chunks = [chunk, chunk];
const placeIn = (number: number, key: number) => placeOf(number, key * recordBytes);
const keyOf = (place: number) => offsetOf(place) / recordBytes;
const bytesOf = (key: number) => Buffer.of(key >>> 8, key & 0xff);

function placesFrom(index: RecordIndex, key: Buffer): number[] {
  const places: number[] = [];
  for (const cursor = index.cursor(key); cursor.place !== nowhere; cursor.next()) places.push(cursor.place);
  return places;
}

/** So many keys from `start` on, `step` apart: upwards, downwards, or here and there. */
const sweep = fc.record({
  how: fc.constantFrom('set', 'set', 'delete'),
  chunk: fc.nat({ max: 1 }),
  start: fc.nat({ max: keysAtMost - 1 }),
  step: fc.constantFrom(1, 1, -1, 2, 7_919),
  count: fc.oneof(fc.nat({ max: 5 }), fc.nat({ max: 2_000 })),
});

test('holds what a sorted map would, however many keys come in which order', () => {
  fc.assert(
    fc.property(fc.array(sweep, { maxLength: 12 }), (sweeps) => {
      const index = new RecordIndex(chunks);
      const model = new Map<number, number>();
      for (const { how, chunk: number, start, step, count } of sweeps) {
        for (let n = 0; n < count; n += 1) {
          const key = (start + n * step) & (keysAtMost - 1);
          const place = placeIn(number, key);
          const before = how === 'set' ? index.set(place) : index.delete(place);
          if (before !== (model.get(key) ?? nowhere)) throw new Error(`key ${key} was at ${before}`);
          if (how === 'set') model.set(key, place);
          else model.delete(key);
        }
      }
      const sorted = [...model].sort(([a], [b]) => a - b).map(([, place]) => place);
      expect(index.size).toBe(model.size);
      expect(placesFrom(index, Buffer.alloc(0))).toEqual(sorted);
      const asked = [...sweeps.flatMap(({ start }) => [start, start + 1]), keysAtMost - 1].map(
        (key) => key % keysAtMost,
      );
      for (const key of asked) {
        expect(index.find(bytesOf(key), 0, 2)).toBe(model.get(key) ?? nowhere);
        expect(placesFrom(index, bytesOf(key))[0]).toBe(sorted.find((place) => keyOf(place) >= key));
      }
    }),
    { numRuns: 100 },
  );
});
