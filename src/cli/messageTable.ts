/** Messages as lines of a table. */
import type { View } from './commandIo.ts';
import { count } from './progress.ts';
import { type Column, formatTable } from './table.ts';

export interface MessageRow {
  readonly messageId: string;
  /** Of a message that was looked at without receiving it. */
  readonly state?: string;
  /** Milliseconds since it was sent. */
  readonly age: number;
  readonly receiveCount: number;
  readonly groupId: string | undefined;
  readonly attributes: readonly string[];
  readonly body: string;
}

interface Cell extends Column {
  readonly read: (row: MessageRow) => string;
  /** Left out unless a message has it. */
  readonly isRare?: true;
}

const cells: readonly Cell[] = [
  { title: 'MESSAGE ID', minWidth: 10, read: ({ messageId }) => messageId },
  { title: 'STATE', isRare: true, read: ({ state = '' }) => state },
  { title: 'AGE', isNumber: true, read: ({ age }) => duration(age) },
  { title: 'RECEIVES', isNumber: true, read: ({ receiveCount }) => count(receiveCount) },
  { title: 'GROUP', minWidth: 8, isRare: true, read: ({ groupId = '' }) => groupId },
  { title: 'ATTRIBUTES', minWidth: 12, isRare: true, read: ({ attributes }) => attributes.join(' ') },
  { title: 'BODY', minWidth: 16, read: ({ body }) => body },
];

export function messageTable(rows: readonly MessageRow[], { columns: width }: View): string {
  const shown = cells.filter(({ isRare, read }) => isRare !== true || rows.some((row) => read(row) !== ''));
  return formatTable(
    shown,
    rows.map((row) => shown.map(({ read }) => read(row))),
    width,
  );
}

/** `name=value`; what is not text is shown as its type. */
export function attributeTexts(attributes: Readonly<Record<string, AttributeValue>> | undefined): string[] {
  return Object.entries(attributes ?? {}).map(
    ([name, { DataType, StringValue }]) => `${name}=${StringValue ?? `(${DataType})`}`,
  );
}

export interface AttributeValue {
  readonly DataType: string;
  readonly StringValue?: string;
}

const units: readonly (readonly [milliseconds: number, unit: string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1000, 's'],
];

/** `12s`, `5m`, `3h`, `2d`: the largest unit that there is at least two of, so that nothing is off by half. */
export function duration(milliseconds: number): string {
  const [size, unit] = units.find(([each]) => milliseconds >= 2 * each) ?? [1000, 's'];
  return `${Math.max(0, Math.floor(milliseconds / size))}${unit}`;
}
