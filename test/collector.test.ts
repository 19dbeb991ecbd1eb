/** Each process of a server says how V8's collector is to work; which flags, and whether V8 knows them, is in `src/collector.test.ts`. */
import { once } from 'node:events';
import { readFileSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { markingFlag, threadsFlag } from '../src/collector.ts';
import { Fixture } from './crash/fixture.ts';

const crash = new Fixture();

/** Loaded before the program of each process: notes each flag that the process sets. */
const spy = `
  const { appendFileSync } = require('node:fs');
  const v8 = require('node:v8');
  const { setFlagsFromString } = v8;
  v8.setFlagsFromString = (flag) => {
    appendFileSync(process.env.NOTES, process.pid + ' ' + flag + '\\n');
    setFlagsFromString(flag);
  };
  require('node:module').syncBuiltinESMExports();
`;

// Windows has no processes at the edge.
test.skipIf(process.platform === 'win32')(
  'the first process, one at the edge and one that owns queues set the flags of the collector',
  async () => {
    const [program, notes] = [join(crash.root, 'spy.cjs'), join(crash.root, 'notes')];
    writeFileSync(program, spy);
    writeFileSync(notes, '');
    const watcher = watch(crash.root);
    const env = { NODE_OPTIONS: `--require ${JSON.stringify(program)}`, NOTES: notes };
    await crash.start(['--threads', '2', '--owners', '2'], { env }).endpoint();
    const noted = () => readFileSync(notes, 'utf8').split('\n').slice(0, -1);
    // The one at the edge may be ready later than the server is.
    while (noted().length < 6) await once(watcher, 'change');
    watcher.close();
    const pids = [...new Set(noted().map((line) => line.split(' ')[0]))];
    const expected = pids.flatMap((pid) => [`${pid} ${markingFlag}`, `${pid} ${threadsFlag}`]);
    expect(pids).toHaveLength(3);
    expect(noted().sort()).toEqual(expected.sort());
  },
);
