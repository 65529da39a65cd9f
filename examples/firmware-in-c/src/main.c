/* meter PORT MODEL [PATIENCE_MS [HOLD_MS]] */
#include "meter.h"
#include "port.h"

#include <stdio.h>
#include <stdlib.h>

int main(int count, char **words)
{
    const struct meter_model *model = count > 2 ? meter_model(words[2]) : NULL;
    const char *baud = getenv("METER_BAUD");
    enum meter_outcome outcome;

    if (model == NULL || count > 5) {
        fprintf(stderr, "usage: meter PORT BC28|BC25|BC260Y-CN [PATIENCE_MS [HOLD_MS]]\n");
        return METER_USAGE;
    }
    if (!port_open(words[1], baud != NULL ? (unsigned)strtoul(baud, NULL, 10) : 0U)) {
        fprintf(stderr, "meter: cannot open %s\n", words[1]);
        return METER_NO_PORT;
    }
    outcome = meter_run(model, count > 3 ? (uint32_t)strtoul(words[3], NULL, 10) : 60000U,
                        count > 4 ? (uint32_t)strtoul(words[4], NULL, 10) : 0U);
    port_close();
    printf("%s %d\n", outcome == METER_DONE ? "done" : "failed", (int)outcome);
    return (int)outcome;
}
