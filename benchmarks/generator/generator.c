/*
 * Load for CoAP servers on the loopback interface, and two servers that do next to nothing.
 *
 *   generator --port PORT --requests FILE [--others FILE] [--replies FILE] [--sockets N] [--pid PID] [--cpu N] [--echo]
 *   generator --serve echo|ack|created [--cpu N]        prints "ready PORT"
 *                                               ack: 2.04 to all; created: 2.01 to who tells a name, 2.04 to others
 *   generator --histogram                       numbers on standard input; their percentiles, as a phase prints them
 *
 * It knows no operator and no option but those of paths. Requests are whole datagrams that somebody else has prepared,
 * one a device; only message ID and token are put in. Phases are lines of words on standard input, each is answered by
 * a line of JSON:
 *
 *   what=register|other|update  the requests of --requests, of --others, or a POST to the Location that a device got
 *   closed=WINDOW | open=RATE   so many exchanges open all the time; or so many a second, whatever becomes of them
 *   seconds=S  count=N          until one of them is reached; 0: without limit
 *   order=in|random             by number, or another random order in each pass
 *   devices=N                   the first N of the file; 0: all
 *   follows=N                   an exchange has ended when the server has asked so many things after it (0)
 *   missing=1                   only devices that have not been answered yet
 *   timeout=MS                  what is not answered by then is lost (2000); nothing is sent twice
 *
 * Open loop: the instants to send at are drawn before (exponential gaps), and an answer's time counts from that
 * instant, not from when the datagram left. So a server that stalls cannot hide who waited meanwhile. What was lost
 * counts with its timeout.
 *
 * A device keeps its port. A port that has used its message IDs up is replaced by another one: a server that removes
 * duplicates would else answer from its memory (RFC 7252 4.5).
 *
 * With --pid the CPU time of that process is taken, all threads, and of the processes that it has, from when it has
 * become idle before a phase to when it has become idle after it: work that is put off, or given away, counts.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <math.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

typedef int64_t nanos;

enum { SECOND = 1000000000, MS = 1000000, DATAGRAM = 1500, EXCHANGES = 65536, BATCH = 16, FOLLOWS = 16, LOCATION = 47 };
enum { CON = 0, ACK = 2, RST = 3 };
enum { URI_PATH = 11, LOCATION_PATH = 8, OBSERVE = 6, POST = 2, CREATED = 0x41, CHANGED = 0x44, NOT_FOUND = 0x84 };

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "generator: %s: %s\n", what, strerror(errno));
    exit(1);
}

static _Noreturn void refuse(const char *why)
{
    fprintf(stderr, "generator: %s\n", why);
    exit(2);
}

static void *need(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    if (!memory) fail("memory");
    return memory;
}

static nanos clock_of(clockid_t clock)
{
    struct timespec at;
    if (clock_gettime(clock, &at)) fail("clock");
    return (nanos)at.tv_sec * SECOND + at.tv_nsec;
}

static nanos now_is(void) { return clock_of(CLOCK_MONOTONIC); }

/* Random numbers: splitmix64; the seed is fixed, so that two servers get the same schedule. */
static uint64_t random_state;

static uint64_t random_bits(void)
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static uint32_t random_below(uint32_t limit) { return (uint32_t)((random_bits() >> 32) * limit >> 32); }

static nanos random_gap(double rate) { return (nanos)(-log(((random_bits() >> 11) + 1) * 0x1p-53) / rate * SECOND); }

/* Percentiles. Values below 256 are kept as they are; above, each power of two is cut into 128 equal parts, so that what
 * is said of a value is at most 0.8 % too large and never too small. */
enum { PARTS = 128, SLOTS = (64 - 7) * PARTS + PARTS };

struct histogram { uint64_t slots[SLOTS], count; nanos most; };

static int slot_of(uint64_t value)
{
    int shift = value < 2 * PARTS ? 0 : 63 - 7 - __builtin_clzll(value);
    return shift * PARTS + (int)(value >> shift);
}

static uint64_t upper_edge(int slot)
{
    int shift = slot < 2 * PARTS ? 0 : slot / PARTS - 1;
    return ((uint64_t)(slot - shift * PARTS + 1) << shift) - 1;
}

