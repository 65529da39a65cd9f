#!/bin/sh
# bugs.sh FOLDER BUG…: each program with a mistake in it fails with the module that has the mistake's name.
PATIENCE=3000 HOLD=6000
export PATIENCE HOLD
. "$(dirname "$0")/lib.sh"
folder=$1
shift
for bug in "$@"; do
    sh "$(dirname "$0")/case.sh" "$folder/meter-$bug" "$bug" >"$folder/$bug.txt" 2>&1 &
    eval "run_$bug=\$!"
done
missed=0
for bug in "$@"; do
    eval "wait \$run_$bug" && {
        echo "$bug: not found"
        missed=$((missed + 1))
        continue
    }
    head -n 1 "$folder/$bug.txt"
done
exit "$missed"
