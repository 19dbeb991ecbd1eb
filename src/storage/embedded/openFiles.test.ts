import { expect, test } from 'vitest';
import { OpenFiles } from './openFiles.ts';

test('closes what was read longest ago when too many are open, and opens it again', () => {
  const files = new OpenFiles(3);
  const events: string[] = [];
  const owners = new Map(['a', 'b', 'c', 'd', 'e'].map((name) => [name, { name }]));
  const use = (name: string) =>
    files.fileOf(owners.get(name) as object, () => {
      events.push(`+${name}`);
      return { size: 0, read: () => 0, close: () => events.push(`-${name}`) };
    });
  for (const name of ['a', 'b', 'c', 'a', 'a', 'd']) use(name);
  expect(events.splice(0)).toEqual(['+a', '+b', '+c', '-b', '+d']);
  expect(files.count).toBe(3);
  for (const name of ['c', 'a', 'b']) use(name);
  expect(events.splice(0)).toEqual(['-d', '+b']);
  files.close(owners.get('a') as object);
  files.close(owners.get('a') as object);
  expect(events.splice(0)).toEqual(['-a']);
  for (const name of ['e', 'a']) use(name);
  expect(events.splice(0)).toEqual(['+e', '-c', '+a']);
});

test('a file that can not be opened takes no place', () => {
  const files = new OpenFiles(1);
  const fail = () => {
    throw new Error('EMFILE');
  };
  expect(() => files.fileOf({}, fail)).toThrow('EMFILE');
  expect(files.count).toBe(0);
});
