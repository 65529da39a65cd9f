"""The pictures of docs/console.md, taken from a real lab: `python tests/web/console_pictures.py docs/images`."""

import math
import struct
import sys
import tempfile
import zlib
from pathlib import Path

sys.path += [str(Path(__file__).parent), str(Path(__file__).parents[1] / "cli")]

from console_page import Page, console

from nbtwin.lwm2m.firmware.delta import factory_image, pack_image

ANDLINK = ('AT+QLASERVERIP="LWM2M","lwm.home.komect.com",5683', "AT+QLASECSWT=0,0", "AT+NRB")
ROWS = "[...document.querySelectorAll('.seq-row')]"
FIELDS = "[...document.querySelectorAll('.inspector .fields tr')]"
LARGEST = 200_000
NEW = "BC28JAR01A11_ONT"


def repacked(png: bytes) -> bytes:
    """The same picture, its rows compressed with patience."""
    data, at = b"", 8
    while at < len(png):
        length, name = struct.unpack(">I4s", png[at : at + 8])
        data += png[at + 8 : at + 8 + length] if name == b"IDAT" else b""
        at += 12 + length
    chunks = ((b"IHDR", png[16:29]), (b"IDAT", zlib.compress(zlib.decompress(data), 9)), (b"IEND", b""))
    sealed = (struct.pack(">I", len(c)) + n + c + struct.pack(">I", zlib.crc32(n + c)) for n, c in chunks)
    return png[:8] + b"".join(sealed)


class Album:
    def __init__(self, page: Page, folder: Path) -> None:
        self.page, self.folder = page, folder

    def take(self, name: str) -> None:
        path = self.folder / f"{name}.png"
        self.page.run("document.getElementById('toasts').replaceChildren()")
        self.page.run("return new Promise((done) => setTimeout(done, 700))")  # charts and fonts settle
        self.page.screenshot(path)
        path.write_bytes(repacked(path.read_bytes()))
        size = path.stat().st_size
        assert size < LARGEST, f"{name} has {size} bytes"
        print(f"{name}: {size // 1024} KiB")


def modules(album: Album) -> None:
    page = album.page
    page.go("#/modules/meter")
    page.wait_for("main", "reg success")
    page.type("#line", "AT+QDMPCFG?\n")
    page.wait_for("#terminal", "+QDMPCFG: 1,117.161.2.41,5683,86400")
    page.type("#line", "AT+QDMPCFG=1,117.161.2.7,99999,420\n")
    page.wait_for("#terminal", "99999")
    page.press("document.querySelector('.term header [role=switch]:not(#split)')")
    page.type("#line", "AT+QDMPCFG=")
    page.wait_for("#live", "DOC-C")
    page.run("document.querySelector('.main').scrollTo(0, 0)")
    album.take("console-terminal")


def lanes(album: Album) -> None:
    page = album.page
    page.go("#/timeline?q=Regist")
    page.wait_for(".seq-rows", "meter-12")
    page.press("document.querySelector('.seq-rows')", "scrollTop = 0")
    album.take("console-lanes")


def timeline(album: Album) -> None:
    page = album.page
    page.go("#/timeline?module=meter")
    page.wait_for(".seq-rows", "REG_SUCCESS (6)")
    page.press("document.querySelector('.seq-rows')", "scrollTop = 0")
    album.take("console-registration")
    page.click(".sequence .newest")
    page.click("[data-span='24h']")
    page.wait_for(".seq-rows", "UPDATE_SUCCESS (11)")
    page.post("/clock/advance", span="1min")
    album.take("console-update")
    page.post("/faults", fault="loss,direction=up,packets=1+2+3,source=meter")
    page.post("/clock/advance", span="24h")
    page.post("/clock/advance", span="1min")
    page.wait_for(".seq-rows", "sending 4 · 8 s later")
    page.resize(1240, 1040)
    album.take("console-losses")
    page.resize(1240, 820)
    page.press(f"{ROWS}.filter((r) => r.innerText.includes('sending 4')).at(-1)")
    page.wait_for(".inspector .fields", "appkey")
    page.run("document.querySelector('.inspector').scrollTop = document.querySelector('.layer').offsetTop - 60")
    page.press(f"{FIELDS}.find((row) => row.innerText.startsWith('appkey'))", "focus()")
    album.take("console-packet")
    page.type("body", "\ue00c")
    page.post("/clock/advance", span="28d")
    page.click(".seq-controls [data-value='4']")
    page.press("document.querySelector('.seq-rows')", "scrollTop = 0")
    album.take("console-days")
    page.click(".seq-controls [data-value='0']")


