/* Stands for the part of Zephyr's native_sim that docs/first-test-zephyr.md uses: options after the node's name, a
 * serial port that is set as its native TTY driver sets one, single bytes, the uptime. Not Zephyr, and none of its code. */
#define _DEFAULT_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <zephyr/drivers/uart.h>
#include <zephyr/kernel.h>
#include <zephyr/sys/printk.h>

#include "nsi_main.h"

int zephyr_main(void);
const struct device stand_in_uart2 = {"uart2"};
static int port = -1;

void uart_poll_out(const struct device *dev, unsigned char out_char)
{
    (void)dev;
    if (write(port, &out_char, 1) != 1)
        exit(90);
}

int uart_poll_in(const struct device *dev, unsigned char *p_char)
{
    (void)dev;
    return read(port, p_char, 1) > 0 ? 0 : -1;
}

int64_t k_uptime_get(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int32_t k_msleep(int32_t ms)
{
    struct timespec span = {ms / 1000, (long)(ms % 1000) * 1000000};

    nanosleep(&span, NULL);
    return 0;
}

void nsi_exit(int exit_code) { exit(exit_code); }

static void set(const char *baud)
{
    struct termios wanted, found;
    speed_t speed = strcmp(baud, "9600") == 0 ? B9600 : strcmp(baud, "115200") == 0 ? B115200 : B0;

    if (speed == B0 || tcgetattr(port, &wanted) != 0)
        exit(91);
    wanted.c_lflag &= ~(tcflag_t)(ICANON | ISIG | ECHO);
    wanted.c_oflag &= ~(tcflag_t)(OPOST | ONLCR);
    wanted.c_iflag &= ~(tcflag_t)(IXON | IXOFF | IXANY | IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL);
    wanted.c_cc[VMIN] = 0;
    wanted.c_cc[VTIME] = 0;
    wanted.c_cflag &= ~(tcflag_t)(PARENB | CSTOPB | CSIZE);
    wanted.c_cflag |= CREAD | CLOCAL | CS8;
    cfsetospeed(&wanted, speed);
    cfsetispeed(&wanted, speed);
    if (tcsetattr(port, TCSANOW, &wanted) != 0 || tcgetattr(port, &found) != 0)
        exit(92);
    if (wanted.c_cflag != found.c_cflag || wanted.c_iflag != found.c_iflag || wanted.c_oflag != found.c_oflag ||
        wanted.c_lflag != found.c_lflag || cfgetospeed(&found) != speed ||
        memcmp(wanted.c_cc, found.c_cc, sizeof wanted.c_cc) != 0)
        exit(93); /* the driver refuses a port that does not keep what it was told */
    tcflush(port, TCIOFLUSH);
}

int main(int count, char **words)
{
    const char *where = "", *baud = "115200";

    for (; count > 1; count--) {
        const char *word = words[count - 1];

        if (strncmp(word, "--uart2_port=", 13) == 0)
            where = word + 13;
        else if (strncmp(word, "--uart2_baud=", 13) == 0)
            baud = word + 13;
        else if (strcmp(word, "--rt") != 0)
            return 94;
    }
    if ((port = open(where, O_RDWR | O_NOCTTY)) < 0)
        return 95;
    set(baud);
    printf("uart2 connected to the serial port: %s\n", where);
    return zephyr_main();
}
