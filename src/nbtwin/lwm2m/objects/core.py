"""The core objects of the OMA registry as tables, each with all its versions: 0 to 7, 9, 10, 12, 16, 19 and 21 to 25.

Units and ranges are those of the newest version; `since` and `until` say which rows the others have. Knows no value.
"""

from __future__ import annotations

from nbtwin.lwm2m.model import AllowedOperations, ResourceDefinition, ResourceType, object_definition

_STR, _INT, _UINT, _FLOAT = ResourceType.STRING, ResourceType.INTEGER, ResourceType.UNSIGNED, ResourceType.FLOAT
_BOOL, _OPAQUE, _TIME = ResourceType.BOOLEAN, ResourceType.OPAQUE, ResourceType.TIME
_LINK, _CORE, _NONE = ResourceType.OBJLNK, ResourceType.CORELNK, ResourceType.NONE
_R, _W, _RW = AllowedOperations.R, AllowedOperations.W, AllowedOperations.RW
_E, _NO = AllowedOperations.E, AllowedOperations.NONE
_row = ResourceDefinition
_ONE, _MANY = False, True
_MUST = True

SECURITY = object_definition(
    0, "LwM2M Security",
    _row(0, "LWM2M Server URI", _STR, _NO, _ONE, _MUST, range="0..255"),
    _row(1, "Bootstrap-Server", _BOOL, _NO, _ONE, _MUST),
    _row(2, "Security Mode", _INT, _NO, _ONE, _MUST, range="0..4"),
    _row(3, "Public Key or Identity", _OPAQUE, _NO, _ONE, _MUST),
    _row(4, "Server Public Key", _OPAQUE, _NO, _ONE, _MUST),
    _row(5, "Secret Key", _OPAQUE, _NO, _ONE, _MUST),
    _row(6, "SMS Security Mode", _INT, _NO, range="0..255"),
    _row(7, "SMS Binding Key Parameters", _OPAQUE, _NO, range="6"),
    _row(8, "SMS Binding Secret Key(s)", _OPAQUE, _NO, range="16,32,48"),
    _row(9, "LwM2M Server SMS Number", _STR, _NO),
    _row(10, "Short Server ID", _INT, _NO, range="1..65534"),
    _row(11, "Client Hold Off Time", _INT, _NO),
    _row(12, "Bootstrap-Server Account Timeout", _INT, _NO),
    _row(13, "Matching Type", _UINT, _NO, range="0..3", since="1.1"),
    _row(14, "SNI", _STR, _NO, since="1.1"),
    _row(15, "Certificate Usage", _UINT, _NO, range="0..3", since="1.1"),
    _row(16, "DTLS/TLS Ciphersuite", _UINT, _NO, _MANY, since="1.1"),
    _row(17, "OSCORE Security Mode", _LINK, _NO, since="1.1"),
    _row(18, "Groups To Use by Client", _UINT, _NO, _MANY, range="0..65535", since="1.2"),
    _row(19, "Signature Algorithms Supported by Server", _UINT, _NO, _MANY, range="0..65535", since="1.2"),
    _row(20, "Signature Algorithms To Use by Client", _UINT, _NO, _MANY, range="0..65535", since="1.2"),
    _row(21, "Signature Algorithm Certs Supported by Server", _UINT, _NO, _MANY, range="0..65535", since="1.2"),
    _row(22, "TLS 1.3 Features To Use by Client", _UINT, _NO, range="0..65535", since="1.2"),
    _row(23, "TLS Extensions Supported by Server", _UINT, _NO, range="0..65535", since="1.2"),
    _row(24, "TLS Extensions To Use by Client", _UINT, _NO, range="0..65535", since="1.2"),
    _row(25, "Secondary LwM2M Server URI", _STR, _NO, _MANY, range="0..255", since="1.2"),
    _row(26, "MQTT Server", _LINK, _NO, since="1.2"),
    _row(27, "LwM2M COSE Security", _LINK, _NO, _MANY, since="1.2"),
    _row(28, "RDS Destination Port", _INT, _NO, range="0..15", since="1.2"),
    _row(29, "RDS Source Port", _INT, _NO, range="0..15", since="1.2"),
    _row(30, "RDS Application ID", _STR, _NO, since="1.2"),
    multiple=True, mandatory=True, versions=("1.0", "1.1", "1.2"),
)  # fmt: skip

