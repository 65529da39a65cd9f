# The console's own words in English: ids by page and place. The other language has the same ids (a test compares).

again = Try again
ago = { $span } ago
undo = Undo
removed = Removed: { $name }
remove_title = Remove { $name }?
no_way_back = This cannot be undone.
colon = {": "}
all = All { $n }
more = Show { $n } more
cancel = Cancel
close = Close
remove = Remove
crumbs = Where you are
everything = All
loading = Loading
no_answer = The lab does not answer
none_fit = No match
nowhere = There is no such page
nowhere_hint = The address names no page of the console. Perhaps it was cut off, or mistyped.
skip = Skip to the page
language = Language
language_switch = Switch language
theme_switch = Switch light and dark

theme-auto = Colours: as the system
theme-light = Colours: light
theme-dark = Colours: dark

link-connecting = connecting
link-live = live
link-lost = no connection
link-banner = The lab does not answer. The page reconnects by itself and then fetches what it missed.
store-banner = Nothing can be stored, so the platforms do not answer: { $why }

nav-title = Main
nav-overview = Overview
nav-modules = Modules
nav-timeline = Time line
nav-platforms = Platforms
nav-campaigns = Firmware
nav-faults = Faults
nav-scenarios = Scenarios
nav-fleet = Fleet
nav-offline = Works offline. Everything here is also in the API under /api/v1.
nav-access = Access
nav-docs = API

palette-title = Find a page, device, command or action
palette-hint = Name of a page, module, device, command or action
palette-page = page
palette-module = module
palette-device = device
palette-action = action

field-name = Name
field-role = Role
field-lasts = Valid for
field-model = Model
field-operator = Operator
field-appkey = appkey
field-password = Password
field-path = Path
field-value = Value
field-version = Version
field-package = Package
field-devices = Devices
field-label = Label
field-line = Line
field-span = Span
field-seed = Seed
field-body = File

help-title = Keyboard shortcuts
help-search = Go to the search field or the prompt

clock-zone = Zone in which times are shown: on every page, in the terminal, in words of the API
clock-offsets = offset from UTC
clock-title = The lab's clock
clock-ahead = Ahead of the wall clock
clock-next = What the lab waits for next
clock-pause = Pause the clock
clock-resume = Resume the clock
clock-rate = Rate of the clock
clock-advance = Advance by
clock-stop = Stop

power-on = on
power-off = off
power-booting = booting
power-asleep = asleep

operator-mobile = China Mobile
operator-telecom = China Telecom
operator-unicom = China Unicom
operator-none = no card

part-session = serial line
part-radio = radio
part-sleep = sleep
part-boot = boot
part-cmdmp = CMDMP
part-telecom = Telecom
part-unicom = Unicom
part-andlink = Andlink

module-attached = attached
module-detached = not attached
module-timeline = Time line
module-identity = Identity
module-firmware = Firmware
module-serial = Serial port
module-function = Function (CFUN)
module-model = Model
module-name = Name
module-add = Add a module
module-search = Search modules
module-none = No module is in the lab yet
module-same_imei = IMEI of { LIST($others) } too
module-same_imei_about = { LIST($others) } has the same IMEI: a platform takes them for one device
module-gone = There is no module { $name }
module-remove_title = Remove { $name }?
module-remove_text = Its power is cut: what is not in NVRAM is lost. The NVRAM file stays.
module-removed = { $name } is removed
module-made_up = made up by the lab
module-by_imsi = by its IMSI
module-port = TCP port on 127.0.0.1
module-any_port = any free one
module-registers_with = Registers itself with { $operators }.
module-port_stays = A port that is given stays the same; any free one changes with each start.
module-pty_stays = serial/{ $name } in the state directory always leads to its PTY.

serial-pty = PTY
serial-tcp = TCP
serial-rfc2217 = TCP with RFC 2217 (speed, lines)

stands-switched-off = switched off
stands-on-after-boot = on after the next boot
stands-not-of-model = not with this model
stands-firmware = not in this firmware
stands-begins = about to register
stands-sending = registering
stands-registered = registered
stands-registered-once = registered
stands-next-round = next round later
stands-gave-up = given up
stands-refused = refused
stands-unanswered = unanswered
stands-unreached = name unknown
stands-update-failed = update failed

standing-helps = Do this now
standing-switch_on = Switch on
standing-into_coverage = Into coverage
standing-card = Choose a card

terminal-title = Terminal
terminal-send = Send
terminal-clear = Clear
terminal-explain = Explain this line
terminal-explain_all = Explain
terminal-completions = Commands
terminal-no_final = No final result code yet
terminal-hint = ↑ earlier lines · Tab completes · Esc closes
terminal-pasting = { $n } of { $total } lines sent
terminal-pasted = { $n } of { $total } lines sent, { $errors } with an error
terminal-unanswered = No answer to { $line }
terminal-stop = Stop
terminal-tools = Tools of the terminal
terminal-search = Search the terminal
terminal-before = Found before
terminal-after = Found after
terminal-hex = Hex
terminal-split = Time line beside
terminal-paste_waits = Paste waits
terminal-paste_waits_title = On: pasted lines wait to be looked at, Enter sends them. Off: they are sent as they are pasted.
terminal-pending = Pasted lines
terminal-pending_keys = Enter sends · Esc throws away
terminal-scripts = Scripts
terminal-log = Save log