static void take_value(struct histogram *histogram, nanos value)
{
    if (value < 0) value = 0;
    histogram->slots[slot_of((uint64_t)value)]++;
    histogram->count++;
    if (value > histogram->most) histogram->most = value;
}

/* The least value that at least `part` of all are not above. */
static nanos percentile(const struct histogram *histogram, double part)
{
    uint64_t wanted = (uint64_t)ceil(part * (double)histogram->count), seen = 0;
    if (!wanted) wanted = 1;
    for (int slot = 0; slot < SLOTS; slot++)
        if ((seen += histogram->slots[slot]) >= wanted) {
            nanos edge = (nanos)upper_edge(slot);
            return edge < histogram->most ? edge : histogram->most;
        }
    return histogram->most;
}

static void print_percentiles(const char *name, const struct histogram *histogram, double unit)
{
    printf("\"%s\":{\"count\":%llu,\"p50\":%.6g,\"p90\":%.6g,\"p95\":%.6g,\"p99\":%.6g,\"p999\":%.6g,\"max\":%.6g}", name,
           (unsigned long long)histogram->count, (double)percentile(histogram, .5) / unit,
           (double)percentile(histogram, .9) / unit, (double)percentile(histogram, .95) / unit,
           (double)percentile(histogram, .99) / unit, (double)percentile(histogram, .999) / unit,
           (double)histogram->most / unit);
}

/* What was prepared. Requests: for each a length in two bytes and the datagram. Replies: for each the path that is asked
 * for in as many bytes as the byte before says, a byte that tells whether it is an observation, the code, and the options
 * and the payload with a length in two bytes before them. */
struct table { uint32_t count; const uint8_t **at; };
struct reply { const uint8_t *path, *tail; uint8_t path_length, observes, code; uint16_t tail_length; };

