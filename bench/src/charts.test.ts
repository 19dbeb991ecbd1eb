import { expect, test } from 'vitest';
import { charts } from './charts.ts';
import type { Report } from './report.ts';
import { matrixSection, processesSections } from './reportMatrix.ts';
import type { Measurement } from './scenarios/scenario.ts';

function rate(messagesPerSecond: number, more: Partial<Measurement> = {}): Measurement {
  return {
    ...{ kind: 'rate', messagesPerSecond, generatorShare: 0.2, serverShare: 1, samples: 0 },
    ...{ p50Milliseconds: undefined, p99Milliseconds: undefined },
    ...more,
  };
}

const rates: Readonly<Record<string, readonly number[]>> = {
  posthorn: [200, 300, 250],
  floor: [400, 400, 500],
  slow: [50, 60, 70],
  quick: [100, 100, 100],
  stored: [900, 900, 900],
};

const report: Report = {
  finishedAt: '2026-01-02T03:04:05.000Z',
  machine: {
    ...{ processor: 'p', cores: 2, memoryGibibytes: 4, platform: 'linux', node: 'v20', loadBefore: 0 },
    ...{ syncMedianMilliseconds: 0.2, syncP99Milliseconds: 1 },
  },
  settings: { rounds: 3, timing: { seconds: 1, warmUpSeconds: 1 }, generators: 1 },
  servers: Object.keys(rates).map((name) => ({
    ...{ name, title: `<${name}>`, note: 'n', inMemory: name === 'slow' || name === 'quick' },
  })),
  unavailable: [],
  calibration: [],
  matrix: [{ name: 'send-64', operation: 'send', connections: 64 }],
  runs: Object.entries(rates).flatMap(([server, found]) =>
    found.map((one, index) => ({ scenario: 'send-64', server, round: index + 1, measurement: rate(one) })),
  ),
  curves: [
    {
      ...{ scenario: 'half-peak', server: 'posthorn' },
      points: [
        { percentile: 0, milliseconds: 0.4 },
        { percentile: 99, milliseconds: 7 },
      ],
    },
  ],
  backlog: [],
  fifoBacklog: [],
};

function rowOf(lines: readonly string[], start: string): string[] {
  const line = lines.find((one) => one.startsWith(`| ${start}`)) ?? '';
  return line.split('|').map((cell) => cell.trim());
}

test("ratios are to the fastest that keeps everything in memory, round by round, not to a rival's disk", () => {
  const [, row, own, ofFloor, ofRival, rival] = rowOf(matrixSection(report), 'send-64');
  expect(row).toBe('send-64');
  expect(own).toBe('250 (200 to 300)');
  expect(ofFloor).toBe('0.50 (0.50 to 0.75)');
  expect(ofRival).toBe('2.50 (2.00 to 3.00)');
  expect(rival).toBe('100 (<quick>)');
});

test('a rival that failed in a round is no rival of that row, and says why', () => {
  const failed = { scenario: 'send-64', server: 'quick', round: 4, failure: 'wrong MD5' };
  const lines = matrixSection({ ...report, runs: [...report.runs, failed] });
  expect(rowOf(lines, 'send-64').at(-2)).toBe('60 (<slow>)');
  expect(rowOf(lines, '64 | <quick>').at(3)).toBe('FAILED in round 4: wrong MD5');
});

test('a generator that has no core to spare is named as the limit', () => {
  const busy = { scenario: 'send-64', server: 'floor', round: 4, measurement: rate(400, { generatorShare: 0.97 }) };
  expect(rowOf(matrixSection({ ...report, runs: [busy] }), '64 | <floor>').at(-2)).toBe('**0.97: the limit**');
});

test('threads are held against one thread, and each process has its processor time', () => {
  const servers = [1, 2].map((count) => {
    return { name: `posthorn-threads-${count}`, title: `${count} threads`, note: 'n', inMemory: false };
  });
  const runs = servers.map(({ name }, index) => {
    const measurement = rate(100 * (index + 1), index === 0 ? {} : { processShares: [0.75, 0.5] });
    return { scenario: 'send-64', server: name, round: 1, measurement };
  });
  const line = rowOf(processesSections({ ...report, servers, runs }), 'send-64 | 2 threads');
  expect(line.slice(3, 5)).toEqual(['200', '2.00']);
  expect(line.at(-2)).toBe('0.75 + 0.50');
});

test("a report's JSON is enough to draw the same charts", () => {
  const drawn = charts(report);
  expect(drawn.map(({ name }) => name)).toEqual(['rates', 'latency-half-peak']);
  expect(charts(JSON.parse(JSON.stringify(report)) as Report)).toEqual(drawn);
});

test('the charts are well-formed: every element is closed, every title escaped, every coordinate a number', () => {
  for (const { svg } of charts(report)) {
    const open: string[] = [];
    for (const [, isEnd, name = '', isWhole] of svg.matchAll(/<(\/?)(\w+)(?:\s+[\w-]+="[^"<>]*")*\s*(\/?)>/g)) {
      if (isEnd) expect(open.pop()).toBe(name);
      else if (!isWhole) open.push(name);
    }
    expect(open).toEqual([]);
    expect(svg.match(/</g)).toHaveLength(svg.match(/<(?:\/?)(\w+)(?:\s+[\w-]+="[^"<>]*")*\s*\/?>/g)?.length ?? -1);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  }
});

test('bars are as high as their medians', () => {
  const heights = [
    ...(charts(report)[0]?.svg ?? '').matchAll(
      /<rect x="[^"]*" y="[^"]*" width="[^"]*" height="([\d.]+)" fill="(#\w+)"\/>/g,
    ),
  ];
  const ofServer = (colour: string): number => Number(heights.find(([, , fill]) => fill === colour)?.[1]);
  // Posthorn's 250 and the floor's 400, in the colours of their places.
  expect(ofServer('#0072b2') / ofServer('#56b4e9')).toBeCloseTo(250 / 400, 2);
});
