"""Drivers from PyPI at a module's serial port: `python main.py FOLDER DRIVER PORT SERVER SERVER_PORT`.

FOLDER is where `prepare` has put them, as they were published. Each tells in lines, tabs between words, how far it has
come. What a driver wants of a Raspberry Pi stands here as well, and does nothing.
"""

import sys
import types

FOLDER, DRIVER, PORT, SERVER, SERVER_PORT = sys.argv[1:]
sys.path.insert(0, FOLDER)


def tell(*words):
    print(*words, sep="\t", flush=True)


def ublox():
    """`ublox` 0.1.3: u-blox's SARA-N211, whose commands are those of the Neul family."""
    from ublox.modules import SaraN211Module

    module = SaraN211Module(PORT)
    module.reboot()
    module.setup()
    module._read_line_until_contains("+CEREG:1", timeout=60)  # connect waits for u-blox's "+CEREG: 1"
    module._at_action(module.AT_GET_IP)
    tell("ready")
    number = (
        module._create_upd_socket(4567).socket_id[0].decode()
    )  # create_socket takes the list that this is for a key
    tell("opened", number)
    module.send_udp_data(number, SERVER, int(SERVER_PORT), "hello")
    tell("received", module.receive_udp_data().decode())
    module._at_action(f"{module.AT_CLOSE_SOCKET}={number}")
    tell("closed", number)


def sixfab():
    """`sixfab-nbiot` 1.0.0: the BC95 on a board for the Raspberry Pi."""
    pins = types.ModuleType("RPi.GPIO")
    pins.BCM, pins.OUT, pins.IN, pins.LOW, pins.HIGH = 11, 0, 1, 0, 1
    pins.setmode = pins.setwarnings = pins.setup = pins.output = lambda *_: None
    sensor = types.ModuleType("Adafruit_ADS1x15")
    sensor.ADS1015 = object
    board = types.ModuleType("RPi")
    board.GPIO = pins
    sys.modules |= {"RPi": board, "RPi.GPIO": pins, "Adafruit_ADS1x15": sensor}
    for name in ("smbus", "Adafruit_GPIO", "Adafruit_GPIO.I2C"):
        sys.modules[name] = types.ModuleType(name)
    from nbiot import nbiot

    node = nbiot.NBIoT(serial_port=PORT)
    node.getFirmwareInfo()
    node.getHardwareInfo()
    node.getIMEI()
    node.setScrambleConf(node.SCRAMBLE_ON)
    node.setAutoConnectConf(node.AUTO_ON)
    tell("ready", node.response.split()[-1])
    node.connectToOperator()
    node.getSignalQuality()
    tell("attached", node.response.split()[-1])
    node.setIPAddress(SERVER)
    node.setPort(SERVER_PORT)
    node.startUDPService()
    tell("opened", node.response.split()[0])
    try:
        node.sendDataUDP("hello")
    except TypeError:
        tell("stopped", "hex() of a text")


def pynbntnmodem():
    """`pynbntnmodem` 0.6.16 over `pyatcommand` 0.5.3: the base class for modems of NB-IoT, and what it leaves to a
    module's own class: here the sockets of AT+QIOPEN."""
    from pynbntnmodem import MoMessage, NbntnModem, PdnType

    class Bc26(NbntnModem):
        def udp_socket_open(self, **settings):
            where = f'"{settings["server"]}",{settings["port"]}'
            self.send_command(f'AT+QIOPEN=1,0,"UDP",{where},{settings["src_port"]},0', timeout=10)
            found = self.send_command("AT+QISTATE?", timeout=10)  # +QIOPEN may be in one piece with OK
            return '"UDP"' in (found.info or "")

        def udp_socket_close(self, **_):
            return self.send_command("AT+QICLOSE=0", timeout=10).ok

        def send_message_udp(self, payload, **_):
            self.send_command(f"AT+QISEND=0,{len(payload)},{payload.decode()}", timeout=10)
            return MoMessage(payload, PdnType.IP)

        def receive_message_udp(self, urc="", **_):
            found = self.send_command("AT+QIRD=0,512", timeout=10)
            return found.info.splitlines()[-1].encode() if found.ok else None

    modem = Bc26(port=PORT, baudrate=115200, command_timeout=5)
    modem.connect(echo=True)
    tell("ready", modem.manufacturer, modem.get_model().name, modem.imsi)
    while (state := modem.get_reginfo().state.name) == "SEARCHING":
        modem.get_urc(0.2)
    tell("registered", state)
    tell("signal", modem.get_siginfo().rsrp)
    tell("power saving", modem.get_psm_config().mode, modem.get_edrx_config().cycle_bitmask)
    tell("context", *(one.id for one in modem.get_contexts()))
    tell("opened", modem.udp_socket_open(server=SERVER, port=int(SERVER_PORT), src_port=4567))
    modem.send_message_udp(b"hello")
    while "recv" not in (modem.get_urc(20) or "recv"):
        pass
    tell("received", modem.receive_message_udp().decode())
    tell("closed", modem.udp_socket_close())
    modem.disconnect()


{"ublox": ublox, "sixfab-nbiot": sixfab, "pynbntnmodem": pynbntnmodem}[DRIVER]()
