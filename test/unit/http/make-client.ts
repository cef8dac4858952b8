import { Client, type ClientOptions } from '../../../tasks/AzureDevOpsTokenV1/src/http/client';
import { FakeClock, fakeEnvironment } from '../fakes';

/** A client that sends its token to the host of the URL, and never waits. */
export function makeClient(url: URL, options: Partial<ClientOptions> = {}): Client {
  return new Client({
    clock: new FakeClock(),
    environment: fakeEnvironment(),
    allowedHosts: [url.host],
    log: () => undefined,
    random: () => 0,
    ...options,
  });
}
