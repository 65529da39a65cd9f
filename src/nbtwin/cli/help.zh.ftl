# What `--help` says in Chinese. English stands beside each command and option in the sources. A message is a command, its
# attributes are its options; `shared` has the options of several. Paragraphs replace paragraphs; examples stay as they are,
# unless there is an attribute `examples`.

shared =
    .module = { "MODEL[,sim=mobile|telecom|unicom|none|,imsi=…|,plmn=…][,iccid=…][,serial=pty|tcp:HOST:PORT|rfc2217:HOST:PORT][,imei=…][,firmware=…][,vendor=…][,name=…]" }；可重复。
    .spec = { "MODEL[,sim=mobile|telecom|unicom|none|,imsi=…|,plmn=…][,iccid=…][,serial=pty|tcp:HOST:PORT|rfc2217:HOST:PORT][,imei=…][,firmware=…][,vendor=…][,name=…]" }
    .http = 控制台与 API 的地址，例如 127.0.0.1:8080。如不限于本机回环地址，访问者需要令牌（`nbtwin token`）。
    .state = 保存 NVRAM 与设备清单的目录。
    .ports = UDP 端口；0 表示任一空闲端口。andlink 占用三个：明文、引导用 DTLS、DTLS。
    .fault = 例如 loss,direction=up,packets=1+2。可重复。
    .seed = 用于可重现的运行；默认每次不同。
    .timeline = 实时打印所发生的一切。
    .trace = 将所发生的一切以 JSON 行追加到此文件。
    .pcap = 写入 Wireshark 可读的抓包文件：报文、AT 命令行、DTLS 密钥。
    .database = 存放设备清单的 postgresql://… 或另一个 SQLite 文件；默认 DIR/inventory.sqlite。
    .history = 保留多久的历史，每台设备保留多少行：90d,1000。默认全部保留。
    .durability = 已应答的内容经得起什么：kill -9；断电；或以数据库自己的提交为准。
    .processes = 平台分为 N 个进程，共用一个端口；用于不止一个核。
    .node = 本节点的名称，多个节点共用一个 PostgreSQL；每个节点都能应答所有设备的查询。
    .nats = 各节点彼此联系的地址：nats://HOST:4222。
    .timeline_size = 时间线在 DIR 中最多占用多少空间：64M。默认 128M。
    .allow_host = 允许用来访问控制台的另一个主机名。可重复。
    .tokens = 在本机回环地址上访问也需要令牌。
    .advertise = 告诉 Andlink 设备前往的主机；默认 lwm.home.komect.com。
    .patience = `advance` 等待实验室之外的每个应答多久：2s。
    .zone = 以哪个时区显示时间：UTC（默认）、+08:00、Asia/Shanghai。随实验室保存。
    .strict = 平台拒绝原本会附带备注接受的内容。
    .defined = LwM2M 对象的定义文件（OMA DDF），添加或替换。可重复。
    .log_level = 写入日志（标准错误）的级别。
    .log_json = 日志（包括警告）写成 JSON 行。
    .config = 实验室的描述文件；默认为当前目录的 nbtwin.toml（如果有）。
    .lab = 您的一个实验室，以其名字保存，使用空闲端口。
    .route = 例如 117.161.2.41:5683=127.0.0.1:5683。可重复。
    .as_json = 改为输出一个 JSON 对象：{ "{" }"nbtwin":1,"kind":…,"items":[…]{ "}" }；提示信息在标准错误上。
    .help = 显示此帮助并退出。

nbtwin = 用软件实现的 NB-IoT 模块，以及它们所注册的运营商平台。
    .examples =
        nbtwin demo                              把整条链路看一遍
        nbtwin up --module BC260Y-CN             一个模块、它的平台和一个串口
        nbtwin models diff BC26 BC260Y-CN        两个型号有何不同
        nbtwin explain 'AT+QDMPCFG=6'            一行命令的含义
        nbtwin lint firmware/ --model BC28       源代码中有哪些 AT 命令该型号不接受
    .version = 打印版本号并退出。
    .lang = 输出所用的语言；默认取自 LC_ALL 或 LANG。

