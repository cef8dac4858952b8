import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import {
  receiveBody,
  MESSAGE_ONLY,
  type BodySink,
  type Head,
  type Reception,
} from '../../../tasks/AzureDevOpsTokenV1/src/http/response-body';
import { inputError } from '../../../tasks/AzureDevOpsTokenV1/src/errors/input-problems';
import { TaskError } from '../../../tasks/AzureDevOpsTokenV1/src/errors/task-error';

class Sink implements BodySink {
  readonly calls: (number | string)[] = [];
  readonly start = ({ status }: Head) => {
    this.calls.push(status);
    return Promise.resolve(status !== 206);
  };
  readonly write = (piece: Uint8Array) => {
    this.calls.push(Buffer.from(piece).toString());
    return Promise.resolve();
  };
}

/** @param pieces an error breaks the body off */
function receive(status: number, pieces: readonly (string | Error)[], reception: Reception) {
  function* read() {
    for (const piece of pieces) {
      if (typeof piece !== 'string') {
        throw piece;
      }
      yield Buffer.from(piece);
    }
  }
  let progress = 0;
  const response = {
    status,
    headers: createHttpHeaders(),
    request: createPipelineRequest({ url: 'https://dev.azure.com' }),
    readableStreamBody: Readable.from(read()),
  };
  return receiveBody(response, reception, () => {
    progress += 1;
  }).then((body) => ({ ...body, text: body.bytes.toString(), progress }));
}

describe('the body of an answer', () => {
  it('is kept where there is room for it', async () => {
    const { text, isKept, isWhole, progress } = await receive(200, ['ab', 'cd'], { keptBytes: 4 });
    assert.deepEqual([text, isKept, isWhole, progress], ['abcd', true, true, 2]);
  });

  it('is kept in part where there is not', async () => {
    const { text, isKept, isWhole } = await receive(200, ['ab', 'cde'], { keptBytes: 4 });
    assert.deepEqual([text, isKept, isWhole], ['abcd', false, true]);
  });

  it('is given up where nobody wants more of it', async () => {
    const { text, progress } = await receive(200, ['ab', 'c', 'd', 'e'], { keptBytes: 2 });
    assert.deepEqual([text, progress], ['ab', 3]);
  });

  it('goes to its sink, all of it', async () => {
    const sink = new Sink();
    const { text } = await receive(201, ['ab', 'c', 'd', 'e'], { keptBytes: 2, sink });
    assert.equal(text, 'ab');
    assert.deepEqual(sink.calls, [201, 'ab', 'c', 'd', 'e']);
  });

  it('is given up where its sink does not want it', async () => {
    const sink = new Sink();
    await receive(206, ['ab', 'c', 'd', 'e'], { keptBytes: 2, sink });
    assert.deepEqual(sink.calls, [206, 'ab', 'c']);
  });

  it('that is empty starts its sink, too', async () => {
    const sink = new Sink();
    const { isKept } = await receive(204, [], { keptBytes: 0, sink });
    assert.equal(isKept, true);
    assert.deepEqual(sink.calls, [204]);
  });

  for (const [status, isTold] of [
    [199, true],
    [200, false],
    [299, false],
    [300, true],
    [403, true],
  ] as const) {
    it(`that breaks off is ${isTold ? 'told by its status' : 'no answer'} (${status})`, async () => {
      const receiving = receive(status, ['ab', new Error('reset')], MESSAGE_ONLY);
      if (isTold) {
        const { text, isKept, isWhole } = await receiving;
        assert.deepEqual([text, isKept, isWhole], ['ab', false, false]);
      } else {
        await assert.rejects(receiving, /reset/);
      }
    });
  }

  it('that cannot be written is a failure, whatever its status', async () => {
    const sink = new Sink();
    const failing = { start: sink.start, write: () => Promise.reject(inputError(['disk'])) };
    const receiving = receive(404, ['ab'], { ...MESSAGE_ONLY, sink: failing });
    await assert.rejects(receiving, TaskError);
  });

  it('is read up to 1 MiB for its words', () => {
    assert.deepEqual(MESSAGE_ONLY, { keptBytes: 1_048_576 });
  });
});
