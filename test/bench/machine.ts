// The machine on which the benchmark runs: nothing that the tests load into Node.js is loaded into what is measured.
import { openMachine, type MachineOptions, type Place } from '../emulators/places';

/** What only the tests set: a file that Node.js loads first, and what that file reads. */
const OF_TESTS = ['NODE_OPTIONS', 'NETWORK'];
/** An additional certificate authority, which Node.js has to read, too. */
const AUTHORITY = 'NODE_EXTRA_CA_CERTS';

/** A machine from which Azure DevOps can be reached at its address on loopback only, because no name leads to it. */
export async function openCleanMachine(options: MachineOptions = {}): Promise<Place> {
  return without(await openMachine(options), OF_TESTS);
}

/** The same machine, for what sends no request over TLS. */
export function withoutAuthority(place: Place): Place {
  return without(place, [AUTHORITY]);
}

/** The inputs by which a step finds the organization of such a machine. */
export function organizationInputs({ organization }: Pick<Place, 'organization'>) {
  return {
    organization: `${organization?.origin ?? ''}/MyOrg`,
    allowedHosts: `127.0.0.1:${organization?.port ?? 0}`,
  };
}

function without(place: Place, names: readonly string[]): Place {
  const kept = Object.entries(place.machineEnvironment).filter(([name]) => !names.includes(name));
  return { ...place, machineEnvironment: Object.fromEntries(kept) };
}