SERVER = object_definition(
    1, "LwM2M Server",
    _row(0, "Short Server ID", _INT, _R, _ONE, _MUST, range="1..65534"),
    _row(1, "Lifetime", _INT, _RW, _ONE, _MUST, unit="s"),
    _row(2, "Default Minimum Period", _INT, _RW, unit="s"),
    _row(3, "Default Maximum Period", _INT, _RW, unit="s"),
    _row(4, "Disable", _NONE, _E),
    _row(5, "Disable Timeout", _INT, _RW, unit="s"),
    _row(6, "Notification Storing When Disabled or Offline", _BOOL, _RW, _ONE, _MUST),
    _row(7, "Binding", _STR, _RW, _ONE, _MUST),
    _row(8, "Registration Update Trigger", _NONE, _E, _ONE, _MUST),
    _row(9, "Bootstrap-Request Trigger", _NONE, _E, since="1.1"),
    _row(10, "APN Link", _LINK, _RW, since="1.1"),
    _row(11, "TLS-DTLS Alert Code", _UINT, _R, range="0..255", since="1.1"),
    _row(12, "Last Bootstrapped", _TIME, _R, since="1.1"),
    _row(13, "Registration Priority Order", _UINT, _R, since="1.1"),
    _row(14, "Initial Registration Delay Timer", _UINT, _RW, unit="s", since="1.1"),
    _row(15, "Registration Failure Block", _BOOL, _R, since="1.1"),
    _row(16, "Bootstrap on Registration Failure", _BOOL, _R, since="1.1"),
    _row(17, "Communication Retry Count", _UINT, _RW, since="1.1"),
    _row(18, "Communication Retry Timer", _UINT, _RW, unit="s", since="1.1"),
    _row(19, "Communication Sequence Delay Timer", _UINT, _RW, unit="s", since="1.1"),
    _row(20, "Communication Sequence Retry Count", _UINT, _RW, since="1.1"),
    _row(21, "Trigger", _BOOL, _RW, since="1.1"),
    _row(22, "Preferred Transport", _STR, _RW, since="1.1"),
    _row(23, "Mute Send", _BOOL, _RW, since="1.1"),
    _row(24, "Alternate APN Links", _LINK, _RW, _MANY, since="1.2"),
    _row(25, "Supported Server Versions", _STR, _RW, _MANY, since="1.2"),
    _row(26, "Default Notification Mode", _INT, _RW, range="0..1", since="1.2"),
    _row(27, "Profile ID Hash Algorithm", _UINT, _RW, range="0..255", since="1.2"),
    multiple=True, mandatory=True, versions=("1.0", "1.1", "1.2"),
)  # fmt: skip

ACCESS_CONTROL = object_definition(
    2, "LwM2M Access Control",
    _row(0, "Object ID", _INT, _R, _ONE, _MUST, range="1..65534"),
    _row(1, "Object Instance ID", _INT, _R, _ONE, _MUST, range="0..65535"),
    _row(2, "ACL", _INT, _RW, _MANY, range="0..31"),
    _row(3, "Access Control Owner", _INT, _RW, _ONE, _MUST, range="0..65535"),
    multiple=True, versions=("1.0", "1.1"),
)  # fmt: skip

