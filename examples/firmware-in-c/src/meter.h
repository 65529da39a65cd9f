/* A water meter's application: bring the module up, let it register with the operator's platform, deliver a reading. */
#ifndef METER_H
#define METER_H

#include <stdint.h>

/* The program's exit status, too. */
enum meter_outcome {
    METER_DONE = 0,
    METER_USAGE = 2,
    METER_NO_PORT = 3,
    METER_NO_MODULE = 4,      /* does not answer */
    METER_REFUSED = 5,        /* the module refuses a command that it must take */
    METER_NO_USIM = 6,
    METER_NO_NETWORK = 7,
    METER_NOT_REGISTERED = 8,
    METER_NOT_DELIVERED = 9,
    METER_RESTARTS = 10,      /* the module restarts again and again */
};

struct meter_model {
    const char *name;
    const char *restart;      /* the command that restarts the module */
    const char *configuration; /* how its settings are read … */
    const char *configured;   /* … what stands there when they are right … */
    const char *const *configure; /* … and what makes them so; NULL ends the list */
    const char *registration; /* how the state of the registration is read; NULL: sending says it */
    const char *registered;   /* what stands there then */
    const char *send;         /* how data is sent, with a %u for its length; NULL: the module tells all itself */
};

/* NULL: not known. */
const struct meter_model *meter_model(const char *name);

/* patience_ms: for each thing that is waited for. hold_ms: how long to stay once all is done; a module that restarts
 * meanwhile is brought up again, and that is the end. */
enum meter_outcome meter_run(const struct meter_model *model, uint32_t patience_ms, uint32_t hold_ms);

#endif
