"""The words of figures in Chinese, clause by clause, for docs/performance.zh-CN.md. Knows no measurement.

What a figure is called and noted with is clauses between commas, semicolons and colons. `#` stands for a number, as it
was written; `#1` and `#2` are the first and the second one. A clause without a word of English (a name, a unit, a
suite) stays what it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from benchmarks.figures import Figure

_NUMBER = re.compile(r"\d[\d,.]*(?<![,.])")
_BETWEEN = {", ": "，", "; ": "；", ": ": "："}
_SEPARATOR = re.compile(r"(, |; |: )")
_WORD = re.compile(r"\b(?!ms\b)[a-z]{2,}")


def chinese(text: str) -> str:
    """A clause that nobody has worded stays English; `unworded` tells of it."""
    return "".join(_BETWEEN.get(part) or _clause(part) or part for part in _SEPARATOR.split(text))


def unworded(figures: Iterable[Figure]) -> list[str]:
    """Clauses that have no Chinese."""
    texts = [text for each in figures for text in (each.name, each.notes, *each.references, *each.peers)]
    parts = [part for text in texts for part in _SEPARATOR.split(text) if part not in _BETWEEN]
    return list(dict.fromkeys(part for part in parts if _clause(part) is None))


def translated(figure: Figure) -> Figure:
    return replace(
        figure,
        name=chinese(figure.name),
        notes=chinese(figure.notes),
        references={chinese(name): value for name, value in figure.references.items()},
        peers={chinese(name): value for name, value in figure.peers.items()},
    )


def _clause(text: str) -> str | None:
    numbers = _NUMBER.findall(text)
    worded = CLAUSES.get(_NUMBER.sub("#", text))
    if worded is None:
        return None if _WORD.search(text) else text
    turn = iter(numbers)
    return re.sub(r"#(\d?)", lambda place: numbers[int(place[1]) - 1] if place[1] else next(turn), worded)


CLAUSES = {
    # the machine
    "compiled": "编译构建",
    "pure": "纯 Python 构建",
    "CPython # (no PGO)": "CPython #（无 PGO）",
    "# cores": "# 核",
    "load #": "负载 #",
    "aarch#": "aarch#",
    # beside it
    "echo in C": "C 写的回显",
    "coap-rd": "coap-rd",
    "coap-server": "coap-server",
    "bare registrar in Python": "最简 Python 注册服务器",
    "OpenSSL through Python": "经 Python 调用的 OpenSSL",
    "buffers released": "已释放缓冲区",
    "json.loads of the same values (C)": "json.loads 解析相同的值（C）",
    "json.dumps of the same values (C)": "json.dumps 输出相同的值（C）",
    "# single rows by name": "按名称取 # 行",
    "the same texts in a Python list": "在 Python 列表中查找相同文本",
    "GET /health": "GET /health",
    "bare TCP echo (asyncio)": "单纯的 TCP 回显（asyncio）",
    "bare heap": "单纯的堆",
    "as many events (heapq)": "事件数相同（heapq）",
    "a bare Python process": "空的 Python 进程",
    "all well": "无故障",
    "in memory": "只在内存中",
    "one module": "一个模块",
    "import json": "import json",
    "import asyncio": "import asyncio",
    "import nbtwin": "import nbtwin",
    "pytest alone": "只有 pytest",
    "primitives alone": "只有密码学原语",
    "bare sockets in Python": "Python 的单纯套接字",
    "one by one": "逐个收发",
    # platforms and curves
    "LwM#M registration": "LwM#M 注册",
    "LwM#M update": "LwM#M 更新",
    "LwM#M registrations at full load": "LwM#M 满载时每秒注册数",
    "LwM#M registrations into PostgreSQL": "LwM#M 注册写入 PostgreSQL",
    "CMDMP registration": "CMDMP 注册",
    "Andlink registration with its policy": "Andlink 注册及注册后策略",
    "Telecom registration": "电信自注册",
    "Unicom registration": "联通自注册",
    "uplink": "上报",
    "# known": "# 台已知设备",
    "# new": "# 台新设备",
    "random order": "随机顺序",
    "random order against in order": "随机顺序与按序之比",
    "one core": "一个核",
    "answered from memory": "由内存直接应答",
    "coap-server GET /time": "coap-server GET /time",
    "its name verified": "校验端点名",
    "/#/# read": "读取 /#/#",
    "thirteen values decrypted": "解密十三个值",
    "two observations and a read": "两次观察和一次读取",
    "durability process": "持久化级别 process",
    "durability disk": "持久化级别 disk",
    "durability database": "持久化级别 database",
    "survives kill -#": "kill -# 之后仍在",
    "survives a power cut": "断电之后仍在",
    "the database's own commit": "等数据库自身提交",
    "and nothing less": "不低于此",
    "half load": "半载",
    "nbtwin's own CPU # µs each": "nbtwin 自身每次 CPU # µs",
    "# in flight": "# 个同时在途",
    "p# at # % of full load": "满载的 #2 % 时的 p#1",
    "each server at that part of its own full load": "各服务器均按自身满载的这一比例",
    "new #": "新设备 #",
    "in random order #": "随机顺序 #",
    "after a restart # µs": "重启后 # µs",
    "# registered": "已注册 # 台",
    "after a restart": "重启后",
    "watched": "有观看",
    "watched and read": "有观看并有人读",
    "timeline in memory and file": "时间线在内存和文件中",
    "nobody reads": "无人读取",
    "and a page that is open": "并打开一个页面",
    "one reader of events": "一个事件读者",
    "of # µs": "基数 # µs",
    "# to #": "# 至 #",
    "and # µs each after the load": "负载之后每次再用 # µs",
    "until the page has all": "直到页面收齐",
    # engines
    "in process": "进程内",
    "no store": "无存储",
    "register": "注册",
    "update": "更新",
    "notification": "通知",
    "policy": "注册后策略",
    "telecom": "电信自注册",
    "cmdmp": "CMDMP",
    "DTLS handshakes on one port": "一个端口上的 DTLS 握手",
    "DTLS handshakes of a fleet": "设备群的 DTLS 握手",
    "the server's CPU alone": "只计服务器的 CPU",
    "full handshakes with cookie": "带 cookie 的完整握手",
    "# sessions kept": "保留 # 个会话",
    "memory of a DTLS session": "一个 DTLS 会话的内存",
    "of the whole process": "按整个进程计",
    "with what a resumption needs": "含恢复会话所需内容",
    "CPU of the generator alone": "只计生成器的 CPU",
    "registration included": "含注册",
    "# KiB each": "每个 # KiB",
    "CoAP messages decoded": "CoAP 报文解码",
    "CoAP messages encoded": "CoAP 报文编码",
    "a CMDMP registration": "一次 CMDMP 注册",
    "# bytes": "# 字节",
    # the inventory and the console
    "pages of # of # devices": "#2 台设备中每页 #1 台",
    "searches of # devices": "在 # 台设备中搜索",
    "from the middle of the list": "取自列表中部",
    "decoded": "已解码",
    "# ms each": "每次 # ms",
    "part of an IMEI": "IMEI 的一部分",
    "model": "型号",
    "firmware": "固件",
    "address": "地址",
    "value": "值",
    "p# # ms of #": "p# # ms，共 # 次",
    "age of an event at its reader": "事件到达读者时已过的时间",
    "#th percentile": "p#",
    "# events/s with # devices in the inventory": "每秒 # 个事件，清单中有 # 台设备",
    "# named as left out in # gaps": "#2 处空缺，注明略去 #1 个",
    "a page of # devices": "一页 # 台设备",
    "a search of the inventory": "设备清单的一次搜索",
    "one device": "一台设备",
    "the overview": "概览",
    "a search of the traces": "报文记录的一次搜索",
    # modules and labs
    "AT commands through the TCP port": "经 TCP 端口的 AT 命令",
    "answered with its whole line": "应答整行",
    "in the timeline": "记入时间线",
    "modules booted": "模块启动",
    "# of # models": "# 个模块，共 # 种型号",
    "mixed": "混合",
    "in # s": "用时 # s",
    "built": "创建",
    "powered on": "上电",
    "banner printed": "打印启动信息",
    "AT answered": "应答 AT",
    "memory of a booted module": "一个已启动模块的内存",
    "resident": "常驻内存",
    "simulated module-days": "仿真模块日",
    "with faults": "带故障",
    "into SQLite": "写入 SQLite",
    "# BC#Y-CN": "# 个 BC#Y-CN",
    "a CMDMP platform": "一个 CMDMP 平台",
    "an update a day": "每天更新一次",
    "the inventory in memory": "设备清单在内存中",
    "# instants a module-day": "每模块日 # 个时刻",
    "every fifth datagram lost": "每五个报文丢一个",
    "others late": "其余有延迟",
    "twice": "重复",
    "overtaken": "乱序",
    "every fiftieth request answered #": "每五十个请求应答一次 #",
    "each event committed": "每个事件都提交",
    "a day of # simulated modules": "# 个仿真模块的一天",
    "BC#Y-CN in one world": "BC#Y-CN，同一个环境",
    "booted before": "事先启动",
    "# module-days/s": "每秒 # 模块日",
    "# MiB together": "共 # MiB",
    "memory of # modules in one world": "同一环境中 # 个模块的内存",
    "with their platform": "含平台",
    "module-days": "模块日",
    "# module": "# 个模块",
    "# modules": "# 个模块",
    "booted": "启动",
    "registered and read # a second": "注册并被读取：每秒 # 个",
    "on both sides of the wire": "含线路两端",
    "a fleet in worlds that do not meet": "互不相通的仿真环境中的设备群",
    "# a world": "每个环境 # 个",
    "# days with boot and registration": "# 天，含启动和注册",
    "counted as by nbtwin cost": "计法同 nbtwin cost",
    "# modules for # days take # min of CPU": "# 个模块 # 天需 CPU # 分钟",
    "over a bare process of # ms": "扣除空进程的 # ms",
    "# ms of wall clock with it": "含空进程共历时 # ms",
    "the first simulated lab of a process": "进程中的第一个仿真实验室",
    "every further simulated lab": "之后的每个仿真实验室",
    "imported": "导入",
    "a module booted and registered": "一个模块启动并注册",
    "the median of #": "# 次的中位数",
    "from pip install to a green first test": "从 pip install 到首个测试通过",
    "pip # s": "pip # s",
    "the test # s": "测试 # s",
    "# s of CPU": "CPU # s",
    "with making the environment": "含创建环境",
    # a fleet's own cost
    "registrations that a fleet makes": "设备群每秒产生的注册",
    "# devices": "# 台设备",
    "an address each": "每台一个地址",
    "# a second wanted": "要求每秒 #",
    "the fleet's own CPU": "设备群自身的 CPU",
    "a fleet's CPU for a device and a second": "设备群每台设备每秒的 CPU",
    "# updates in # s": "#2 s 内更新 #1 次",
    "each device once a minute": "每台设备每分钟一次",
    "memory of a fleet of # devices": "# 台设备的设备群的内存",
    "memory of a fleet of # whole modules": "# 个完整模块的设备群的内存",
    "registered": "已注册",
    "the process": "按进程计",
    "booted and registered at a CMDMP platform": "已启动并在 CMDMP 平台注册",
    "# ms of CPU each": "每个 CPU # ms",
    # fleets over axes
    "a fleet over devices": "设备群，按设备数",
    "a fleet over payload": "设备群，按载荷",
    "a fleet over loss": "设备群，按丢包",
    "a fleet over processes": "设备群，按进程数",
    "bytes": "字节",
    "server's CPU an exchange": "服务器每次交互的 CPU",
    "p# of a registration # ms": "注册的 p# 为 # ms",
}
