/* The port of a POSIX process: a serial device by termios, or a TCP port. */
#define _DEFAULT_SOURCE /* cfmakeraw, and the rates above 38400 */
#include "port.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define FIFO 16 /* bytes in one read, as in many a UART: whoever takes a read for a line learns it here, not in the field */

static int line = -1;

static speed_t rate_of(unsigned baud)
{
    switch (baud) {
    case 4800: return B4800;
    case 9600: return B9600;
    case 19200: return B19200;
    case 38400: return B38400;
    case 57600: return B57600;
    case 115200: return B115200;
    default: return B0;
    }
}

static bool make_raw(unsigned baud)
{
    struct termios settings;

    if (tcgetattr(line, &settings) != 0)
        return false;
    cfmakeraw(&settings); /* no echo, no line editing, no CR for LF: else the terminal answers the module */
    settings.c_cflag |= CLOCAL | CREAD;
    if (baud != 0) {
        if (rate_of(baud) == B0)
            return false;
        cfsetispeed(&settings, rate_of(baud));
        cfsetospeed(&settings, rate_of(baud));
    }
    return tcsetattr(line, TCSANOW, &settings) == 0;
}

static int dial(const char *address)
{
    char host[128];
    const char *colon = strrchr(address, ':');
    struct addrinfo wanted, *found = NULL;
    int connected = -1;

    if (colon == NULL || (size_t)(colon - address) >= sizeof host)
        return -1;
    memcpy(host, address, (size_t)(colon - address));
    host[colon - address] = '\0';
    memset(&wanted, 0, sizeof wanted);
    wanted.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(host, colon + 1, &wanted, &found) != 0)
        return -1;
    connected = socket(found->ai_family, found->ai_socktype, found->ai_protocol);
    if (connected >= 0 && connect(connected, found->ai_addr, found->ai_addrlen) != 0) {
        close(connected);
        connected = -1;
    }
    freeaddrinfo(found);
    return connected;
}

bool port_open(const char *where, unsigned baud)
{
    if (strncmp(where, "tcp:", 4) == 0) {
        line = dial(where + 4);
        return line >= 0;
    }
    line = open(where, O_RDWR | O_NOCTTY);
    if (line >= 0 && !make_raw(baud))
        port_close();
    return line >= 0;
}

void port_close(void)
{
    if (line >= 0)
        close(line);
    line = -1;
}

size_t port_read(char *data, size_t room, uint32_t wait_ms)
{
    struct pollfd watched = {.fd = line, .events = POLLIN};
    ssize_t count;

    if (poll(&watched, 1, (int)wait_ms) <= 0)
        return 0;
    count = read(line, data, room < FIFO ? room : FIFO);
    if (count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN))
        port_sleep(wait_ms); /* the line is gone: whoever waits for an answer must not spin */
    return count > 0 ? (size_t)count : 0;
}

bool port_write(const char *data, size_t length)
{
    while (length > 0) {
        ssize_t count = write(line, data, length);

        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        data += count;
        length -= (size_t)count;
    }
    return true;
}

uint32_t port_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)((uint64_t)now.tv_sec * 1000U + (uint64_t)now.tv_nsec / 1000000U);
}

void port_sleep(uint32_t span_ms)
{
    struct timespec span = {.tv_sec = (time_t)(span_ms / 1000U), .tv_nsec = (long)(span_ms % 1000U) * 1000000L};

    nanosleep(&span, NULL);
}

void port_trace(const char *what, const char *text)
{
    printf("%s %s\n", what, text);
    fflush(stdout);
}
