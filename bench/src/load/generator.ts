import { closedLoop } from './closedLoop.ts';
import { Connection } from './connection.ts';
import type { GeneratorMessage, Job } from './job.ts';
import { pacedSend } from './pacedSend.ts';
import { publishBeside } from './publish.ts';
import { checkingPorts } from './requests.ts';
import { tenants } from './tenants.ts';
import { wakeUp } from './wakeUp.ts';
import { MeasuredWindow } from './window.ts';

/** The program of a generator process: one job at a time, told and answered through the parent's channel. */
function tell(message: GeneratorMessage): void {
  process.send?.(message);
}

async function run(job: Job): Promise<void> {
  if (job.signed === true) checkingPorts.add(job.port);
  const connections: Connection[] = [];
  try {
    for (let index = 0; index < job.connections; index++) connections.push(await Connection.open(job.port));
    const window = new MeasuredWindow(job, (kind) => tell({ kind }));
    const result = await window.around(async () => {
      if (job.kind === 'pacedSend') await pacedSend(job, window, connections);
      else if (job.kind === 'wakeUp') await wakeUp(job, window, connections);
      else if (job.kind === 'tenants') await tenants(job, window, connections);
      else if (job.kind === 'publishBeside') await publishBeside(job, window, connections);
      else await closedLoop(job, window, connections);
    });
    tell({ kind: 'done', result });
  } catch (error) {
    tell({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
  } finally {
    for (const connection of connections) connection.close();
  }
}

process.on('message', (job: Job) => void run(job));
process.on('disconnect', () => process.exit());
// An interrupt from the terminal reaches every process of the group; the parent decides what happens then.
process.on('SIGINT', () => {});