DEVICE = object_definition(
    3, "Device",
    _row(0, "Manufacturer", _STR, _R),
    _row(1, "Model Number", _STR, _R),
    _row(2, "Serial Number", _STR, _R),
    _row(3, "Firmware Version", _STR, _R),
    _row(4, "Reboot", _NONE, _E, _ONE, _MUST),
    _row(5, "Factory Reset", _NONE, _E),
    _row(6, "Available Power Sources", _INT, _R, _MANY, range="0..7"),
    _row(7, "Power Source Voltage", _INT, _R, _MANY, unit="mV"),
    _row(8, "Power Source Current", _INT, _R, _MANY, unit="mA"),
    _row(9, "Battery Level", _INT, _R, unit="/100", range="0..100"),
    _row(10, "Memory Free", _INT, _R, unit="KB"),
    _row(11, "Error Code", _INT, _R, _MANY, _MUST, range="0..32"),
    _row(12, "Reset Error Code", _NONE, _E),
    _row(13, "Current Time", _TIME, _RW),
    _row(14, "UTC Offset", _STR, _RW),
    _row(15, "Timezone", _STR, _RW),
    _row(16, "Supported Binding and Modes", _STR, _R, _ONE, _MUST),
    _row(17, "Device Type", _STR, _R),
    _row(18, "Hardware Version", _STR, _R),
    _row(19, "Software Version", _STR, _R),
    _row(20, "Battery Status", _INT, _R, range="0..6"),
    _row(21, "Memory Total", _INT, _R),
    _row(22, "ExtDevInfo", _LINK, _R, _MANY),
    mandatory=True, versions=("1.0", "1.1", "1.2"),
)  # fmt: skip

CONNECTIVITY_MONITORING = object_definition(
    4, "Connectivity Monitoring",
    _row(0, "Network Bearer", _INT, _R, _ONE, _MUST, range="0..50"),
    _row(1, "Available Network Bearer", _INT, _R, _MANY, _MUST, range="0..50"),
    _row(2, "Radio Signal Strength", _INT, _R, _ONE, _MUST, unit="dBm"),
    _row(3, "Link Quality", _INT, _R),
    _row(4, "IP Addresses", _STR, _R, _MANY, _MUST),
    _row(5, "Router IP Addresses", _STR, _R, _MANY),
    _row(6, "Link Utilization", _INT, _R, unit="/100", range="0..100"),
    _row(7, "APN", _STR, _R, _MANY),
    _row(8, "Cell ID", _INT, _R),
    _row(9, "SMNC", _INT, _R, range="0..999"),
    _row(10, "SMCC", _INT, _R, range="0..999"),
    _row(11, "SignalSNR", _INT, _R, unit="dB", since="1.1"),
    _row(12, "LAC", _INT, _R, since="1.2"),
    _row(13, "Coverage Enhancement Level", _INT, _R, range="0..4", since="1.3"),
    versions=("1.0", "1.1", "1.2", "1.3"),
)  # fmt: skip

FIRMWARE_UPDATE = object_definition(
    5, "Firmware Update",
    _row(0, "Package", _OPAQUE, _W, _ONE, _MUST),
    _row(1, "Package URI", _STR, _RW, _ONE, _MUST, range="0..255"),
    _row(2, "Update", _NONE, _E, _ONE, _MUST),
    _row(3, "State", _INT, _R, _ONE, _MUST, range="0..3"),
    _row(5, "Update Result", _INT, _R, _ONE, _MUST, range="0..11"),
    _row(6, "PkgName", _STR, _R, range="0..255"),
    _row(7, "PkgVersion", _STR, _R, range="0..255"),
    _row(8, "Firmware Update Protocol Support", _INT, _R, _MANY, range="0..5"),
    _row(9, "Firmware Update Delivery Method", _INT, _R, _ONE, _MUST, range="0..2"),
    _row(10, "Cancel", _NONE, _E, since="1.1"),
    _row(11, "Severity", _INT, _RW, range="0..2", since="1.1"),
    _row(12, "Last State Change Time", _TIME, _R, since="1.1"),
    _row(13, "Maximum Defer Period", _UINT, _RW, unit="s", since="1.1"),
    versions=("1.0", "1.1"),
)  # fmt: skip

LOCATION = object_definition(
    6, "Location",
    _row(0, "Latitude", _FLOAT, _R, _ONE, _MUST, unit="lat"),
    _row(1, "Longitude", _FLOAT, _R, _ONE, _MUST, unit="lon"),
    _row(2, "Altitude", _FLOAT, _R, unit="m"),
    _row(3, "Radius", _FLOAT, _R, unit="m"),
    _row(4, "Velocity", _OPAQUE, _R),
    _row(5, "Timestamp", _TIME, _R, _ONE, _MUST),
    _row(6, "Speed", _FLOAT, _R, unit="m/s"),
)  # fmt: skip

