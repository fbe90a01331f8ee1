// Operation `git-upload-pack`: stock git serves a repository as of any point to a git client, read-only.
import { z } from 'zod';
import { startGit } from '../git/process.ts';
import { servedRepository } from '../restore/serve.ts';
import { defineOperation } from './operation.ts';
import { AtPoint } from './point.ts';

/** Seconds that a client may be silent. */
const SILENCE = 300;

export const gitUploadPack = defineOperation({
  name: 'git-upload-pack',
  description: 'Answers one request of the git protocol, as git-http-backend(1) does: the refs of a repository as of a point, or a pack of what a client wants of them.',
  kind: 'reads',
  input: AtPoint.extend({
    /** `refs`: what there is; `pack`: what the client asks for in the body. */
    answer: z.enum(['refs', 'pack']).default('refs'),
    /** The header `Git-Protocol`, such as `version=2`. */
    protocol: z.string().regex(/^[A-Za-z0-9=:._-]{0,200}$/).default(''),
  }),
  async run({ library, paths }, { repository, point, answer, protocol }, { signal, body }): Promise<{ content: AsyncIterable<Uint8Array> }> {
    const reader = await library.reader(repository);
    const gitDir = await servedRepository(reader, paths.cache, point, signal);
    const command = ['upload-pack', '--strict', '--stateless-rpc', `--timeout=${SILENCE}`, ...(answer === 'refs' ? ['--http-backend-info-refs'] : []), gitDir];
    const running = startGit(command, { env: protocol === '' ? {} : { GIT_PROTOCOL: protocol }, signal, ...(body === undefined ? {} : { input: body }) });
    if (body === undefined) running.stdin.end();
    return { content: answerOf(running) };
  },
});

/** What git answers, failures in its own words included; ends with git's failure when that was not the client's doing. */
async function* answerOf({ stdout, done, kill }: ReturnType<typeof startGit>): AsyncGenerator<Uint8Array> {
  try {
    yield* stdout as AsyncIterable<Uint8Array>;
    await done;
  } finally {
    kill('SIGKILL');
  }
}
