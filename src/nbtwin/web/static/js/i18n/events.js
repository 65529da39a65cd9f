// What the lab says in English, in Chinese: names of events, reasons of waiting, kinds of history. English is as it
// comes. Keyed by the lab's own names; what stands in neither table stays as it is. Tests compare the tables with the
// lab's code.

import { currentLanguage } from "../base/i18n.js";

/** @type {Record<string, string>} */
export const EVENTS = {
  PoweredOn: "上电",
  PoweredOff: "断电",
  Restarted: "重启",
  Booted: "启动完成",
  UsimChanged: "USIM 已更换",
  Attached: "已附着",
  Detached: "已去附着",
  ConnectionChanged: "连接状态改变",
  FellAsleep: "进入休眠",
  Woke: "唤醒",
  ServiceStarted: "服务启动",
  ServiceReported: "服务上报",
  NvramWriteFailed: "NVRAM 写入失败",
  FirmwareUpdated: "固件已升级",
  FirmwareRefused: "固件被拒绝",
  FlashUnreadable: "闪存无法读取",
  CmdmpStateChanged: "状态改变",
  AndlinkStateChanged: "状态改变",
  CmdmpRegistrationFailed: "注册失败",
  CmdmpUpdateFailed: "更新失败",
  CmdmpRebootRequested: "平台要求重启",
  RoundStarted: "新一轮注册开始",
  RegistrationSucceeded: "注册成功",
  RegistrationFailed: "注册失败",
  UpdateFailed: "更新失败",
  GaveUp: "放弃",
  RebootRequested: "平台要求重启",
  Registered: "已注册",
  RegistrationRefused: "注册被拒绝",
  RegistrationUnanswered: "注册无应答",
  Updated: "已更新",
  UpdateRefused: "更新被拒绝",
  UpdateUnanswered: "更新无应答",
  Deregistered: "已注销",
  DeregistrationRefused: "注销被拒绝",
  DeregistrationUnanswered: "注销无应答",
  RegistrationAwaited: "等待主机注册",
  Bootstrapped: "引导完成",
  DataObserved: "数据对象已被观察",
  FirmwareObserved: "固件对象已被观察",
  ReadRequested: "平台请求读取",
  WriteRequested: "平台请求写入",
  RequestExpired: "请求已过期",
  DataReported: "上行数据结果",
  ReleaseRequested: "请求释放连接",
  DtlsChanged: "DTLS 状态改变",
  DeviceRegistered: "设备注册",
  DeviceUpdated: "设备更新",
  DeviceDeregistered: "设备注销",
  DeviceExpired: "设备过期",
  DeviceRefused: "设备被拒绝",
  InventoryRead: "已读取设备信息",
  InventoryUnread: "设备信息读取失败",
  DeviceBootstrapped: "设备引导完成",
  BootstrapFailed: "引导失败",
  DeviceDescribed: "设备描述",
  ObservationStarted: "观察开始",
  ObservationEnded: "观察结束",
  DataReceived: "收到数据",
  ResourceNotified: "资源通知",
  OperationAnswered: "操作已应答",
  Retransmitted: "重传",
  RequestUnanswered: "请求无应答",
  RequestReset: "请求被复位",
  RequestAcknowledged: "请求已确认",
  NotificationAcknowledged: "通知已确认",
  NotificationReset: "通知被复位",
  NotificationUnanswered: "通知无应答",
  ResponseDelivered: "应答已送达",
  ResponseUndelivered: "应答未送达",
  DatagramDropped: "报文被丢弃",
  HandshakeCompleted: "DTLS 握手完成",
  HandshakeFailed: "DTLS 握手失败",
  SessionClosed: "DTLS 会话关闭",
  PeerMoved: "DTLS 对端地址改变",
  AlertReceived: "收到 DTLS 告警",
  CampaignStarted: "升级任务开始",
  CampaignProgressed: "升级进展",
  CampaignChanged: "升级任务改变",
};