CONNECTIVITY_STATISTICS = object_definition(
    7, "Connectivity Statistics",
    _row(0, "SMS Tx Counter", _INT, _R),
    _row(1, "SMS Rx Counter", _INT, _R),
    _row(2, "Tx Data", _INT, _R),
    _row(3, "Rx Data", _INT, _R),
    _row(4, "Max Message Size", _INT, _R, unit="B"),
    _row(5, "Average Message Size", _INT, _R, unit="B"),
    _row(6, "Start", _NONE, _E, _ONE, _MUST),
    _row(7, "Stop", _NONE, _E, _ONE, _MUST),
    _row(8, "Collection Period", _INT, _RW, unit="s"),
)  # fmt: skip

SOFTWARE_MANAGEMENT = object_definition(
    9, "LwM2M Software Management",
    _row(0, "PkgName", _STR, _R, _ONE, _MUST, range="0..255"),
    _row(1, "PkgVersion", _STR, _R, _ONE, _MUST, range="0..255"),
    _row(2, "Package", _OPAQUE, _W),
    _row(3, "Package URI", _STR, _W, range="0..255"),
    _row(4, "Install", _NONE, _E, _ONE, _MUST),
    _row(5, "Checkpoint", _LINK, _R),
    _row(6, "Uninstall", _NONE, _E, _ONE, _MUST),
    _row(7, "Update State", _INT, _R, _ONE, _MUST, range="0..4"),
    _row(8, "Update Supported Objects", _BOOL, _RW),
    _row(9, "Update Result", _INT, _R, _ONE, _MUST, range="0..200"),
    _row(10, "Activate", _NONE, _E, _ONE, _MUST),
    _row(11, "Deactivate", _NONE, _E, _ONE, _MUST),
    _row(12, "Activation State", _BOOL, _R, _ONE, _MUST),
    _row(13, "Package Settings", _LINK, _RW),
    _row(14, "User Name", _STR, _W, range="0..255"),
    _row(15, "Password", _STR, _W, range="0..255"),
    _row(16, "Status Reason", _STR, _R, since="1.1"),
    _row(17, "Software Component Link", _LINK, _R, _MANY, since="1.1"),
    _row(18, "Software Component tree length", _INT, _R, range="0..255", since="1.1"),
    _row(19, "Start", _NONE, _E, _ONE, _MUST, since="1.1"),
    _row(20, "Stop", _NONE, _E, _ONE, _MUST, since="1.1"),
    _row(21, "Operational State", _UINT, _R, _ONE, _MUST, range="0..15", since="1.1"),
    _row(22, "Purge", _NONE, _E, since="1.1"),
    multiple=True, versions=("1.0", "1.1"),
)  # fmt: skip

CELLULAR_CONNECTIVITY = object_definition(
    10, "LwM2M Cellular Connectivity",
    _row(0, "SMSC address", _STR, _RW),
    _row(1, "Disable radio period", _INT, _RW, range="0..65535"),
    _row(2, "Module activation code", _STR, _RW),
    _row(3, "Vendor specific extensions", _LINK, _R),
    _row(4, "PSM Timer", _INT, _RW, unit="s"),
    _row(5, "Active Timer", _INT, _RW, unit="s"),
    _row(6, "Serving PLMN Rate control", _INT, _R, until="1.0"),
    _row(7, "eDRX parameters for Iu mode", _OPAQUE, _RW),
    _row(8, "eDRX parameters for WB-S1 mode", _OPAQUE, _RW),
    _row(9, "eDRX parameters for NB-S1 mode", _OPAQUE, _RW),
    _row(10, "eDRX parameters for A/Gb mode", _OPAQUE, _RW),
    _row(11, "Activated Profile Names", _LINK, _R, _MANY, _MUST),
    _row(12, "Supported Power Saving Modes", _UINT, _R, range="0..255", since="1.1"),
    _row(13, "Active Power Saving Modes", _UINT, _RW, range="0..255", since="1.1"),
    _row(14, "Release Assistance Indication Usage", _UINT, _RW, range="0..255", since="1.1"),
    versions=("1.0", "1.1"),
)  # fmt: skip

