// Preloaded into a task: when it ends, it writes how much memory it had at most, in KiB.
'use strict';

const { writeFileSync } = require('node:fs');

process.on('exit', () => {
  writeFileSync(process.env.PEAK_MEMORY_FILE, String(process.resourceUsage().maxRSS));
});
