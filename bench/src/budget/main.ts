/**
 * The budget: microseconds of processor time of each call by stage, into `docs/internals/performance.md`. `--large`: of large
 * messages at the edge, printed alone.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { table } from '../table.ts';
import { type CallName, callNames } from './calls.ts';
import { type EdgeStage, EdgeStages, url } from './edgeStages.ts';
import { measureLargeMessages } from './largeMessages.ts';
import { median } from './processorTime.ts';
import { measureQueue } from './queueStages.ts';
import { measureSockets, measureWhole } from './wholeServer.ts';

/** The program runs from bench/dist/budget. */
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const page = join(root, 'docs', 'internals', 'performance.md');
const markers = { start: '<!-- budget: start -->', end: '<!-- budget: end -->' };

const titles: Record<EdgeStage | 'sockets' | 'step' | 'commit' | 'rest' | 'whole' | 'others', string> = {
  sockets: 'read and write: the sockets',
  parse: 'parse',
  route: 'route',
  verify: 'verify',
  authorize: 'authorize',
  decode: 'decode',
  operation: 'operation',
  step: 'step and bookkeeping of the commit',
  commit: 'commit, main thread',
  encode: 'encode',
  head: 'head of the answer',
  rest: 'the rest: whole less all above',
  whole: '**whole, main thread**',
  others: 'store and all other threads',
};
type Row = keyof typeof titles;
type Column = Record<Row, number>;

async function measure(seconds: number, rounds: number, command: readonly string[], dataParent: string) {
  const stages = new EdgeStages();
  const messages = await stages.messages();
  const found: Record<CallName, Column>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    console.error(`round ${round + 1} of ${rounds}`);
    const step = await measureQueue(messages, seconds, undefined);
    const folder = mkdtempSync(join(dataParent, 'budget-store-'));
    const stored = await measureQueue(messages, seconds * 2, folder);
    rmSync(folder, { recursive: true, force: true });
    const whole = await measureWhole(command, dataParent, seconds);
    const columns = {} as Record<CallName, Column>;
    for (const name of callNames) {
      const edge = await stages.measure(name, seconds / 8);
      const sockets = await measureSockets(await stages.sizes(name), seconds);
      const inner = { step: step[name].main, commit: Math.max(0, stored[name].main - step[name].main) };
      const known = Object.values({ ...edge, ...inner, sockets }).reduce((sum, each) => sum + each, 0);
      const { main, others } = whole[name];
      columns[name] = { ...edge, ...inner, sockets, rest: main - known, whole: main, others };
    }
    found.push(columns);
  }
  return found;
}

function report(found: readonly Record<CallName, Column>[], seconds: number): string {
  const rows = (Object.keys(titles) as Row[]).map((row) => {
    const cells = callNames.map((name) => {
      const value = median(found.map((columns) => columns[name][row]));
      return value.toFixed(Math.abs(value) < 10 ? 1 : 0);
    });
    return [titles[row], ...cells];
  });
  const columns = ['us', 'SendMessage', 'SendMessageBatch(10)', 'ReceiveMessage(10)', 'DeleteMessageBatch(10)'];
  const date = new Date().toISOString().slice(0, 10);
  const machine = `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown'}, Node.js ${process.version}`;
  const note = `${date}, ${machine}; medians of ${found.length} rounds, ${seconds} s a measurement.`;
  return [...table(columns, rows), '', note].join('\n');
}

function publish(text: string): void {
  const before = readFileSync(page, 'utf8');
  const start = before.indexOf(markers.start);
  const end = before.indexOf(markers.end);
  if (start === -1 || end < start) throw new Error(`${page} has no place for the table: ${markers.start}`);
  const kept = [before.slice(0, start + markers.start.length), before.slice(end)];
  writeFileSync(page, kept.join(`\n\n${text}\n\n`));
}

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '3' },
    posthorn: { type: 'string', default: join(root, 'dist', 'main.js') },
    // On the repository's disk: the system's temporary folder is often in memory, where a sync costs nothing.
    'data-dir': { type: 'string', default: join(root, 'bench', 'data') },
    'dry-run': { type: 'boolean', default: false },
    large: { type: 'boolean', default: false },
  },
});
if (process.platform !== 'linux') throw new Error('the budget is measured on Linux, which tells time by thread');
mkdirSync(values['data-dir'], { recursive: true });
const command = [...values.posthorn.split(' '), 'start', '--log-level', 'fatal'];
const seconds = Number(values.seconds);
if (values.large) {
  console.log(await measureLargeMessages(new EdgeStages(), url, seconds));
} else {
  const text = report(await measure(seconds, Number(values.rounds), command, values['data-dir']), seconds);
  console.log(text);
  if (!values['dry-run']) publish(text);
}