WLAN_CONNECTIVITY = object_definition(
    12, "WLAN connectivity",
    _row(0, "Interface name", _STR, _RW, _ONE, _MUST),
    _row(1, "Enable", _BOOL, _RW, _ONE, _MUST),
    _row(2, "Radio Enabled", _INT, _RW),
    _row(3, "Status", _INT, _R, _ONE, _MUST),
    _row(4, "BSSID", _STR, _R, _ONE, _MUST, range="12"),
    _row(5, "SSID", _STR, _RW, _ONE, _MUST, range="1..32"),
    _row(6, "Broadcast SSID", _BOOL, _RW),
    _row(7, "Beacon Enabled", _BOOL, _RW),
    _row(8, "Mode", _INT, _RW, _ONE, _MUST),
    _row(9, "Channel", _INT, _RW, _ONE, _MUST, range="0..255"),
    _row(10, "Auto Channel", _BOOL, _RW),
    _row(11, "Supported Channels", _INT, _RW, _MANY),
    _row(12, "Channels In Use", _INT, _RW, _MANY),
    _row(13, "Regulatory Domain", _STR, _RW, range="3"),
    _row(14, "Standard", _INT, _RW, _ONE, _MUST),
    _row(15, "Authentication Mode", _INT, _RW, _ONE, _MUST),
    _row(16, "Encryption Mode", _INT, _RW),
    _row(17, "WPA Pre Shared Key", _STR, _W, range="64"),
    _row(18, "WPA Key Phrase", _STR, _W, range="1..64"),
    _row(19, "WEP Encryption Type", _INT, _RW),
    _row(20, "WEP Key Index", _INT, _RW, range="1..4"),
    _row(21, "WEP Key Phrase", _STR, _W, range="1..64"),
    _row(22, "WEP Key 1", _STR, _W, range="10,26"),
    _row(23, "WEP Key 2", _STR, _W, range="10,26"),
    _row(24, "WEP Key 3", _STR, _W, range="10,26"),
    _row(25, "WEP Key 4", _STR, _W, range="10,26"),
    _row(26, "RADIUS Server", _STR, _RW, range="1..256"),
    _row(27, "RADIUS Server Port", _INT, _RW),
    _row(28, "RADIUS Secret", _STR, _W, range="1..256"),
    _row(29, "WMM Supported", _BOOL, _R),
    _row(30, "WMM Enabled", _BOOL, _RW),
    _row(31, "MAC Control Enabled", _BOOL, _RW),
    _row(32, "MAC Address List", _STR, _RW, _MANY, range="12"),
    _row(33, "Total Bytes Sent", _INT, _R),
    _row(34, "Total Bytes Received", _INT, _R),
    _row(35, "Total Packets Sent", _INT, _R),
    _row(36, "Total Packets Received", _INT, _R),
    _row(37, "Transmit Errors", _INT, _R),
    _row(38, "Receive Errors", _INT, _R),
    _row(39, "Unicast Packets Sent", _INT, _R),
    _row(40, "Unicast Packets Received", _INT, _R),
    _row(41, "Multicast Packets Sent", _INT, _R),
    _row(42, "Multicast Packets Received", _INT, _R),
    _row(43, "Broadcast Packets Sent", _INT, _R),
    _row(44, "Broadcast Packets Received", _INT, _R),
    _row(45, "Discard Packets Sent", _INT, _R),
    _row(46, "Discard Packets Received", _INT, _R),
    _row(47, "Unknown Packets Received", _INT, _R),
    _row(48, "Vendor specific extensions", _LINK, _R),
    multiple=True, versions=("1.0", "1.1"),
)  # fmt: skip

PORTFOLIO = object_definition(
    16, "Portfolio",
    _row(0, "Identity", _STR, _RW, _MANY, _MUST),
    _row(1, "GetAuthData", _NONE, _E),
    _row(2, "AuthData", _OPAQUE, _R, _MANY),
    _row(3, "AuthStatus", _INT, _R, range="0..2"),
    multiple=True,
)  # fmt: skip

