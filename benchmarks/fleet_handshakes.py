"""DTLS of a fleet: handshakes a second of the generator alone, beside the primitives that each of them needs, and the
memory of a session. The platform that answers is in another process, at the end of a pipe.
"""

from __future__ import annotations

import gc
import hashlib
import random
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, TypeAlias

from cryptography.hazmat.primitives.ciphers.aead import AESCCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from benchmarks.figures import Figure
from nbtwin.fleet.engine import FleetEngine
from nbtwin.fleet.plan import FleetDevices, FleetPhase, FleetPlan, FleetTarget
from nbtwin.fleet.shard import resident
from nbtwin.operators.andlink.admission import AndlinkSettings
from nbtwin.operators.andlink.platform import AndlinkPlatform
from nbtwin.operators.key_store.device_keys import DeviceKeys
from nbtwin.operators.key_store.psk import PskStore

SESSIONS, KEY = 10_000, bytes(range(16))
SECURE = 2  # the listener
TOGETHER = 100  # handshakes under way
SECRETS, HMACS, MESSAGES, HASHES, RECORDS = 2, 12, 4, 2, 4
"""What a PSK handshake's client with extended master secret and AES-128-CCM-8 cannot do without, its registration
included. HMACs are keyed with the premaster and the master secret; four make the master secret, four the key block, two
each Finished (P_SHA256: RFC 5246 5, 6.3, 7.4.9 and 8.1). The transcript begins with the ClientHello, takes four
messages more and is asked twice: RFC 7627 4 and the client's Finished, the server's Finished. Sealed or opened are both
Finished, the registration and its answer, each with its key set, for that costs less than to keep it."""
Datagrams: TypeAlias = list[tuple[int, bytes]]


def measure(seconds: float) -> list[Figure]:
    """10,000 sessions where there are three seconds."""
    count = min(SESSIONS, max(500, int(SESSIONS * seconds / 3)))
    with ProcessPoolExecutor(1, get_context("spawn")) as apart:  # where nobody has left memory that is free
        rate, memory = apart.submit(handshakes, count).result()
    notes = f"CPU of the generator alone, registration included; {count:,} sessions kept, {memory / 1024:.2f} KiB each"
    bound = {"primitives alone": primitives(min(0.5, seconds / 4))}
    return [Figure("DTLS handshakes of a fleet, one core", rate, "/s", bound, notes)]


def handshakes(count: int) -> tuple[float, float]:
    """A second of the generator's CPU, and bytes a session."""
    target = FleetTarget("127.0.0.1", 5684, True, "127.0.0.1")
    phases = (FleetPhase(do="register", rate=TOGETHER / 0.01),)
    plan = FleetPlan(target=target, devices=FleetDevices(count, key=KEY), phases=phases)
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    names = [plan.devices.name_of(n) for n in range(count)]
    process = context.Process(target=_serve, args=(theirs, names), daemon=True)
    process.start()
    theirs.close()
    ours.recv()
    gc.collect()
    before, spent, now = resident(), 0.0, 0.0
    engine = FleetEngine(plan, 2 * count)
    try:
        while engine.tally.registered < count:
            began = time.process_time()
            engine.handle_timer(now)
            leaving = engine.datagrams_to_send()
            spent += time.process_time() - began
            while leaving:
                ours.send((now, leaving))
                answers: Datagrams = ours.recv()
                began = time.process_time()
                for lane, data in answers:
                    engine.handle_datagram(now, lane, data)
                leaving = engine.datagrams_to_send()
                spent += time.process_time() - began
            now += 0.01
        gc.collect()
        return count / spent, (resident() - before) / count
    finally:
        ours.close()
        process.join(10)


def _serve(connection: Connection[Any, Any], names: list[str]) -> None:
    keys = PskStore()
    keys.add_all([DeviceKeys(device=name, key=KEY.hex()) for name in names])
    platform = AndlinkPlatform(random.Random(1), keys, settings=AndlinkSettings(observe=(), read=()))
    connection.send("ready")
    try:
        while True:
            now, datagrams = connection.recv()
            for lane, data in datagrams:
                platform.handle_datagram(now, (f"10.0.{lane >> 8}.{lane & 255}", 5684), data, SECURE)
            platform.events()
            back = [(to[0].split("."), data) for _, to, data in platform.datagrams_by_listener()]
            connection.send([(int(host[2]) << 8 | int(host[3]), data) for host, data in back])
    except (EOFError, OSError):
        return


def primitives(seconds: float) -> float:
    """Handshakes a second of CPU, of whoever makes these calls in the quickest way that the libraries have, and does
    nothing else."""
    secret, seed, message, algorithm = bytes(48), bytes(77), bytes(100), SHA256()
    nonce, additional, plaintext = bytes(12), bytes(13), bytes(24)
    sealed = AESCCM(KEY, 8).encrypt(nonce, plaintext, additional)
    draw = random.Random(1).randbytes
    done, began = 0, time.process_time()
    while (took := time.process_time() - began) < seconds:
        for _ in range(100):
            draw(32)
            for _ in range(SECRETS):
                keyed = HMAC(secret, algorithm)
                for _ in range(HMACS // SECRETS):
                    copy = keyed.copy()
                    copy.update(seed)
                    copy.finalize()
            transcript = hashlib.sha256(message)
            for _ in range(MESSAGES):
                transcript.update(message)
            for _ in range(HASHES):
                transcript.digest()
            for _ in range(RECORDS // 2):
                AESCCM(KEY, 8).encrypt(nonce, plaintext, additional)
                AESCCM(KEY, 8).decrypt(nonce, sealed, additional)
        done += 100
    return done / took
