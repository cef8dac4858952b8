// Preloaded into a process: when it ends, it writes what it took to the file that COST_FILE names.
'use strict';

const { writeFileSync } = require('node:fs');

process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  const cost = { peakMib: maxRSS / 1024, cpuMs: (userCPUTime + systemCPUTime) / 1000 };
  writeFileSync(process.env.COST_FILE, JSON.stringify(cost));
});
