#include "at.h"

#include "port.h"

#include <stdlib.h>
#include <string.h>

#define LONGEST_LINE 256
#define LONGEST_ANSWER 512

/* What may come by itself. A command of the same name claims its own line: +CEREG: 1,1 answers AT+CEREG?. */
static const char *const URCS[] = {"+CEREG:", "+CSCON:", "+CFUN:", "+CPIN:", "+IP:", "+QLAEVTIND:", "+QLADATASTATUS:",
                                   "+QLAOBSERVE:", "+QLAREAD:", "+CTZV:", "+QPING:", "REGISTERNOTIFY"};

static struct {
    at_urc_handler *on_urc;
    char line[LONGEST_LINE]; /* what has come of a line whose end has not */
    size_t length;
    char answer[LONGEST_ANSWER];
    const char *command; /* NULL: nobody waits */
    bool ended;
    enum at_result result;
    int error;
    bool restarted;
    bool neul; /* a banner's own OK is still to come */
} at;

void at_begin(at_urc_handler *on_urc)
{
    memset(&at, 0, sizeof at);
    at.on_urc = on_urc;
    at.error = -1;
}

const char *at_answer(void) { return at.answer; }

int at_error(void) { return at.error; }

bool at_restarted(void) { return at.restarted; }

void at_forget_restart(void) { at.restarted = false; }

static bool begins(const char *text, const char *with) { return strncmp(text, with, strlen(with)) == 0; }

static void end(enum at_result result)
{
    if (at.command != NULL && !at.ended) {
        at.ended = true;
        at.result = result;
    }
}

static bool is_urc(const char *line)
{
    size_t one;

    for (one = 0; one < sizeof URCS / sizeof *URCS; one++) {
        size_t name = strcspn(URCS[one], ":");

        if (begins(line, URCS[one]))
            return at.command == NULL || !begins(at.command, "AT") || strncmp(at.command + 2, line, name) != 0;
    }
    return false;
}

static bool is_banner(const char *line)
{
    if (strcmp(line, "Neul") == 0) {
        at.neul = true;
        return true;
    }
    if (strcmp(line, "RDY") == 0 || (at.neul && strcmp(line, "OK") == 0)) {
        at.neul = false;
#ifndef BUG_MISSES_RESTART
        at.restarted = true;
        end(AT_RESTARTED);
#endif
        return true;
    }
    return begins(line, "REBOOT_CAUSE_");
}

static void add_to_answer(const char *line)
{
    size_t had = strlen(at.answer), more = strlen(line);

    if (had + more + 2 > sizeof at.answer)
        return;
    if (had > 0)
        at.answer[had++] = '\n';
    memcpy(at.answer + had, line, more + 1);
}

static void handle_line(const char *line)
{
    if (*line == '\0' || is_banner(line))
        return;
    if (is_urc(line)) {
#ifdef BUG_DROPS_URC
        if (at.command != NULL)
            return; /* "not what I asked for" */
#endif
        at.on_urc(line);
    } else if (at.command == NULL || strcmp(line, at.command) == 0) {
        return; /* an answer that came too late, or the echo */
    } else if (strcmp(line, "OK") == 0 || strcmp(line, "REBOOTING") == 0) {
        end(AT_OK);
    } else if (strcmp(line, "ERROR") == 0) {
        end(AT_ERROR);
    } else if (begins(line, "+CME ERROR:")) {
        at.error = atoi(line + strlen("+CME ERROR:"));
        end(AT_ERROR);
    } else {
        add_to_answer(line);
    }
}

static void end_line(void)
{
    at.line[at.length] = '\0';
    at.length = 0;
    handle_line(at.line);
}

static void handle_byte(char byte)
{
    if (byte == '\n') {
        end_line();
    } else if (byte == '>' && at.length == 0 && at.command != NULL) {
        end(AT_PROMPT);
    } else if (byte != '\r' && at.length + 1 < sizeof at.line) {
        at.line[at.length++] = byte;
    }
}

static size_t take(uint32_t wait_ms)
{
    char data[64];
    size_t count = port_read(data, sizeof data, wait_ms), one;

    for (one = 0; one < count; one++)
        handle_byte(data[one]);
#ifdef BUG_HALF_LINE
    if (at.length > 0)
        end_line(); /* "a read is a line" */
#endif
    return count;
}

static enum at_result wait_for_end(const char *command, uint32_t wait_ms)
{
    uint32_t began = port_now(), gone = 0;

    at.command = command;
    at.ended = at.restarted; /* nobody heard the question */
    at.result = AT_RESTARTED;
    while (!at.ended && gone < wait_ms) {
        take(wait_ms - gone);
        gone = port_now() - began;
    }
    at.command = NULL;
    return at.ended ? at.result : AT_SILENT;
}

static bool send(const char *data, size_t length)
{
    at.answer[0] = '\0';
    at.error = -1;
    return port_write(data, length);
}

enum at_result at_command(const char *command, uint32_t wait_ms)
{
    if (!send(command, strlen(command)) || !port_write("\r", 1))
        return AT_SILENT;
    return wait_for_end(command, wait_ms);
}

enum at_result at_data(const char *data, size_t length, uint32_t wait_ms)
{
    return send(data, length) ? wait_for_end(data, wait_ms) : AT_SILENT;
}

void at_settle(uint32_t quiet_ms)
{
    while (take(quiet_ms) > 0) {
    }
}

void at_listen(uint32_t span_ms)
{
    uint32_t began = port_now(), gone = 0;

    while (!at.restarted && gone < span_ms) {
        take(span_ms - gone);
        gone = port_now() - began;
    }
}