/** [expression, Chinese]: whole sentences; $1 is what varies. */
/** @type {[form: RegExp, chinese: string][]} */
export const SENTENCES = [
  [/^waiting for nothing$/, "不再等待"],
  [/^no answer to packet (\d+)$/, "第 $1 个报文的应答"],
  [/^acknowledged, no response yet$/, "已确认，尚无应答"],
  [/^no answer to flight (.+), sending (\d+)$/, "DTLS 第 $1 轮的应答（第 $2 次发送）"],
  [/^no acknowledgement of notification, packet (\d+)$/, "通知的确认（第 $1 个报文）"],
  [/^no acknowledgement of separate response, packet (\d+)$/, "单独应答的确认（第 $1 个报文）"],
  [/^no answer to ping, packet (\d+)$/, "ping 的应答（第 $1 个报文）"],
  [/^(.+) is silent$/, "$1 无响应"],
  [/^the update period$/, "更新周期"],
  [/^the end of the lifetime$/, "生存期结束"],
  [/^the update before the lifetime ends$/, "生存期结束前的更新"],
  [/^the next round$/, "下一轮注册"],
  [/^the next update$/, "下一次更新"],
  [/^the next tryRequest$/, "下一次尝试"],
  [/^the next notification$/, "下一次通知"],
  [/^no response of ours yet, then an empty ACK$/, "己方应答，否则发送空 ACK"],
  [/^the network to accept the attach$/, "网络接受附着"],
  [/^the network to release the connection$/, "网络释放连接"],
  [/^the module to boot$/, "模块启动"],
  [/^the periodic tracking area update$/, "周期性跟踪区更新"],
  [/^the active time before deep sleep$/, "进入深度休眠前的活动时间"],
  [/^the next block of the package$/, "固件包的下一块"],
  [/^the platform to observe the data after the update$/, "更新后平台观察数据"],
  [/^the bootstrap server to go on$/, "引导服务器继续"],
  [/^the host to answer the platform$/, "主机应答平台"],
  [/^registration of (.+) ends$/, "$1 的注册到期"],
  [/^data mode has (.+) of (.+) bytes$/, "数据模式：已收 $1 / $2 字节"],
  [/^the answer to (.+)$/, "$1 的应答"],
  [/^the pause to end$/, "暂停结束"],
  [/^the boot banner$/, "启动提示"],
  [/^campaigns to go on after the restart$/, "重启后继续升级任务"],
  [/^the next device of campaign (.+)$/, "升级任务 $1 的下一台设备"],
  [/^(.+) to show progress in campaign (.+)$/, "$1 在升级任务 $2 中的进展"],
  [/^the end of campaign (.+)$/, "升级任务 $1 结束"],
  [/^registered at (.+)$/, "已注册到 $1"],
  [/^uplink data succeeded \((\d+)\)$/, "上行数据成功（$1）"],
  [/^uplink data (.+) \((\d+)\)$/, "上行数据：$1（$2）"],
  [/^connection changed: connected$/, "已连接"],
  [/^connection changed: not connected$/, "连接已释放"],
  [/^module added$/, "添加模块"],
  [/^advanced (.+)$/, "快进 $1"],
  [/^lost$/, "丢失"],
  [/^lost in silence$/, "丢失（静默）"],
  [/^cut to (\d+) octets$/, "截断为 $1 字节"],
  [/^delayed (.+)$/, "延迟 $1"],
  [/^(\d+) times$/, "重复 $1 次"],
  [/^held back to be overtaken$/, "被后一报文超越"],
  [/^from a new address$/, "来自新地址"],
  [/^answered (.+) on purpose$/, "故意应答 $1"],
  [/^removed$/, "移除"],
  [/^started anew$/, "重新启动"],
  [/^all faults taken off$/, "已移除全部故障"],
  [/^fault (\d+) taken off$/, "故障 $1 已移除"],
  [/^fault (\d+): (.+)$/, "故障 $1：$2"],
  [/^route (.+)$/, "路由 $1"],
  [/^NAT rebinding: (.+) gone$/, "NAT 重绑定：$1 已失效"],
  [/^(\S+) is (\S+)$/, "$1 解析为 $2"],
];

/** @type {[form: RegExp, chinese: string][]} */
const DETAILS = [
  [/\boperator mobile\b/, "中国移动"],
  [/\boperator telecom\b/, "中国电信"],
  [/\boperator unicom\b/, "中国联通"],
  [/\bfirmware /, "固件 "],
  [/\bcause /, "原因 "],
  [/^service /, ""],
  [/\bsending (\d+)/, "第 $1 次发送"],
  [/^power$/, "断电"],
  [/^coverage$/, "失去覆盖"],
  [/\blifetime (\d+) s\b/, "生存期 $1 秒"],
];

/** @type {Record<string, string>} */
const HISTORY = {
  registered: "注册",
  updated: "更新",
  "de-registered": "注销",
  expired: "过期",
  refused: "拒绝",
  "inventory read": "读取设备信息",
  "inventory not read": "设备信息读取失败",
  described: "描述",
  observed: "观察",
  notified: "通知",
  "data received": "收到数据",
  bootstrapped: "引导",
  "bootstrap failed": "引导失败",
  "observation ended": "观察结束",
  answered: "操作应答",
  forgotten: "删除",
};

