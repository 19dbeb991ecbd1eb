/** Numbers that a server shows at `/metrics`. */
import type { SqsClient } from './sqsClient.ts';

export async function gauge(client: SqsClient, name: string): Promise<number> {
  const { text } = await client.get('/metrics');
  const [, value] = new RegExp(`^${name} (\\d+)$`, 'm').exec(text) ?? [];
  if (value === undefined) throw new Error(`the metrics do not have ${name}`);
  return Number(value);
}

/** Resolves when nothing is on its way between processes; what has left one queue is in the other then. */
export async function lettersTaken(client: SqsClient): Promise<void> {
  while ((await gauge(client, 'posthorn_letters_waiting')) > 0);
}
