// Preloaded into a process: when it ends, it writes what it took to the file that COST_FILE names.
'use strict';

const { readFileSync, writeFileSync } = require('node:fs');

process.on('exit', () => {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  const cost = { peakMib: readPeak(), cpuMs: (userCPUTime + systemCPUTime) / 1000 };
  writeFileSync(process.env.COST_FILE, JSON.stringify(cost));
});

/** In MiB. On Linux not what resourceUsage() says, which begins with the memory of the process that started this one. */
function readPeak() {
  if (process.platform !== 'linux') {
    return process.resourceUsage().maxRSS / 1024;
  }
  const [, kib] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(kib) / 1024;
}