script-none = No scripts are saved in this browser
script-new = New
script-load = Load
script-save = Save all
script-save_title = As macros.toml, which nbtwin at reads
script-edit = Edit { $name }
script-keep = Keep
script-download = Download
script-text = Text of the script
script-unnamed = script
script-help = As in nbtwin at: a command a line; expect LINE, > DATA, wait LINE 30s, sleep 1s, timeout 5s, send TEXT.
script-running = { $name }: step { $n } of { $total }
script-done = { $name }: all { $total } steps are done
script-stopped = { $name }: stopped at step { $n } of { $total }
script-none_in_file = There is no script in this file, or one that cannot be read: nothing of it was taken

explain-left_out = (left out)
explain-not_executed = Not executed: a command before it fails (V.250 5.7)

form-test = test form
form-read = read form
form-write = write form
form-execute = execute form

deadlines-title = Waiting for
deadlines-none = Waiting for nothing

internet-title = Sockets
internet-none = Nothing is open
internet-socket = Socket { $number }
internet-sent = { $bytes } sent
internet-received = { $bytes } received
internet-unread = { $bytes } to be read
internet-unsent = { $bytes } not acknowledged
internet-mqtt = MQTT client { $number }
internet-keep_alive = keep-alive { $seconds } s
internet-no_keep_alive = no keep-alive
internet-no_subscriptions = no subscriptions
internet-name = Looking up { $name }
internet-ping = Ping of { $size } bytes to { $host } under way
internet-time = Asking { $server } for the time

socketowner-host = by AT commands
socketowner-mqtt = of an MQTT client
socketowner-ntp = for the time

socketstate-open = open
socketstate-connecting = connecting
socketstate-listening = listening
socketstate-connected = connected
socketstate-finished = peer has finished
socketstate-closing = closing
socketstate-broken = connection lost

mqttstate-closed = closed
mqttstate-resolving = looking up the server
mqttstate-opening = opening the stream
mqttstate-open = stream open
mqttstate-connecting = connecting
mqttstate-connected = connected
mqttstate-leaving = disconnecting

switches-title = Switches
switches-power = Power
switches-reset = Reset
switches-reset_now = Reset now
switches-cause = Cause of the reset
switches-pin = reset pin
switches-wake = Wake up
switches-coverage = Coverage
switches-covered = in coverage
switches-uncovered = no coverage
switches-rebind = Rebind NAT
switches-rebind_title = The NAT drops the module's mapping: its next packets come from another address
switches-rebound = The NAT has dropped the module's mapping
switches-signal = Signal
switches-update = Update
switches-updated = The firmware is updated; the module restarts
switches-version = New firmware version

nvram-title = NVRAM
nvram-setting = Setting
nvram-saved = Saved
nvram-in_use = In use
nvram-next = Next boot
nvram-default = default
nvram-never = never saved
nvram-own = Noted by the module itself
nvram-success = Last registration
nvram-edit_one = Change { $name }
nvram-only = Changes of the next boot only
nvram-differ = { $n ->
    [one] The next boot changes one setting
   *[other] The next boot changes { $n } settings
}
nvram-same = The next boot changes nothing
nvram-diff = { $before } → { $after }
nvram-before = Before
nvram-after = After
nvram-side_saved = saved now
nvram-side_in_use = in use now
nvram-side_factory = as delivered
nvram-restore_title = Restore { $name }?
nvram-restore_text = What is saved now is replaced, and in use after the next boot. Take a snapshot first to come back to it.
nvram-restored = NVRAM is written; it takes effect at the next boot
nvram-label = Label of the snapshot
nvram-snapshot = Take a snapshot
nvram-taken = Snapshot taken
nvram-compare = Compare
nvram-restore = Restore
nvram-factory = Factory reset
nvram-factory_text = Everything saved is erased. In force after the next boot.
nvram-no_diff = No difference

lane-host = Host
lane-module = Module
lane-network = Network
lane-platform = Platform
lane-host_of = host of { $module }
lane-others = { $n } others
lane-fold = { $name }: put it among the others
lane-unfold = Give each its lane again

kind-at = AT
kind-at-in = AT line to the module
kind-at-out = AT line from the module
kind-state = States
kind-datagram = Packets
kind-platform = Platform
kind-lookup = Look-ups
kind-deadline = Deadlines
kind-fault = Faults
kind-lab = Lab

zoom-event = events
zoom-second = s
zoom-minute = min
zoom-hour = h
zoom-day = days

