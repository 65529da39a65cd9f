/* The AT line: one command at a time, its answer, and what the module says by itself (URCs).
 *
 * Knows bytes and V.250; no model, no operator, no operating system. Nothing is allocated. */
#ifndef AT_H
#define AT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum at_result {
    AT_OK,
    AT_ERROR,     /* ERROR, or +CME ERROR: at_error() has its number */
    AT_PROMPT,    /* the module asks for data: at_data() is next */
    AT_SILENT,    /* no final result code within the time */
    AT_RESTARTED, /* the module has restarted: what was asked is not answered any more */
};

typedef void at_urc_handler(const char *line);

/* on_urc is called from within at_command, at_data and at_listen, never from an interrupt. */
void at_begin(at_urc_handler *on_urc);

/* Sends a command line without its <CR>. The lines of the answer are in at_answer() afterwards. */
enum at_result at_command(const char *command, uint32_t wait_ms);
enum at_result at_data(const char *data, size_t length, uint32_t wait_ms);

/* The information text of the last answer: its lines, with a '\n' between them. */
const char *at_answer(void);
/* The <err> of the last +CME ERROR; -1 where it had none. */
int at_error(void);

/* Until nothing has come for so long: answers that come after their command was given up are nobody's then. */
void at_settle(uint32_t quiet_ms);

/* Lets URCs come for so long. */
void at_listen(uint32_t span_ms);

/* Whether a boot banner has come since at_forget_restart. */
bool at_restarted(void);
void at_forget_restart(void);

#endif