static const uint8_t *map_file(const char *name, size_t *size)
{
    int file = open(name, O_RDONLY);
    struct stat status;
    if (file < 0 || fstat(file, &status)) fail(name);
    *size = (size_t)status.st_size;
    if (!*size) refuse("an empty file of requests or replies");
    const uint8_t *data = mmap(NULL, *size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
    if (data == MAP_FAILED) fail(name);
    close(file);
    return data;
}

static uint16_t length_at(const uint8_t *at) { return (uint16_t)(at[0] << 8 | at[1]); }

static struct table requests_of(const char *name)
{
    size_t size, at = 0;
    const uint8_t *data = map_file(name, &size);
    struct table table = { 0, NULL };
    for (int pass = 0; pass < 2; pass++) {
        for (at = 0, table.count = 0; at + 2 <= size && at + 2 + length_at(data + at) <= size; table.count++) {
            uint16_t length = length_at(data + at);
            if (length < 8 || length > DATAGRAM || (data[at + 2] & 15) != 4) refuse("a request without a token of four bytes");
            if (pass) table.at[table.count] = data + at;
            at += 2u + length;
        }
        if (at != size) refuse("a file of requests that ends within a request");
        if (!pass) table.at = need(table.count, sizeof *table.at);
    }
    return table;
}

static struct reply *replies;
static int reply_count;

static void load_replies(const char *name)
{
    size_t size, at = 0;
    const uint8_t *data = map_file(name, &size);
    replies = need(size / 5 + 1, sizeof *replies);
    while (at + 1 <= size && at + 5u + data[at] <= size) {
        struct reply *reply = &replies[reply_count++];
        reply->path_length = data[at];
        reply->path = data + at + 1;
        at += 1u + reply->path_length;
        reply->observes = data[at];
        reply->code = data[at + 1];
        reply->tail_length = length_at(data + at + 2);
        reply->tail = data + at + 4;
        at += 4u + reply->tail_length;
    }
    if (at != size) refuse("a file of replies that ends within a reply");
}

/* The exchanges that are open, and the ports. */
struct exchange {
    nanos scheduled, given_up;
    uint32_t device, port;
    uint16_t message_id, use;
    bool open, answered;
    uint8_t follows;
};
struct port {
    int file, previous;   /* the one before stays open for what is still on its way */
    uint32_t spent;       /* message IDs */
    uint16_t message_id;
    int exchange;         /* with follows: the one that is open, or -1 */
    uint32_t next;        /* with follows: which of its devices comes next */
    uint16_t asked[FOLLOWS], asked_count;  /* message IDs of what the server has asked in this exchange */
};
enum work { REGISTER, OTHER, UPDATE };
struct phase {
    enum work what;
    bool random, missing;
    long window, count;
    double rate, seconds;
    uint32_t devices;
    int follows;
    nanos timeout;
};
struct counts { uint64_t sent, ok, in_time, errors, lost, unfinished, stray, separate, asked, unknown, skipped, codes[256]; };

static struct table requests, others;
static struct exchange exchanges[EXCHANGES];
static int idle[EXCHANGES], idle_count, highest, open_count;
static struct port *ports;
static uint32_t port_count = 64, free_ports_at, free_ports_count, *free_ports;
static uint8_t (*locations)[1 + LOCATION];
static bool *known, echoed;
static uint32_t *order, *port_order, cursor;
static struct sockaddr_in server = { .sin_family = AF_INET };
static int poll_file;
static int server_pid;
static struct phase phase;
static struct counts counts;
static struct histogram answers, wholes, lateness;

static void open_port(uint32_t number)
{
    struct port *port = &ports[number];
    int size = 4 << 20, file = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    struct epoll_event event = { .events = EPOLLIN };
    if (file < 0) fail("socket");
    setsockopt(file, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    setsockopt(file, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    if (connect(file, (struct sockaddr *)&server, sizeof server)) fail("connect");
    event.data.u64 = (uint64_t)number << 32 | (uint32_t)file;
    if (epoll_ctl(poll_file, EPOLL_CTL_ADD, file, &event)) fail("epoll");
    if (port->previous >= 0) close(port->previous);
    port->previous = port->file;
    port->file = file;
    port->spent = 0;
    port->message_id = (uint16_t)random_bits();
}

static void send_to_server(int file, const void *data, size_t length)
{
    if (send(file, data, length, 0) < 0 && errno != EAGAIN && errno != ENOBUFS && errno != ECONNREFUSED) fail("send");
}

/* ---- CoAP ---- */

struct option { int number; const uint8_t *value; int length; };

/* Reads the next option; false at the payload, at the end and where the message is malformed. */
static bool next_option(const uint8_t **at, const uint8_t *end, struct option *option)
{
    int field[2];
    if (*at >= end || **at == 0xff) return false;
    field[0] = **at >> 4;
    field[1] = **at & 15;
    ++*at;
    for (int i = 0; i < 2; i++) {
        int more = field[i] == 13 ? 1 : field[i] == 14 ? 2 : 0;
        if (field[i] == 15 || end - *at < more) return false;
        if (more == 1) field[i] = 13 + (*at)[0];
        if (more == 2) field[i] = 269 + ((*at)[0] << 8 | (*at)[1]);
        *at += more;
    }
    if (end - *at < field[1]) return false;
    option->number += field[0];
    option->value = *at;
    option->length = field[1];
    *at += field[1];
    return true;
}

/* A Location as the Uri-Path options of a later request; too long a one is not kept. */
static void keep_location(uint8_t *kept, const uint8_t *at, const uint8_t *end)
{
    struct option option = { 0, NULL, 0 };
    int length = 0;
    while (next_option(&at, end, &option)) {
        if (option.number != LOCATION_PATH) continue;
        int extended = option.length >= 13;
        if (option.length >= 269 || length + 1 + extended + option.length > LOCATION) return;
        kept[1 + length] = (uint8_t)((length ? 0 : URI_PATH << 4) | (extended ? 13 : option.length));
        if (extended) kept[2 + length] = (uint8_t)(option.length - 13);
        memcpy(kept + 2 + length + extended, option.value, (size_t)option.length);
        length += 1 + extended + option.length;
    }
    kept[0] = (uint8_t)length;
}

/* ---- Sending ---- */

static size_t write_request(uint8_t *out, const struct exchange *exchange, uint32_t number)
{
    size_t length;
    if (phase.what == UPDATE) {
        const uint8_t *location = locations[exchange->device];
        out[0] = 0x40 | CON << 4 | 4;
        out[1] = POST;
        memcpy(out + 8, location + 1, location[0]);
        length = 8u + location[0];
    } else {
        const uint8_t *prepared = (phase.what == REGISTER ? requests : others).at[exchange->device];
        length = length_at(prepared);
        memcpy(out, prepared + 2, length);
    }
    out[2] = (uint8_t)(exchange->message_id >> 8);
    out[3] = (uint8_t)exchange->message_id;
    out[4] = (uint8_t)(number >> 8);
    out[5] = (uint8_t)number;
    out[6] = (uint8_t)(exchange->use >> 8);
    out[7] = (uint8_t)exchange->use;
    return length;
}

static bool left_out(uint32_t device)
{
    return (phase.missing && known[device]) || (phase.what == UPDATE && !locations[device][0]);
}

/* The place in a pass of `count` things: by number, or drawn from those that the pass has not had yet. */
static uint32_t take_from(uint32_t *things, uint32_t place, uint32_t count)
{
    if (phase.random) {
        uint32_t other = place + random_below(count - place), thing = things[other];
        things[other] = things[place];
        things[place] = thing;
        return thing;
    }
    return place;
}

/* The next device, and its port; false when none is left that can be asked now. */
static bool choose(uint32_t *device, uint32_t *number)
{
    for (uint32_t tries = 0; tries < phase.devices; tries++) {
        if (phase.follows) { /* one exchange a port: what the server asks has no token of ours */
            if (!free_ports_count) return false;
            *number = free_ports[free_ports_at];
            uint32_t own = (phase.devices - *number + port_count - 1) / port_count;
            struct port *port = &ports[*number];
            *device = *number + port_count * take_from(port_order + *number * (size_t)(phase.devices / port_count + 1), port->next, own);
            port->next = port->next + 1 >= own ? 0 : port->next + 1;
            if (!left_out(*device)) {
                free_ports_at = (free_ports_at + 1) % port_count;
                free_ports_count--;
                return true;
            }
            free_ports_at = (free_ports_at + 1) % port_count; /* this device's turn is over, the port goes to the end */
            free_ports[(free_ports_at + free_ports_count - 1) % port_count] = *number;
        } else {
            *device = take_from(order, cursor, phase.devices);
            *number = *device % port_count;
            cursor = cursor + 1 >= phase.devices ? 0 : cursor + 1;
            if (!left_out(*device)) return true;
        }
        counts.skipped++;
    }
    return false;
}

static bool start(nanos scheduled)
{
    uint8_t out[DATAGRAM];
    uint32_t device, number;
    if (!idle_count || !choose(&device, &number)) return false;
    int found = idle[--idle_count];
    struct exchange *exchange = &exchanges[found];
    struct port *port = &ports[number];
    if (port->spent >= 65000) open_port(number);
    port->spent++;
    *exchange = (struct exchange){ scheduled, 0, device, number, port->message_id++, (uint16_t)(exchange->use + 1), true, false, 0 };
    if (found >= highest) highest = found + 1;
    port->exchange = found;
    port->asked_count = 0;
    size_t length = write_request(out, exchange, (uint32_t)found);
    nanos sent = now_is();
    exchange->given_up = (scheduled > sent ? scheduled : sent) + phase.timeout;
    if (phase.rate > 0) take_value(&lateness, sent - scheduled);
    else exchange->scheduled = sent;
    send_to_server(port->file, out, length);
    counts.sent++;
    open_count++;
    return true;
}

static void finish(struct exchange *exchange, nanos now)
{
    exchange->open = false;
    idle[idle_count++] = (int)(exchange - exchanges);
    open_count--;
    if (phase.follows) {
        if (exchange->answered) take_value(&wholes, now - exchange->scheduled);
        ports[exchange->port].exchange = -1;
        free_ports[(free_ports_at + free_ports_count++) % port_count] = exchange->port;
    }
}

/* ---- Receiving ---- */

static void on_request(struct port *port, int file, const uint8_t *data, size_t length, nanos now)
{
    uint8_t out[DATAGRAM];
    char path[256];
    size_t path_length = 0, token = data[0] & 15;
    bool observes = false;
    struct option option = { 0, NULL, 0 };
    const uint8_t *at = data + 4 + token;
    while (next_option(&at, data + length, &option)) {
        if (option.number == OBSERVE) observes = true;
        if (option.number != URI_PATH || path_length + 1 + (size_t)option.length > sizeof path) continue;
        path[path_length++] = '/';
        memcpy(path + path_length, option.value, (size_t)option.length);
        path_length += (size_t)option.length;
    }
    const struct reply *found = NULL;
    for (int i = 0; i < reply_count && !found; i++)
        if (replies[i].path_length == path_length && replies[i].observes == observes && !memcmp(replies[i].path, path, path_length))
            found = &replies[i];
    memcpy(out, data, 4 + token);
    out[0] = (uint8_t)(0x40 | ACK << 4 | token);
    out[1] = found ? found->code : NOT_FOUND;
    if (found) memcpy(out + 4 + token, found->tail, found->tail_length);
    send_to_server(file, out, 4 + token + (found ? found->tail_length : 0));
    if (!found) counts.unknown++;
    uint16_t message_id = length_at(data + 2);
    for (int i = 0; i < port->asked_count && i < FOLLOWS; i++)
        if (port->asked[i] == message_id) return; /* it asks again */
    port->asked[port->asked_count++ % FOLLOWS] = message_id;
    counts.asked++;
    if (!phase.follows || port->exchange < 0) return;
    struct exchange *exchange = &exchanges[port->exchange];
    if (++exchange->follows >= phase.follows && exchange->answered) finish(exchange, now);
}

static void on_datagram(struct port *port, int file, const uint8_t *data, size_t length, nanos now, nanos until)
{
    size_t token = length >= 4 ? data[0] & 15 : 0;
    if (length < 4 + token || token > 8 || data[0] >> 6 != 1) { counts.stray++; return; }
    int type = data[0] >> 4 & 3, code = data[1];
    if (!echoed && code > 0 && code < 0x20) { on_request(port, file, data, length, now); return; }
    if (code == 0) { /* RST: nothing more will come */
        if (type == ACK) counts.separate++;
        else counts.stray++;
        return;
    }
    if (type == CON && !echoed) { /* a separate response */
        uint8_t ack[4] = { 0x40 | ACK << 4, 0, data[2], data[3] };
        send_to_server(file, ack, sizeof ack);
    }
    struct exchange *exchange = token == 4 ? &exchanges[length_at(data + 4)] : NULL;
    if (!exchange || !exchange->open || exchange->answered || exchange->use != length_at(data + 6) ||
        (type == ACK && exchange->message_id != length_at(data + 2))) {
        counts.stray++;
        return;
    }
    counts.codes[code]++;
    if (code >> 5 != 2 && !echoed) {
        counts.errors++;
        finish(exchange, now);
        return;
    }
    counts.ok++;
    if (now <= until) counts.in_time++;
    take_value(&answers, now - exchange->scheduled);
    if (phase.what == REGISTER) {
        known[exchange->device] = true;
        if (code == CREATED && !echoed) keep_location(locations[exchange->device], data + 8, data + length);
    }
    exchange->answered = true;
    if (exchange->follows >= phase.follows) finish(exchange, now);
}

static void receive(nanos wait, nanos until)
{
    static uint8_t data[BATCH][DATAGRAM];
    static struct iovec parts[BATCH];
    static struct mmsghdr messages[BATCH];
    struct epoll_event events[64];
    struct timespec span = { wait / SECOND, wait % SECOND };
    int ready = epoll_pwait2(poll_file, events, 64, &span, NULL);
    nanos now = now_is();
    for (int i = 0; i < ready; i++) {
        int file = (int)(uint32_t)events[i].data.u64;
        struct port *port = &ports[events[i].data.u64 >> 32];
        for (int j = 0; j < BATCH; j++) {
            parts[j] = (struct iovec){ data[j], DATAGRAM };
            messages[j].msg_hdr = (struct msghdr){ .msg_iov = &parts[j], .msg_iovlen = 1 };
        }
        int count = recvmmsg(file, messages, BATCH, MSG_DONTWAIT, NULL);
        if (count < 0 && errno == ECONNREFUSED) refuse("nothing listens on this port");
        for (int j = 0; j < count; j++) on_datagram(port, file, data[j], messages[j].msg_len, now, until);
    }
}

static void give_up(nanos now)
{
    for (int i = 0; i < highest; i++) {
        struct exchange *exchange = &exchanges[i];
        if (!exchange->open || exchange->given_up > now) continue;
        if (exchange->answered) counts.unfinished++;
        else {
            counts.lost++;
            take_value(&answers, now - exchange->scheduled);
        }
        finish(exchange, now);
    }
}

/* ---- A phase ---- */

/* Seconds of CPU of the server, once it has caught up: less than a tenth of a core, twice in a row. What it does when
 * nobody asks it anything is less. */
static nanos cpu_of(int pid)
{
    clockid_t clock;
    struct timespec at;
    if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &at)) return 0;
    return (nanos)at.tv_sec * SECOND + at.tv_nsec;
}

static nanos servers_cpu(void)
{
    nanos sum = cpu_of(server_pid);
    char pattern[64];
    glob_t found;
    snprintf(pattern, sizeof pattern, "/proc/%d/task/*/children", server_pid);
    if (glob(pattern, 0, NULL, &found)) return sum;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        FILE *file = fopen(found.gl_pathv[i], "r");
        for (int pid; file && fscanf(file, "%d", &pid) == 1;) sum += cpu_of(pid);
        if (file) fclose(file);
    }
    globfree(&found);
    return sum;
}