seq-title = Time line
seq-time = Time
seq-zoom = Zoom
seq-show = Show
seq-module = Module
seq-all_modules = all modules
seq-some_modules = { $n } modules
seq-more_modules = { $n } more: search for them
seq-search = Search
seq-strip = The entries that are loaded. Click to go there; Shift and drag to select a span.
seq-lifetime = lifetime { $span }
seq-kept = { $n } { $n ->
    [1] entry
   *[other] entries
} kept here
seq-empty = Nothing has happened yet
seq-none_fit = No entry matches these filters
seq-none_fit_here = No entry that is loaded matches these filters; the lab has more
seq-entry_forgotten = The lab does not keep entry #{ $n } any more
seq-entry_unknown = The lab has no entry #{ $n }
seq-older = Show older ones
seq-newer = Show newer ones
seq-beginning = Beginning
seq-moment = Go to a time
seq-newest = Newest
seq-later = { $span } later
seq-again = sending { $n }
seq-lost = lost
seq-lines = { $n } AT lines
seq-packets = { $n } { $n ->
    [1] packet
   *[other] packets
}
seq-agains = { $n } retransmitted
seq-losts = { $n } lost
seq-part = { $n } of it
seq-cut = { $n } { $n ->
    [1] entry
   *[other] entries
} of { $when } not fetched
seq-cut_earlier = { $n } earlier { $n ->
    [1] entry
   *[other] entries
} not fetched
seq-cut_later = { $n } later { $n ->
    [1] entry
   *[other] entries
} not fetched
seq-cut_fetch = Fetch
seq-forgotten = Not kept any more: entries 1 to { $n }, before { $at }
seq-zoom_in = Press to zoom in
seq-key_in = Time line: zoom in
seq-key_out = Time line: zoom out
seq-key_next = Time line: next entry
seq-key_before = Time line: entry before
seq-key_newest = Time line: newest entry
seq-key_close = Time line: close the details

