import type { ResponseSummary } from '../../../tasks/AzureDevOpsTokenV1/src/errors/azure-devops-problem';

/** A response that says nothing but its status, and `more`. */
export function summary(status: number, more: Partial<ResponseSummary> = {}): ResponseSummary {
  return {
    status,
    isPage: false,
    serverMessage: undefined,
    activityId: undefined,
    retryAfter: undefined,
    throttledResource: undefined,
    remainingUnits: undefined,
    ...more,
  };
}