static double server_cpu(void)
{
    if (!server_pid) return 0;
    nanos before = servers_cpu(), after = before;
    for (int i = 0, calm = 0; i < 300 && calm < 2; i++, before = after) {
        receive(0, 0);
        nanosleep(&(struct timespec){ 0, 100 * MS }, NULL);
        after = servers_cpu();
        calm = after - before < 10 * MS ? calm + 1 : 0;
    }
    return (double)after / SECOND;
}

static double own_cpu(void) { return (double)clock_of(CLOCK_PROCESS_CPUTIME_ID) / SECOND; }

static void prepare(void)
{
    memset(&counts, 0, sizeof counts);
    memset(&answers, 0, sizeof answers);
    memset(&wholes, 0, sizeof wholes);
    memset(&lateness, 0, sizeof lateness);
    random_state = 1;
    cursor = 0;
    idle_count = open_count = highest = 0;
    for (int i = EXCHANGES; i-- > 0; exchanges[i].open = false) idle[idle_count++] = i;
    for (uint32_t i = 0; i < requests.count; i++) order[i] = i;
    uint32_t own = phase.devices / port_count + 1;
    for (uint32_t i = 0; i < port_count; i++) {
        ports[i].exchange = -1;
        ports[i].next = 0;
        free_ports[i] = i;
        for (uint32_t j = 0; phase.follows && j < own; j++) port_order[i * (size_t)own + j] = j;
    }
    free_ports_at = 0;
    free_ports_count = port_count < phase.devices ? port_count : phase.devices;
}

