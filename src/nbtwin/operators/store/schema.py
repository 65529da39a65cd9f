"""The database's structure, version by version. Knows SQL only; `store_migrate` runs it.

A database counts the migrations it has had. A migration that has shipped is never edited: the next one is appended.
One text serves both databases, with the dialect's words in braces (`store_database`): ``{number}`` is a primary key
that counts by itself, ``{name}`` text that is sorted or searched by its beginning, ``{real}``, ``{integer}`` and
``{blob}`` columns as wide as Python's values. Statements end with a semicolon; no other semicolon anywhere. No foreign
keys between tables: a backup brings them back in any order.

`record` is the whole device as JSON (`inventory.Device`); the columns beside it are what is searched.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Migration:
    """One step of the structure."""

    says: str
    sqlite: str
    postgresql: str

    @classmethod
    def of(cls, says: str, sql: str) -> Migration:
        """The same text on both."""
        return cls(says, sql, sql)


# Who is registered is a view: one row written per registration, not two.
_REGISTERED = """\
CREATE VIEW registrations AS
    SELECT id AS device, platform,
           json_extract(record, '$.location') AS location,
           json_extract(record, '$.endpoint') AS endpoint,
           json_extract(record, '$.host') AS host,
           json_extract(record, '$.port') AS port,
           json_extract(record, '$.lifetime') AS lifetime,
           json_extract(record, '$.registered_at') AS registered_at,
           json_extract(record, '$.refreshed_at') AS refreshed_at
    FROM devices WHERE state = 'registered';
"""
_FIRST = (
    """
