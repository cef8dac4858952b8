// The processes in which steps of this test read large JSON: what Linux knows of them.
import { readdirSync, readFileSync } from 'node:fs';

export interface JsonProcess {
  readonly pid: number;
  /** Of the task that started it. */
  readonly taskPid: number;
  readonly commandLine: string;
  readonly environment: string;
}

/** Those of the steps that this process runs; none on other systems. */
export function findJsonProcesses(): readonly JsonProcess[] {
  return process.platform === 'linux' ? readdirSync('/proc').flatMap(describe_) : [];
}

/** The most memory that a process has used, in MiB; nothing if it has ended. */
export function readPeakMiB(pid: number): number {
  const [, peak = '0'] = /VmHWM:\s+(\d+) kB/.exec(read(pid, 'status')) ?? [];
  return Number(peak) / 1024;
}

export function isRunning(pid: number): boolean {
  return read(pid, 'cmdline') !== '';
}

function describe_(name: string): readonly JsonProcess[] {
  const pid = Number(name);
  const commandLine = Number.isInteger(pid) ? read(pid, 'cmdline') : '';
  const taskPid = commandLine.includes('json-process.js') ? findParent(pid) : 0;
  return taskPid !== 0 && findParent(taskPid) === process.pid
    ? [{ pid, taskPid, commandLine, environment: read(pid, 'environ') }]
    : [];
}

function findParent(pid: number): number {
  return Number(/PPid:\s+(\d+)/.exec(read(pid, 'status'))?.[1] ?? 0);
}

function read(pid: number, what: string): string {
  try {
    return readFileSync(`/proc/${pid}/${what}`, 'utf8');
  } catch {
    return '';
  }
}