demo = 在您眼前把整个系统完整运行一遍。

up = 模块、平台和控制台，直到按下 Ctrl-C。

    当前目录如有 nbtwin.toml，由它描述实验室；选项代替文件中的相应内容。DIR 中保存的实验室会恢复：添加过的模块、串口地址、故障、时钟。为每个模块、平台和控制台各打印一行，然后打印 `ready`。
    .fresh = 重新开始：先删除 DIR 中保存的实验室。
    .clock = simulated：时间只随 `advance` 前进。

module = 单独一个模块，连接您指定的服务器。

    没有为其指定路由的地址不可达：没有任何数据会自行离开本机。nbtwin.toml 中除模块、平台和密钥外均有效。

exec = 用全新的实验室运行一条测试命令，端口和地址都在其环境变量中。

    NBTWIN_SERIAL 是第一个模块的串口，NBTWIN_BAUD 是其波特率，NBTWIN_URL 是 API，NBTWIN_CMDMP、NBTWIN_TELECOM、NBTWIN_UNICOM 和 NBTWIN_ANDLINK 是各平台（HOST:PORT）；NBTWIN_SERIAL_METER 是名为 meter 的模块的串口。

    nbtwin.toml 中的模块、平台、故障、对象、密钥、时钟、随机种子和严格模式有效，端口均为空闲端口。退出状态：即该命令的退出状态。失败时保存时间线、时序图和抓包。
    .command = 测试命令及其参数。
    .ports = UDP 端口；0 表示任一空闲端口。
    .artifacts = 失败时保存所发生的一切的目录。
    .rate = 您的时钟走一秒，实验室里过这么多秒。
    .power_on = open：每个模块在其串口第一次被打开时才上电。
    .clock = simulated：时间只随 `advance` 前进。

config = nbtwin.toml 一次性描述一个实验室：哪些设置有效、文件是否正确，以及一个可供起步的示例。

config-show = 在此处对 `nbtwin up` 有效的全部设置，及其出处：选项、环境变量、文件及行号，或默认值。

    接受 `nbtwin up` 的选项。机密内容脱敏显示。

config-check = 文件是否正确；列出其中的全部错误，每行一个。
    .file = 默认为当前目录的 nbtwin.toml。

config-init = 写出一个示例，其中包含所有可写的内容，均为注释。已存在的文件保持不变。
    .file = 默认为当前目录的 nbtwin.toml。

labs = 您的各个命名实验室，彼此并存：`nbtwin up --lab NAME` 新建一个，或再次启动它。

    每个实验室一行：名字、是否在运行、进程、URL、状态目录和串口。

labs-rm = 删除实验室及其保存的一切。
    .names = 未在运行的实验室。

explain = 一行命令的含义，或它错在哪里。

    逐个字段说明，并注明文档与章节：

    若该型号会回答错误，退出状态为 1。
    .line = 完整的命令行，放在引号内。
    .model = 由哪个型号来读这一行。

