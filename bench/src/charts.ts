import type { Report } from './report.ts';
import { connectionCounts, operations } from './scenarios/rows.ts';
import { type Spread, spread } from './statistics.ts';
import { document, element, marks, text } from './svg.ts';
import { integer } from './table.ts';

export type Chart = { readonly name: string; readonly svg: string };

/** Told apart in print and by most people who see colours differently (Okabe and Ito); servers have them by their order. */
const colours = ['#0072b2', '#56b4e9', '#999999', '#d55e00', '#e69f00', '#009e73', '#cc79a7', '#f0e442', '#000000'];
const panel = { width: 420, height: 230, left: 64, right: 24, top: 34, bottom: 38 };
const plot = {
  width: panel.width - panel.left - panel.right,
  height: panel.height - panel.top - panel.bottom,
  bottom: panel.height - panel.bottom,
};
const columnsOfPanels = 2;
const legendLine = 22;

type Named = { readonly name: string; readonly title: string };
type Coloured = Named & { readonly colour: string };

/** Drawn from the report alone, so its JSON is enough to draw them again. */
export function charts(report: Report): Chart[] {
  return [ratesChart(report), ...latencyCharts(report)].filter((chart) => chart !== undefined);
}

/** A panel for each operation, a group of bars for each number of connections, a bar for each server. */
function ratesChart(report: Report): Chart | undefined {
  const names = new Set(report.matrix.map((row) => row.name));
  const rates = (server: string, row: string): number[] =>
    report.runs
      .filter((run) => run.server === server && run.scenario === row && names.has(row))
      .flatMap((run) => run.measurement?.messagesPerSecond ?? []);
  const servers = coloured(
    report.servers.filter(
      ({ name }) => !name.includes('-threads-') && report.matrix.some((row) => rates(name, row.name).length > 0),
    ),
  );
  if (servers.length === 0) return undefined;
  const shown = operations.filter(({ name }) => report.matrix.some((row) => row.operation === name));
  const panels = shown.map(({ name, counted }) => {
    const groups = connectionCounts
      .filter((connections) => report.matrix.some((row) => row.operation === name && row.connections === connections))
      .map((connections) => ({
        title: String(connections),
        bars: servers.map((server) => {
          const found = rates(server.name, `${name}-${connections}`);
          return { colour: server.colour, value: found.length === 0 ? undefined : spread(found) };
        }),
      }));
    return barPanel(`${name}: ${counted}/s by connections`, groups);
  });
  return { name: 'rates', svg: sheet('Rates', servers, panels) };
}

type Group = {
  readonly title: string;
  readonly bars: readonly { readonly colour: string; readonly value: Spread | undefined }[];
};

/** Bars are medians; the line on each goes from the least to the most of the rounds. */
function barPanel(title: string, groups: readonly Group[]): string {
  const values = groups.flatMap((group) => group.bars.flatMap(({ value }) => value ?? []));
  const levels = marks(Math.max(0, ...values.map(({ max }) => max)));
  const top = levels.at(-1) ?? 1;
  const y = (value: number): number => plot.bottom - (value / top) * plot.height;
  const groupWidth = plot.width / groups.length;
  const drawn = groups.flatMap((group, index) => {
    const left = panel.left + index * groupWidth + groupWidth * 0.1;
    const width = (groupWidth * 0.8) / group.bars.length;
    const bars = group.bars.flatMap(({ colour, value }, place) => {
      if (value === undefined) return [];
      const x = left + place * width;
      const middle = x + width / 2;
      return [
        element('rect', {
          x,
          y: y(value.median),
          width: width * 0.9,
          height: plot.bottom - y(value.median),
          fill: colour,
        }),
        element('line', { x1: middle, x2: middle, y1: y(value.min), y2: y(value.max), stroke: '#222' }),
      ];
    });
    const middle = panel.left + (index + 0.5) * groupWidth;
    return [...bars, text(middle, plot.bottom + 16, group.title, { 'text-anchor': 'middle' })];
  });
  return [
    ...axis(
      title,
      levels.map((level) => ({ at: y(level), words: integer(level) })),
    ),
    ...drawn,
  ].join('\n');
}

