// Preloaded into a process: when it ends, it writes how much memory it had at most, in KiB, and where it is asked for, how much time of
// the processor it took, in microseconds.
'use strict';

const { writeFileSync } = require('node:fs');

process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  writeFileSync(process.env.PEAK_MEMORY_FILE, String(maxRSS));
  if (process.env.CPU_TIME_FILE !== undefined) {
    writeFileSync(process.env.CPU_TIME_FILE, String(userCPUTime + systemCPUTime));
  }
});
