/* What the program needs of the machine it runs on, and nothing else does.
 *
 * port_posix.c is a Linux process with a serial device or a TCP port. On an MCU the same six functions stand on a UART
 * with its receive buffer, on the system tick and on a trace output; at.c and meter.c move there as they are. */
#ifndef PORT_H
#define PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* where: "/dev/ttyUSB0", "/dev/pts/3" or "tcp:HOST:PORT". baud 0 leaves the line at the speed it has. */
bool port_open(const char *where, unsigned baud);
void port_close(void);

/* What has come, at most `room` bytes; waits up to wait_ms for the first of them. 0: nothing. A port may give less than
 * there is: a line can end up in several reads, and several lines in one. */
size_t port_read(char *data, size_t room, uint32_t wait_ms);
bool port_write(const char *data, size_t length);

/* Milliseconds since some moment. It may pass its largest value: compare differences only. */
uint32_t port_now(void);
void port_sleep(uint32_t span_ms);

/* A line for whoever watches. */
void port_trace(const char *what, const char *text);

#endif
