import type { Readable } from 'node:stream';
import type { PipelineRequest } from '@azure/core-rest-pipeline';
import type { TaskError } from '../errors/task-error';
import type { StreamedBody } from './response-body';

/** The body of a request while it is sent. */
export class UploadStream {
  /** Rejected if the body cannot be read to its end. */
  readonly failed: Promise<never>;
  readonly #streams: Readable[] = [];

  constructor(request: PipelineRequest, body: StreamedBody | undefined) {
    this.failed = new Promise((_, reject: (failure: TaskError) => void) => {
      if (body !== undefined) {
        request.body = () => {
          const stream = body.open(reject);
          this.#streams.push(stream);
          return stream;
        };
      }
    });
    // The error can come when no one waits for it any more.
    this.failed.catch(() => undefined);
  }

  close(): void {
    this.#streams.forEach((stream) => stream.destroy());
  }
}