CREATE TABLE devices (
    id           TEXT PRIMARY KEY,
    platform     TEXT NOT NULL,
    imei         TEXT NOT NULL,
    state        TEXT NOT NULL,
    last_seen_at REAL NOT NULL,
    record       TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE history (
    id     INTEGER PRIMARY KEY,
    device TEXT NOT NULL,
    at     REAL NOT NULL,
    kind   TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX history_of_device ON history (device, id);
CREATE TABLE appkeys (
    appkey   TEXT PRIMARY KEY,
    password TEXT NOT NULL
) WITHOUT ROWID;
"""
    + _REGISTERED
)

# Rows are appended and history is filed under the number: with names as keys every registration of a new device touched
# a page of its own in both tables (measured: 41 µs a row against 20).
_NUMBERED = (
    """
DROP VIEW registrations;
CREATE TABLE numbered (
    number       INTEGER PRIMARY KEY,
    id           TEXT NOT NULL UNIQUE,
    platform     TEXT NOT NULL,
    imei         TEXT NOT NULL,
    state        TEXT NOT NULL,
    last_seen_at REAL NOT NULL,
    record       TEXT NOT NULL
);
INSERT INTO numbered (id, platform, imei, state, last_seen_at, record)
    SELECT id, platform, imei, state, last_seen_at, record FROM devices ORDER BY id;
CREATE TABLE filed (
    id     INTEGER PRIMARY KEY,
    device INTEGER NOT NULL,
    at     REAL NOT NULL,
    kind   TEXT NOT NULL,
    detail TEXT NOT NULL
);
INSERT INTO filed (id, device, at, kind, detail)
    SELECT history.id, numbered.number, history.at, history.kind, history.detail
    FROM history JOIN numbered ON numbered.id = history.device ORDER BY history.id;
DROP TABLE history;
DROP TABLE devices;
ALTER TABLE numbered RENAME TO devices;
ALTER TABLE filed RENAME TO history;
CREATE INDEX history_of_device ON history (device, id);
"""
    + _REGISTERED
)

# PostgreSQL came with version 3: it starts from what SQLite had by then.
_NUMBERED_POSTGRESQL = """
CREATE TABLE devices (
    number       BIGINT PRIMARY KEY,
    id           {name} NOT NULL UNIQUE,
    platform     TEXT NOT NULL,
    imei         {name} NOT NULL,
    state        TEXT NOT NULL,
    last_seen_at {real} NOT NULL,
    record       TEXT NOT NULL
);
CREATE TABLE history (
    id     {number},
    device BIGINT NOT NULL,
    at     {real} NOT NULL,
    kind   TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX history_of_device ON history (device, id);
CREATE TABLE appkeys (
    appkey   {name} PRIMARY KEY,
    password TEXT NOT NULL
);
CREATE VIEW registrations AS
    SELECT id AS device, platform,
           record::json ->> 'location' AS location,
           record::json ->> 'endpoint' AS endpoint,
           record::json ->> 'host' AS host,
           (record::json ->> 'port')::bigint AS port,
           (record::json ->> 'lifetime')::double precision AS lifetime,
           (record::json ->> 'registered_at')::double precision AS registered_at,
           (record::json ->> 'refreshed_at')::double precision AS refreshed_at
    FROM devices WHERE state = 'registered';
"""

# `counters` tells other processes that something changed without their reading it all.
_ACCESS = """
CREATE TABLE counters (
    name  {name} PRIMARY KEY,
    value {integer} NOT NULL
);
CREATE TABLE tokens (
    name       {name} PRIMARY KEY,
    role       TEXT NOT NULL,
    digest     {name} NOT NULL UNIQUE,
    hint       TEXT NOT NULL,
    created_at {real} NOT NULL,
    expires_at {real},
    used_at    {real}
);
CREATE TABLE audit (
    id     {number},
    at     {real} NOT NULL,
    who    TEXT NOT NULL,
    role   TEXT NOT NULL,
    what   TEXT NOT NULL,
    target TEXT NOT NULL,
    status {integer} NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX devices_by_state ON devices (platform, state, id);
CREATE INDEX devices_by_imei ON devices (imei);
CREATE INDEX history_by_time ON history (at);
"""

# A package's content is the whole file; campaigns and what became of their devices are JSON (`campaigns`).
_ANDLINK = """
CREATE TABLE psk (
    device {name} PRIMARY KEY,
    record TEXT NOT NULL
);
CREATE TABLE packages (
    name     {name} PRIMARY KEY,
    model    TEXT NOT NULL,
    version  TEXT NOT NULL,
    base     TEXT NOT NULL,
    size     {integer} NOT NULL,
    added_at {real} NOT NULL,
    content  {blob} NOT NULL
);
CREATE TABLE campaigns (
    id       {integer} PRIMARY KEY,
    platform {name} NOT NULL,
    state    TEXT NOT NULL,
    record   TEXT NOT NULL
);
CREATE TABLE campaign_devices (
    campaign {integer} NOT NULL,
    device   {name} NOT NULL,
    state    TEXT NOT NULL,
    record   TEXT NOT NULL,
    PRIMARY KEY (campaign, device)
);
"""

# What is searched stands apart from the record: a fraction of its size, and written only when it changes. Until then
# the whole record stands in for it. An index that every line of history pays for is not worth a retention once an hour.
_WORDS = """
CREATE TABLE device_words (
    number {integer} PRIMARY KEY,
    words  TEXT NOT NULL
);
INSERT INTO device_words (number, words) SELECT number, lower(record) FROM devices;
CREATE INDEX devices_by_platform ON devices (platform, id);
DROP INDEX devices_by_imei;
DROP INDEX history_by_time;
"""
_ROOM = """
ALTER TABLE devices SET (fillfactor = 70);
"""  # so that a new version of a row finds room beside the old one, and no index has to learn where it is

# What happened has codes and fields. Sentences of the versions before stay readable, as `text`. In JSON only the end of
# a key is a quotation mark, not escaped, before a colon.
_CODES = """
UPDATE history SET detail = replace(replace(detail, '"why":', '"text":'), '"code":', '"response_code":')
    WHERE detail LIKE '%"why":%' OR detail LIKE '%"code":%';
UPDATE history SET kind = 'operation-answered', detail = replace('{"operation":"' || kind || '",' || substr(detail, 2),
    '{"operation":"attributes",', '{"operation":"write-attributes",')
    WHERE kind IN ('read', 'write', 'execute', 'observe', 'cancel', 'discover', 'create', 'delete', 'attributes');
UPDATE history SET kind = 'inventory-read', detail = '{"values":' || detail || '}' WHERE kind = 'inventory read';
UPDATE history SET kind = 'device-described', detail = '{"values":' || detail || '}' WHERE kind = 'described';
UPDATE history SET kind = CASE kind
    WHEN 'registered' THEN 'device-registered'
    WHEN 'updated' THEN 'device-updated'
    WHEN 'de-registered' THEN 'device-deregistered'
    WHEN 'expired' THEN 'device-expired'
    WHEN 'refused' THEN 'device-refused'
    WHEN 'inventory not read' THEN 'inventory-unread'
    WHEN 'data received' THEN 'data-received'
    WHEN 'notified' THEN 'resource-notified'
    WHEN 'observed' THEN 'observation-started'
    WHEN 'not observed' THEN 'observation-ended'
    WHEN 'bootstrapped' THEN 'device-bootstrapped'
    WHEN 'bootstrap failed' THEN 'bootstrap-failed'
    END
    WHERE kind IN (
        'registered', 'updated', 'de-registered', 'expired', 'refused', 'inventory not read', 'data received',
        'notified', 'observed', 'not observed', 'bootstrapped', 'bootstrap failed'
    );
UPDATE campaign_devices SET record = replace(record, '"why":', '"text":') WHERE record LIKE '%"why":%';
"""

# A package may be any file. What was kept before is a container, whose checksum is computed where it is needed.
_FILES = """
ALTER TABLE packages ADD COLUMN kind TEXT NOT NULL DEFAULT 'container';
ALTER TABLE packages ADD COLUMN checksum TEXT NOT NULL DEFAULT '';
ALTER TABLE packages ADD COLUMN notes TEXT NOT NULL DEFAULT '';
"""

_DEFINITIONS = """
CREATE TABLE definitions (
    object   {integer} NOT NULL,
    version  {name} NOT NULL,
    added_at {real} NOT NULL,
    record   TEXT NOT NULL,
    PRIMARY KEY (object, version)
);
"""

# A command is JSON (`device_management.commands`); `place` is its order among the device's open ones.
_QUEUE = """
CREATE TABLE queue (
    platform {name} NOT NULL,
    ticket   {integer} NOT NULL,
    device   {name} NOT NULL,
    state    TEXT NOT NULL,
    place    {integer} NOT NULL,
    record   TEXT NOT NULL,
    PRIMARY KEY (platform, ticket)
);
CREATE INDEX queue_of_device ON queue (device, state);
"""

# A registration mostly says what the one before has said: then this row is written and not the record, which has what
# it had when it was last written. Narrow, so that a batch in any order meets many of them on a page.
_PRESENCE = """
CREATE TABLE presence (
    number        {integer} PRIMARY KEY,
    last_seen_at  {real} NOT NULL,
    registered_at {real} NOT NULL,
    refreshed_at  {real} NOT NULL,
    paired_at     {real} NOT NULL,
    period        {real} NOT NULL,
    registrations {integer} NOT NULL,
    updates       {integer} NOT NULL,
    refusals      {integer} NOT NULL,
    port          {integer} NOT NULL,
    location      TEXT NOT NULL,
    observations  TEXT NOT NULL
);
DROP VIEW registrations;
"""
# What a note is on: the entry's number, and its time.
_NOTES = """
CREATE TABLE notes (
    id         {number},
    entry      {integer} NOT NULL,
    at         {real} NOT NULL,
    text       TEXT NOT NULL,
    author     TEXT NOT NULL,
    written_at {real} NOT NULL
);
"""
_PRESENCE_SQLITE = (
    _PRESENCE
    + """
CREATE VIEW registrations AS
    SELECT id AS device, platform,
           coalesce(presence.location, json_extract(record, '$.location')) AS location,
           json_extract(record, '$.endpoint') AS endpoint,
           json_extract(record, '$.host') AS host,
           coalesce(presence.port, json_extract(record, '$.port')) AS port,
           json_extract(record, '$.lifetime') AS lifetime,
           coalesce(presence.registered_at, json_extract(record, '$.registered_at')) AS registered_at,
           coalesce(presence.refreshed_at, json_extract(record, '$.refreshed_at')) AS refreshed_at
    FROM devices LEFT JOIN presence ON presence.number = devices.number WHERE state = 'registered';
"""
)
_PRESENCE_POSTGRESQL = (
    _PRESENCE
    + """
ALTER TABLE presence SET (fillfactor = 70);
CREATE VIEW registrations AS
    SELECT id AS device, platform,
           coalesce(presence.location, record::json ->> 'location') AS location,
           record::json ->> 'endpoint' AS endpoint,
           record::json ->> 'host' AS host,
           coalesce(presence.port, (record::json ->> 'port')::bigint) AS port,
           (record::json ->> 'lifetime')::double precision AS lifetime,
           coalesce(presence.registered_at, (record::json ->> 'registered_at')::double precision) AS registered_at,
           coalesce(presence.refreshed_at, (record::json ->> 'refreshed_at')::double precision) AS refreshed_at
    FROM devices LEFT JOIN presence ON presence.number = devices.number WHERE state = 'registered';
"""
)

# `belongs` is the group of a device, `words` what a search looks through. A label may be there before its device.
_LABELS = """
CREATE TABLE device_labels (
    device   {name} PRIMARY KEY,
    platform {name} NOT NULL,
    name     TEXT NOT NULL,
    belongs  {name} NOT NULL,
    words    TEXT NOT NULL
);
CREATE INDEX labels_by_group ON device_labels (platform, belongs);
CREATE TABLE device_tags (
    tag    {name} NOT NULL,
    device {name} NOT NULL,
    PRIMARY KEY (tag, device)
);
CREATE INDEX tags_of_device ON device_tags (device);
"""

# Of several nodes (`owners`). A member's number is never given again; `location` and `peer` are what a device names.
_NODES = """
CREATE TABLE nodes (
    number     {number},
    name       {name} NOT NULL,
    process    {integer} NOT NULL,
    renewed_at {real} NOT NULL
);
CREATE TABLE owners (
    device   {name} PRIMARY KEY,
    node     {integer} NOT NULL,
    writer   {integer} NOT NULL,
    location {name} NOT NULL,
    peer     {name} NOT NULL
);
CREATE INDEX owners_by_node ON owners (node, device);
CREATE INDEX owners_by_location ON owners (location) WHERE location <> '';
CREATE INDEX owners_by_peer ON owners (peer);
"""

MIGRATIONS: tuple[Migration, ...] = (
    Migration("devices, their history, the appkeys", _FIRST, ""),
    Migration("devices by number", _NUMBERED, _NUMBERED_POSTGRESQL),
    Migration.of("tokens and the audit log; devices by state and IMEI, history by time", _ACCESS),
    Migration.of("keys of Andlink devices, firmware packages, campaigns", _ANDLINK),
    Migration("what is searched of a device", _WORDS, _WORDS + _ROOM),
    Migration.of("what happened in codes and fields", _CODES),
    Migration.of("firmware packages of any format", _FILES),
    Migration.of("definitions of objects", _DEFINITIONS),
    Migration.of("commands that wait for devices in Queue Mode", _QUEUE),
    Migration("what changes with every registration apart", _PRESENCE_SQLITE, _PRESENCE_POSTGRESQL),
    Migration.of("names, groups and tags of devices", _LABELS),
    Migration.of("notes on entries of the timeline", _NOTES),
    Migration.of("which node has which device", _NODES),
)