BINARY_APP_DATA_CONTAINER = object_definition(
    19, "BinaryAppDataContainer",
    _row(0, "Data", _OPAQUE, _RW, _MANY, _MUST),
    _row(1, "Data Priority", _INT, _RW),
    _row(2, "Data Creation Time", _TIME, _RW),
    _row(3, "Data Description", _STR, _RW, range="32"),
    _row(4, "Data Format", _STR, _RW, range="32"),
    _row(5, "App ID", _INT, _RW),
    multiple=True,
)  # fmt: skip

OSCORE = object_definition(
    21, "LwM2M OSCORE",
    _row(0, "OSCORE Master Secret", _OPAQUE, _NO, _ONE, _MUST),
    _row(1, "OSCORE Sender ID", _OPAQUE, _NO, _ONE, _MUST),
    _row(2, "OSCORE Recipient ID", _OPAQUE, _NO, _ONE, _MUST),
    _row(3, "OSCORE AEAD Algorithm", _INT, _NO),
    _row(4, "OSCORE HMAC Algorithm", _INT, _NO),
    _row(5, "OSCORE Master Salt", _OPAQUE, _NO),
    _row(6, "OSCORE ID Context", _OPAQUE, _NO),
    multiple=True, versions=("2.0",),
)  # fmt: skip

VIRTUAL_OBSERVE_NOTIFY = object_definition(
    22, "Virtual Observe Notify",
    _row(0, "ObserveLinks", _CORE, _RW, _MANY, _MUST),
    _row(1, "Report", _STR, _R, _ONE, _MUST),
    _row(2, "ResourceFilter", _BOOL, _RW),
    _row(3, "ReportLinks", _CORE, _RW, _MANY),
    _row(4, "ObserveRelation", _INT, _RW),
    _row(5, "Virtual Observe Report Format", _INT, _RW, since="1.1"),
    _row(6, "Virtual Observe Report", _OPAQUE, _R, since="1.1"),
    multiple=True, versions=("1.0", "1.1"),
)  # fmt: skip

COSE = object_definition(
    23, "LwM2M COSE",
    _row(0, "KID", _STR, _NO, _ONE, _MUST),
    _row(1, "AEAD Algorithm", _INT, _NO, _ONE, _MUST),
    _row(2, "Key", _STR, _NO, _ONE, _MUST),
    multiple=True,
)  # fmt: skip

MQTT_SERVER = object_definition(
    24, "MQTT Server",
    _row(0, "Will Retain", _BOOL, _RW),
    _row(1, "Will Topic", _STR, _RW),
    _row(2, "Will Message", _STR, _RW),
    _row(3, "Clean Session", _BOOL, _RW),
    _row(4, "Will QoS", _UINT, _RW, range="0..3"),
    _row(5, "Keep Alive", _UINT, _RW, range="0..65535"),
    _row(6, "Client Identifier", _STR, _RW, _ONE, _MUST),
    _row(7, "User Name", _STR, _RW),
    _row(8, "Password", _OPAQUE, _RW),
    multiple=True,
)  # fmt: skip

GATEWAY = object_definition(
    25, "LwM2M Gateway",
    _row(0, "Device ID", _STR, _R, _ONE, _MUST),
    _row(1, "Prefix", _STR, _R, _ONE, _MUST),
    _row(2, "Routing Table Entry", _LINK, _R, until="1.0"),
    _row(3, "IoT Device Objects", _CORE, _R, _ONE, _MUST, since="3.0"),
    _row(4, "RSSI", _INT, _R, unit="dBm", range="-128..127", since="3.0"),
    multiple=True, versions=("1.0", "3.0"),
)  # fmt: skip

CORE = (
    SECURITY, SERVER, ACCESS_CONTROL, DEVICE, CONNECTIVITY_MONITORING,
    FIRMWARE_UPDATE, LOCATION, CONNECTIVITY_STATISTICS, SOFTWARE_MANAGEMENT, CELLULAR_CONNECTIVITY,
    WLAN_CONNECTIVITY, PORTFOLIO, BINARY_APP_DATA_CONTAINER, OSCORE, VIRTUAL_OBSERVE_NOTIFY,
    COSE, MQTT_SERVER, GATEWAY,
)  # fmt: skip