static void run(void)
{
    prepare();
    double cpu_before = server_cpu(), own_before = own_cpu();
    nanos began = now_is(), now = began, sweep = began, due = began;
    nanos until = phase.seconds > 0 ? began + (nanos)(phase.seconds * SECOND) : INT64_MAX;
    nanos last = began;
    if (phase.rate > 0) due += random_gap(phase.rate);
    while (true) {
        bool more = !phase.count || counts.sent < (uint64_t)phase.count;
        for (; phase.rate > 0 && more && due <= now && due < until && start(due); due += random_gap(phase.rate))
            more = !phase.count || counts.sent < (uint64_t)phase.count;
        more = more && (phase.rate > 0 ? due : now) < until;
        if (more && phase.rate <= 0)
            while (open_count < phase.window && (!phase.count || counts.sent < (uint64_t)phase.count) && start(now)) {}
        if (!open_count && (!more || phase.rate <= 0)) break;
        nanos wait = 10 * MS;
        if (more && phase.rate > 0) wait = due <= now ? (idle_count ? 0 : MS) : due - now < wait ? due - now : wait;
        receive(wait, until);
        now = now_is();
        if (now - sweep >= 20 * MS) {
            give_up(now);
            sweep = now;
        }
        if (now < until) last = now;
    }
    double seconds = (double)((until == INT64_MAX || now < until ? last : until) - began) / SECOND;
    double own = own_cpu() - own_before, cpu = server_cpu() - cpu_before;
    printf("{\"sent\":%llu,\"answered\":%llu,\"errors\":%llu,\"lost\":%llu,\"unfinished\":%llu,\"stray\":%llu,\"separate\":%llu,"
           "\"asked\":%llu,\"unknown\":%llu,\"skipped\":%llu,\"seconds\":%.6f,\"rate\":%.1f,\"cpu\":%.6f,\"generator_cpu\":%.6f,",
           (unsigned long long)counts.sent, (unsigned long long)counts.ok, (unsigned long long)counts.errors,
           (unsigned long long)counts.lost, (unsigned long long)counts.unfinished, (unsigned long long)counts.stray,
           (unsigned long long)counts.separate, (unsigned long long)counts.asked, (unsigned long long)counts.unknown,
           (unsigned long long)counts.skipped, seconds, seconds > 0 ? (double)counts.in_time / seconds : 0, cpu, own);
    print_percentiles("ms", &answers, MS);
    printf(",");
    print_percentiles("whole_ms", &wholes, MS);
    printf(",");
    print_percentiles("late_ms", &lateness, MS);
    printf(",\"codes\":{");
    for (int code = 0, first = 1; code < 256; code++)
        if (counts.codes[code]) {
            printf("%s\"%d.%02d\":%llu", first ? "" : ",", code >> 5, code & 31, (unsigned long long)counts.codes[code]);
            first = 0;
        }
    printf("}}\n");
    fflush(stdout);
}

