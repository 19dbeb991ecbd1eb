/** The program of a process at the edge; `edge/edgePool.ts` starts it. */
import { setUpCollector } from './collector.ts';
import { keepCompiledCode } from './compileCache.ts';

keepCompiledCode();
const { runEdgeProcess } = await import('./edge/edgeProcess.ts');
runEdgeProcess(setUpCollector);
