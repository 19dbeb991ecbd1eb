/** The program of a process that owns a partition; `owners/ownerPool.ts` starts it. */
import { setUpCollector } from './collector.ts';
import { keepCompiledCode } from './compileCache.ts';

keepCompiledCode();
const { runOwnerProcess } = await import('./owners/ownerProcess.ts');
const { isEncrypted } = await import('./services/sqs/encryption.ts');
const { openEmbedded } = await import('./storage/embedded/open.ts');
const { JobThread } = await import('./storage/embedded/jobThread.ts');

runOwnerProcess({
  openStore: async (directory, onBackgroundFailure) => {
    const program = new URL('storeJobs.js', import.meta.url);
    const jobRunner = () => new JobThread(program, directory);
    const store = await openEmbedded(directory, { jobRunner, onBackgroundFailure });
    setUpCollector();
    return store;
  },
  isEncrypted: ({ managedEncryption: managed }, record) => isEncrypted({ managed }, record),
});
