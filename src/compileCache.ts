import nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * Where Node can (22.1), the next start needs not compile again. In the program's own folder: whoever may write there may
 * write the program itself, which can't be said of the folder for temporary files. Where nobody may, nothing is kept.
 */
export function keepCompiledCode(): void {
  const { enableCompileCache } = nodeModule as { enableCompileCache?: (folder: string) => unknown };
  enableCompileCache?.(fileURLToPath(new URL('.compileCache', import.meta.url)));
}

/** Keeps what has been compiled so far, where Node can (22.10), rather than at the process's end. */
export function storeCompiledCode(): void {
  const { flushCompileCache } = nodeModule as { flushCompileCache?: () => unknown };
  flushCompileCache?.();
}
