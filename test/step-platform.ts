/** Set by `npm run test:windows`: the steps of tests run in the Windows Node.js, under Wine. */
export const ARE_STEPS_ON_WINDOWS = process.env['TEST_STEPS_ON'] === 'windows';

/** The platform of the steps, which is not that of the tests there. */
export const STEP_PLATFORM: NodeJS.Platform = ARE_STEPS_ON_WINDOWS ? 'win32' : process.platform;