def devices(album: Album) -> None:
    page = album.page
    for line in ANDLINK:
        page.post("/modules/pump/at", line=line)
    page.post("/clock/advance", span="1min")
    for hour in range(24):
        text = f'{{"celsius":{20 + 6 * math.sin(hour / 3):.1f},"humidity":{55 + 20 * math.cos(hour / 4):.0f}}}'
        page.post("/modules/pump/at", line=f"AT+QLASENDDATA=0x0100,{len(text)},{text}")
        page.post("/clock/advance", span="1h")
    imei = page.api.get("/modules/pump").json()["imei"]
    page.go(f"#/platforms/andlink/devices/andlink:{imei}")
    page.wait_for(".chart .u-legend", "celsius")
    page.click("#operate")
    page.wait_for("#oplog", "2.05")
    album.take("console-device")


def campaign(album: Album, folder: Path) -> None:
    page = album.page
    package = folder / "pump-A11.pkg"
    package.write_bytes(pack_image("BC28", NEW, factory_image("BC28", NEW)))
    page.go("#/campaigns")
    page.wait_until("document.querySelector('#firmware-file')")
    page.type("#firmware-file", str(package))
    page.wait_until("document.querySelector('#upload')")
    page.click("#upload")
    page.wait_until("document.querySelector('#campaign-package').value")
    page.click("#campaign-start")
    page.press("document.querySelector('dialog .bad-act')")
    page.wait_for("#campaigns", "running")
    page.post("/clock/advance", span="10min")
    page.wait_for("#campaigns", "finished")
    album.take("console-campaign")


def others(album: Album) -> None:
    page = album.page
    page.go("#/scenarios")
    page.wait_until("document.querySelector(\"[data-scenario='changed-usim']\")")
    page.click("[data-scenario='changed-usim']")
    page.click("#run-scenario")
    page.wait_for("#verdicts .ok", "✓")
    album.take("console-scenarios")
    page.go("#/fleet")
    page.wait_until("document.querySelectorAll('.chart canvas').length > 3")
    page.press("[...document.querySelectorAll('main button')].find((one) => one.innerText === '30 d')")
    album.take("console-fleet")
    page.go("#/")
    page.wait_until("document.querySelector('.chart canvas')")
    album.take("console")
    page.click("#language")
    page.go("#/timeline?module=meter")
    page.wait_for(".seq-rows", "CON POST")
    page.click("#theme")
    page.click("#theme")
    page.press(f"{ROWS}.filter((r) => r.innerText.includes('CON POST')).at(-1)")
    page.wait_for(".inspector .fields", "RFC 7252")
    album.take("console-chinese")
    page.click("#theme")
    page.click("#language")
    page.resize(500, 980)
    page.go("#/modules/meter")
    album.take("console-phone")


def empty(folder: Path, state: Path) -> None:
    with console(state, "--ports", "cmdmp=0", width=1240, height=620) as page:
        page.wait_until("document.querySelectorAll('.door').length === 4 && document.querySelector('.chart canvas')")
        Album(page, folder).take("console-doors")


def main() -> None:
    folder = Path(sys.argv[1])
    asked = (
        "--module",
        "BC260Y-CN,name=meter",
        "--module",
        "BC28,name=pump",
        "--module",
        "BC25,name=valve,sim=telecom",
    )
    with tempfile.TemporaryDirectory() as state:
        empty(folder, Path(state) / "empty")
        lab = (*asked, "--ports", "cmdmp=0,telecom=0,unicom=0,andlink=0", "--seed", "7")
        with console(Path(state) / "lab", *lab, width=1240, height=880) as page:
            album = Album(page, folder)
            page.wait_for("main", "reg success")
            modules(album)
            timeline(album)
            devices(album)
            campaign(album, Path(state))
            others(album)
        many = [word for number in range(1, 13) for word in ("--module", f"BC260Y-CN,name=meter-{number}")]
        with console(Path(state) / "many", *many, "--ports", "cmdmp=0,telecom=0", width=1240, height=880) as page:
            lanes(Album(page, folder))


if __name__ == "__main__":
    main()