static void set(const char *name, const char *value)
{
    if (!strcmp(name, "what")) {
        if (!strcmp(value, "register")) phase.what = REGISTER;
        else if (!strcmp(value, "other")) phase.what = OTHER;
        else if (!strcmp(value, "update")) phase.what = UPDATE;
        else refuse("what= is register, other or update");
    } else if (!strcmp(name, "closed")) phase.window = atol(value);
    else if (!strcmp(name, "open")) phase.rate = atof(value);
    else if (!strcmp(name, "seconds")) phase.seconds = atof(value);
    else if (!strcmp(name, "count")) phase.count = atol(value);
    else if (!strcmp(name, "order")) phase.random = !strcmp(value, "random");
    else if (!strcmp(name, "devices")) phase.devices = (uint32_t)atol(value);
    else if (!strcmp(name, "follows")) phase.follows = atoi(value);
    else if (!strcmp(name, "missing")) phase.missing = atoi(value);
    else if (!strcmp(name, "timeout")) phase.timeout = atol(value) * (nanos)MS;
    else refuse("a phase with a word that it does not know");
}

static void run_phases(void)
{
    char line[1024];
    while (fgets(line, sizeof line, stdin)) {
        phase = (struct phase){ .timeout = 2000 * (nanos)MS, .devices = requests.count };
        for (char *word = strtok(line, " \n"); word; word = strtok(NULL, " \n")) {
            char *value = strchr(word, '=');
            if (!value) refuse("a phase is words name=value");
            *value = 0;
            set(word, value + 1);
        }
        if (!phase.devices || phase.devices > requests.count) phase.devices = requests.count;
        if ((phase.window > 0) == (phase.rate > 0)) refuse("a phase is closed or open");
        if (!phase.seconds && !phase.count) refuse("a phase has seconds or a count");
        if (phase.what == OTHER && others.count < phase.devices) refuse("fewer other requests than devices");
        if (phase.follows > FOLLOWS) refuse("too many follows");
        if (phase.window > EXCHANGES) phase.window = EXCHANGES;
        run();
    }
}

