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
#include <stdbool.h>
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

/* The host of a name as text, a new reference; NULL with an exception. Many come from one, so the last one is kept. */
static PyObject *host_of(int which)
{
    static unsigned char last[sizeof(struct in6_addr)];
    static PyObject *text;
    static sa_family_t family;
    sa_family_t of = names[which].ss_family;
    const void *address = of == AF_INET6 ? (const void *)&((struct sockaddr_in6 *)&names[which])->sin6_addr
                                         : (const void *)&((struct sockaddr_in *)&names[which])->sin_addr;
    size_t size = of == AF_INET6 ? sizeof(struct in6_addr) : sizeof(struct in_addr);
    if (text == NULL || of != family || memcmp(last, address, size)) {
        char host[INET6_ADDRSTRLEN] = "";
        inet_ntop(of, address, host, sizeof host);
        PyObject *made = PyUnicode_FromString(host);
        if (made == NULL)
            return NULL;
        Py_XDECREF(text);
        text = made;
        family = of;
        memcpy(last, address, size);
    }
    Py_INCREF(text);
    return text;
}

/* Takes both references; NULL with an exception. */
static PyObject *pair(PyObject *first, PyObject *second)
{
    PyObject *both = first != NULL && second != NULL ? PyTuple_New(2) : NULL;
    if (both == NULL) {
        Py_XDECREF(first);
        Py_XDECREF(second);
        return NULL;
    }
    PyTuple_SetItem(both, 0, first);
    PyTuple_SetItem(both, 1, second);
    return both;
}

/* ((host, port), bytes), a new reference; NULL with an exception. */
static PyObject *datagram(int which)
{
    bool is_6 = names[which].ss_family == AF_INET6;
    unsigned port = ntohs(is_6 ? ((struct sockaddr_in6 *)&names[which])->sin6_port
                               : ((struct sockaddr_in *)&names[which])->sin_port);
    PyObject *source = pair(host_of(which), PyLong_FromUnsignedLong(port));
    return source == NULL ? NULL
                          : pair(source, PyBytes_FromStringAndSize(buffers[which], (Py_ssize_t)messages[which].msg_len));
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
    PyObject *batch = PyList_New(count > 0 ? count : 0);
    for (int which = 0; batch != NULL && which < count; which++) {
        PyObject *one = datagram(which);
        if (one == NULL || PyList_SetItem(batch, which, one) < 0)
            Py_CLEAR(batch);
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

/* What of ((host, port), bytes) is in it, borrowed; 0 with an exception. */
static int take_apart(PyObject *item, const char **host, long *port, char **data, Py_ssize_t *size)
{
    PyObject *peer = PyTuple_Check(item) && PyTuple_Size(item) == 2 ? PyTuple_GetItem(item, 0) : NULL;
    if (peer == NULL || !PyTuple_Check(peer) || PyTuple_Size(peer) != 2) {
        PyErr_SetString(PyExc_TypeError, "a datagram is ((host, port), bytes)");
        return 0;
    }
    *host = PyUnicode_AsUTF8AndSize(PyTuple_GetItem(peer, 0), NULL);
    *port = *host == NULL ? -1 : PyLong_AsLong(PyTuple_GetItem(peer, 1));
    if (*host == NULL || (*port == -1 && PyErr_Occurred()))
        return 0;
    return PyBytes_AsStringAndSize(PyTuple_GetItem(item, 1), data, size) == 0;
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
        const char *host;
        char *data;
        long port;
        Py_ssize_t size;
        if (item == NULL || !take_apart(item, &host, &port, &data, &size)) {
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
        prepare(count, data, (size_t)size, name_size);
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
