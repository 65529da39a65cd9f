"""A lab's platforms in several processes behind one port: workers that answer, and the lab that has the store.

Theory of operation
===================

**Who does what.** A *worker* is a process with the whole of each platform: sockets, engine, hold. It keeps what it
promises in a journal of its own and answers then (`worker`). The *lab* is the process that was started: it has the
database, the API and the console, no datagram. It reads the workers' journals and folds them into the one database
(`journals`), so that everything that reads the store (pages, counts, history, exports) is as in one process.

**One port.** The lab opens one socket a worker for each port, with SO_REUSEPORT, and keeps them open as long as it
lives. So the kernel's choice, by the addresses of both ends, never changes: not when a worker dies, not when its
successor takes its socket, in which meanwhile the datagrams wait.

**How a device finds its process** (D205). Whatever names something in a process begins with a byte that says which:
its value modulo the number of processes. The location of a registration, the token of a request, the Connection ID of
a DTLS session (RFC 9146 leaves its bytes to us). A datagram that comes to another process, because its sender's address
has changed, is handed to the one whose name it carries, as it came (`routing`). What names nobody stays where the
kernel brought it: a registration, a ClientHello, a report. The rule is the same whatever number of processes the
registration was made under: a lab may be started with another one.

**Hand-over** (D206). Whoever took a device's newest registration has it. The lab sees each of them in the journals; the
process that had the one before is told to forget it, and what it says of that device's end meanwhile is not folded.

**A worker that dies** (D207) is known by the end of a pipe. The lab folds what its journal has, starts another in its
place, and that one takes its registrations from the database. Nothing that was acknowledged is lost: it was in the
journal before. What was not is repeated by the devices, and waits in the socket. When the lab dies its workers end at
once; the next start folds what their journals have, as after any ``kill -9``, and waits until none of them is left:
each holds the lock of the state directory (`nbtwin.file_lock`).

**Campaigns** (D220) are rows of the database. The lab gives each device whose turn it is to the process that has it,
and again every other second while it is under way (`campaigns`); of several nodes one does that (D221).

**Several nodes** over one PostgreSQL (D217-D219). Each is such a lab; its workers have no journal, but commit to the
database themselves and answer then (`member`). Which worker of which node has a device stands in the database
(`operators.store.owners`): the one to which it spoke last. A datagram that names a device which is not here waits until
it is (`taking`). The lab asks the worker that has a device, over NATS where that is another node's (`nodes`, `broker`).
"""
