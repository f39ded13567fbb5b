#!/bin/sh
# Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
# SPDX-License-Identifier: LGPL-3.0-or-later
#
# The program as its users and their scripts see it: exit statuses, formats, files.

set -u
echo "1..$(grep -c '^check ' "$0")"

. "$CAUSTIC_SOURCE/tests/cli/checks"

case_file()
{
    printf '%s\n' "$2" > "$TMPDIR/$1.yaml"
}

chain=$CAUSTIC_SOURCE/cases/mlp/relu-chain-2.yaml
refuted=$CAUSTIC_SOURCE/cases/refuted

# Usage.
check 'no command is wrong usage' status 64 "$CAUSTIC"
check 'an unknown command is wrong usage' status 64 "$CAUSTIC" solve "$chain"
check 'no case is wrong usage' status 64 "$CAUSTIC" derive
check 'an unknown option is wrong usage' status 64 "$CAUSTIC" derive --frmat json "$chain"
check 'an unknown format is wrong usage' status 64 "$CAUSTIC" derive --format xml "$chain"
check 'a format that does not fit is wrong usage' status 64 "$CAUSTIC" shock --format csv "$chain"
check 'digits must be a number' status 64 "$CAUSTIC" shock --digits 1e3 "$chain"
check 'help is no mistake' status 0 "$CAUSTIC" table --help
check 'neither is the version' status 0 "$CAUSTIC" --version
check 'nor the version of a command' status 0 "$CAUSTIC" table --version

# Input and output.
check 'a missing file is an input error' status 74 "$CAUSTIC" derive "$TMPDIR/missing.yaml"
mkdir -p "$TMPDIR/empty"
check 'a directory without cases is wrong usage' status 64 "$CAUSTIC" derive "$TMPDIR/empty"
case_file bad 'name: bad'
check 'bad input names file and line' sh -c '"$0" derive "$1" 2>&1 >/dev/null | grep -q "bad.yaml:1"' "$CAUSTIC" "$TMPDIR/bad.yaml"
check 'bad input has its own status' status 65 "$CAUSTIC" derive "$TMPDIR/bad.yaml" "$chain"
check 'a full disk is an output error' status 74 "$CAUSTIC" derive --output /dev/full "$chain"
check 'an unwritable place is an output error' status 74 "$CAUSTIC" derive --output "$TMPDIR/none/such/file" "$chain"
check 'output goes to the file' sh -c '"$0" derive --format json --output "$2" "$1" && grep -q relu-chain-2 "$2"' "$CAUSTIC" "$chain" "$TMPDIR/written.json"
check 'nothing but the file is left there' sh -c 'test "$(ls "$0"/written* | wc -l)" -eq 1' "$TMPDIR"

# Verdicts.
check 'a proved case exits with 0' status 0 "$CAUSTIC" derive "$chain"
check 'the cometric is printed as it can be pasted back' sh -c '"$0" derive --format json "$1" | grep -q "\"2\*z^2\""' "$CAUSTIC" "$chain"
check 'expected refutations exit with 0' status 0 "$CAUSTIC" shock "$refuted"
sed '/^expect/d' "$refuted/shock-time-off-by-1e-40.yaml" > "$TMPDIR/unexpected.yaml"
check 'the same refutation unexpected exits with 1' status 1 "$CAUSTIC" shock "$TMPDIR/unexpected.yaml"
sed 's/^expect.*/expect: {shock: REFUTED}/; s/^claims.*/claims: {shock_time: "1"}/' "$refuted/shock-time-off-by-1e-40.yaml" > "$TMPDIR/unmet.yaml"
check 'an expectation that is not met exits with 1' status 1 "$CAUSTIC" shock "$TMPDIR/unmet.yaml"
case_file kink 'name: kink
parameters: [{name: s, domain: "(-inf, inf)"}]
metric: euclidean
loss: "abs(s)^3"
shock: {box: [["-1", "1"]]}'
check 'a kink inside the box is undecided' status 2 "$CAUSTIC" shock "$TMPDIR/kink.yaml"
case_file bare 'name: bare
preset: {kind: relu-chain, depth: 2}'
check 'when every case is skipped, wrong usage' status 64 "$CAUSTIC" shock "$TMPDIR/bare.yaml"
check 'a skipped case among others is named' sh -c '"$0" shock "$1" "$2" 2>&1 >/dev/null | grep -q "bare.yaml: skipped"' "$CAUSTIC" "$TMPDIR/bare.yaml" "$chain"

