#include "meter.h"

#include "at.h"
#include "port.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define ANSWER_MS 3000U
#ifndef BUG_RETRIES_AT_ONCE
#define TRIES 10U /* of what may be refused for a while */
#else
#define TRIES 3U
#endif
#define MOST_RESTARTS 4

static const char *const CMDMP[] = {"AT+QDMPCFG=0,1", "AT+QDMPCFG=1,117.161.2.41,5683,600", NULL};
static const char *const SWITCHED_CMDMP[] = {"AT+QSELFREGISTER=1", "AT+QDMPCFG=0,1",
                                             "AT+QDMPCFG=1,117.161.2.41,5683,600", NULL};
static const char *const ANDLINK[] = {"AT+QLASERVERIP=\"BS\",\"lwm.home.komect.com\",5683", "AT+QLABSSECSWT=0", NULL};

static const struct meter_model MODELS[] = {
    {"BC28", "AT+NRB", "AT+QLASERVERIP?", "BS,lwm.home.komect.com,5683", ANDLINK, NULL, NULL, "AT+QLASENDATA=0x0100,%u"},
    {"BC25", "AT+QRST=1", "AT+QDMPCFG?", ",5683,600", SWITCHED_CMDMP, "AT+QDMPCFG=6", "6,6", NULL},
    {"BC260Y-CN", "AT+QRST=1", "AT+QDMPCFG?", ",5683,600", CMDMP, "AT+QDMPCFG=6", "6,6", NULL},
};

static struct {
    bool attached;
    bool delivered;
} heard; /* by URCs */

const struct meter_model *meter_model(const char *name)
{
    size_t one;

    for (one = 0; one < sizeof MODELS / sizeof *MODELS; one++)
        if (strcmp(MODELS[one].name, name) == 0)
            return &MODELS[one];
    return NULL;
}

static bool says_attached(const char *stat) { return *stat == '1' || *stat == '5'; }

static void on_urc(const char *line)
{
    port_trace("urc", line);
    if (strncmp(line, "+CEREG:", 7) == 0) {
        const char *stat = line + 7;

        while (*stat == ' ')
            stat++;
        heard.attached = says_attached(stat);
    } else if (strcmp(line, "+QLADATASTATUS:4") == 0) {
        heard.delivered = true;
    }
}

/* A module that boots hears nothing: ask until it answers. */
static bool wait_for_boot(uint32_t patience_ms)
{
    uint32_t began = port_now();

#ifdef BUG_NO_BOOT_WAIT
    at_forget_restart();
    return true;
#endif
    do {
        at_forget_restart();
        if (at_command("AT", 100) == AT_OK) {
            at_settle(200); /* it may answer the earlier ones as well */
            at_forget_restart();
            return true;
        }
    } while (port_now() - began < patience_ms);
    return false;
}

static bool told(const char *command) { return at_command(command, ANSWER_MS) == AT_OK; }

/* Again with a pause while the module refuses: it may not have read its USIM yet, or not be registered. */
static enum at_result insist(const char *command, const char *wanted, uint32_t patience_ms)
{
    enum at_result result = AT_ERROR;
    unsigned tries;

    for (tries = 0; tries < TRIES; tries++) {
        result = at_command(command, ANSWER_MS);
        if (result == AT_PROMPT || (result == AT_OK && strstr(at_answer(), wanted) != NULL))
            return result;
        if (result == AT_RESTARTED || result == AT_SILENT)
            return result;
#ifndef BUG_RETRIES_AT_ONCE
        at_listen(patience_ms / TRIES);
#else
        (void)patience_ms;
#endif
    }
    return AT_ERROR;
}

/* Settings are in flash: written when they differ, never at each start. */
static enum meter_outcome configure(const struct meter_model *model, uint32_t patience_ms)
{
    const char *const *line;

    if (at_command(model->configuration, ANSWER_MS) == AT_OK && strstr(at_answer(), model->configured) != NULL)
        return METER_DONE;
    for (line = model->configure; *line != NULL; line++)
        if (!told(*line))
            return METER_REFUSED;
    port_trace("configured", model->name);
    if (!told(model->restart))
        return METER_REFUSED;
    if (!wait_for_boot(patience_ms))
        return METER_NO_MODULE;
    return told("ATE0") && told("AT+CMEE=1") ? METER_DONE : METER_REFUSED;
}

/* The URC tells; what was there before it was switched on is asked once. */
static enum meter_outcome attach(uint32_t patience_ms)
{
    uint32_t began = port_now();
    const char *comma;

    heard.attached = false;
    if (insist("AT+CPIN?", "READY", patience_ms) != AT_OK)
        return METER_NO_USIM;
    if (!told("AT+CEREG=1") || !told("AT+CEREG?"))
        return METER_REFUSED;
    comma = strchr(at_answer(), ',');
    if (comma != NULL && says_attached(comma + 1))
        heard.attached = true;
    if (!heard.attached)
        port_trace("searching", at_answer());
    while (!heard.attached && !at_restarted()) {
        if (port_now() - began >= patience_ms)
            return METER_NO_NETWORK;
        if (!told("AT+CSQ")) /* the installer watches the signal meanwhile */
            return METER_NO_MODULE;
        port_sleep(50); /* a task that does something else: what comes now waits in the UART */
    }
    return METER_DONE;
}

static enum meter_outcome deliver(const struct meter_model *model, uint32_t patience_ms)
{
    static const char READING[] = "{\"m3\":\"0042.7\"}";
    uint32_t began = port_now();
    char command[64];

    snprintf(command, sizeof command, model->send, (unsigned)strlen(READING));
    heard.delivered = false;
    if (insist(command, "", patience_ms) != AT_PROMPT)
        return METER_NOT_REGISTERED;
    if (at_data(READING, strlen(READING), ANSWER_MS) != AT_OK)
        return METER_NOT_DELIVERED;
    while (!heard.delivered && !at_restarted() && port_now() - began < patience_ms)
        at_listen(50);
    return heard.delivered ? METER_DONE : METER_NOT_DELIVERED;
}

static enum meter_outcome bring_up(const struct meter_model *model, uint32_t patience_ms)
{
    enum meter_outcome outcome;

    if (!wait_for_boot(patience_ms))
        return METER_NO_MODULE;
    if (!told("ATE0") || !told("AT+CMEE=1") || !told("AT+CGSN=1"))
        return METER_NO_MODULE;
    port_trace("imei", at_answer());
    if ((outcome = configure(model, patience_ms)) != METER_DONE)
        return outcome;
    if ((outcome = attach(patience_ms)) != METER_DONE)
        return outcome;
    port_trace("attached", model->name);
    if (model->registration != NULL && insist(model->registration, model->registered, patience_ms) != AT_OK)
        return METER_NOT_REGISTERED;
    if (model->send != NULL && (outcome = deliver(model, patience_ms)) != METER_DONE)
        return outcome;
    port_trace("registered", model->name);
    return METER_DONE;
}

enum meter_outcome meter_run(const struct meter_model *model, uint32_t patience_ms, uint32_t hold_ms)
{
    int starts;

    at_begin(on_urc);
    for (starts = 0; starts <= MOST_RESTARTS; starts++) {
        enum meter_outcome outcome = bring_up(model, patience_ms);

        if (outcome == METER_DONE && starts == 0)
            at_listen(hold_ms);
        if (!at_restarted())
            return outcome;
        port_trace("restarted", model->name); /* whatever it was doing, it begins anew */
    }
    return METER_RESTARTS;
}