check = 按模块的文档逐条检查：每种形式、边界、错误、默认值、启动和时间表，并以字节为证据。

    对真实模块先只读取，只写入会恢复的设置，不向运营商发送任何内容；重启模块或覆盖密钥之前先询问。退出状态：0 没有不通过，1 有不通过，2 用法错误。
    .port = 设备文件、COM3、rfc2217://HOST:PORT、socket://HOST:PORT；或 virtual:MODEL。
    .model = 应是哪个型号；默认为 AT+CGMM 的应答。
    .firmware = 用例针对的固件版本；默认为 AT+CGMR 的应答。
    .baud = 默认为该型号自己的波特率。
    .only = 只运行名称匹配的用例：'*QDMPCFG*'、kept/*。可重复。
    .list_them = 列出用例以及各自需要什么；不发送任何内容。
    .yes = 同意重启和覆盖密钥，不再询问。
    .power = 由谁断电：无人、询问您、或 URL 处的实验室。
    .save = 边运行边把结果以 JSON 写入此文件。
    .resume = 继续一次中断的检查，并再次写入此文件。
    .html = 写一个可查看、可打印的页面。
    .junit = 将结论以 JUnit XML 写入此文件。
    .compare = 两次保存的结果：哪些结论不同。

run = 在仿真时间中运行场景：发生了什么，以及每项期望的判定。

    先列出所有文件中的全部错误，各注明行号；然后运行其余文件。使用多个进程时，每个文件在它和它之前的文件都结束后显示：内容与顺序不变。退出状态：0 全部符合期望，1 有不符合的，2 有文件无法运行。
    .scenarios = examples/ 中有一些。
    .junit = 将判定以 JUnit XML 写入此文件。
    .as_json = JSON 行：时间线的每条记录，然后是各项判定。
    .seed = 代替文件中的随机种子。
    .quiet = 只显示判定。
    .jobs = 并行运行文件的进程数；0 表示每个核心一个。

accept = 逐条验证运营商入库测试的条款，并生成报告。

    使用 --port 时，为每条可验证的条款重启真实模块，不写入任何内容；需要人工、改设置、网络故障或一个月时间的条款不执行，报告注明原因。

    平台为严格模式：有备注的一律拒绝。一个月在一秒内过完。只因您的 --fault 而不满足的条款为“无法判定”，不算不通过。
    退出状态：0 没有不通过的，且至少一条通过，1 有不通过的，或没有验证任何条款，2 用法错误。
    .operator = 哪家运营商的入库测试。
    .model = 被测模块；见 `nbtwin models`。
    .imei = 15 位数字；默认自动生成。
    .firmware = 默认为该型号文档的版本。
    .vendor = 型号前的厂商代码。
    .imsi = 该运营商的卡；默认自动生成。
    .iccid = 该运营商的卡。
    .plmn = 卡的 IMSI 以它开头。
    .only = 只验证这一条。可重复。
    .fault = 网络故障，每一条都生效；不归咎于模块。可重复。
    .port = 真实模块：/dev/ttyUSB0、tcp:HOST:PORT。须同时给出 --url。
    .baud = --port 的速率；默认自动找到。
    .url = 真实模块所注册的实验室。
    .token = 该实验室要求令牌时使用：操作员的令牌。
    .list_only = 只列出条款，不执行。
    .html = 写入报告：一页，可查看、可打印。
    .junit = 将结论以 JUnit XML 写入此文件。

lint = 源代码和日志中的 AT 命令行：型号不认识哪些，哪些取值超出范围，哪些要重启才生效。

    读取 C、C++、Arduino、Python、Lua、JavaScript 的字符串，以及其他文本的各行。只有运行中的程序才知道的内容（%d、{ "{}" }、变量）可以是任何值。
    退出状态：0 没有错误，1 有错误，2 不是文本或用法错误。
    .files = 源代码、文本和日志；目录则取其中所有这类文件。
    .model = 由哪个型号来读。给出多个则互相比较。
    .sarif = 将结果写入此文件，供编辑器和 CI 使用（SARIF 2.1.0）。

judge = 对照文档规定的时间表和报文格式，判定模块的抓包。

    每个应发的报文：准时、晚、早、缺失、格式错误；以及不该发的报文。一个抓包里的多个模块按 IMEI 区分；其他流量不计入，只给出数量。退出状态：0 未发现问题，1 有问题，2 不是抓包文件或用法错误。
    .capture = 任何工具的 pcapng 或 pcap。
    .model = 按哪个型号的时间表；见 `nbtwin models`。
    .operator = 模块向哪家运营商注册。
    .booted_at = 何时启动：2026-03-01T08:00:00+08:00，或抓包时钟的秒数。每次启动都要写明。
    .period = CMDMP 的更新周期；默认由生命周期推知。
    .sleeps = 模块会进入深休眠：文档允许它睡过去的不算缺失。
    .tolerance = 报文的发出时间允许偏差多少。
    .imei = 只看这个模块。
    .vendor = MODEL 开头应有的厂商代码。
    .firmware = 应上报的固件版本。
    .port = 服务器端口（与默认不同时）。可重复。
    .keys = DTLS 会话的密钥日志（SSLKEYLOGFILE）。
    .appkey = CMDMP 的 appkey 与密码。可重复。
    .html = 写一页带时间轴的报告，可查看、可打印。
    .junit = 将发现的问题以 JUnit XML 写入此文件。

cost = 自注册做了什么、花费多少：报文、字节数、唤醒时间，有自注册与没有自注册对比。

    两次运行都是仿真的，随机种子与故障相同；主机不发送任何内容。
    设备群分成若干组仿真，每组至多 200 个模块，各有自己的平台；结果是总和，与进程数无关。
    .model = 见 `nbtwin models`。
    .sim = 使用哪家运营商的卡；或卡的号码：plmn=46011、imsi=460110123456789、iccid=…。
    .days = 让它独自运行多少天。
    .fault = 例如 silence,destination=telecom,end=1h。可重复。
    .psm = 主机请求的定时器。
    .headers = 每个报文是否计入 28 字节的 IPv4 与 UDP 首部。
    .latency = 每个报文的单程时延：250ms。
    .seed = 种子相同，结果相同。
    .modules = 这样的模块有多少个（一个设备群）。
    .spread = 设备群全部开机需要多长时间。
    .jobs = 设备群使用的进程数；0 表示每个核心一个。
    .as_json = 输出一个 JSON 对象，而不是表格。
    .chart = 同时按天绘制图表。

fleet = 用大量 LwM2M 设备向一台服务器施加负载：注册、上报、风暴；并给出结论。

    多台机器：一台上运行 `nbtwin fleet scheduler`，每台上运行 `nbtwin fleet worker`，再使用 --scheduler；
    或在任意处用 --shard 和 --save 分别运行，最后用 `nbtwin fleet report` 合并这些文件。

    Ctrl-C：不再开始新的请求，已注册的设备注销；再按一次立即结束。
    退出码：有要求不满足，或设备群的一部分丢失时为 1；Ctrl-C 后为 130，SIGTERM 后为 143。
    .target = coap://HOST:PORT 或 coaps://HOST:PORT；也可写在计划里。
    .plan = YAML 计划：设备、阶段、设备的异常行为。
    .devices = 设备数。
    .csv = 改用设备清单：name、identity、key、model 列；完整模块还有 operator、imsi、imei 列。
    .name = 设备名称；{"{"}n{"}"} 是序号，从 0 开始。
    .model = 设备型号；默认 BC260Y-CN。
    .modules = 装有该运营商 SIM 卡的完整模块：按各自型号启动并注册，由主机发送 AT 命令。
    .at = 完整模块的主机按 --rate 发送的命令行。可重复。
    .psk = 所有设备的密钥，用于 coaps。
    .identity = PSK 标识；{"{"}name{"}"} 是设备名称。
    .shape = 负载如何到来。
    .rate = 每秒请求数。
    .lasts = 注册之后上报多长时间；0 表示不上报。
    .seed = 种子相同，时刻与设备相同。
    .sockets = 每台设备一个回环地址、一个端口，或共用 N 个端口。默认：目标在回环上时为 addresses，否则为 N。
    .processes = 由几个进程分担设备：在本机默认为 1；使用 --scheduler 时默认与工作进程数相同。
    .scheduler = 在其他机器上运行，它们的工作进程（`fleet worker`）在此等候。
    .shard = 只运行 N 份中的第 I 份（从 0 开始）：其余在别处运行。
    .require = 例如 'p99<200ms'、'errors<0.1%'、'register.p50<20ms'。可重复。
    .html = 将报告写成一页，带图。
    .as_json = 输出一个 JSON 对象，而不是表格。
    .prometheus = 以 Prometheus 文本格式写出各项数值。
    .save = 写出供 `fleet report` 与其他部分合并的文件；- 表示写到标准输出，且不打印表格。
    .http = 在 127.0.0.1 上以网页显示进度；0 表示任意端口。
    .keep = 结束时设备保持注册。
    .target_is_mine = 目标不在回环上，但属于您。可重复。

fleet-worker = 逐个运行设备群各部分的进程，听从调度器的安排。

    需要 nbtwin[cluster]。打印自己的地址，然后打印 `ready`。Ctrl-C：先让它的设备注销，再结束。
    .scheduler = `fleet scheduler` 的地址，也可以是任何 Dask 调度器的地址。
    .listen = 其他机器访问本机所用的地址。

fleet-scheduler = 设备群的工作进程汇合之处；所有设备群共用一个。

    收到什么就运行什么，不问来自何人：只应放在回环地址上，或您信任的网络中。
    需要 nbtwin[cluster]。打印自己的地址，然后打印 `ready`。
    .listen = 工作进程与设备群到哪里找它；端口 0 表示任意。

fleet-report = 把分开运行的设备群各部分合成一份报告。

    退出码：有要求不满足，或缺少某一部分时为 1。
    .parts = `fleet --save` 写出的文件。
    .require = 例如 'p99<200ms'、'errors<0.1%'。可重复。
    .html = 将报告写成一页，带图。
    .as_json = 输出一个 JSON 对象，而不是表格。
    .prometheus = 以 Prometheus 文本格式写出各项数值。

completion = 让 shell 补全命令、选项及其取值的脚本。

    只打印，不写任何文件。
    .examples =
        eval "$(nbtwin completion bash)"                                     立即生效，或写入 ~/.bashrc
        eval "$(nbtwin completion zsh)"                                      立即生效，或写入 ~/.zshrc，放在 compinit 之后
        nbtwin completion fish > ~/.config/fish/completions/nbtwin.fish      对每个 fish 生效
    .shell = 用于哪个 shell。

complete = 一行的末尾可以是什么，每行一个；供 `nbtwin completion` 的脚本使用。
    .line = 光标之前的内容。

at = 虚拟或真实串口上的终端；也可只发送几条命令并取回应答。

    命令和脚本的退出码：0 全部应答 OK，1 有错误或无应答，2 用法错误。
    .examples =
        nbtwin at                                       列出现有端口
        nbtwin at /dev/ttyUSB0 --baud 9600
        nbtwin at tcp:127.0.0.1:7001 'AT+QDMPCFG?' --json
        nbtwin at /dev/pts/3 --script attach.at
        nbtwin at meter --state ~/lab                   实验室中的模块，用它的名字
        echo AT+CGMR | nbtwin at tcp:127.0.0.1:7001
    .baud = 每秒比特数；不写则 PTY 沿用现有速率，其他端口取模块能应答 AT 的速率。
    .port = /dev/ttyUSB0、COM3、tcp:HOST:PORT、rfc2217:HOST:PORT，或正在运行的实验室中的模块名。
    .commands = 只发送这些命令行；“>文本”是前一行要的数据。
    .model = 按哪个型号的命令表；不写则取 AT+CGMM 的应答。
    .timeout = 每条应答最多等多久，默认 30s。
    .script = 执行带期望结果的脚本。
    .log = 把收发内容追加到此文件。
    .hexadecimal = 显示字节。
    .stamps = 每行前面显示什么。
    .state = PORT 是模块名时，它所在实验室的状态目录。

bench = 速度如何：每个数字旁边都有同一次运行中测得的参照，以及与上一个发布版本相比的变化。
    .only = 只测这些。
    .seconds = 每项大约测多久。
    .json = 同时把数字写入此文件；-：写到标准输出，不再显示表格。
    .markdown = 同时把表格写入此文件。
    .write = 文档目录：重新生成其中 performance 一页（中英文）的表格和图片。

platform = 只运行运营商平台；以及管理平台的密钥。

    nbtwin.toml 中除模块外均有效。
    .bind = 监听的地址。

platform-keys = CMDMP 平台的 appkey，以及（psk）Andlink 设备的密钥。

platform-keys-list = 列出所有 appkey，密码脱敏显示。

platform-keys-add = 添加 appkey，或为其更换密码。
    .password = 不写时在终端上提示输入，这样 shell 历史中不会留下它。

platform-keys-remove = 删除 appkey；此后用它注册的设备都会被拒绝。

platform-keys-psk = Andlink 设备的 DTLS 密钥。

platform-keys-psk-list = 列出每台设备及其身份，密钥脱敏显示。

platform-keys-psk-add = 添加设备，或为其更换密钥。
    .device = 设备的端点名（ep），即 IMEI。
    .bootstrap_key = 对应模块上的 AT+QLASETBSPSK。
    .key = 对应模块上的 AT+QLASETPSK。
    .bootstrap_identity = 不写则为设备名。
    .identity = 不写则为设备名。
    .generate = 生成未给出的密钥，并打印出来。

platform-keys-psk-remove = 删除设备的密钥；它的下一次握手将失败。
    .device = 设备的端点名（ep），即 IMEI。

platform-keys-psk-import = 添加或更换文件中每台设备的密钥；全部生效，或全部不生效。
    .file = JSON 或 CSV；- 表示标准输入。

platform-keys-psk-export = 以明文导出所有密钥：文件只有其所有者可读。
    .file = .json 或 .csv；- 表示打印 JSON。

models = 各型号：列出、查看一个、比较两个。

models-show = 一个型号的配置的全部内容，逐项列出，并注明文档与章节。例：nbtwin models show BC28
    .model = 按模块上所印；不区分大小写、空格和连字符。

models-diff = 两个型号有何不同，并注明文档与章节。例：nbtwin models diff BC26 BC260Y-CN
    .left = 一个型号。
    .right = 另一个型号。

nvram = 模块断电后仍保存的内容：列出、查看、快照、比较、恢复、恢复出厂。

    保存的内容在模块启动时生效。`restore` 与 `reset` 保留固件版本，并要求使用该目录的实验室已停止；其余命令可在其运行时使用。
    .examples =
        nbtwin nvram                                    .nbtwin 中的模块
        nbtwin nvram show bc28
        nbtwin nvram snapshot bc28 before.nvram         然后让被测主机运行
        nbtwin nvram diff before.nvram bc28             它改动了什么
        nbtwin nvram restore bc28 before.nvram          恢复到之前
        nbtwin nvram reset bc28                         恢复出厂状态
    .state = `nbtwin up` 的状态目录。

nvram-show =
    按文档列出该型号的所有设置。例：nbtwin nvram show bc28

    附修改它的命令；从未保存的，显示默认值。该目录的实验室中没有的模块，只按名称列出。
    .name = 模块名，即 `nbtwin up` 所打印的名称。
    .state = `nbtwin up` 的状态目录。
    .secrets = 完整显示密码与密钥。

nvram-snapshot = 保留当前保存的内容，包括密钥。例：nbtwin nvram snapshot bc28 before.nvram
    .name = 模块名，即 `nbtwin up` 所打印的名称。
    .file = 不写或写 -：标准输出。
    .state = `nbtwin up` 的状态目录。

nvram-diff = 两个模块或快照有何不同。例：nbtwin nvram diff before.nvram bc28
    .before = 一个模块，或一个快照。
    .after = 一个模块，或一个快照。
    .state = `nbtwin up` 的状态目录。
    .secrets = 完整显示密码与密钥。

nvram-restore = 恢复一个快照，或把它给另一个模块。例：nbtwin nvram restore bc28 before.nvram
    .name = 模块名，即 `nbtwin up` 所打印的名称。
    .file = 一个快照。
    .state = `nbtwin up` 的状态目录。

nvram-reset = 恢复出厂：清除所有设置，固件版本保留。例：nbtwin nvram reset bc28
    .name = 模块名，即 `nbtwin up` 所打印的名称。
    .state = `nbtwin up` 的状态目录。

record = 位于主机与模块之间，保存经过的一切。

    直到 Ctrl-C。每一段数据都连同时间保存。可识别设备的信息和机密会被替换为同样形式的值，除非使用 --no-hide。
    .port = 模块的串口：/dev/ttyUSB0、COM3、tcp:HOST:PORT、rfc2217:HOST:PORT 等。
    .serial = 供主机打开的串口。
    .link = 指向伪终端的符号链接。
    .baud = 主机另设速率之前的速率；默认 115200。
    .hide = 替换 IMEI、IMSI、ICCID、密码、密钥和 PIN。
    .force = FILE 已存在时覆盖。

replay = 一个串口，其后的“模块”按录制内容应答。

    strict：主机必须发送与录制相同的内容；relaxed：命令顺序不限；answers：只有应答，立即给出。
    主机发送了 strict 不允许的内容时，退出状态为 1。
    .serial = 供主机打开的串口。
    .link = 指向伪终端的符号链接。
    .match = 主机发送的内容允许有多大差异。
    .speed = 播放速度是录制时的几倍。
    .once = 录制结束时退出；没有主机连接时一直等待。

transcript = 把录制文件或其他终端软件的日志变成一个场景脚本。

    每条命令成为一个步骤，附上当时的应答；模块主动上报的内容成为期望。
    .model = 用哪个型号运行；默认取 AT+CGMM 的应答。
    .title = 场景的标题；默认为文件名。
    .out = 写到哪里；默认为标准输出。
    .force = FILE 已存在时覆盖。

firmware = 固件包：制作、查看、比较、提供下载。

firmware-pack = 由固件镜像制作固件包。
    .out = 要写入的固件包。
    .model = 适用的型号，例如 BC28。
    .version = 升级后 AT+CGMR 的回答。
    .image = 固件镜像；不写则随意生成一个。

firmware-show = 固件包里有什么，是否完整。

firmware-delta = 制作只含两个版本之间差异的固件包。
    .old = 一个固件包，或从未升级过的模块的版本。
    .out = 要写入的固件包。

firmware-add = 把固件包（nbtwin 自己的，或任意文件）交给 Andlink 平台，由它在 /fw/NAME 提供下载。
    .name = 提供下载时所用的名称；默认为文件名。
    .version = 设备升级后运行的版本（/3/0/3）。
    .model = 适用的型号（/3/0/1）；不写则不限。可重复。
    .checksum = 文件的 SHA-256 与此不符则拒绝。
    .notes = 随固件包保存的说明。

firmware-list = 平台上的固件包。

firmware-remove = 从平台上移除固件包；正在进行的下载会失败。

objects = LwM2M 对象的定义：列出、查看、添加（OMA DDF 文件）、移除。

objects-list = 已知的每个对象和版本：编号、版本、名称、来源。
    .added = 只列出添加的。

objects-show = 对象的资源：编号、操作、类型、个数、范围、单位、名称。
    .number = 对象编号，例如 3303。
    .version = 对象的版本；默认为最新的。

objects-add = 添加这些文件中的定义。此后此类对象的值有名称、有类型、会被检查。
    .file = OMA DDF（XML），一个或多个对象。
    .replace = 取代先前添加的定义；内置的不会被取代。

objects-remove = 移除添加的定义。
    .number = 对象编号，例如 3303。
    .version = 对象的版本。

db = 设备清单数据库：备份、恢复、迁移、保留期限。

db-info = 使用哪个数据库、哪个版本、存有多少内容。不改变任何东西。

db-migrate = 把结构升级到当前版本（其他命令也会这样做）。

db-backup = 在实验室运行的同时，把某一时刻的全部内容写入文件。文件中含有密钥。

db-restore = 把备份恢复到任一种数据库：全部恢复，或什么也不做。不能有实验室正在使用它。
    .replace = 先删除已有内容。

db-prune = 删除陈旧或过多的历史；设备保留。
    .older_than = 例如 90d，从最新一行算起。
    .keep = 每台设备最新的 N 行。
    .audit_older_than = 针对审计日志，从现在算起。
    .compact = 把空间还给磁盘；需要一些时间。

db-audit = 谁在何时改了什么。
    .who = 只显示此令牌或用户所做的更改。
    .containing = 只显示路径或详情中含有此文字的行。
    .limit = 最多显示多少行，最新的在前。

token = 访问控制台与 API 的令牌。

token-create = 打印一个新令牌。它只显示这一次：只保存其摘要。
    .role = 它可以做什么。
    .lasts = 有效期，例如 90d；不写则永久有效。

token-list = 列出每个令牌：名称、角色、开头几个字符、何时创建、何时到期、最近何时使用。

token-revoke = 从下一个请求起失效。

# What the library itself writes.
library =
    .Usage = 用法：
    .Options = 选项
    .Arguments = 参数
    .Commands = 命令
    .default = 默认：
    .required = 必需
    .environment = 环境变量：