/* ---- Servers that do next to nothing ---- */

static void serve(const char *how)
{
    static uint8_t data[BATCH * 4][DATAGRAM];
    static struct sockaddr_in from[BATCH * 4];
    static struct iovec parts[BATCH * 4];
    static struct mmsghdr messages[BATCH * 4];
    static const uint8_t location[] = { 0x82, 'r', 'd', 0x01, '1' }; /* Location-Path rd/1, twice option 8 */
    bool creates = !strcmp(how, "created"), acks = creates || !strcmp(how, "ack");
    int size = 4 << 20, file = socket(AF_INET, SOCK_DGRAM, 0);
    socklen_t length = sizeof server;
    if (!acks && strcmp(how, "echo")) refuse("--serve is echo, ack or created");
    setsockopt(file, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    setsockopt(file, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    if (bind(file, (struct sockaddr *)&server, sizeof server) || getsockname(file, (struct sockaddr *)&server, &length)) fail("bind");
    printf("ready %d\n", ntohs(server.sin_port));
    fflush(stdout);
    while (true) {
        for (int i = 0; i < BATCH * 4; i++) {
            parts[i] = (struct iovec){ data[i], DATAGRAM };
            messages[i].msg_hdr = (struct msghdr){ .msg_name = &from[i], .msg_namelen = sizeof from[i], .msg_iov = &parts[i], .msg_iovlen = 1 };
        }
        int count = recvmmsg(file, messages, BATCH * 4, MSG_WAITFORONE, NULL);
        for (int i = 0; i < count; i++) {
            parts[i].iov_len = messages[i].msg_len;
            if (!acks || messages[i].msg_len < 4) continue;
            parts[i].iov_len = 4u + (data[i][0] & 15);
            data[i][0] = (uint8_t)(0x40 | ACK << 4 | (data[i][0] & 15));
            bool registers = creates && memmem(data[i], messages[i].msg_len, "ep=", 3);
            data[i][1] = registers ? CREATED : CHANGED;
            if (!registers) continue;
            memcpy(data[i] + parts[i].iov_len, location, sizeof location);
            parts[i].iov_len += sizeof location;
        }
        for (int done = 0, some; done < count && (some = sendmmsg(file, messages + done, (unsigned)(count - done), 0)) > 0;) done += some;
    }
}

static void print_histogram(void)
{
    double value;
    while (scanf("%lf", &value) == 1) take_value(&answers, (nanos)value);
    printf("{");
    print_percentiles("values", &answers, 1);
    printf("}\n");
}

static void stay_on(int cpu)
{
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    CPU_SET(cpu, &cpus);
    if (sched_setaffinity(0, sizeof cpus, &cpus)) fail("--cpu");
}

int main(int argc, char **argv)
{
    const char *port = NULL, *first = NULL, *second = NULL, *answered = NULL, *how = NULL;
    bool values = false;
    int cpu = -1;
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (!strcmp(name, "--echo")) { echoed = true; continue; }
        if (!strcmp(name, "--histogram")) { values = true; continue; }
        if (!value) refuse("an option without its value");
        i++;
        if (!strcmp(name, "--port")) port = value;
        else if (!strcmp(name, "--requests")) first = value;
        else if (!strcmp(name, "--others")) second = value;
        else if (!strcmp(name, "--replies")) answered = value;
        else if (!strcmp(name, "--sockets")) port_count = (uint32_t)atoi(value);
        else if (!strcmp(name, "--pid")) server_pid = atoi(value);
        else if (!strcmp(name, "--cpu")) cpu = atoi(value);
        else if (!strcmp(name, "--serve")) how = value;
        else refuse("an option that it does not know; the options are in generator.c");
    }
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    prctl(PR_SET_PDEATHSIG, 15);
    if (cpu >= 0) stay_on(cpu);
    if (values) { print_histogram(); return 0; }
    if (how) { serve(how); return 0; }
    if (!port || !first || port_count < 1 || port_count > 8192) refuse("--port and --requests are needed; the options are in generator.c");
    prctl(PR_SET_TIMERSLACK, 1000);
    server.sin_port = htons((uint16_t)atoi(port));
    requests = requests_of(first);
    if (second) others = requests_of(second);
    if (answered) load_replies(answered);
    if (server_pid && !cpu_of(server_pid)) refuse("--pid: no such process");
    struct rlimit files = { 0, 0 };
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    if ((poll_file = epoll_create1(0)) < 0) fail("epoll");
    ports = need(port_count, sizeof *ports);
    free_ports = need(port_count, sizeof *free_ports);
    order = need(requests.count, sizeof *order);
    port_order = need((size_t)port_count * (requests.count / port_count + 1), sizeof *port_order);
    known = need(requests.count, sizeof *known);
    locations = need(requests.count, sizeof *locations);
    random_state = (uint64_t)now_is();
    for (uint32_t i = 0; i < port_count; i++) {
        ports[i].file = ports[i].previous = -1;
        open_port(i);
    }
    run_phases();
    return 0;
}