/** @type {Record<string, string>} */
const STATES = {
  INITIAL_STATE: "初始",
  CONNECT_SUCCESS: "连接成功",
  CONNECT_FAILED: "连接失败",
  REG_SUCCESS: "注册成功",
  REG_FAILED: "注册失败",
  REG_TIMEOUT: "注册超时",
  LIFETIME_TIMEOUT: "生存期超时",
  UPDATE_SUCCESS: "更新成功",
  UPDATE_FAILED: "更新失败",
  UPDATE_TIMEOUT: "更新超时",
  UNINITIALISED: "未初始化",
  MISSING_CONFIG: "缺少配置",
  INIITIALISING: "初始化中",
  INIITIALISED: "已初始化",
  INIT_FAILED: "初始化失败",
  REGISTERING: "注册中",
  REGISTERED: "已注册",
  DEREGISTERED: "已注销",
  MO_DATA_ENABLED: "可发上行数据",
  NO_UE_IP: "无 IP 地址",
  REJECTED_BY_SERVER: "被服务器拒绝",
  TIMEOUT_AND_RETRYING: "超时重试",
  DEREG_FAILED: "注销失败",
};

/** @type {Record<string, string>} */
const FAULTS = {
  loss: "报文丢失",
  delay: "报文迟到",
  duplication: "报文重复到达",
  reordering: "报文等待被后一个超越",
  silence: "目的端的收发全部丢失：服务器宕机",
  rebinding: "NAT 在报文之前为模块分配新的外部地址",
  dns_failure: "域名无法解析",
  error: "服务器以错误码应答请求",
  reset: "服务器以 RST 应答请求",
  truncation: "报文只有前若干字节到达",
};

/** @type {Record<string, string>} */
const DETAIL_NAMES = {
  operation: "操作",
  known_as: "模块所知的地址",
  device: "设备",
  peer: "对端",
  identity: "身份",
  lifetime: "生存期",
  path: "路径",
  service: "服务",
  why: "原因",
  state: "状态",
  old: "原状态",
  new: "新状态",
  model: "型号",
  firmware: "固件",
  version: "版本",
  endpoint: "端点名",
  binding: "绑定方式",
  objects: "对象",
  operator: "运营商",
  ip: "IP 地址",
  cause: "原因",
  values: "值",
  value: "值",
  flags: "标志",
  terminal_type: "终端类型",
  name: "名称",
  host: "地址",
  line: "命令行",
  number: "编号",
  fault: "故障",
  span: "时长",
  message_id: "报文编号",
  sending: "第几次发送",
  status: "结果",
  connected: "已连接",
  address_changed: "地址改变",
  way: "方式",
  payload: "内容",
  confirmable: "需确认",
};

const isChinese = () => currentLanguage() === "zh";

/**
 * A sentence of the lab: a reason, a note.
 * @param {string} text
 */
export function said(text) {
  if (!isChinese() || !text) return text;
  const found = SENTENCES.find(([form]) => form.test(text));
  return found ? text.replace(found[0], found[1]) : text;
}

/**
 * "waiting 2s: the module to boot", the span as it stands.
 * @param {string} text
 */
export function waitingFor(text) {
  const parts = isChinese() && /^waiting (.+?): (.*)$/.exec(text);
  return parts ? `等待 ${parts[1]}：${said(parts[2])}` : said(text);
}

/** @param {string} text */
const detailsOf = (text) => DETAILS.reduce((done, [form, chinese]) => done.replace(form, chinese), text);

/**
 * An event in one line: `text` as the lab wrote it, `name` of its class; who it came from stays in front.
 * @param {string} name
 * @param {string} text
 * @param {string} [bearer]
 */
export function eventLine(name, text, bearer = "") {
  if (!isChinese()) return text;
  const own = bearer && text.startsWith(`${bearer}: `) ? text.slice(bearer.length + 2) : text;
  const front = bearer ? `${bearer}：` : "";
  const whole = said(own);
  if (whole !== own) return front + whole;
  if (!EVENTS[name]) return text;
  const [, ...rest] = own.split(": ");
  return `${front}${EVENTS[name]}${rest.length ? ` · ${detailsOf(rest.join(": "))}` : ""}`;
}

/**
 * The name of a state, as a word: REG_SUCCESS.
 * @param {string} name
 * @param {string} otherwise
 */
export const stateName = (name, otherwise) => (isChinese() && STATES[name]) || otherwise;
/** @param {string} kind @param {string} otherwise */
export const faultSays = (kind, otherwise) => (isChinese() && FAULTS[kind]) || otherwise;

/**
 * What became of a datagram: a list, comma between.
 * @param {string} text
 */
export const fates = (text) => (isChinese() ? text.split(", ").map(said).join("，") : text);

/**
 * The name of an event by itself.
 * @param {string} name
 * @param {string} otherwise
 */
export const eventName = (name, otherwise) => (isChinese() && EVENTS[name]) || otherwise;
/**
 * A part of an entry: known_as as words.
 * @param {string} name
 */
export const detailName = (name) => (isChinese() && DETAIL_NAMES[name]) || name.replaceAll("_", " ");
/** @param {string} text */
export const details = (text) => (isChinese() ? detailsOf(text) : text);
/** @param {string} kind */
export const historyKind = (kind) => (isChinese() && HISTORY[kind]) || kind;
