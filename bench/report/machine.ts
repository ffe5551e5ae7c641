// The machine that the figures belong to.
import { arch, cpus, type as osType, release, totalmem } from 'node:os';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly postgres: string;
}

export function describeMachine(postgres: string): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${osType()} ${release()} ${arch()}`,
    node: process.versions.node,
    postgres,
  };
}

export function machineLine({ cpu, cores, memoryGiB, system, node, postgres }: Machine): string {
  return `${cores} × ${cpu}, ${memoryGiB} GiB, ${system}; Node ${node}, PostgreSQL ${postgres} (embedded, fsync on)`;
}
