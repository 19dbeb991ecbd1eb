/** The outbox: e-mails, SMS and pushes that nothing was configured for, as a mail catcher shows them. */
import { listDefault, listMax } from './limits.ts';
import { json, type Page, PageRefusal, type PageRequest, readLimit, readQuery } from './page.ts';

/** The outbox as the page needs it; SNS keeps it. */
export interface OutboxContents {
  list(search: OutboxSearch): Promise<OutboxPage>;
  /** Gives how many there were. */
  clear(): Promise<number>;
}

interface OutboxSearch {
  readonly after?: string | undefined;
  readonly limit: number;
  readonly protocol?: string | undefined;
  readonly to?: string | undefined;
}

interface OutboxPage {
  readonly entries: readonly OutboxEntry[];
  readonly next?: string;
  readonly dropped: number;
}

interface OutboxEntry {
  readonly id: string;
  readonly keptAt: number;
  readonly text: string;
}

export function outboxPages(outbox: OutboxContents): Page[] {
  return [
    {
      path: /^\/_posthorn\/outbox$/,
      methods: {
        GET: (request) => listOutbox(outbox, request),
        DELETE: async () => json({ removed: await outbox.clear() }),
      },
    },
  ];
}

/** The newest first. */
async function listOutbox(outbox: OutboxContents, { query }: PageRequest) {
  const { limit, next: after, protocol, to } = readQuery(query, ['protocol', 'to', 'limit', 'next']);
  if (after !== undefined && !/^\d{1,20}$/.test(after)) {
    throw new PageRefusal(400, `next is "${after}", but must be the next of the answer before.`);
  }
  const { entries, ...rest } = await outbox.list({
    after,
    protocol,
    to,
    limit: readLimit(limit, listDefault, listMax),
  });
  return json({ entries: entries.map(present), ...rest });
}

/** With the links in its text, so that a test can confirm a subscription without reading a mail. */
function present({ id, keptAt, ...entry }: OutboxEntry): object {
  const links = entry.text.match(/https?:\/\/[^\s"<>\\]+/g) ?? [];
  return { id, keptAt: new Date(keptAt).toISOString(), ...entry, ...(links.length > 0 && { links }) };
}
