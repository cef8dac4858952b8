// Preloaded into a task: from the moment JUMP_AT on (milliseconds since 1970), the machine's clock is JUMP_MS ahead, as on a
// machine that was asleep.
'use strict';

const [at, ms] = [Number(process.env.JUMP_AT), Number(process.env.JUMP_MS)];
const RealDate = Date;
const now = () => RealDate.now() + (RealDate.now() < at ? 0 : ms);

globalThis.Date = class extends RealDate {
  constructor(...parts) {
    super(...(parts.length === 0 ? [now()] : parts));
  }

  static now() {
    return now();
  }
};