follow-exchange = Exchange of #{ $n }
follow-exchange_act = Follow this exchange
follow-registration = Registration of #{ $n }
follow-registration_act = Follow this registration
follow-campaign = Campaign { $n }
follow-campaign_act = Follow campaign { $n }
compare-with = Compare with …
compare-pick = Press the packet to compare with #{ $n }
compare-packets = Two packets
compare-runs = Compare two runs
compare-first = One run
compare-second = The other
compare-show = Compare
compare-missing = not here
compare-gone = The lab does not have both packets (any more)
compare-none = The lab has no entry of “{ $run }”
compare-registration = Registration of { $module }, { $at } (#{ $n })
compare-module = All that { $module } did
compare-scenario = Scenario run { $n }
compare-differences = { $n } { $n ->
    [one] field differs
   *[other] fields differ
}
compare-steps = { $n } of { $total } steps differ. What is drawn anew each time (message ids, tokens, addresses, ciphertext) does not count.
link-entry = Link to it
link-copy = Copy a link to this view
link-copied = The link is copied
take-along = Take along
take-copy = Copy as { $form }
take-text = text
take-mermaid = Mermaid
take-svg = SVG
take-png = PNG
take-story = Story as one HTML file
take-copied = { $n } { $n ->
    [one] entry
   *[other] entries
} copied as { $form }.
take-saved = { $n } { $n ->
    [one] entry
   *[other] entries
} saved as a file ({ $form }): this page has no clipboard.
take-cut = These are the newest of { $total }.
story-title = The story of a lab
story-redacted = IMEI, IMSI and ICCID in this file are others of the same shape; passwords and keys are masked. Notes stand as they were written. It asks nothing of any network.
note-title = Notes
note-write = Write a note on this entry
note-save = Keep
note-remove = Remove this note
note-count = { $n } { $n ->
    [one] note
   *[other] notes
}

inspect-title = Details of an entry
inspect-when = When
inspect-who = Source
inspect-from = From
inspect-to = To
inspect-until = Until
inspect-faults = Faults
inspect-means = What it means
inspect-bytes = { $n } { $n ->
    [1] byte
   *[other] bytes
}
inspect-fields = Fields
inspect-inside = Inside, decrypted: { $n } { $n ->
    [1] byte
   *[other] bytes
}
inspect-inside_hidden = Inside, decrypted (the bytes are for the role admin)
inspect-gone = The lab no longer keeps this entry: its bytes are here, its fields are not.

means-lookup = The name is looked up in the lab's own network; a real address is reached only when the user routes it.
means-state = A state of the document's own table; the host reads it with type 6.
means-committed = The answer leaves only after this is in the database.
means-dtls = A DTLS record. What is inside is readable where the lab has the key.
means-register = LwM2M registration: endpoint, lifetime and the list of objects.
means-cmdmp = CMDMP registration of a module with a China Mobile card.
means-cmdmp_name = Endpoint: terminal type { $type }, encrypted identity { $cipher }, appkey { $appkey }, IMEI { $imei }, version { $version }.
means-lifetime = Lifetime { $lt } s: the update period. An update at the very end of it still counts.
means-update = Registration update: the device is still there.
means-deregister = De-registration.
means-bootstrap = Bootstrap: the platform will write server and keys.
means-telecom = China Telecom self-registration: base64 of a JSON object.
means-uplink = Data of the application, upwards.
means-inventory = The platform reads the inventory of the terminal; each value is encrypted.
means-management = A command of the platform to an object of the device.
means-again = Retransmission, sending { $n }: no answer came within the schedule of the document.
means-lost = Lost: a fault drops it, or there is no route.
means-piggybacked = The answer travels in the acknowledgement.
means-empty_ack = An empty acknowledgement: the answer follows by itself.
means-reset = The receiver does not know this exchange.
means-refused = Refused. For CMDMP that is state 7 until the next boot; for Telecom and Unicom the round is over.
means-waiting_answer = When it is over, the message is retransmitted.
means-waiting_update = When it is over, the registration is updated.
means-waiting_release = The network ends an idle connection.
means-waiting_boot = The boot takes this long; bytes from the host are lost meanwhile.

platform-name = Platform
platform-operator = Operator
platform-udp = UDP address
platform-devices = Devices
platform-registered = Registered
platform-expired = Expired
platform-inventory = Inventory
platform-n_devices = { $n } { $n ->
    [1] device
   *[other] devices
}
platform-search = Search IMEI, IMSI, model, values …
platform-nobody = No device has registered yet
platform-none = No platform is in the lab

devstate-bootstrapped = bootstrapped
devstate-registered = registered
devstate-expired = expired
devstate-de-registered = de-registered

device-id = IMEI
device-state = State
device-model = Model
device-firmware = Firmware
device-imsi = IMSI
device-last_seen_at = Last seen
device-lifetime = Lifetime
device-seen = seen { $span } ago
device-identity = Identity
device-terminal_type = Terminal type
device-version = Version
device-queue_mode = Queue Mode
device-endpoint = Endpoint
device-from = Address
device-location = Location
device-until = until { $at }
device-first_seen = First seen
device-registered_at = Registered
device-counts = Counted
device-counted = { $registrations } { $registrations ->
    [1] registration
   *[other] registrations
}, { $updates } { $updates ->
    [1] update
   *[other] updates
}, { $refusals } { $refusals ->
    [1] refusal
   *[other] refusals
}
device-flags = Flags
device-remarks = accepted with remarks
device-values = Reported values
device-usims = USIMs
device-history = History
device-no_history = Nothing yet
device-forget = Delete the device
device-forget_text = The device and its history are removed from the inventory. Its next registration adds it again.
device-forgotten = The device is deleted

value-6601 = device info
value-6602 = application info
value-6603 = MAC
value-6604 = ROM
value-6605 = RAM
value-6606 = CPU
value-6607 = OS version
value-6608 = software version
value-6609 = software name
value-6610 = VoLTE
value-6611 = network type
value-6612 = account
value-6613 = phone number
value-6614 = location

definition-title = Object definitions
definition-none = None of your own yet
definition-built_in = Built in: { $n }
definition-file = OMA DDF file (XML)
definition-replace = Replace what was added before
definition-added = The definition holds from now on
definition-number = No.
definition-name = Name
definition-type = Type
definition-operations = Operations
definition-range = Range
definition-unit = Unit

objects-title = Objects
objects-none = The device has named no object
objects-operation = Operation
objects-path = Path
objects-value = Value
objects-paths = Paths
objects-values = /1/0/1=600, /3/0/15=Asia/Shanghai
objects-attributes = pmin=10&pmax=60
objects-go = Go
objects-instance = instance { $id }
objects-unwatch = Observing
objects-log = Operations
objects-no_log = None yet
objects-more = { $n } more without a value

operation-read = Read
operation-write = Write
operation-write-partly = Write partly
operation-execute = Execute
operation-observe = Observe
operation-cancel = Cancel observation
operation-discover = Discover
operation-create = Create
operation-delete = Delete
operation-write-attributes = Write attributes
operation-read-composite = Read several
operation-write-composite = Write several
operation-observe-composite = Observe several
operation-cancel-composite = Cancel observation of several
operation-notify = Notification

plots-title = Observed values
plots-none = Observe a resource and its values are drawn here

keys-title = Keys
keys-none = No key
keys-reveal = Show secrets
keys-add = Add
keys-added = The key is added
keys-remove = Remove this key?
keys-password = Password
keys-device = Device
keys-bootstrap_key = Bootstrap key (hex)
keys-key = Server key (hex)

campaign-all = Campaigns
campaign-none = No campaign yet
campaign-new = New campaign
campaign-packages = Packages
campaign-file = File
campaign-name = Name
campaign-upload = Upload
campaign-uploaded = The package is uploaded
campaign-package = Package
campaign-devices = Devices
campaign-everyone = one per line; empty: all registered devices
campaign-mode = Delivery
campaign-pull = pull: the device fetches it
campaign-push = push: the platform writes it
campaign-start = Start
campaign-started = The campaign has started
campaign-device = Device
campaign-state = State
campaign-progress = Progress
campaign-detail = Detail
campaign-result = result { $n }
campaign-progressed = { $done } of { $total } done
campaign-failures = { $n } failed
campaign-about = packages to devices, over the air
campaign-no_packages = No package yet. Upload a file, or make one with “nbtwin firmware pack”.
campaign-no_platform = Campaigns run on the Andlink platform: start the lab with andlink among its platforms
campaign-said_version = Version after the update
campaign-said_models = Models
campaign-said_checksum = SHA-256
campaign-said_notes = Notes
campaign-optional = optional
campaign-raw = The file has no description of its own: give it here.
campaign-any_model = any model
campaign-no_version = version not known
campaign-auto = as the device supports
campaign-auto_short = auto
campaign-narrower = Filters
campaign-of_endpoint = Names like
campaign-of_manufacturer = Manufacturer
campaign-of_model = Model
campaign-of_firmware = Running now
campaign-any = any
campaign-delta = delta from { $base }
campaign-per_minute = Devices a minute
campaign-no_limit = no limit
campaign-updates = Update when downloaded
campaign-stop = Stop
campaign-took = { $span }
campaign-attempts = Attempts
campaign-firmware = Firmware
campaign-pull_short = pull
campaign-push_short = push

campaignstate-running = running
campaignstate-finished = finished
campaignstate-failed = failed
campaignstate-succeeded = succeeded
campaignstate-waiting = waiting
campaignstate-downloading = downloading
campaignstate-downloaded = downloaded
campaignstate-updating = updating
campaignstate-stopping = stopping
campaignstate-stopped = stopped
campaignstate-starting = starting

fault-about = faults injected into the network and the serial lines
fault-active = Active
fault-none = No active fault
fault-unmatched = matches nothing now: there is no endpoint with the name in { $fields }
fault-new = New fault
fault-add = Add the fault
fault-remove_all = Remove all
fault-remove_all_title = Remove all faults?
fault-kind = Kind
fault-loss = Loss
fault-delay = Delay
fault-duplication = Duplication
fault-reordering = Reordering
fault-silence = Silence
fault-rebinding = NAT rebinding
fault-dns_failure = DNS failure
fault-error = Error answer
fault-reset = Reset answer
fault-truncation = Truncation
fault-serial_urc = Unsolicited lines
fault-serial_interleaved = Lines within lines
fault-serial_doubled = Doubled URCs
fault-serial_late = Late URCs
fault-serial_split = Split bytes
fault-serial_slow = Slow answers
fault-serial_swallowed = Bytes lost at wake-up
fault-serial_noise = Boot noise
fault-serial_baud = Wrong baud rate
fault-serial_pins = Control line not connected
fault-direction-both = both
fault-direction-up = up
fault-direction-down = down
fault-field-direction = Direction
fault-field-source = From (pattern)
fault-field-destination = To (pattern)
fault-field-name = Name (pattern)
fault-field-packets = Only these packets
fault-field-probability = Probability
fault-field-seconds = Seconds
fault-field-spread = Jitter, at most
fault-field-copies = Copies
fault-field-code = Code
fault-field-start = From (lab time)
fault-field-end = Until (lab time)
fault-field-octets = Bytes
fault-field-places = Places
fault-field-percent = Percent of the limit
fault-field-silence = Silence before
fault-field-baud = Baud rate of the host
fault-field-pins = Control lines
fault-field-text = Line (exactly as sent)

scenario-about = steps and expectations, each run in a simulated lab of its own
scenario-all = Scenarios
scenario-none = No scenario
scenario-runs = Runs
scenario-no_runs = No runs yet
scenario-text = Scenario file
scenario-placeholder = Choose a scenario, or write one
scenario-seed = seed { $seed }
scenario-seed_field = Seed
scenario-run = Run
scenario-summary = { $passed } of { $all } expectations hold · { $entries } entries
scenario-expected = expected { $value }
scenario-found = found { $value }

run-running = running
run-passed = passed
run-failed = failed
run-broken = broken
run-stopped = stopped

kpi-modules = Modules on
kpi-devices = Registered
kpi-packets = Packets
kpi-at = AT commands
kpi-answer = Answer within
kpi-lost = Lost
kpi-errors = Errors
kpi-loop = Longest event loop hold, last minute

work-datagrams = datagrams
work-timers = timers
work-commits = commits
work-serial = serial lines
work-pages = pages and API
work-readers = readers of events
work-files = files
work-garbage = memory clean-up
work-processor = processor busy
work-other = other work

overview-traffic = Traffic
overview-notable = Recent events

series-up = Packets up
series-down = Packets down
series-again = Retransmitted
series-lost = Lost
series-errors = Errors
series-registrations = Registrations
series-updates = Updates
series-at = AT commands
series-entries = Entries

chart-back = Back to the whole
chart-keys = { $name }: + and - zoom, the arrows move, Escape shows the whole
chart-csv = CSV
chart-png = PNG
chart-range = Range of the charts, in the lab's time
chart-all = all
chart-range_of = The last { $span } of the lab's time
chart-lab_time = lab time ({ $zone })
chart-lab_span = lab time, since it began
chart-wall_time = wall clock ({ $zone })
chart-csv_lab = lab time
chart-csv_seconds = lab time in seconds
chart-csv_wall = wall clock
chart-since = Counted since { $at }, when this lab was opened. A step that is counted in part is tinted. Drag over a chart to look into it.
chart-none = Nothing has been measured yet

fleet-packets = Packets
fleet-registrations = Registrations and updates
fleet-trouble = Losses and errors
fleet-lines = AT commands and entries
fleet-delays = From packet to answer
fleet-answers = Packet to answer
fleet-states = Modules by CMDMP state
fleet-platforms = Platforms: request to answer
fleet-self = This page
fleet-received = Events received
fleet-lateness = Delay of events
fleet-kept = Entries kept
fleet-memory = Memory of scripts
fleet-nodes = Elements

card-mobile = Mobile
card-telecom = Telecom
card-unicom = Unicom
card-none = none

role-nobody = nobody
role-viewer = viewer
role-operator = operator
role-admin = admin

access-needs = For the role { $role }
access-viewer_may = Read only; secrets are masked.
access-operator_may = Read, and change modules, devices, the clock and faults.
access-admin_may = Full access.
access-nobody_may = You are not logged in.
access-for_admins = Tokens, the log of changes and files of the whole lab are for admins.
access-local = no token is needed on this machine
access-leave = Log out
access-tokens = Tokens
access-no_tokens = No token: only this machine may use the lab
access-new = New token
access-name = Name
access-role = Role
access-lasts = Expires after (empty: never)
access-make = Create
access-made = The token
access-once = Shown only once; the lab keeps only a hash.
access-revoke = Revoke
access-revoke_title = Revoke { $name }?
access-revoke_text = In force with the next request.
access-forever = never expires
access-used = used { $at }
access-audit = Audit log
access-search = Search
access-no_audit = Nothing yet
access-at = When
access-who = Who
access-what = What
access-target = Target
access-status = Answer
access-began = began, outcome unknown
access-of = { $n } of { $total }

lab-title = The whole lab
lab-export = Export
lab-import = Import
lab-import_text = The lab's devices, keys and modules are replaced by those of the file.
lab-reset = Reset the lab
lab-reset_text = What is selected here is erased. It cannot be undone.
lab-done = Done
lab-faults = faults
lab-devices = devices
lab-modules = module settings

## The queue of a device in Queue Mode

queue-title = Queue
queue-none = The queue is empty
queue-open = Awake now
queue-open_for = Awake now, for another { $span }
queue-due = Next window at { $at }, in { $span } ({ $from })
queue-unknown = The next window is not known
queue-until = kept until { $at }
queue-up = move request { $ticket } up
queue-down = move request { $ticket } down
queue-cancel = cancel request { $ticket }
queue-cancelled = The command is cancelled
queue-cancel_title = Take the command out of the queue?
window-period = from its last updates
window-lifetime = its lifetime ends
command-waiting = waiting
command-sent = sent
command-answered = answered
command-failed = failed
command-expired = expired
command-cancelled = cancelled

## What happens at a platform, in short

event-device-registered = device registered
event-device-updated = device updated
event-device-deregistered = device de-registered
event-device-expired = device expired
event-device-refused = device refused
event-inventory-read = device information read
event-inventory-unread = device information not read
event-device-bootstrapped = device bootstrapped
event-bootstrap-failed = bootstrap failed
event-device-described = device described
event-observation-started = observation started
event-observation-ended = observation ended
event-data-received = data received
event-resource-notified = resource notified
event-value-unread = value not read
event-operation-asked = operation asked
event-operation-answered = operation answered
event-command-queued = command queued
event-command-sent = command sent
event-command-moved = command moved in the queue
event-command-cancelled = command cancelled
event-command-expired = command expired in the queue
event-campaign-started = campaign started
event-campaign-progressed = campaign progressed
event-campaign-changed = campaign changed

## States of CMDMP and Andlink

state-initial_state = initial state
state-connect_success = connect success
state-connect_failed = connect failed
state-reg_success = reg success
state-reg_failed = reg failed
state-reg_timeout = reg timeout
state-lifetime_timeout = lifetime timeout
state-update_success = update success
state-update_failed = update failed
state-update_timeout = update timeout
state-uninitialised = uninitialised
state-missing_config = missing config
state-iniitialising = iniitialising
state-iniitialised = iniitialised
state-init_failed = init failed
state-registering = registering
state-registered = registered
state-deregistered = deregistered
state-mo_data_enabled = mo data enabled
state-no_ue_ip = no ue ip
state-rejected_by_server = rejected by server
state-timeout_and_retrying = timeout and retrying
state-dereg_failed = dereg failed

## Kinds of a device's history

history-device-registered = registered
history-device-updated = updated
history-device-deregistered = de-registered
history-device-expired = expired
history-device-refused = refused
history-inventory-read = device information read
history-inventory-unread = device information not read
history-device-described = described
history-observation-started = observed
history-resource-notified = notified
history-value-unread = not read
history-data-received = data received
history-device-bootstrapped = bootstrapped
history-bootstrap-failed = bootstrap failed
history-observation-ended = observation ended
history-operation-answered = answered
history-command-queued = queued
history-command-sent = sent
history-command-moved = moved in the queue
history-command-cancelled = cancelled
history-command-expired = expired in the queue

## Parts of a fact

list-separator = { ", " }
clause-separator = { ", " }
detail-location = location
detail-response_code = response code
detail-imsi = IMSI
detail-iccid = ICCID
detail-appkey = appkey
detail-data = data
detail-length = length
detail-raw = raw
detail-step = step
detail-by = asked by
detail-until = until
detail-reason = reason
detail-count = count
detail-deadline = until
detail-position = place
detail-ticket = request
detail-diagnostic = diagnostic payload
detail-subject = subject
detail-limit = limit
detail-text = text
way-notification = notification
way-post = POST
detail-operation = operation
detail-known_as = known as
detail-device = device
detail-peer = peer
detail-identity = identity
detail-lifetime = lifetime
detail-path = path
detail-service = service
detail-why = why
detail-state = state
detail-old = old
detail-new = new
detail-model = model
detail-firmware = firmware
detail-version = version
detail-endpoint = endpoint
detail-binding = binding
detail-objects = objects
detail-operator = operator
detail-ip = ip
detail-cause = cause
detail-values = values
detail-value = value
detail-flags = flags
detail-terminal_type = terminal type
detail-name = name
detail-host = host
detail-line = line
detail-number = number
detail-fault = fault
detail-span = span
detail-message_id = message id
detail-sending = sending
detail-status = status
detail-connected = connected
detail-address_changed = address changed
detail-way = way
detail-payload = payload
detail-confirmable = confirmable
detail-acknowledged = acknowledged up to
detail-flag = flag
detail-forced = by force
detail-listener = listening socket
detail-module = module
detail-owner = opened by
detail-port = port
detail-sent = sent
detail-sequence = sequence number
detail-socket = socket
detail-transport = protocol

docs-title = REST API
docs-about = What the lab answers to programs, from its own schema. The page loads nothing from elsewhere.
docs-schema = Schema (OpenAPI)
docs-operations = Operations
docs-search = Search operations
docs-none = There is no operation { $id }.
docs-request = Request
docs-name = Name
docs-value = Value
docs-meaning = Meaning
docs-required = required
docs-in_path = path
docs-in_query = query
docs-in_header = header
docs-body = Body
docs-copy = Copy
docs-copied = Copied
docs-copy_refused = The browser does not let this page copy.
docs-send = Send { $method }
docs-stop = Stop
docs-real = Runs in this lab, with your role.
docs-stream = A stream: it goes on until it is stopped.
docs-answer = Answer of this lab
docs-nothing = Nothing is in it.
docs-answers = Answers
docs-example = Example
docs-fields = Fields
docs-refusals = Refusals are problem documents (RFC 9457): code and fields for programs, detail in words.

start-title = Four doors
start-about = What do you want to see first?
start-registration = Show me a registration
start-registration_about = A module boots, attaches and registers; you read what it says.
start-losses = Show me losses
start-losses_about = Three packets are lost; the module sends again after 2, 4 and 8 seconds.
start-firmware = Connect my firmware
start-firmware_about = A module at a serial port, for minicom, Python or your own program in C.
start-real = Connect my real module
start-real_about = What your module is, whether it keeps to its document, and what it says.
start-open = to do
start-done = done
start-step_add = Add a module: { $model } with a USIM of China Mobile, named { $name }.
start-do_add = Add it
start-step_wait = It boots, attaches and registers with the platform. Wait, or let a minute pass at once.
start-do_minute = Let a minute pass
start-step_story = Read the story of it: every packet between module, network and platform.
start-do_story = Open the time line
start-step_ask = Now you: type this line in its terminal. The module answers with its server.
start-do_terminal = Open the terminal
start-step_lose = Lose the first three packets of its next registration, and restart it.
start-do_lose = Lose them
start-step_again = The module sends again after 2, 4 and 8 seconds: the time line says for which time and how much later.
start-step_mend = Now you: take the fault off again.
start-step_port = A module with a serial port.
start-step_open = Open its port as your firmware would, with one of these.
start-step_line = Now you: send AT and Enter. What comes stands here.
start-step_ports = See which serial ports this machine has, and say which one your module is at.
start-step_identify = Ask the module what it is.
start-step_said = Now you: paste here what it said.
start-said = What the module said
start-model_unknown = No model of the documents is named in this
start-step_check = Now you: check it against its document, or keep what passes between it and your host. Then show here what came of it.
start-port = Port of the module
start-result = first.json or first.rec (it stays in this browser)
start-result_run = { $model }: { $passed } as its document says, { $failed } not
start-result_recording = Your module said { $lines ->
    [1] 1 line
   *[other] { $lines } lines
}; the first is { $first }
start-result_none = This is neither a saved run nor a recording with a line of a module

## Many devices at once, their names, who was online

device-name = Name
device-tags = Tags
platform-not_here = “{ $name }” is not in the inventory.
platform-heard = What the lab heard of it
label-name = Name
label-group = Group
label-tags = Tags
label-tag = Tag
label-any_group = every group
label-any_tag = every tag
label-edit = Name and tags
label-save = Save
batch-choose = choose { $device }
batch-choose_all = choose all that fit: { $n }
batch-chosen = { $n } chosen
batch-clear = choose none
batch-acts = What to do with those that are chosen
batch-operate = Read, write …
batch-tag = Tag
batch-untag = Untag
batch-label = Label
batch-group = Group
batch-take-back = Cancel what waits
batch-take-back_text = Commands that wait in the queues of these devices are cancelled. What was sent already is not.
batch-deregister = Drop the registration
batch-deregister_text = The platform drops the registrations without telling the devices. Each finds out with its next update, and registers anew.
batch-forget = Delete
batch-forget_text = The devices are deleted from the inventory with their history, names and tags. That cannot be undone. One that is registered comes back with its next registration.
batch-begin = Do it to { $n }
batch-within = Kept for, in hours
batch-within_usual = two days
batch-stop = Stop
batch-last = Last batch
batch-others = other batches
batch-lost = { $title }: the lab was restarted, and this batch goes no further. { $n ->
        [one] { $n } device was
       *[other] { $n } devices were
    } not asked. What waits in queues is kept.
batch-result = What became of each device
batch-first = The first { $n } are shown; CSV has all.
batchstate-waiting = to be asked
batchstate-asked = asked
batchstate-queued = waits until it wakes
batchstate-done = done
batchstate-refused = refused
batchstate-cancelled = cancelled
csv-title = Import CSV
csv-about = A row for each device; the first line names the columns: imei (or id), name, group, tags, and keys. A column that is there replaces what was known. Nothing is changed before you have seen what is in it.
csv-example = An example
csv-file = File
csv-nothing = Nothing was changed. What is wrong:
csv-line = Line
csv-column = Column
csv-wrong = What is wrong
online-title = Online
online-range = Range
online-count = online
online-low = fewest meanwhile
online-kept = Of the devices that are in the inventory now, as their history tells, which is kept since { $at }.
online-device = Could be reached
online-never = It has not registered in what is kept of its history.
online-since = Registered since { $at }.
online-until = Registered until { $at }: { $why }.
online-share = { $share } % of { $span }.
online-sleeps = It sleeps in between, and listens for { $span } after it was heard.
online-gap = { $at }: { $why }, away for { $span }
live-title = Live log
live-pause = Hold
live-missed = Held: { $n } more
live-none = Nothing about it yet
live-entry = Show it in the time line
remark-title = Remarks of the platform
remark-strict = strict: refused
remark-taken = taken all the same
campaign-step = State
campaign-bytes = Bytes
campaign-version = Runs
campaign-reason = Why
campaign-of_containing = Search
campaign-of_group = Group
campaign-of_tag = Tags
campaign-start_text = They get { $package } (version { $version }).
batch-number = { $n ->
    [one] One device is touched.
   *[other] { $n } devices are touched.
    }
batch-stop_text = { $n ->
    [0] Nobody is left to be asked; who was asked still answers.
    [one] One device is not asked any more, or its command is cancelled.
   *[other] { $n } devices are not asked any more, or their commands are cancelled.
    }
csv-rows = { $n ->
    [one] One device
   *[other] { $n } devices
    }
csv-unknown = { $n ->
    [one] One of them has not registered yet: its name and tags wait for it
   *[other] { $n } of them have not registered yet: their names and tags wait for them
    }
csv-keys = { $n ->
    [one] One key
   *[other] { $n } keys
    }
csv-write = { $n ->
    [one] Write one device
   *[other] Write { $n } devices
    }
csv-written = { $n ->
    [one] One device is written
   *[other] { $n } devices are written
    }
campaign-start_n = { $n ->
    [0] No device fits
    [one] Start with one device?
   *[other] Start with { $n } devices?
    }
campaign-stop_text = { $n ->
    [one] One device has not ended. It does not begin any more; if it is restarting it is waited for.
   *[other] { $n } devices have not ended. They do not begin any more; those that are restarting are waited for.
    }
