#!/bin/sh
# From a fresh clone to a proven restore: install, start PIVO, back a repository up, ask the index, restore, show the proof.
# Usage: npm run quickstart [-- URL|PATH]     default: this project's own repository
set -eu
here=${INIT_CWD:-$PWD}
root=$(CDPATH='' cd -P "$(dirname "$0")/.." && pwd)
pivo=$root/pivo

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
if [ ! -t 1 ] || [ -n "${NO_COLOR:-}" ]; then
  say() { printf '\n%s\n' "$*"; }
fi

fail() {
  printf 'error: %s\nhint: %s\n' "$1" "$2" >&2
  exit 2
}

# json EXPRESSION: prints what it makes of `all`, the JSON on stdin
json() {
  "$root/node_modules/.bin/node" -e "const all = JSON.parse(require('node:fs').readFileSync(0, 'utf8')); process.stdout.write(String($1))"
}

[ "$#" -le 1 ] || fail "one repository at a time, not $#" 'npm run quickstart -- URL|PATH'
origin=${1:-$root}
case $origin in
  -*) fail "\"$origin\" is not a repository" 'npm run quickstart -- URL|PATH' ;;
esac
if [ "$#" -eq 0 ] && [ ! -e "$root/.git" ]; then
  fail "this project's folder is not a git repository (an unpacked archive?), so it cannot be backed up itself" 'Name a repository: npm run quickstart -- https://github.com/sindresorhus/execa'
fi

say '1. Install what PIVO needs'
sh "$root/scripts/install.sh"
echo "Node $("$root/node_modules/.bin/node" --version) and $(git --version)"

say '2. Start PIVO'
"$pivo" up --detach

say "3. Back up $origin"
cd "$here"
"$pivo" ingest "$origin"
# the newest visit is the one just made
name=$("$pivo" repos --json | json 'all.sort((a, b) => (a.time < b.time ? 1 : -1))[0].repository')

say '4. Ask the index'
sql="SELECT substr(committed_at, 1, 10) AS day, count(*) AS commits, count(DISTINCT author_email) AS authors
  FROM commits WHERE repo_name = '$name' GROUP BY day ORDER BY day DESC LIMIT 5"
printf 'pivo query "%s"\n\n' "$sql"
"$pivo" query "$sql"

say '5. Restore it to a new bare repository, with proof'
home=$("$pivo" status --json | json 'all.home')
target=$home/restores-demo/$name-$(date -u +%Y%m%dT%H%M%SZ)-$$.git
mkdir -p "$home/restores-demo"
"$pivo" restore "$name" --to "$target" --yes
echo "Commits that git counts in it: $(git --git-dir="$target" rev-list --all --count)"

say 'How to go on'
ui=$("$pivo" status --json | json 'all.temporal.ui ?? "the UI of your own Temporal"')
cat <<TEXT
PIVO keeps running in the background.
  Temporal UI     $ui
  Its home        $home
  ./pivo console  the address of the web page
  ./pivo status   what runs and where
  ./pivo ls $name@POINT   any file of any commit that was ever backed up
  ./pivo schedule add $name --every 6h
  ./pivo down     end it; ./pivo up starts it again
TEXT
