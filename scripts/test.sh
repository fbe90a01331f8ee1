#!/bin/sh
# Installs, then checks types, lint, unused code and every promise; the last line is the sum: N passed, N failed, N skipped.
set -u
root=$(CDPATH='' cd -P "$(dirname "$0")/.." && pwd)
cd "$root" || exit 1
sh scripts/install.sh || exit 1
PATH=$root/node_modules/.bin:$PATH
export PATH

passed=0
failed=0
skipped=0

# step NAME COMMAND…: one check that passes or fails as a whole
step() {
  name=$1
  shift
  printf '\n== %s\n' "$name"
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf '!! %s failed\n' "$name"
  fi
}

step typecheck tsc -p .
step 'console types' tsc -p apps/console
step lint oxlint --type-aware --deny-warnings
step 'unused code' knip

printf '\n== tests\n'
results=$(mktemp)
trap 'rm -f "$results"' EXIT
vitest run --reporter=default --reporter=json --outputFile.json="$results" "$@"
status=$?
sum=$(node -e '
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"));
  const broken = testResults.filter((file) => file.status === "failed" && file.assertionResults.every((test) => test.status !== "failed")).length;
  console.log(numPassedTests, numFailedTests + broken, numPendingTests + numTodoTests);
' "$results" 2>/dev/null) || sum='0 1 0'
# shellcheck disable=SC2086
set -- $sum
passed=$((passed + $1))
failed=$((failed + $2))
skipped=$((skipped + $3))
[ "$status" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1

printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]
