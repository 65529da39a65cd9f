#!/bin/sh
# All that is tested with one module: case.sh PROGRAM MODULE. Exit status 0: as it should be.
set -u
. "$(dirname "$0")/lib.sh"
program=$1 module=$2
port=$(of SERIAL "$module") model=$(of MODEL "$module") imei=$(of IMEI "$module") name=$(of NAME "$module")
METER_BAUD=$(of BAUD "$module")
export METER_BAUD

fail() {
    echo "$module: $1"
    [ -z "${2:-}" ] || echo "$2" | sed 's/^/    /'
    exit 1
}

on() { # on WORD PATH JSON: passes the program's lines on; at the first that begins with the word the lab is told
    while read -r line; do
        echo "$line"
        case $line in
        "$1"*)
            [ -n "${told:-}" ] || api "/modules/$name$2" "$3" >/dev/null
            told=yes
            ;;
        esac
    done
}

run() { # the program's lines and, as the last one, its exit status
    "$program" "$port" "$model" "$@"
    echo "status $?"
}

has() { echo "$said" | grep -q "^$1"; }

# 1. A module from the factory where there is no coverage at first: configured, restarted, attached, registered.
api "/modules/$name/coverage" '{"coverage": false}' >/dev/null
said=$(run "$PATIENCE" | on searching /coverage '{"coverage": true}')
has "status 0" || fail "a first start: $(echo "$said" | tail -n 1)" "$said"
has configured || fail "a first start: not configured" "$said"
has restarted && fail "a first start: it did not wait for the boot" "$said"
has "imei .*$imei" || fail "a first start: another IMEI" "$said"

# 2. The platform has it.
case $model in BC28) platform=andlink ;; *) platform=cmdmp ;; esac
api "/platforms/$platform/devices/$imei" | grep -q '"state":"registered"' || fail "not registered with $platform"

# 3. A second start finds its settings: nothing is written to flash. Then the module restarts while all seems done.
said=$(run "$PATIENCE" "$HOLD" | on registered /power '{"action": "reset"}')
has configured && fail "a second start: configured again" "$said"
has "status 0" || fail "a restart in between: $(echo "$said" | tail -n 1)" "$said"
[ "$(echo "$said" | grep -c "^registered")" = 2 ] || fail "a restart in between: not noticed" "$said"

echo "$module: ok"