function latencyCharts({ curves, servers }: Report): Chart[] {
  const scenarios = [...new Set(curves.map((curve) => curve.scenario))];
  const all = coloured(servers);
  return scenarios.flatMap((scenario) => {
    const found = curves.filter((curve) => curve.scenario === scenario && curve.points.length > 0);
    const shown = all.filter(({ name }) => found.some((curve) => curve.server === name));
    if (shown.length === 0) return [];
    const lines = shown.map(({ name, colour }) => ({
      colour,
      points: found.find((curve) => curve.server === name)?.points ?? [],
    }));
    const title = `Latency (${scenario}): ms by percentile`;
    return { name: `latency-${scenario}`, svg: sheet(title, shown, [linePanel(title, lines)]) };
  });
}

type Line = {
  readonly colour: string;
  readonly points: readonly { readonly percentile: number; readonly milliseconds: number }[];
};

/** Each step to the right is ten times nearer to 100 %, each step up ten times as long. */
function linePanel(title: string, lines: readonly Line[]): string {
  const points = lines.flatMap((line) => line.points);
  const nines = (percentile: number): number => -Math.log10(1 - percentile / 100);
  const rightmost = Math.max(1, ...points.map(({ percentile }) => nines(percentile)));
  const x = (percentile: number): number => panel.left + (nines(percentile) / rightmost) * plot.width;
  const decades = points.map(({ milliseconds }) => Math.log10(milliseconds));
  const lowest = Math.floor(Math.min(...decades));
  const highest = Math.max(lowest + 1, Math.ceil(Math.max(...decades)));
  const y = (milliseconds: number): number =>
    plot.bottom - ((Math.log10(milliseconds) - lowest) / (highest - lowest)) * plot.height;
  const levels = Array.from({ length: highest - lowest + 1 }, (_, index) => 10 ** (lowest + index));
  const ticks = [0, 50, 90, 99, 99.9, 99.99, 99.999].filter((percentile) => nines(percentile) <= rightmost + 1e-9);
  return [
    ...axis(
      title,
      levels.map((level) => ({ at: y(level), words: String(Number(level.toPrecision(1))) })),
    ),
    ...ticks.map((percentile) => text(x(percentile), plot.bottom + 16, `${percentile}`, { 'text-anchor': 'middle' })),
    ...lines.map(({ colour, points: own }) =>
      element('polyline', {
        points: own.map((one) => `${x(one.percentile).toFixed(1)},${y(one.milliseconds).toFixed(1)}`).join(' '),
        ...{ fill: 'none', stroke: colour, 'stroke-width': 2 },
      }),
    ),
  ].join('\n');
}

function axis(title: string, levels: readonly { readonly at: number; readonly words: string }[]): string[] {
  const right = panel.width - panel.right;
  return [
    text(panel.left, 20, title, { 'font-weight': 'bold' }),
    ...levels.flatMap(({ at, words }) => [
      element('line', { x1: panel.left, x2: right, y1: at, y2: at, stroke: '#ddd' }),
      text(panel.left - 6, at + 4, words, { 'text-anchor': 'end' }),
    ]),
  ];
}

/** Panels side by side, and below them which colour is whose. */
function sheet(title: string, servers: readonly Coloured[], panels: readonly string[]): string {
  const columns = Math.min(columnsOfPanels, panels.length);
  const below = Math.ceil(panels.length / columns) * panel.height;
  const placed = panels.map((one, index) => {
    const x = (index % columns) * panel.width;
    const y = Math.floor(index / columns) * panel.height;
    return element('g', { transform: `translate(${x} ${y})` }, `\n${one}\n`);
  });
  const legend = servers.flatMap((server, index) => {
    const x = panel.left + (index % columns) * panel.width;
    const y = below + Math.floor(index / columns) * legendLine;
    return [element('rect', { x, y, width: 12, height: 12, fill: server.colour }), text(x + 18, y + 11, server.title)];
  });
  const height = below + Math.ceil(servers.length / columns) * legendLine + 8;
  return document(columns * panel.width, height, title, [...placed, ...legend]);
}

function coloured(servers: readonly Named[]): Coloured[] {
  return servers.map(({ name, title }, index) => ({ name, title, colour: colours[index % colours.length] ?? '#000' }));
}