# Output.
check 'the signature is that of a flat line only' status 64 "$CAUSTIC" derive --viscous "$chain"
check 'the signature of a chain' sh -c '"$0" shock --viscous "$1" | grep -q -- "-> \[0.58541432830376446042413239285"' "$CAUSTIC" "$chain"
check 'a table of signatures and shocks' sh -c '"$0" table --viscous --after --format csv "$1" | grep -q ",signature,after T\*\$" && "$0" table --viscous --after --format csv "$1" | grep -q ",0.585414328304,t = 5/4: s = -1.798"' "$CAUSTIC" "$chain"
check 'a table without what was not asked for' sh -c '! "$0" table --format csv "$1" | grep -q signature && "$0" table --after --format markdown "$1" | head -1 | grep -qv signature' "$CAUSTIC" "$chain"
check 'no shock, nothing after it' sh -c '"$0" shock --viscous --after "$1" | grep -c "no shock begins on the box" | grep -qx 2' "$CAUSTIC" "$CAUSTIC_SOURCE/cases/mlp/softmax-bias-2.yaml"
check 'the circle is unrolled' sh -c '"$0" shock --after "$1" | grep -q "on a circle of length 2\*pi, unrolled"' "$CAUSTIC" "$CAUSTIC_SOURCE/cases/mlp/batchnorm-circle-shock.yaml"
# on [0, inf) a shock would begin at 2*atan(1.38), where characteristics from the other half of the circle arrive before
case_file half 'name: half
preset: {kind: batchnorm, fan_in: 2}
loss: "-4*w2/sqrt(w1^2 + w2^2) - 3*w1/sqrt(w1^2 + w2^2) - (w2^2 - w1^2)/(w1^2 + w2^2)"
shock: {box: [["0", "inf"]], digits: 10, viscous: ["1/100"]}'
check 'no signature where others arrived before' sh -c '"$0" shock --viscous "$1" | grep -q "another characteristic may arrive"' "$CAUSTIC" "$TMPDIR/half.yaml"
# another shock begins at the time 1/2 at 20
case_file far 'name: far
parameters: [{name: x}]
metric: euclidean
loss: "2*exp(-x^2) + exp(-(x - 20)^2)"
shock: {box: [["-inf", "inf"]], digits: 10, after: ["1"]}'
check 'a window is not an infinite box' sh -c '"$0" shock --after "$1" | grep -q "the box is infinite: only feet from s = -8" && "$0" shock --after --format json "$1" | grep -q "\"births_complete\": false"' "$CAUSTIC" "$TMPDIR/far.yaml"
check 'two shocks merge at 128/33' sh -c '"$0" shock --after "$1" | grep -A 1 merger | grep -q "t = \[3.87878787878787878787878787879 "' "$CAUSTIC" "$CAUSTIC_SOURCE/cases/custom/merging-shocks.yaml"
check 'the steepest place of the benchmark' sh -c '"$0" shock --viscous --format json "$1" | grep -A 4 "\"scope\": \"global\"" | grep -q "\"lower\": \"48.384745687593152689332949337"' "$CAUSTIC" "$CAUSTIC_SOURCE/cases/custom/burgers-peak.yaml"
surface="$CAUSTIC_SOURCE/cases/custom/oscillator-surface.yaml"
check 'boxes of characteristics: both routes agree at the place of the upper bound' sh -c '"$0" shock --format json "$1" | grep -A 2 "\"agreement\"" | grep -q "\"digits\": [6-9]"' "$CAUSTIC" "$surface"
check 'boxes of characteristics: the same bytes whatever the threads' sh -c '"$0" shock --threads 1 --format json "$1" > "$2/one" && "$0" shock --threads 2 --format json "$1" "$1" > "$2/two"; test "$(grep -c "$(grep -m 1 "\"how\"" "$2/one")" "$2/two")" = 2' "$CAUSTIC" "$surface" "$TMPDIR"
sed 's|5\*pi/12|5*pi/12 + 1/100|' "$surface" > "$TMPDIR/late.yaml"
check 'boxes of characteristics: a claim that is too late by 1/100 is refuted' status 1 "$CAUSTIC" shock "$TMPDIR/late.yaml"
sed 's|\["0", "1"\]|["0", "inf"]|' "$surface" > "$TMPDIR/endless.yaml"
check 'boxes of characteristics: an infinite box is undecided, and why' sh -c '"$0" shock "$1" | grep -q "take a finite box"' "$CAUSTIC" "$TMPDIR/endless.yaml"
check 'a shock of the sine is at its zero' sh -c '"$0" shock --after --format json "$1" | grep -q "\"after\""' "$CAUSTIC" "$CAUSTIC_SOURCE/cases/custom/burgers-sine.yaml"
check 'nothing is added that was not asked for' sh -c '! "$0" shock --format json "$1" | grep -q "\"after\"\|\"viscous\""' "$CAUSTIC" "$CAUSTIC_SOURCE/cases/custom/burgers-sine.yaml"
check 'the shock time is certified' sh -c '"$0" shock --format json "$1" | grep -q "\"shock\": true"' "$CAUSTIC" "$chain"
"$CAUSTIC" table --quiet --threads 1 --format json "$CAUSTIC_SOURCE/cases/transformer" > "$TMPDIR/one" 2> /dev/null
"$CAUSTIC" table --quiet --threads 2 --format json "$CAUSTIC_SOURCE/cases/transformer" > "$TMPDIR/two" 2> /dev/null
check 'the same bytes whatever the threads' cmp "$TMPDIR/one" "$TMPDIR/two"
check 'a table has a row a case' sh -c '"$0" table --quiet --format csv "$1" | grep -c . | grep -qx "$(($(ls "$1"/*.yaml | wc -l) + 1))"' "$CAUSTIC" "$refuted"
check 'JUnit lists the cases' sh -c '"$0" derive --quiet --junit "$2" "$1" > /dev/null && grep -q "<testsuite name=\"caustic derive\" tests=\"1\" failures=\"0\" errors=\"0\">" "$2"' "$CAUSTIC" "$chain" "$TMPDIR/junit.xml"
check 'with --quiet standard error is silent' sh -c 'test -z "$("$0" table --quiet "$1" 2>&1 >/dev/null)"' "$CAUSTIC" "$chain"
