import { logNumberOf } from '../../src/storage/embedded/commitLog.ts';
import type { Job, JobResult } from '../../src/storage/embedded/jobs.ts';
import { manifestName } from '../../src/storage/embedded/manifest.ts';
import { tableNumberOf } from '../../src/storage/embedded/table.ts';
import { hexOf, textOf } from './storeModel.ts';

/** A line of the transcript. */
export function describeJob(job: Job, result: JobResult): string {
  const namesOf = (tables: readonly { readonly number: number; readonly from?: Uint8Array | undefined }[]) =>
    tables
      .map(({ number, from }) => (from === undefined ? number : `${number} from ${hexOf(textOf(from))}`))
      .join(', ');
  const made = result.tables.map(
    ({ number, entries, tombstones }) => `${number} (${entries}, ${tombstones} tombstones)`,
  );
  if (job.kind === 'flush') return `flush of ${job.log} up to ${job.knownEnd}: ${made.join(', ')}`;
  const upTo = result.kind === 'merge' ? result.upTo : undefined;
  const end = upTo === undefined ? '' : `, up to ${hexOf(textOf(upTo))}`;
  return `merge of ${job.inputs.map(namesOf).join(' into ')}: ${made.join(', ')}${end}`;
}

/** Where the disk stopped, as it is counted. */
export function nameOfCut(operation: string, name: string, job: Job['kind'] | undefined): string {
  if (operation === 'remove') return 'a removal';
  if (tableNumberOf(name) !== undefined) return `a ${job}`;
  if (logNumberOf(name) !== undefined) return operation === 'write' ? 'a log write' : 'the making of a log';
  if (operation === 'syncDirectory') return 'a sync of the directory';
  if (!name.startsWith(manifestName)) return 'the ballast';
  return operation === 'rename' ? 'the renaming of the manifest' : 'the writing of the manifest';
}
