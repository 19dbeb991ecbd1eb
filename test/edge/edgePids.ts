import { execFileSync } from 'node:child_process';

/** The processes at the edge that a server has started. */
export function edgePidsOf(pid: number): number[] {
  return edgeCommandsOf(pid).map((line) => Number(line.trim().split(/\s+/)[0]));
}

/** Their lines in the list of processes: ids, and how they were started. */
export function edgeCommandsOf(pid: number): string[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => Number(line.trim().split(/\s+/)[1]) === pid && line.includes('edge.js'));
}
