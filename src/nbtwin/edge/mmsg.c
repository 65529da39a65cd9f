/* Many datagrams in one system call: recvmmsg and sendmmsg of Linux. Optional: `udp.py` does without as well.
 *
 * Knows sockets of both families; decides nothing: whatever cannot be sent is left to the caller.
 * Everything happens under the interpreter's lock, which also guards the buffers. */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030b0000
#define _GNU_SOURCE
#include <Python.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define AT_MOST 64
#define LARGEST 65535

static char buffers[AT_MOST][LARGEST];
static struct sockaddr_storage names[AT_MOST];
static struct iovec parts[AT_MOST];
static struct mmsghdr messages[AT_MOST];

static void prepare(int which, void *data, size_t size, socklen_t name_size)
{
    parts[which].iov_base = data;
    parts[which].iov_len = size;
    memset(&messages[which], 0, sizeof messages[which]);
    messages[which].msg_hdr.msg_name = &names[which];
    messages[which].msg_hdr.msg_namelen = name_size;
    messages[which].msg_hdr.msg_iov = &parts[which];
    messages[which].msg_hdr.msg_iovlen = 1;
}

/* ((host, port), bytes), a new reference; NULL with an exception. */
static PyObject *datagram(int which)
{
    char host[INET6_ADDRSTRLEN] = "";
    unsigned port;
    if (names[which].ss_family == AF_INET6) {
        const struct sockaddr_in6 *name = (const struct sockaddr_in6 *)&names[which];
        inet_ntop(AF_INET6, &name->sin6_addr, host, sizeof host);
        port = ntohs(name->sin6_port);
    } else {
        const struct sockaddr_in *name = (const struct sockaddr_in *)&names[which];
        inet_ntop(AF_INET, &name->sin_addr, host, sizeof host);
        port = ntohs(name->sin_port);
    }
    return Py_BuildValue("((sI)y#)", host, port, buffers[which], (Py_ssize_t)messages[which].msg_len);
}

static PyObject *receive(PyObject *self, PyObject *arguments)
{
    int descriptor, wanted;
    if (!PyArg_ParseTuple(arguments, "ii", &descriptor, &wanted))
        return NULL;
    if (wanted > AT_MOST)
        wanted = AT_MOST;
    for (int which = 0; which < wanted; which++)
        prepare(which, buffers[which], LARGEST, sizeof names[which]);
    int count = wanted > 0 ? recvmmsg(descriptor, messages, (unsigned)wanted, MSG_DONTWAIT, NULL) : 0;
    PyObject *batch = PyList_New(0);
    for (int which = 0; batch != NULL && which < count; which++) {
        PyObject *one = datagram(which);
        if (one == NULL || PyList_Append(batch, one) < 0)
            Py_CLEAR(batch);
        Py_XDECREF(one);
    }
    return batch;
}

/* Its address as the kernel has it; 0 when it is none of this family (a name, one with a scope). */
static socklen_t name_of(int which, int family, const char *host, long port)
{
    memset(&names[which], 0, sizeof names[which]);
    if (port < 0 || port > 65535)
        return 0;
    if (family == AF_INET6) {
        struct sockaddr_in6 *name = (struct sockaddr_in6 *)&names[which];
        name->sin6_family = AF_INET6;
        name->sin6_port = htons((uint16_t)port);
        return inet_pton(AF_INET6, host, &name->sin6_addr) == 1 ? sizeof *name : 0;
    }
    struct sockaddr_in *name = (struct sockaddr_in *)&names[which];
    name->sin_family = AF_INET;
    name->sin_port = htons((uint16_t)port);
    return inet_pton(AF_INET, host, &name->sin_addr) == 1 ? sizeof *name : 0;
}

static PyObject *send_all(PyObject *self, PyObject *arguments)
{
    int descriptor, family, count = 0;
    Py_ssize_t start;
    PyObject *datagrams, *items[AT_MOST];
    if (!PyArg_ParseTuple(arguments, "iiOn", &descriptor, &family, &datagrams, &start))
        return NULL;
    Py_ssize_t length = PySequence_Size(datagrams);
    if (length < 0)
        return NULL;
    while (count < AT_MOST && start + count < length) {
        PyObject *item = PySequence_GetItem(datagrams, start + count);
        const char *host, *data;
        long port;
        Py_ssize_t size;
        if (item == NULL || !PyArg_ParseTuple(item, "(sl)y#", &host, &port, &data, &size)) {
            Py_XDECREF(item);
            while (count > 0)
                Py_DECREF(items[--count]);
            return NULL;
        }
        socklen_t name_size = name_of(count, family, host, port);
        if (name_size == 0) {
            Py_DECREF(item);
            break;
        }
        prepare(count, (void *)data, (size_t)size, name_size);
        items[count++] = item;
    }
    int sent = count > 0 ? sendmmsg(descriptor, messages, (unsigned)count, MSG_DONTWAIT) : 0;
    while (count > 0)
        Py_DECREF(items[--count]);
    return PyLong_FromLong(sent < 0 ? 0 : sent);
}

static PyMethodDef methods[] = {
    {"receive", receive, METH_VARARGS, "receive(fd, n): up to n datagrams (64 at most) as ((host, port), bytes)."},
    {"send", send_all, METH_VARARGS, "send(fd, family, datagrams, start): how many from there on have left."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "nbtwin.edge.mmsg", NULL, 0, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_mmsg(void)
{
    return PyModuleDef_Init(&definition);
}
