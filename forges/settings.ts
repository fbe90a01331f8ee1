// Which forges there are beside github.com and gitlab.com: the tables `[[forges]]` of config.toml.
import { z } from 'zod';
import { CredentialName } from '../contract/ingest.ts';
import { isPlainUrl } from '../contract/plain-url.ts';

/** A token in the clear is for this machine only. */
export const isSafe = (api: string): boolean => URL.canParse(api) && (new URL(api).protocol === 'https:' || /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(new URL(api).hostname));

const ForgeTable = z.strictObject({
  /** As repository URLs have it: `git.example.com`, with a port where https needs one. */
  host: z.string().regex(/^([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(:\d{1,5})?$/, 'a host in small letters such as git.example.com, or host:port'),
  kind: z.enum(['gitlab', 'github', 'gitea']),
  /** Base of its API. Default: `https://{host}/api/v4` of a GitLab, `https://{host}/api/v3` of a GitHub Enterprise Server, `https://{host}/api/v1` of a Gitea or Forgejo. */
  api: z.string().refine(isPlainUrl, 'a URL without user, password or query').refine(isSafe, 'https; http is for this machine only').optional(),
  /** The stored credential whose token is used where none is named. */
  credential: CredentialName,
  /** File of certificates (PEM) to trust beside the system's own. */
  caFile: z.string().optional(),
});

export const ForgeTables = z.array(ForgeTable).max(100).default([]);
export type ForgeKind = ForgeSettings['kind'];
export type ForgeSettings = z.output<typeof ForgeTable>;
