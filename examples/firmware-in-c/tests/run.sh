#!/bin/sh
# run.sh PROGRAM: everything with each module of the lab, side by side. Exit status: how many failed.
. "$(dirname "$0")/lib.sh"
running=
for module in $(modules); do
    sh "$(dirname "$0")/case.sh" "$1" "$module" &
    running="$running $!"
done
failed=0
for one in $running; do
    wait "$one" || failed=$((failed + 1))
done
exit "$failed"
