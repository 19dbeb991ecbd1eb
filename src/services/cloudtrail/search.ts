/** Looking for records in the files, newest first, in pages that read a bounded part of them. */
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { lookupBytes } from './limits.ts';
import { type Line, linesBackwards } from './linesBackwards.ts';
import type { TrailRecord } from './record.ts';
import { beganAt, listFiles } from './trailFiles.ts';

export interface Wanted {
  readonly accountId: string;
  readonly region: string;
  /** Milliseconds; both included. */
  readonly from: number;
  readonly to: number;
  /** A text that stands in every line that is wanted: others need not be parsed. */
  readonly holds?: string;
  readonly matches: (record: TrailRecord) => boolean;
}

/** A place in the files: what lies before it has not been searched. */
export interface Place {
  readonly file: string;
  readonly end: number;
}

export interface FoundRecord {
  readonly record: TrailRecord;
  /** The line, as it was written. */
  readonly text: string;
}

export interface Page {
  readonly found: readonly FoundRecord[];
  /** Where to go on; absent when everything has been searched. */
  readonly next?: Place;
}

export async function searchBackwards(
  directory: string,
  wanted: Wanted,
  { max, after }: { readonly max: number; readonly after: Place | undefined },
): Promise<Page> {
  const found: FoundRecord[] = [];
  let bytesLeft = lookupBytes;
  for (const name of (await listFiles(directory)).reverse()) {
    if (after !== undefined && name > after.file) continue;
    // A file that was begun later holds nothing earlier.
    if (beganAt(name) > wanted.to + clockSlackMs) continue;
    const file = await openIfThere(join(directory, name));
    if (file === undefined) continue;
    try {
      const { size } = await file.stat();
      const end = name === after?.file ? Math.min(after.end, size) : size;
      for await (const line of linesBackwards(file, end)) {
        bytesLeft -= line.bytes.length;
        const record = parsed(line, wanted.holds);
        if (record !== undefined) {
          const time = Date.parse(record.eventTime);
          if (time < wanted.from - clockSlackMs) return { found };
          if (time >= wanted.from && time <= wanted.to && isWanted(record, wanted)) {
            found.push({ record, text: line.bytes.toString() });
          }
        }
        if (found.length === max || bytesLeft <= 0) return { found, next: { file: name, end: line.start } };
      }
    } finally {
      await file.close();
    }
  }
  return { found };
}

/** Clocks are put back by a bit now and then; lines are searched as if they could be that much out of order. */
const clockSlackMs = 60_000;

function isWanted(record: TrailRecord, { accountId, region, matches }: Wanted): boolean {
  const { recipientAccountId, awsRegion, managementEvent } = record;
  // The event history of CloudTrail has no data events.
  return managementEvent && recipientAccountId === accountId && awsRegion === region && matches(record);
}

/** Undefined for what a crash cut off, and for what can't be wanted. */
function parsed({ bytes }: Line, holds: string | undefined): TrailRecord | undefined {
  if (holds !== undefined && !bytes.includes(holds)) return undefined;
  try {
    const record = JSON.parse(bytes.toString()) as TrailRecord | null;
    return record !== null && typeof record === 'object' && typeof record.eventTime === 'string' ? record : undefined;
  } catch {
    return undefined;
  }
}

/** The oldest file may be removed at any time. */
async function openIfThere(path: string): Promise<FileHandle | undefined> {
  return open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}
