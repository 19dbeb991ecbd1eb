/** The program of a process that owns a partition; `owners/ownerPool.ts` starts it. */
import { keepCompiledCode } from './compileCache.ts';

keepCompiledCode();
const { runOwnerProcess } = await import('./owners/ownerProcess.ts');
const { isEncrypted } = await import('./services/sqs/encryption.ts');
const { openEmbedded } = await import('./storage/embedded/open.ts');
const { JobThread } = await import('./storage/embedded/jobThread.ts');

runOwnerProcess({
  openStore: (directory, onBackgroundFailure) => {
    const program = new URL('storeJobs.js', import.meta.url);
    return openEmbedded(directory, { jobRunner: () => new JobThread(program, directory), onBackgroundFailure });
  },
  isEncrypted: ({ managedEncryption: managed }, record) => isEncrypted({ managed }, record),
});
