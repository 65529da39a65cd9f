"""A platform with its store on a loopback socket, in a process of its own, to be killed: ``child.py DATABASE``."""

from __future__ import annotations

import random
import select
import socket
import sys
import time

from nbtwin.operators.cmdmp.platform import CmdmpPlatform
from nbtwin.operators.store.store import Store


def main(database: str) -> None:
    with Store.open(database) as store, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        platform = CmdmpPlatform(random.Random(), store.keys)
        platform.restore(store.registrations("cmdmp"))
        sock.bind(("127.0.0.1", 0))
        sock.setblocking(False)
        print(sock.getsockname()[1], flush=True)
        while True:
            select.select([sock], [], [], 0.05)
            now = time.time()
            for _ in range(64):
                try:
                    data, source = sock.recvfrom(2048)
                except BlockingIOError:
                    break
                platform.handle_datagram(now, source, data)
            platform.handle_timer(now)
            store.commit(platform.events())
            for destination, data in platform.datagrams_to_send():
                sock.sendto(data, destination)


main(sys.argv[1])
