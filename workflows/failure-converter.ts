// Puts messages and stacks of failures into a payload, so that a codec encrypts them with the rest; loaded where a key is configured.
import { DefaultFailureConverter } from '@temporalio/common';

export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
