/** What large messages take at the edge, where they are the bytes of the request as far as JSON has them as they are. */
import { table } from '../table.ts';
import { type Call, receiveCall } from './calls.ts';
import type { EdgeStages } from './edgeStages.ts';

const megabyte = 1024 * 1024;
const stages = ['decode', 'operation', 'encode'] as const;

/** What bodies consist of. */
const texts = { ASCII: 'plain text ', 'beyond ASCII': 'žluťoučký kůň ', 'with quotes': '{"a":"b"} ' };

function repeated(text: string, bytes: number): string {
  return text.repeat(Math.floor(bytes / Buffer.byteLength(text)));
}

function callsOf(QueueUrl: string, text: string): readonly [name: string, call: Call, before: Call | undefined][] {
  const send = { operation: 'SendMessage', body: JSON.stringify({ QueueUrl, MessageBody: repeated(text, megabyte) }) };
  const MessageBody = repeated(text, 100_000);
  const Entries = Array.from({ length: 10 }, (_, index) => ({ Id: `entry-${index}`, MessageBody }));
  const batch = { operation: 'SendMessageBatch', body: JSON.stringify({ QueueUrl, Entries }) };
  return [
    ['SendMessage, 1 MiB', send, undefined],
    ['SendMessageBatch, 10 x 100 KB', batch, undefined],
    ['ReceiveMessage, 1 MiB', receiveCall(QueueUrl), send],
  ];
}

/** A table of microseconds. */
export async function measureLargeMessages(edge: EdgeStages, QueueUrl: string, seconds: number): Promise<string> {
  const rows: string[][] = [];
  for (const [kind, text] of Object.entries(texts)) {
    for (const [name, call, before] of callsOf(QueueUrl, text)) {
      const found = await edge.measureCall(call, seconds / 4, before);
      rows.push([`${name}, ${kind}`, ...stages.map((stage) => found[stage].toFixed(0))]);
    }
  }
  return table(['us', ...stages], rows).join('\n');
}
