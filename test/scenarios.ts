// What can happen to a step. `npm start -- --scenario NAME` shows each as its user sees it; test/task checks each.
import { openMachine, type Place } from './emulators/places';
import { ACCESS_SCENARIOS } from './scenarios/access';
import { CALL_SCENARIOS } from './scenarios/call';
import { CONTENT_SCENARIOS } from './scenarios/content';
import { ENTRA_ERROR_SCENARIOS } from './scenarios/entra-errors';
import { FEDERATION_SCENARIOS } from './scenarios/federation';
import { GIT_SCENARIOS } from './scenarios/git';
import { LONG_CALL_SCENARIOS } from './scenarios/long-call';
import { IDENTITY_SCENARIOS } from './scenarios/identity';
import { OIDC_SCENARIOS } from './scenarios/oidc-requests';
import { ORGANIZATION_SCENARIOS } from './scenarios/organization';
import { PLATFORM_SCENARIOS } from './scenarios/platforms';
import type { Scenario } from './scenarios/scenario';
import { SERVER_MESSAGE_SCENARIOS } from './scenarios/server-messages';
import { WEB_PAGE_SCENARIOS } from './scenarios/web-pages';

export { PLACES } from './scenarios/places';
export { REMEDIES, type LaterStep, type Row, type Scenario } from './scenarios/scenario';

export const SCENARIOS: readonly Scenario[] = [
  ...IDENTITY_SCENARIOS,
  ...PLATFORM_SCENARIOS,
  ...FEDERATION_SCENARIOS,
  ...OIDC_SCENARIOS,
  ...ENTRA_ERROR_SCENARIOS,
  ...ORGANIZATION_SCENARIOS,
  ...CALL_SCENARIOS,
  ...LONG_CALL_SCENARIOS,
  ...ACCESS_SCENARIOS,
  ...SERVER_MESSAGE_SCENARIOS,
  ...WEB_PAGE_SCENARIOS,
  ...CONTENT_SCENARIOS,
  ...GIT_SCENARIOS,
];

/** Opens the place of a scenario: a machine with a system-assigned identity where it says nothing else. */
export function openPlace({ open = openMachine }: Pick<Scenario, 'open'>): Promise<Place> {
  return open();
}
