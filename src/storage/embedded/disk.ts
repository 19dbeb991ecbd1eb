/**
 * The disk, as the log store sees it: plain files of one directory. `nodeDisk.ts` is the real one, `simulatedDisk.ts` one
 * in memory that loses what a power cut may take.
 *
 * What a power cut leaves: bytes that were synced, under names that were made durable by `syncDirectory`. Everything else
 * may be there, be missing, or be there in part. A killed process loses nothing that was written.
 *
 * All failures are Node's errors with their `code` ('ENOSPC', 'EIO', 'ENOENT', ...). Names are plain file names.
 */
export interface Disk {
  /** Names of all files in the directory, in no particular order. */
  names(): Promise<string[]>;
  /** Reads are synchronous, so that a scan sees one moment. Throws if the file is not there. */
  openForReading(name: string): ReadFile;
  /** Makes the file, or empties it. */
  create(name: string): Promise<WriteFile>;
  /** Opens the file with what is in it, or makes it. */
  openLog(name: string): Promise<LogFile>;
  /** Takes the place of a file that has the new name, in one step. Files that are open stay so. */
  rename(from: string, to: string): Promise<void>;
  /** That there is no such file is fine. */
  remove(name: string): Promise<void>;
  /** Makes creations, renames and removals up to here survive a power cut. */
  syncDirectory(): Promise<void>;
}

/** A file as it is when it is read: one that is open sees what is written to it later. */
export interface ReadFile {
  /** Bytes in the file at opening. */
  readonly size: number;
  /** Fills `into` from the position on, and gives the count of bytes that were there: fewer than asked at the file's end only. */
  read(into: Uint8Array, position: number): number;
  close(): void;
}

/** A file that is written once from its start. One call at a time. */
export interface WriteFile {
  /** All bytes are written when it resolves, and durable after `sync`. When it rejects any part may have been written. */
  append(bytes: Uint8Array): Promise<void>;
  /** After it has rejected, nothing is known of what was appended, and to sync again proves nothing. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** A file whose every write is durable. One call at a time. */
export interface LogFile {
  /** Bytes in the file at opening. */
  readonly size: number;
  /**
   * Appends so many zeros: their space is taken when it resolves, and they are as durable as the writes in their place. When
   * it rejects some of them may be there.
   */
  extend(bytes: number): Promise<void>;
  /** The bytes are durable when it resolves. When it rejects any part of them may be there, now or after a power cut. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  close(): Promise<void>;
}
