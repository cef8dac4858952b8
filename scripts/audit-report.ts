// What `npm audit --json` says of the packages that the task ships, and what was decided of it.

/** A known vulnerability with which the task is shipped all the same, for a reason and for a time. */
export interface AuditException {
  /** The address of the advisory. */
  readonly advisory: string;
  readonly package: string;
  readonly reason: string;
  /** `2027-01-31`: after this day it has to be decided anew. */
  readonly until: string;
}

interface Advisory {
  readonly name: string;
  readonly title: string;
  readonly url: string;
  readonly severity: string;
}

interface AuditReport {
  readonly vulnerabilities?: Readonly<
    Record<string, { readonly via?: readonly (Advisory | string)[] }>
  >;
  readonly message?: string;
}

/**
 * What is wrong with the packages, or with the exceptions.
 * @param text the report, as npm writes it
 * @param today `2026-12-31`
 */
export function findAuditProblems(
  text: string,
  exceptions: readonly AuditException[],
  today: string,
): readonly string[] {
  const report = parseReport(text);
  if (report?.vulnerabilities === undefined) {
    return [`npm audit gave no report: ${report?.message ?? 'see what it printed'}`];
  }
  const advisories = Object.values(report.vulnerabilities)
    .flatMap(({ via = [] }) => via)
    .filter((one) => typeof one !== 'string');
  const isExcepted = ({ name, url }: Advisory) =>
    exceptions.some((one) => one.advisory === url && one.package === name && one.until >= today);
  const unique = new Map(advisories.map((one) => [`${one.name} ${one.url}`, one]));
  return [
    ...[...unique.values()]
      .filter((one) => !isExcepted(one))
      .map(({ name, severity, title, url }) => `${name} (${severity}): ${title}. ${url}`),
    ...exceptions
      .filter(({ until }) => until < today)
      .map(
        (one) => `the exception for ${one.package} was good until ${one.until}: ${one.advisory}`,
      ),
    ...exceptions
      .filter((one) => !unique.has(`${one.package} ${one.advisory}`))
      .map((one) => `the exception for ${one.package} is for nothing: ${one.advisory}`),
  ];
}

function parseReport(text: string): AuditReport | undefined {
  try {
    return JSON.parse(text) as AuditReport;
  } catch {
    return undefined;
  }
}
