# What the tests use of the environment that `nbtwin exec` makes, and the lab's API.
: "${NBTWIN_URL:?run the tests with: nbtwin exec --rate 5 -- make test}"
PATIENCE=${PATIENCE:-20000} # milliseconds, for each thing that the program waits for
HOLD=${HOLD:-20000}         # and how long it stays when all is done

of() { # of SERIAL NAME: what the environment says of a module
    eval "printf %s \"\$NBTWIN_${1}_${2}\""
}

api() { # api PATH [JSON]: what the lab says
    path=$1
    shift
    curl -sSf --max-time 20 ${1:+-H 'Content-Type: application/json' -d "$1"} "$NBTWIN_URL/api/v1$path"
}

modules() { # the names of all modules, as they stand in the environment
    env | sed -n 's/^NBTWIN_SERIAL_\([A-Z0-9_]*\)=.*/\1/p'
}
