import { expect, test } from 'vitest';
import { cpuUsPerSecond, parseProcessTimes, readTreeCpuUs, treeCpuUs } from '../../bench/measure/cpu.ts';
import { parseCpuTimes, readCpuTimes, stealShare } from '../../bench/measure/steal.ts';

const stat = (pid: number, command: string, parent: number, times: string) =>
  `${pid} (${command}) S ${parent} 17 17 0 -1 4194560 1 2 3 4 ${times} 20 0 1 0 100 200 300\n`;

test('a process is read whatever its command is called', () => {
  expect(parseProcessTimes(stat(12, 'postgres', 7, '3 4 5 6'))).toEqual({
    pid: 12,
    parent: 7,
    ownUs: 70_000,
    endedChildrenUs: 110_000,
  });
  expect(parseProcessTimes(stat(12, 'a) S 99 (b', 7, '1 0 0 0'))?.parent).toBe(7);
  expect(parseProcessTimes('')).toBeNull();
});

test('a tree is the process, its children, and those that have ended', () => {
  const processes = [
    stat(7, 'postgres', 1, '1 1 10 10'),
    stat(12, 'postgres', 7, '2 0 0 0'),
    stat(13, 'postgres', 7, '0 3 0 0'),
    stat(14, 'node', 1, '500 0 0 0'),
  ].flatMap((text) => parseProcessTimes(text) ?? []);
  expect(treeCpuUs(7, processes)).toBe(270_000);
  expect(treeCpuUs(8, processes)).toBeNull();
});

test('CPU time is told for each second that passed', () => {
  expect(cpuUsPerSecond({ atMs: 1_000, cpuUs: 500 }, { atMs: 3_000, cpuUs: 10_500 })).toBe(5_000);
  expect(cpuUsPerSecond({ atMs: 1_000, cpuUs: 0 }, { atMs: 1_000, cpuUs: 9 })).toBe(0);
});

test('steal is its share of all time that passed', () => {
  const before = parseCpuTimes('cpu  100 0 100 700 0 0 0 100 50 0\ncpu0 1 2 3\n');
  const after = parseCpuTimes('cpu  150 0 120 720 0 0 0 110 80 0\ncpu0 1 2 3\n');
  expect(before).toEqual({ total: 1_000, steal: 100 });
  expect(stealShare(before, after)).toBeCloseTo(0.1);
  expect(stealShare(before, before)).toBe(0);
  expect(stealShare(null, after)).toBeNull();
  expect(parseCpuTimes('intr 1 2 3\n')).toBeNull();
});

test.runIf(process.platform === 'linux')('this machine says both', () => {
  expect(readCpuTimes()?.total).toBeGreaterThan(0);
  expect(readTreeCpuUs(process.pid)).toBeGreaterThan(0);
});
