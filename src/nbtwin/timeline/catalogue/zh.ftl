# nbtwin 里发生的事，中文。消息 id 即代码；两种语言的 id 相同（有测试比对）。

## CoAP (RFC 7252, 7641, 7959)

request-received = 收到 { PEER($peer) } 的请求
response-received = 收到 { PEER($peer) } 对 { $token } 的响应
request-acknowledged = { PEER($peer) } 已确认请求 { $token }，响应将单独发送
request-unanswered = { PEER($peer) } 未应答请求 { $token }
request-reset = 请求 { $token } 被 { PEER($peer) } 复位
request-aborted = 放弃发往 { PEER($peer) } 的请求 { $token }：{ WORD($refusal) }
retransmitted = 重传至 { PEER($peer) }，第 { $sending } 次发送
notification-acknowledged = { PEER($peer) } 已确认通知 { $message_id }
notification-reset = 通知 { $message_id } 被 { PEER($peer) } 复位，观察结束
notification-unanswered = { PEER($peer) } 始终未确认通知 { $message_id }，观察结束
notification-aborted = 放弃发往 { PEER($peer) } 的通知 { $message_id }：{ WORD($refusal) }
response-delivered = { PEER($peer) } 已确认独立响应 { $message_id }
response-undelivered = 独立响应 { $message_id } 未送达 { PEER($peer) }：{ WORD($refusal) }
ping-answered = { PEER($peer) } 应答了 ping
ping-unanswered = { PEER($peer) } 未应答 ping
ping-aborted = 放弃对 { PEER($peer) } 的 ping：{ WORD($refusal) }
block-received = 已从 { PEER($peer) } 收到数据体 { $received } { $total ->
    [none] 字节
   *[other] / { $total } 字节
}
message-dropped = 丢弃 { PEER($peer) } 的报文：{ WORD($refusal) }
coap-reset = 对端以 RST 应答
coap-unanswered = 始终未被确认
coap-queue-full = 对端的队列已满
coap-peer-forgotten = 本端已结束与该对端的一切交互
coap-observation-ended = 观察已结束
coap-header-cut = 短于报文头
coap-version-unknown = 版本 { $number }
coap-empty-with-content = 空报文带有令牌或超过 4 字节
coap-token-length-reserved = 令牌长度 { $number }
coap-token-cut = 令牌不完整
coap-option-cut = 选项不完整
coap-option-nibble-reserved = 选项使用了保留值 15
coap-payload-missing = 有载荷标记而无载荷
coap-duplicate = 报文 { $number } 的重复
coap-ping-received = ping，以 RST 应答
coap-empty-non-confirmable = 不可确认的空报文
coap-acknowledgement-unexpected = 没有与之对应的报文的确认
coap-reset-unexpected = 没有与之对应的报文的 RST
coap-reset-with-content = 非空的 RST
coap-response-unexpected = 不对应本端任何请求的响应
coap-request-in-acknowledgement = 确认报文中的方法 { $subject }
coap-code-reserved = 保留的代码 { $subject }
coap-method-unknown = 未知方法 { $subject }
coap-critical-option = 关键选项 { $number }{ $number ->
    [9] （OSCORE）
   *[other] { "" }
}
coap-notification-outdated = 通知 { $number } 早于 { $expected }
coap-block-option-too-long = 块选项长 { $number } 字节
coap-block-size-reserved = 块大小指数 7 为保留值
coap-block-out-of-order = 块未紧接在 { $expected } 字节之后
coap-block-length = { $expected } 字节的块中有 { $number } 字节
coap-block-not-sent = 未询问过块 { $number }
coap-body-taken-early = 将 { $expected } 字节中的 { $number } 字节当作全部
coap-continue-after-last = 最后一块之后仍要求继续
coap-body-needs-larger-blocks = { $number } 字节无法用 { $expected } 字节的块传完
coap-body-too-long = 数据体超过 { $expected } 字节
coap-body-changed = 传输过程中资源已改变
coap-notification-incomplete = 通知的其余块未到
coap-link-missing = 第 { $position } 个字符处不是链接
coap-link-next-missing = 第 { $position } 个字符处既不是属性，也不是下一个链接
coap-link-no-utf8 = 链接列表不是 UTF-8

## MQTT（3.1.1）

mqtt-connected = MQTT：已连接服务器{ $session_present ->
    [true] ，服务器保留了会话
   *[false] { "" }
}
mqtt-connection-refused = MQTT：服务器拒绝连接，返回码 { $number }
mqtt-packet-resent = MQTT：重传 { $packet } { $number }，第 { $count } 次
mqtt-packet-unanswered = MQTT：{ $packet }{ $number ->
    [0] { "" }
   *[other] { " " }{ $number }
} 未获应答{ $count ->
    [0] { "" }
   *[other] ，已重传 { $count } 次
}
mqtt-subscribed = MQTT：SUBSCRIBE { $number } 已应答：{ LIST($granted) }
mqtt-unsubscribed = MQTT：UNSUBSCRIBE { $number } 已应答
mqtt-published = MQTT：消息 { $number } 已发布，QoS { $qos }
mqtt-message-received = MQTT：收到主题 { $topic } 下的 { $length } 字节，QoS { $qos }
mqtt-message-skipped = MQTT：报文长 { $length } 字节，过长，已跳过
mqtt-stream-useless = MQTT：放弃连接：{ WORD($refusal) }
mqtt-stream-closed = MQTT：连接已断开
mqtt-told = MQTT 客户端 { $client }：{ $line }
mqtt-type-reserved = 报文类型 { $number } 为保留值
mqtt-flags-invalid = 该报文不允许的标志 { $number }
mqtt-length-malformed = 剩余长度格式错误
mqtt-packet-cut = 报文在字段中间结束
mqtt-packet-trailing = 最后一个字段之后还有 { $number } 字节
mqtt-text-invalid = 字符串不是有效的 UTF-8
mqtt-topic-invalid = 主题无效
mqtt-identifier-zero = 报文标识符为 0
mqtt-protocol-unknown = 未知协议，级别 { $number }
mqtt-code-unknown = 未知代码 { $number }
mqtt-packet-unexpected = 意外的报文，类型 { $number }
mqtt-unanswered = 无应答

## DTLS 1.2 (RFC 6347)

flight-sent = 向 { PEER($peer) } 发送第 { $flight } 轮，第 { $sending } 次：{ LIST($messages) }
message-received = 收到 { PEER($peer) } 的 { $message }
handshake-failed = 与 { PEER($peer) } 的 DTLS 握手失败：{ $subject ->
    [none] { "" }
   *[other] { $subject }：
}{ WORD($refusal) }
application-data-received = 收到 { PEER($peer) } 的数据：{ BYTES($data) }
session-closed = 与 { PEER($peer) } 的 DTLS 会话关闭：{ $subject ->
    [none] { "" }
   *[other] { $subject }：
}{ WORD($refusal) }
alert-received = 收到 { PEER($peer) } 的 DTLS 告警：{ $level ->
    [2] 致命
   *[other] 警告
} { $description ->
    [0] close_notify
    [10] unexpected_message
    [20] bad_record_mac
    [22] record_overflow
    [40] handshake_failure
    [47] illegal_parameter
    [50] decode_error
    [51] decrypt_error
    [70] protocol_version
    [71] insufficient_security
    [80] internal_error
    [90] user_canceled
    [100] no_renegotiation
    [110] unsupported_extension
    [115] unknown_psk_identity
   *[other] 告警 { $description }
}
alert-sent = 向 { PEER($peer) } 发送 DTLS 告警：{ $level ->
    [2] 致命
   *[other] 警告
} { $description ->
    [0] close_notify
    [10] unexpected_message
    [20] bad_record_mac
    [22] record_overflow
    [40] handshake_failure
    [47] illegal_parameter
    [50] decode_error
    [51] decrypt_error
    [70] protocol_version
    [71] insufficient_security
    [80] internal_error
    [90] user_canceled
    [100] no_renegotiation
    [110] unsupported_extension
    [115] unknown_psk_identity
   *[other] 告警 { $description }
}
key-logged = { $line }
datagram-dropped = 丢弃 { PEER($peer) } 的 DTLS 报文：{ WORD($refusal) }
dtls-content-type-unknown = 未知内容类型 { $number }
dtls-record-cut = 记录头不完整
dtls-record-version = 记录版本 { $number ->
    [65277] DTLS 1.2
    [65279] DTLS 1.0
   *[other] { $number }
}
dtls-record-length = 记录长 { $number } 字节，实有 { $expected } 字节
dtls-too-many-records = 记录多于 { $expected } 个
dtls-record-too-short = 记录短于加密套件所需
dtls-not-authentic = 记录未通过认证
dtls-connection-id-unknown = 记录带有其他 Connection ID
dtls-epoch-unknown = epoch { $number }
dtls-replayed = 记录已收到过，或过旧无法判断
dtls-content-type-missing = 记录缺少内容类型
dtls-plaintext-too-long = 记录超过 2^14 字节
dtls-peer-unknown = 并非来自对端
dtls-no-handshake = 与该对端没有握手
dtls-no-session = 与该对端没有会话
dtls-content-type-unexpected = 会话中的内容类型 { $number }
dtls-data-in-the-clear = 明文的应用数据
dtls-record-before-keys = 密钥就绪之前的 epoch 1 记录
dtls-too-many-fragments = 一个记录中的分片多于 { $expected } 个
dtls-fragment-cut = 分片头不完整
dtls-fragment-bounds = 分片止于 { $number }，共 { $expected } 字节
dtls-fragment-empty = 空分片
dtls-fragment-foreign = 同一编号下另一消息的分片
dtls-fragment-contradicts = 分片与先前的不一致
dtls-message-ahead = 等待消息 { $expected } 时收到 { $number }
dtls-bytes-missing = 需要 { $number } 字节，只剩 { $expected } 字节
dtls-bytes-left-over = 多出 { $number } 字节
dtls-vector-length = 向量长 { $number } 字节，至多 { $expected }
dtls-hello-cut = ClientHello 不完整
dtls-hello-vectors = ClientHello 的向量长度不符
dtls-extensions-length = 扩展未在消息末尾结束
dtls-extension-twice = 扩展 { $number } 出现两次
dtls-too-many-extensions = 扩展多于 { $expected } 个
dtls-hello-outdated = 已完成的握手的 ClientHello
dtls-message-in-wrong-epoch = epoch { $expected } 中的握手消息 { $number }
dtls-message-out-of-turn = 握手消息 { $number } 次序不对
dtls-message-in-session = 会话中的握手消息 { $number }
dtls-no-answer = 第 { $number } 轮无应答
dtls-alert-received = 对端如此告知
dtls-finished-unreadable = Finished 无法解密，密钥可能不同
dtls-finished-wrong = Finished 有误
dtls-too-many-cookies = cookie 多于 { $expected } 个
dtls-version-unsupported = 对端使用 { $number ->
    [65276] DTLS 1.3
    [65277] DTLS 1.2
    [65279] DTLS 1.0
   *[other] { $number }
}，而不是 DTLS 1.2
dtls-suite-not-offered = 未提供过加密套件 { $number }
dtls-no-common-suite = 没有共同的加密套件；提供了 { $number } 个：{ $subject }
dtls-ephemeral-keys-only = 没有提供只用预共享密钥的加密套件；提供了 { $number } 个：{ $subject }
dtls-raw-public-keys-only = 提供的是裸公钥（RPK），需要预共享密钥；提供了 { $number } 个套件：{ $subject }
dtls-certificates-only = 提供的是证书，需要预共享密钥；提供了 { $number } 个套件：{ $subject }
dtls-no-null-compression = 未提供空压缩
dtls-extension-not-offered = 未提供过扩展 { $number }
dtls-renegotiation = 首次握手中带有 renegotiation_info
dtls-no-extended-master-secret = 没有扩展主密钥
dtls-no-encrypt-then-mac = 没有 encrypt-then-MAC
dtls-resumed-on-other-terms = 会话以其他参数恢复
dtls-resumed-without-extended-master-secret = 没有扩展主密钥的会话恢复
dtls-identity-unknown = 没有这个 PSK 标识
dtls-key-length = 密钥长 { $number } 字节，应为 1 至 { $expected }
dtls-hello-replaced = 收到新的 ClientHello
dtls-too-many-handshakes = 同时进行的握手过多
dtls-closed-here = 本端关闭
dtls-reset-here = 本端复位
dtls-close-notify = 对端关闭（close_notify）
dtls-idle = 空闲过久
dtls-too-many-sessions = 会话过多
dtls-connection-id-drawn-again = 其 Connection ID 被再次抽中
dtls-address-taken = 其地址已属于另一对端

## 引擎在等什么：接在“等待：”之后

network-datagram-under-way = 途中的报文
waiting-for-nothing = 没有等待的事
coap-packet-unanswered = 第 { $number } 个报文尚无应答
coap-notification-unacknowledged = 通知尚未确认，第 { $number } 个报文
coap-response-unacknowledged = 独立响应尚未确认，第 { $number } 个报文
coap-ping-unanswered = ping 尚无应答，第 { $number } 个报文
coap-response-outstanding = 已确认，响应未到
coap-acknowledgement-delay = 响应未备好，到时先发空 ACK
coap-refusal-due = 对端的队列已满，报文无法排队
mqtt-answer-outstanding = { $subject }{ $number ->
    [0] { "" }
   *[other] { " " }{ $number }
} 尚无应答{ $count ->
    [0] { "" }
   *[other] ，已重传 { $count } 次
}
mqtt-keep-alive = MQTT 保活时间，到时发 PINGREQ
mqtt-ping-unanswered = PINGREQ 尚无应答
mqtt-farewell = DISCONNECT 发出
dtls-flight-unanswered = 第 { $number } 轮握手消息尚无应答，第 { $count } 次发送
dtls-peer-silent = { $subject } 无数据
self-registration-next-round = 下一轮
self-registration-next-update = 下一次更新
cmdmp-update-period = 更新周期
cmdmp-lifetime-end = 生命周期结束
andlink-next-attempt = 下一次尝试
andlink-update-due = 生命周期结束前的更新
andlink-next-block = 固件包的下一块
andlink-observe-after-update = 更新后平台观察数据
andlink-bootstrap-server = 引导服务器的下一步
andlink-next-notification = 下一次通知
andlink-host-answer = 主机应答平台
lwm2m-server-lifetime-end = { $subject } 的注册到期
time-outstanding = 时间服务器 { $subject } 尚未应答
module-boot = 模块启动完成
module-usim = 读取 USIM 卡
module-speed = 主机以新速率通信
module-attach = 网络接受附着
module-release = 网络释放连接
socket-sending = 网络接收一个报文
module-active-time = 进入深休眠前的活动时间
module-tracking-area-update = 周期性跟踪区更新
module-wake-up-pin = 唤醒引脚
module-host-wrote = 主机写串口
at-data-mode = 数据模式已收 { $count }/{ $number } 字节
host-answer = { $subject } 的应答
host-pause = 暂停结束
host-boot-banner = 启动信息
host-quiet = 线路安静下来
hold-commit-retry = 下一次提交尝试
andlink-platform-restart = 重启打断的请求重新发出
campaign-restart = 重启后继续升级任务
campaign-next-device = 升级任务 { $number } 的下一台设备
campaign-progress = { $subject } 在升级任务 { $number } 中的进展
campaign-out-of-reach = { $subject } 在升级任务 { $number } 中重新出现
campaign-look = 询问升级任务 { $number } 中 { $subject } 的状态
campaign-end = 升级任务 { $number } 结束

## 模块

powered-on = 上电
powered-off = 断电
restarted = { $cause ->
    [none] 复位引脚触发重启
   *[other] 重启：{ $cause }
}
booted = 启动完成：固件 { $firmware }
usim-changed = { $imsi ->
    [none] USIM 已拔出
   *[other] USIM 已插入：IMSI { $imsi }
}
attached = 已附着：{ $operator ->
    [mobile] 中国移动
    [telecom] 中国电信
    [unicom] 中国联通
   *[other] { $operator }
}，IP 地址 { $ip }
detached = 已去附着：{ WORD($reason) }
connection-changed = { $connected ->
    [true] 连接状态改变：已连接
   *[false] 连接状态改变：空闲
}
fell-asleep = { $until ->
    [none] 进入深休眠
   *[other] 进入深休眠，时长 { UNTIL($until) }
}
woke = 唤醒：{ WORD($reason) }
host-unheard = 主机已写入但未被接收：深休眠中只有唤醒引脚有效
service-started = { $service } 服务启动：{ WORD($reason) }
service-reported = { $service }：{ WORD($event) }
nvram-write-failed = NVRAM 写入失败
firmware-updated = 固件已升级：{ $old } → { $new }
firmware-refused = 固件包无法安装：{ WORD($refusal) }
flash-unreadable = 闪存中没有可读的镜像；差分升级以出厂镜像为基础
socket-opened = { $owner ->
    [host] 主机
   *[other] { $owner }
}：套接字 { $socket } 已打开（{ $transport }，端口 { $port }）
socket-connected = { $owner ->
    [host] 主机
   *[other] { $owner }
}：套接字 { $socket } 已连接 { PEER($peer) }
socket-listening = { $owner ->
    [host] 主机
   *[other] { $owner }
}：套接字 { $socket } 监听端口 { $port }，外部地址 { PEER($address) }
socket-incoming = { $owner ->
    [host] 主机
   *[other] { $owner }
}：{ PEER($peer) } 正在连接套接字 { $socket }
socket-accepted = { $owner ->
    [host] 主机
   *[other] { $owner }
}：套接字 { $socket } 已由 { PEER($peer) } 连接，经监听套接字 { $listener }
socket-failed = { $owner ->
    [host] 主机
   *[other] { $owner }
}：套接字 { $socket } { $was_connected ->
    [true] 连接中断
   *[false] 未能连接
}：{ $end ->
    [refused] 对端无人监听
    [unreachable] 不可达
    [timed-out] 无应答
   *[reset] 被对端复位
}
socket-received = { $owner ->
    [host] 主机
   *[other] { $owner }
}：套接字 { $socket } 收到 { $length } 字节
socket-overflowed = { $owner ->
    [host] 主机
   *[other] { $owner }
}：套接字 { $socket } 丢弃 { $length } 字节：之前的数据尚未读取
socket-sent = { $owner ->
    [host] 主机
   *[other] { $owner }
}：套接字 { $socket } { $sent ->
    [true] 已发送
   *[false] 丢失
} { $length } 字节{ $sequence ->
    [0] {""}
   *[other] （序号 { $sequence }）
}
exception-sent = { $owner ->
    [host] 主机
   *[other] { $owner }
}：套接字 { $socket } 发送异常报文（mo-ExceptionData）
socket-finished = { $owner ->
    [host] 主机
   *[other] { $owner }
}：套接字 { $socket }：对端不再发送
socket-closed = { $owner ->
    [host] 主机
   *[other] { $owner }
}：套接字 { $socket } 已关闭{ $forced ->
    [true] （由模块关闭）
   *[false] {""}
}
ping-ended = { $owner ->
    [host] 主机
   *[other] { $owner }
}：ping { $host }：{ $round_trip ->
    [none] 无应答
   *[other] { $round_trip } s 后应答，TTL { $hops }
}
time-answered = { $server } { $time ->
    [none] 没有给出时间
   *[other] 已给出时间
}
name-answered = { $owner ->
    [host] 主机
   *[other] { $owner }
}：{ $name } { $host ->
    [none] 没有地址
   *[other] 的地址是 { $host }
}
segment-seen = { $from } → { $to }  { $summary }{ $again ->
    [true] ，重传
   *[false] {""}
}
segment-of-stream = TCP，{ $length } 字节：{ $preview }
module-service-due = { WORD($waited_for) }
module-power = 电源
module-function = AT+CFUN={ $function }
module-attach-command = AT+CGATT
module-coverage = 网络覆盖
module-usim-removed = USIM 已拔出
module-usim-inserted = USIM 已更换
module-pin-entered = 已输入 PIN
module-attached = 已附着
module-attached-after-update = 固件升级后附着：{ $result }
module-mobile-plmn = 以中国移动的或已保存的 PLMN 附着
module-never-registered = 从未注册过 (D58)
module-firmware-changed = 固件版本已改变
module-pairing-changed = 模块与 USIM 的配对已改变
module-update-awaited = 已注册过：等待每 30 天一次的更新

## 自注册

round-started = 第 { $number } 轮开始
registration-succeeded = { $update ->
    [true] 已更新
   *[false] 已注册
}；{ $next_due_at ->
    [none] 无后续动作
   *[other] 下一次在 { UNTIL($next_due_at) } 后
}
registration-failed = 第 { $round } 轮失败：{ WORD($refusal) }
gave-up = 放弃：{ WORD($refusal) }；{ $next_due_at ->
    [none] 下次启动前不再尝试
   *[other] 下一次在 { UNTIL($next_due_at) } 后
}
self-registration-coverage-lost = 解析 { $name } 期间失去覆盖
self-registration-name-unknown = 域名 { $name } 无法解析
self-registration-reset = 应答为 RST
self-registration-unanswered = { $packets } 个报文均无应答
self-registration-no-success = 应答 { $response_code }，不是成功
self-registration-deep-sleep = 深休眠终止重试
self-registration-rounds-failed = { $rounds } 轮均失败
cmdmp-state-changed = 状态改变 { $old ->
    [INITIAL_STATE] INITIAL_STATE (0)
    [CONNECT_SUCCESS] CONNECT_SUCCESS (4)
    [CONNECT_FAILED] CONNECT_FAILED (5)
    [REG_SUCCESS] REG_SUCCESS (6)
    [REG_FAILED] REG_FAILED (7)
    [REG_TIMEOUT] REG_TIMEOUT (8)
    [LIFETIME_TIMEOUT] LIFETIME_TIMEOUT (9)
    [UPDATE_SUCCESS] UPDATE_SUCCESS (11)
    [UPDATE_FAILED] UPDATE_FAILED (12)
   *[UPDATE_TIMEOUT] UPDATE_TIMEOUT (13)
} → { $new ->
    [INITIAL_STATE] INITIAL_STATE (0)
    [CONNECT_SUCCESS] CONNECT_SUCCESS (4)
    [CONNECT_FAILED] CONNECT_FAILED (5)
    [REG_SUCCESS] REG_SUCCESS (6)
    [REG_FAILED] REG_FAILED (7)
    [REG_TIMEOUT] REG_TIMEOUT (8)
    [LIFETIME_TIMEOUT] LIFETIME_TIMEOUT (9)
    [UPDATE_SUCCESS] UPDATE_SUCCESS (11)
    [UPDATE_FAILED] UPDATE_FAILED (12)
   *[UPDATE_TIMEOUT] UPDATE_TIMEOUT (13)
}：{ WORD($reason) }
cmdmp-registration-failed = 注册失败，下次启动前不再尝试：{ WORD($reason) }
cmdmp-update-failed = 更新失败：{ WORD($reason) }
cmdmp-reboot-requested = 平台要求重启 (/3/0/4)
cmdmp-address-given = { $server } 无需解析
cmdmp-name-resolved = { $server } 的地址是 { $host }
cmdmp-fallback-used = 域名 { $server } 无法解析，改用 { $host } (D39)
cmdmp-name-unknown = 域名 { $server } 无法解析
cmdmp-created = 注册应答 2.01
cmdmp-registration-refused = 注册{ WORD($refusal) }
cmdmp-registration-unanswered = { $packets } 个报文均无应答
cmdmp-changed = 更新应答 2.04
cmdmp-update-refused = 更新{ WORD($refusal) }
cmdmp-update-unanswered = 更新无应答
cmdmp-lifetime-over = 生命周期结束之前没有一次成功的更新 (D56)

## LwM2M 客户端

registered = 已注册，位置 { PATH($location) }
registration-refused = 注册{ WORD($refusal) }
registration-unanswered = 注册无应答
updated = 已更新
update-refused = 更新{ WORD($refusal) }
update-unanswered = 更新无应答
deregistered = 已注销
deregistration-refused = 注销{ WORD($refusal) }
deregistration-unanswered = 注销无应答
registration-error = 应答 { $response_code }
registration-reset = 应答为 RST
registration-no-location = 应答 { $response_code }，但没有位置
registration-aborted = 已放弃：无法传输
andlink-state-changed = 状态改变 { $old } → { $new }：{ WORD($reason) }
andlink-host-asked = 主机要求
andlink-attached = 已附着
andlink-detached = 已去附着
andlink-pause-over = 间歇结束
andlink-not-configured = 没有服务器，或没有其密钥
andlink-name-unknown = 域名 { $server } 无法解析
andlink-no-key = 没有 DTLS 密钥
andlink-handshake-failed = DTLS 握手失败
andlink-bootstrap-refused = 引导应答 { $response_code }
andlink-bootstrap-unanswered = 引导无应答
andlink-bootstrap-unfinished = 引导服务器未完成引导
andlink-bootstrap-without-key = 引导服务器未下发密钥，本地也未设置
andlink-bootstrapped = 引导完成
andlink-server-known = LwM2M 服务器已知
andlink-server-ready = 服务器就绪
andlink-created = 注册应答 2.01
andlink-registration-refused = 注册{ WORD($refusal) }
andlink-registration-unanswered = 注册无应答
andlink-update-refused = 更新{ WORD($refusal) }
andlink-update-unanswered = 更新无应答
andlink-data-observed = 平台观察 /19/1/0 (D59)
andlink-deleted = 注销应答 2.02
andlink-deregistration-refused = 注销{ WORD($refusal) }
andlink-deregistration-unanswered = 注销无应答
registration-awaited = 等待主机注册 (REGISTERNOTIFY)
bootstrapped = 引导完成
account-refused = 引导没有给出可注册的账户：{ WORD($why) }
data-observed = 数据对象 /19/1/0 已被观察：可以上行
firmware-observed = 固件对象已被观察
read-requested = { $query ->
    [none] 平台读取：请求 { $message_id }
   *[other] 平台读取：请求 { $message_id }，查询 { $query }
}
write-requested = { $query ->
    [none] 平台写入：请求 { $message_id }，«{ BYTES($data) }»
   *[other] 平台写入：请求 { $message_id }，«{ BYTES($data) }»，查询 { $query }
}
request-expired = 请求 { $message_id } 已过期：主机 10 s 内未应答
data-reported = { $status ->
    [NOT_SENT] 上行数据未发送 (0)
    [WAITING] 上行数据等待中 (1)
    [FAILED] 上行数据失败 (2)
    [TIMED_OUT] 上行数据超时 (3)
    [SUCCEEDED] 上行数据成功 (4)
   *[RESET] 上行数据被复位 (5)
}
release-requested = 释放辅助：不再有数据
dtls-changed = { $state ->
    [DONE] DTLS 握手完成 (0)
    [NOT_STARTED] DTLS 握手未开始 (1)
    [IN_PROGRESS] DTLS 握手进行中 (2)
   *[FAILED] DTLS 握手失败 (3)
}
reboot-requested = 平台要求重启 (/3/0/4)
channel-name-unknown = 域名无法解析
channel-no-key = 没有 DTLS 密钥
channel-handshake-failed = DTLS 握手失败

## Content of payloads, paths

definition-too-large = 定义文件最多 { $limit } 字节
definition-no-xml = 第 { $line } 行：不是 XML{ $detail ->
    [none] { "" }
   *[other] ：{ WORD($detail) }
}
definition-declaration = 第 { $line } 行：定义文件不能有文档类型和实体
definition-too-deep = 第 { $line } 行：<{ $element }> 的层数超过 { $limit }
definition-other-element = 第 { $line } 行：是 <{ $element }>，应为 <{ $expected }>
definition-no-object = 第 { $line } 行：其中没有 <Object>
definition-too-many = 一个文件最多定义 { $limit } 个对象
definition-missing = 第 { $line } 行：<{ $parent }> 没有 { $element }
definition-twice = 第 { $line } 行：<{ $parent }> 有两个 <{ $element }>
definition-number = 第 { $line } 行：<{ $element }> 的“{ $value }”不是 0 到 { $limit } 的数
definition-word = 第 { $line } 行：<{ $element }> 的“{ $value }”不是 { $expected } 之一
definition-text = 第 { $line } 行：<{ $element }> 为空、超过 { $limit } 个字符，或有不可打印的字符
definition-no-type = 第 { $line } 行：资源 { $resource } 没有类型
definition-no-resources = 第 { $line } 行：对象 { $object } 没有资源
definition-resource-twice = 第 { $line } 行：资源 { $resource } 出现两次
definition-object-twice = 第 { $line } 行：对象 { $object } 的版本 { $version } 出现两次
definition-other-urn = 第 { $line } 行：{ $value } 不是对象 { $object }
definition-built-in = 对象 { $object } 的版本 { $version } 是内置的：请给定义另一个版本
definition-taken = 对象 { $object } 的版本 { $version } 已有定义：如要替换，请注明
definition-limit = 最多保存 { $limit } 个定义
content-undecodable = { $format }：{ WORD($detail) }
content-no-records = { $format }：不是记录列表
content-bytes-left = { $format }：值之后还有 { $count } 字节
content-outside = { $format }：{ $target } 不在 { $path } 之下
content-value-count = { $format }：{ $path } 有 { $count } 个值
content-value-missing = { $format }：{ $path } 没有值
content-instances-mixed = { $format }：{ $path } 既带实例又不带实例
content-label-kind = SenML：标签既不是数字也不是文本
content-label-unknown = SenML：不认识必须理解的标签“{ $label }”
content-version = SenML：版本 { $version }
content-no-name = SenML：{ $value } 不是名称
content-label-type = SenML：{ $path } 收到 { $label } { $value }{ $type ->
    [none] { "" }
   *[other] ，其数据类型为 { $type }
}
content-no-link = “{ $value }”不是对象链接
content-no-map = { $format }：不是映射
content-key = { $format }：{ $value } 不是路径的键
content-cbor-type = LwM2M CBOR：{ $path } 收到 { $value }{ $type ->
    [none] { "" }
   *[other] ，其数据类型为 { $type }
}
content-time = SenML：{ $value } 不是时间
content-no-base64url = SenML：vd 的值不是 base64url
content-value-type = { $value } 不是 { $type }
content-value-length = { $type } 的长度不能是 { $length } 字节
content-no-utf8 = 字符串不是 UTF-8：{ WORD($detail) }
content-tlv-kind = TLV：第 { $at } 字节处不能是 { $kind }
content-tlv-head-cut = TLV：第 { $at } 字节处的条目头部不完整
content-tlv-value-cut = TLV：值长 { $length } 字节，却只剩 { $left } 字节
content-tlv-elsewhere = 此 TLV 不属于 { $path }
content-tlv-no-instance = { $path } 下应为对象实例，却是 { $kind }
content-tlv-no-resource = { $path } 下应为资源，却是 { $kind }
content-other-instance = 向 { $path } 写入的却是实例 { $id }
content-one-resource = { $path } 是单个资源
content-other-resource = 应为 { $path }，却是资源 { $id }
content-format-one-value = 格式 { $format } 只能承载一个值，不能承载 { $path }
content-format-unfit = 格式 { $format } 不适用于 { $path }
content-not-opaque = { $path } 不是 Opaque 类型
content-format-composite = { $format ->
    [none] 没有 Content-Format
   *[other] 格式 { $format } 不能承载路径
}：复合操作需要 SenML 或 LwM2M CBOR
content-several-objects = TLV 不能承载多个对象
path-identifier = “{ $segment }”不是路径中的标识符
path-depth = 路径最多 { $limit } 级标识符，而不是 { $count } 级
account-security-mode = 不支持安全模式 { $mode }{ $mode ->
    [1] （裸公钥）
    [2] （证书）
    [4] （EST 证书）
   *[other] { "" }
}：仅支持 0（预共享密钥）和 3（无安全）
account-other-transport = “{ $uri }”是 UDP 以外的传输方式上的 CoAP，不支持
account-none = 没有写入 LwM2M 服务器的账户
account-no-server = 没有短服务器 ID 为 { $ssid } 的 Server 对象实例
account-no-uri = “{ $uri }”不是 URI
account-no-coap-uri = “{ $uri }”不是 CoAP 的 URI
attribute-unknown = “{ $name }”不是通知属性
attribute-no-number = “{ $query }”没有数值
attribute-range = pmin、pmax 或 st 超出范围
attribute-not-numerical = “{ $name }”只用于数值型资源
attribute-not-boolean = “{ $name }”只用于布尔型资源
attribute-not-readable = “{ $name }”只用于可读的资源；{ $path } 不可读
attribute-no-flag = “{ $name }”为 0 或 1
attribute-no-whole-number = “{ $name }”为不小于 0 的整数
attribute-level = “{ $name }”设在资源上，不能设在 { $path }
attribute-version = “{ $name }”属于 LwM2M { $since }；设备注册的是 { $version }
attribute-limits = lt + 2 × st 必须小于 gt
attribute-periods = epmin 必须小于 epmax
endpoint-other-key = 不是用此密钥加密的：{ WORD($detail) }
endpoint-identity-fields = 身份应为三或四个字段，而不是 { $count } 个
endpoint-name-parts = 端点名至少三部分，而不是 { $count } 部分
report-no-json = 既不是 JSON 的 base64，也不是 JSON：{ WORD($detail) }
report-no-object = JSON 不是对象
report-no-meid = 没有 MEID：没有 IMEI 的上报无法归属
timeline-no-entries = 不是时间线的条目：{ WORD($detail) }
timeline-no-line = 不是时间线的一行：{ WORD($detail) }
timeline-line = 第 { $number } 行：{ WORD($why) }

## 固件升级

firmware-announced = { $text }
package-url-received = 收到固件包地址：{ $uri }
package-downloaded = 固件包下载完成：版本 { $version }，{ $size } 字节
firmware-accepted = 将安装版本 { $version }：模块重启
firmware-state-changed = 固件 { $state }，结果 { $result }：{ WORD($reason) }
firmware-uri-written = 收到 URI { $uri }
firmware-uri-unusable = { $uri } 无法下载
firmware-empty-uri = 写入了空 URI
firmware-empty-package = 写入了空固件包
firmware-push-begun = 正在写入固件包
firmware-push-broken-off = 固件包写入中断
firmware-name-unknown = 域名 { $server } 无法解析
firmware-no-key = 没有 DTLS 密钥
firmware-handshake-failed = DTLS 握手失败
firmware-coverage-lost = 解析期间失去覆盖
firmware-refused-by-server = 应答 { $response_code }
firmware-transfer-broken-off = 传输中断
firmware-too-large = { $size } 字节
firmware-package-unfit = { WORD($refusal) }
firmware-package-complete = 固件包完整
firmware-executed = 平台执行了 /5/0/2
firmware-host-agreed = 主机同意
firmware-host-cancelled-download = 主机取消下载
firmware-host-cancelled-update = 主机取消升级
firmware-host-stopped = 被主机停止
package-unknown-format = 不是格式 1 的固件包
package-checksum = 固件包校验和错误
package-manifest = 固件包清单无法读取
package-length = 镜像 { $found } 字节，清单为 { $wanted } 字节
package-other-model = 固件包用于 { $found }，不是 { $wanted }
package-other-base = 差分包基于 { $found }，当前运行 { $wanted }
package-other-base-image = 差分包针对 { $found } 的另一镜像，不是当前运行的镜像
package-no-delta = 不是差分包，或目标镜像过大
package-delta-unusable = 差分包无法应用
package-image-checksum = 镜像校验和与清单不符
package-empty = 文件是空的
package-no-checksum = “{ $found }” 不是 SHA-256：须为 64 位十六进制数字
package-file-checksum = 文件的 SHA-256 是 { $found }，不是 { $wanted }
package-version = “{ $found }” 不能作版本：最多 255 个可打印字符
package-models = “{ $found }”：型号须可打印、不含逗号，最多 64 个
package-other-description = 固件包自带说明（{ $found }），与 { $wanted } 不符

## 时间线自身的记录

list-separator = { "、" }
line-received = { $line }
line-sent = { $line }
command-answered = （{ $command ->
    [none] { "" }
   *[other] AT{ $command }（{ $chapter }）：
}{ WORD($why) }）
waiting = 等待 { UNTIL($until) }：{ WORD($reason) }
name-resolved = { $name } 解析为 { $host }{ $others ->
    [none] {""}
   *[other] {" "}{ $others }
}
name-unresolved = { $name } 无法解析：{ WORD($reason) }
lookup-unknown-name = 没有这个域名
lookup-no-answer = 域名服务器没有应答
lookup-server-failed = 域名服务器出错
lookup-fault = 故障：{ FAULT($fault) }
datagram-seen = { $from } → { $to }  { $summary }{ $sending ->
    [1] { "" }
   *[other] （第 { $sending } 次发送）
}{ $impairment ->
    [none] { "" }
   *[other] { "  " }{ $lost ->
        [true] ✗
       *[false] ⚠
    } { WORD($impairment) }
}
link-no-route = 没有路由
link-nobody-there = 对端不存在
link-no-socket = 没有可用的套接字
datagram-answer = 应答 { $operation }
datagram-not-coap = { $length } 字节，不是 CoAP（{ WORD($why) }）：{ $preview }
datagram-of-socket = UDP，{ $length } 字节：{ $preview }
datagram-rest-not-readable = 其余无法解读（{ WORD($why) }）
field-not-coap = 不是 CoAP
field-udp-payload = UDP 载荷
field-not-readable = 无法解读
field-handshake-cut = 握手消息不完整
timeline-bytes = { WORD($detail) }
impairment-lost = 丢失
impairment-silenced = 对端静默，丢失
impairment-answered = 故意应答 { $error }
impairment-cut = 截断为 { $octets } 字节
impairment-delayed = 延迟 { SPAN($delay) }
impairment-duplicated = 重复，共 { $copies } 份
impairment-overtaken = 乱序：暂缓转发
impairment-rebound = 来自新地址
stream-other-lab = 这是另一个实验室，或已重新启动
stream-forgotten = 之后的内容已不在内存中
stream-too-slow = 读取太慢，此处有缺失
stream-lab-busy = 实验室正忙，此处略去了一些条目，仍保留的可按编号读取
entries-left-out = 此处略去 { SPAN($span) } 内的 { $entries } 个条目：负载持续时每秒只保留 { $limit } 条

## 实验室的操作

module-added = 已添加模块
unit-removed = 已移除
route-added = 路由 { $route }
clock-advanced = 时间前进 { SPAN($span) }
peer-unheard = 推进时等待 { PEER($peer) } { SPAN($patience) } 无果：此后到达的内容已经迟到
waiting-stopped = 连续 { $waits } 次等待无果：推进不再等待实验室之外的对端
commit-failed = 数据库写入失败，暂扣 { $held } 项，{ SPAN($retry_in) } 后重试：{ $where ->
    [none] { "" }
   *[other] { $where }:{ " " }
}{ WORD($refusal) }
hold-store-failed = { WORD($detail) }
commit-recovered = 数据库恢复，{ SPAN($span) } 后写入 { $events } 个事件{ $expired ->
    [0] { "" }
   *[other] ；{ $expired } 个报文已过期
}
platform-restarted = 重新启动
host-rejected = { $port } 已有主机，拒绝第二个连接
speed-mismatched = { $port } 的主机速率为 { $host }，模块为 { $module }：双方收到的都是乱码
serial-line-disturbed = 故障 { $number }：{ $kind ->
    [serial_urc] { $place ->
        [echo] 在回显之后
        [lines] 在应答的两行之间
        [final] 在应答与最终结果之间
       *[after] 在最终结果之后
    }插入“{ $text }”
    [serial_interleaved] 在下一行中间插入“{ $text }”
    [serial_doubled] “{ $text }”再重复 { $count } 次
    [serial_late] “{ $text }”迟到 { SPAN($span) }
    [serial_split] 字节之间停顿 { $count } 次
    [serial_slow] { $text } 的应答推迟 { SPAN($span) }
    [serial_swallowed] 唤醒时丢失主机的 { $count } 字节：“{ $text }”
    [serial_noise] 启动信息之前的杂波：“{ $text }”
    [serial_pins] { $text } 未连接，其动作对端未察觉
   *[serial_baud] { $count } 字节因波特率变成乱码：“{ $text }”
}
fault-added = 故障 { $number }：{ FAULT($fault) }
fault-removed = 故障 { $number } 已撤销
faults-cleared = 所有故障已撤销
note-added = { $by } 在条目 { $entry } 上写了备注 { $note }
note-removed = { $by } 删除了条目 { $entry } 上的备注 { $note }
output-behind = { $output ->
    [terminal] 终端输出
   *[files] --trace 与 --pcap 文件
}在此处略去 { $entries } 个条目：无人读取，或磁盘无响应
nat-rebound = NAT 重绑定：{ PEERS($addresses) } 失效
scenario-noted = { $text }
module-reset = 复位
wake-up-pin-pulled = 唤醒引脚
coverage-changed = { $present ->
    [true] 恢复网络覆盖
   *[false] 失去网络覆盖
}
signal-changed = 信号 { $rssi }
appkey-added = appkey { $appkey } { $replaced ->
    [true] 换了密码
   *[false] 已登记
}
server-forgot = 重新启动，{ $what } 已清空
server-recovered = { $refused ->
    [true] 恢复正常应答
   *[false] 恢复运行
}

## DTLS：多个部分的消息

handshake-completed = 与 { PEER($peer) } 建立 DTLS 会话，PSK 标识 { BYTES($identity) }：{ $cipher_suite ->
    [168] TLS_PSK_WITH_AES_128_GCM_SHA256
    [169] TLS_PSK_WITH_AES_256_GCM_SHA384
    [174] TLS_PSK_WITH_AES_128_CBC_SHA256
    [49316] TLS_PSK_WITH_AES_128_CCM
    [49317] TLS_PSK_WITH_AES_256_CCM
    [49320] TLS_PSK_WITH_AES_128_CCM_8
    [49321] TLS_PSK_WITH_AES_256_CCM_8
   *[other] 套件 { $cipher_suite }
}{ $resumed ->
    [true] ，会话恢复
   *[false] { "" }
}{ $replaced ->
    [true] ，取代原会话
   *[false] { "" }
}{ $extended_master_secret ->
    [true] { "" }
   *[false] ，无扩展主密钥
}{ $encrypt_then_mac ->
    [true] ，encrypt-then-MAC
   *[false] { "" }
}{ $connection_id ->
    [none] { "" }
   *[other] ，Connection ID { $connection_id }
}
session-ended = { PEER($peer) } 处PSK 标识 { BYTES($identity) } 的 DTLS 会话 { $session } 已结束{ $replaced ->
    [true] ：由新的握手取代
   *[other] { "" }
}
peer-moved = DTLS 对端 { BYTES($identity) } 从 { PEER($old) } 迁移到 { PEER($new) }

## 平台

device-registered = 设备注册：{ $device }{ $peer ->
    [none] { "" }
   *[other] ，来自 { PEER($peer) }
}{ $flags ->
    [none] { "" }
   *[other] ；{ FLAGS($flags) }
}{ $remarks ->
    [none] { "" }
   *[other] ；已接受，但：{ WORD($remarks) }
}
device-updated = 设备更新：{ $device }{ $peer ->
    [none] { "" }
   *[other] ，来自 { PEER($peer) }
}
device-deregistered = 设备注销：{ $device }
device-expired = 注册过期：{ $device }
device-refused = 设备被拒绝：{ PEER($peer) } 的 { $device }，{ $response_code }：{ WORD($refusal) }
device-bootstrapped = 设备引导完成：{ PEER($peer) } 的 { $device }
bootstrap-failed = { $device } 的引导在 { $step } 失败：{ WORD($refusal) }
device-described = { $device } 的设备信息：{ VALUES($values) }
inventory-read = 已读取设备信息：{ $device }：{ VALUES($values) }
inventory-unread = 未能读取 { $device } 的设备信息：{ WORD($refusal) }
observation-started = 开始观察 { $device } 的 { $path }
observation-ended = 不再观察 { $device } 的 { $path }：{ WORD($cause) }
resource-notified = { $device } 的 { $path } 为 { $value }{ $taken_at ->
    [none] { "" }
   *[other] （测量时间 { $taken_at } s）
}
value-unread = { $device } 的 { $path }：{ WORD($refusal) }
data-received = 收到数据：{ $device }，{ $path }，{ $way ->
    [post] 主动上报
    [send] 用 Send 上报
   *[notification] 通知
}
command-queued = { $device }：{ $operation } { $path } 已保存，有效至 { TIME($deadline) }，编号 { $ticket }{ $by ->
    [none] { "" }
   *[other] { "" }，由 { $by } 提出
}
command-sent = { $device }：{ $operation } { $path } 已发送，编号 { $ticket }
command-moved = { $device }：编号 { $ticket } 现为等待命令中的第 { $position } 个{ $by ->
    [none] { "" }
   *[other] { "" }，由 { $by } 移动
}
command-cancelled = { $device }：{ $operation } { $path } 已撤回，编号 { $ticket }{ $by ->
    [none] { "" }
   *[other] { "" }，由 { $by } 撤回
}
command-expired = { $device }：{ $operation } { $path } 在截止时间前未能发送，编号 { $ticket }
operation-asked = 请求 { $device }：{ $operation } { $path }，编号 { $ticket }
operation-answered = { $device } 应答 { $operation } { $path }{ $response_code ->
    [none] { "" }
   *[other] { "" } { $response_code }
}{ $refusal ->
    [none] { "" }
   *[other] ：{ WORD($refusal) }
}
campaign-started = { $platform } 的升级任务 { $campaign } 开始，目标版本 { $version }
campaign-changed = 升级任务 { $campaign }：{ $state ->
    [running] 进行中
    [stopping] 正在停止
    [stopped] 已停止
    [finished] 已结束
   *[other] { $state }
}
campaign-progressed = 升级任务 { $campaign }：{ $device } { $step ->
    [waiting] 等待
    [starting] 开始
    [downloading] 下载中
    [downloaded] 已下载
    [updating] 升级中
    [succeeded] 成功
    [failed] 失败
    [stopped] 已停止
   *[other] { $step }
}{ $cause ->
    [none] { "" }
   *[other] ：{ WORD($cause) }
}

bootstrap-started = { $client } 的引导开始
bootstrap-finished = { $client } 的引导完成
bootstrap-aborted = { $client } 的引导在 { $step } 失败：{ WORD($refusal) }
bootstrap-refused = { $client } 的引导被拒绝：{ WORD($refusal) }
client-registered = 客户端注册
client-updated = 客户端更新注册
client-deregistered = 客户端注销
client-expired = 客户端的注册过期
client-refused = { PEER($peer) } 的 { $client } 被拒绝：{ WORD($refusal) }
client-operation-answered = { $client } 应答 { PATH($path) }
client-operation-failed = { $client } 的 { PATH($path) }：{ WORD($refusal) }
request-forwarded = 收到发给其他服务的请求

lwm2m-server-name-missing = 没有 端点名（ep）
lwm2m-server-objects-missing = 没有对象列表
lwm2m-server-objects-format = 对象列表应为 application/link-format（40）
lwm2m-server-objects-malformed = 对象列表不是 link-format（RFC 6690）
lwm2m-server-lifetime = 生命周期（lt）为“{ $subject }”，应为 1 到 { $limit }
lwm2m-server-binding = binding（b）为“{ $subject }”
lwm2m-server-binding-transport = binding（b）为“{ $subject }”：不提供 TCP（T）、MQTT（M）和 HTTP（H）
lwm2m-server-binding-version = 此绑定属于 LwM2M 的另一版本：“{ $subject }”
lwm2m-server-sms-number = sms 为“{ $subject }”，不是用户号码
lwm2m-server-version = 版本（lwm2m）为“{ $subject }”
lwm2m-server-version-unsupported = 不支持 LwM2M { $subject }，只支持 1.0、1.1 和 1.2
lwm2m-server-path-unknown = 没有此路径：{ $subject }
lwm2m-server-location-unknown = { $subject } 没有注册
lwm2m-server-register-method = 只能用 POST 注册
lwm2m-server-links-method = 链接用 GET 读取
lwm2m-server-location-method = 注册用 POST 更新，用 DELETE 注销
lwm2m-server-registrations-full = 最多 { $limit } 个注册
lwm2m-server-bootstrap-method = 只能用 POST 请求引导
lwm2m-server-pack-method = Bootstrap-Pack 只用 GET 获取，且并非每个平台都提供
lwm2m-server-pack-format = 没有内容格式 { $subject } 的 Bootstrap-Pack
lwm2m-server-preferred-format = 首选内容格式（pct）为“{ $subject }”
lwm2m-server-bootstraps-full = 最多同时引导 { $limit } 个
lwm2m-server-accounts-missing = 没有给此客户端的账户
lwm2m-server-client-unanswered = 没有应答
lwm2m-server-client-reset = 客户端回复 RST
lwm2m-server-error-answer = 应答 { $response_code }
lwm2m-server-deregistered = 设备已注销
lwm2m-server-expired = 注册已过期
lwm2m-server-replaced = 设备已重新注册
lwm2m-server-forgotten = 平台已删除该注册
lwm2m-server-session-ended = 其 DTLS 会话已结束

platform-appkey-unknown = 未知的 appkey
platform-ciphertext-base64 = 密文不是 base64
platform-ciphertext-length = 密文不是整块
platform-ciphertext-password = 密文使用了另一个密码
platform-ciphertext-fields = 密文中有 { $limit } 个字段，应为三个或四个
platform-device-unknown = 未知设备
platform-dtls-required = 此设备应使用 DTLS
platform-endpoint-name = 端点名不合法
platform-endpoint-name-parts = 端点名至少有三部分，第二部分不能为空
platform-identity-of-another = 此 PSK 标识属于另一台设备
platform-imei-missing = 端点名中没有 IMEI
platform-location-of-another = 这是另一台设备的注册位置
platform-meid = MEID 不是 IMEI
platform-member-length = 有一项超过 { $limit } 个字符
platform-method = 此路径不支持该方法
platform-name-of-another = 这是另一台设备的名称
platform-path-unknown = 没有此路径：{ $subject }
platform-report-malformed = 上报内容不合法{ $why ->
    [none] { "" }
   *[other] ：{ WORD($why) }
}
platform-sender-unregistered = “{ $subject }”没有注册
platform-report-overdue = 下一次上报逾期
platform-strict = 平台为严格模式：{ WORD($remarks) }
platform-update-name-missing = 没有 端点名（epi）
remark-base64 = JSON 没有 base64 编码
remark-content-format = Content-Format { $subject ->
    [none] 缺失
   *[other] 为 { $subject }
}，不是 application/json
remark-firmware-missing = 没有固件版本
remark-iccid-form = ICCID“{ $subject }”不是以 89 开头的 19 或 20 位数字
remark-iccid-luhn = ICCID { $subject } 的校验位错误
remark-iccid-missing = 没有 ICCID
remark-iccid-operator = ICCID 属于其他运营商（{ $subject }）
remark-imei-form = IMEI“{ $subject }”不是 15 位数字
remark-imei-luhn = IMEI { $subject } 的校验位错误
remark-imsi-form = IMSI“{ $subject }”不是 15 位数字
remark-imsi-missing = 没有 IMSI
remark-imsi-operator = IMSI 属于其他运营商（{ $subject }）
remark-member-unknown = 未知成员“{ $subject }”
remark-model-length = 型号“{ $subject }”超过 20 个字符
remark-model-missing = 没有型号
remark-model-name = 型号写在 { $subject } 中，这是其他运营商的写法
remark-path = 发往 { $subject }
remark-version = 版本为“{ $subject }”
platform-inventory-empty = 设备信息中没有任何资源
platform-inventory-format = 设备信息的内容格式未知
platform-inventory-malformed = 设备信息不合法
platform-device-not-registered = { $client } 没有注册
platform-operation-refused = 设备拒绝{ $diagnostic ->
    [none] { "" }
   *[other] ：{ $diagnostic }
}
platform-path-depth = { $operation } 不能用于 { $path }
platform-path-malformed = “{ $path }”不是路径
platform-path-not-observed = { $client } 的 { $path } 没有被观察
platform-session-missing = 与该设备没有 DTLS 会话，且只有设备能发起会话
platform-command-cancelled = 发送之前已被撤回
platform-command-deadline = 发往 { $subject } 的编号 { $number } 的截止时间
platform-command-expired = 截止时间之前没有收到该设备的报文
platform-command-not-waiting = 编号 { $ticket } 不在等待：已发送或已结束
platform-deadline-past = 截止时间已过
platform-deadline-too-far = 命令最多保存 { SPAN($limit) }
platform-deadline-twice = 截止时间与有效时长只能给出一个
platform-outcome-unknown = 已发送，但平台在应答之前重新启动：设备可能已执行，不会再次发送
platform-outcomes-unknown = 平台重新启动时有 { $number } 个操作尚未应答
platform-secret-not-queued = 密钥（{ $path }）不保存在队列中
platform-process-away = 负责 { $device } 的进程暂时没有应答；请重试
platform-node-away = 负责 { $device } 的节点 { $node } 暂时没有应答；请重试
platform-nodes-apart = { $device } 由节点 { $node } 负责，但节点之间通信所用的 NATS 不可用；请重试
platform-queue-full = 已有 { $limit } 个请求在等待 { $client }
platform-paths-count = { $operation } 指定了 { $count } 个路径；应为 1 到 { $limit } 个
platform-value-missing = { $operation } 需要一个值
platform-type-unknown = 不知道 { $path } 的数据类型：请写明，例如 {"{"}"type": "float", "value": 21{"}"}
platform-value-unreadable = 值无法解读{ $why ->
    [none] { "" }
   *[other] ：{ WORD($why) }
}
platform-value-unsuitable = 此值不适用于 { $path }：{ WORD($why) }
platform-values-not-one = { $path } 有 { $count } 个值，应为一个
send-format = Send 只接受 SenML 或 LwM2M CBOR，不接受{ $subject ->
    [none] 没有 Content-Format 的载荷
   *[other] Content-Format { $subject }
}
send-unreadable = 发送的内容无法解读{ $why ->
    [none] { "" }
   *[other] ：{ WORD($why) }
}
send-empty = Send 中没有值
send-too-many = Send 中的值超过 { $limit } 个
send-object = 发送了未注册的对象 { $subject }
write-no-type = “{ $type }”不是数据类型
write-other-type = { $path } 的类型不是 { $type }
write-one-value = { $path } 是单个值
write-no-object = { $path } 须为以编号为键的对象，而不是“{ $value }”
write-no-number = “{ $value }”不是对象、实例或资源的编号
write-no-value = “{ $value }”不是 { $path } 的 { $type } 值
write-out-of-range = { $path } 的范围是 { $range }{ $unit ->
    [none] { "" }
   *[other] （{ $unit }）
}，而不是 { $value }
write-other-length = { $path } 的长度应为 { $range } 字节，而不是 { $length }
write-not-multiple = { $path } 是单个值，不能有多个
write-no-arguments = 参数须是一位数字，可带单引号中的值，例如 0='on',1
platform-verb-unknown = 没有操作“{ $operation }”
platform-version-lacks = 对 { $path } 的 { $operation } 属于 LwM2M { $since }；{ $client } 注册的是 { $version }
platform-observation-cancelled = 已取消
platform-observation-ended = 设备以 { $response_code } 结束

campaign-stopped = 升级任务已停止
campaign-no-progress = 没有进展，当时的步骤：{ $during ->
    [starting] 开始
    [downloading] 下载中
    [downloaded] 已下载
    [updating] 升级中
   *[other] { $during }
}
campaign-device-absent = 升级任务期间没有注册
campaign-package-gone = 固件包已不存在
campaign-package-refused = 固件包{ $response_code ->
    [none] 没有得到应答
   *[other] 被拒绝：{ $response_code }
}
campaign-package-lost = 固件包丢失 { $attempts } 次
campaign-update-refused = 升级被拒绝：{ $response_code }
campaign-update-failed = { $result ->
    [2] 存储空间不足
    [3] 内存不足
    [4] 连接中断
    [5] 校验失败
    [6] 不支持的固件包
    [7] URI 无效
    [8] 升级失败
    [9] 不支持的协议
    [10] 已取消
    [11] 被用户推迟
   *[other] 结果 { $result }
}
campaign-result-missing = 重启后没有结果
campaign-object-missing = 没有可读的固件对象（{ $response_code }）
campaign-other-model = 固件包不适用于 { $found }
campaign-method-unsupported = 只接受 { $found } 方式
campaign-scheme-not-served = 只能用 { $found } 下载，平台不提供
campaign-http-not-served = 设备用 HTTP 下载，而实验室没有 HTTP 端口
campaign-unanswered = 直到注册到期、或出现之后，一直没有应答，当时的步骤：{ $during ->
    [starting] 开始
    [downloading] 下载
    [downloaded] 已下载
    [updating] 升级
   *[other] { $during }
}
campaign-other-version = 设备称已成功，却运行 { $found }
campaign-result-alone = 仅以其结果为准：没有可比较的版本
campaign-download-only = 已按计划下载
campaign-runs-version = 已运行目标版本，没有结果
campaign-devices-missing = 没有选择设备
campaign-device-taken = { $client } 已在未结束的升级任务 { $campaign } 中
campaign-package-unknown = 没有固件包“{ $package }”
campaign-package-missing = 升级任务需要一个固件包
campaign-mode-unknown = 没有下发方式 “{ $mode }”
campaign-number-negative = { $name } 为 { $value }，不能小于 0
campaign-no-patience = 最长等待时间为 { $value } 秒，须大于 0
campaign-severity = 严重程度 { $value } 无效：0 严重，1 必须，2 可选
campaign-at-once = 同时 { $value } 台：须为 1 至 { $limit }

## AT refusals

command-refused = { WORD($refusal) }
at-error = { $text ->
    [none] 错误{ $number ->
        [none] { "" }
       *[other] { "" } { $number }
    }
   *[other] { $text }
}
at-line-too-long = 命令行超过 { $expected } 字节
at-line-unprintable = 命令行中含有字节 { $text }
at-line-unterminated = 已丢弃：静默 { $number } s 内没有收到 <CR>（V.250 5.2.1）
at-prefix-missing = 命令行不以 AT 或 at 开头（DOC-E 2.2）
at-command-unknown = 没有命令 { $text }（D61）
at-space-in-name = 没有命令 { $text }（D61）；{ $parameter } 内部以及 =、? 之前不允许有空格（DOC-E 2.2）
at-subcommand-unknown = { $parameter } 没有 { $text }
at-text-after-subcommand = { $parameter } 之后有多余字符“{ $text }”
at-text-after-read = ? 之后有多余字符“{ $text }”
at-form-missing = 不支持{ $text ->
    [test] 测试
    [read] 查询
    [write] 设置
   *[execute] 执行
}命令
at-value-missing = 缺少参数 <{ $parameter }>
at-value-empty = 参数 <{ $parameter }> 为空（D36）
at-value-not-taken = 参数 <{ $parameter }> 的值为“{ $text }”，应为{ WORD($takes) }
at-too-many-values = 给出 { $number } 个参数，最多允许 { $expected } 个
at-data-escaped = 以 <ESC> 退出数据模式（D22）
at-data-host-gone = 主机连接断开，退出数据模式（D140）
at-data-mode-silent = { $number } s 内没有收到数据，退出数据模式（D22）
at-module-restarted = 应答之前模块已重启
at-memory-failure = NVRAM 写入失败，未做任何更改

value-taken = { WORD($kind) }
at-takes-exactly = 数值 { $low }
at-takes-integer = 整数 { $low }-{ $high }
at-takes-one-of = 以下之一：{ LIST($allowed) }
at-takes-quoted = 双引号字符串，{ $low }-{ $high } 字节
at-takes-quoted-text = 双引号内的 UTF-8 文本，{ $low }-{ $high } 字节
at-takes-digits = 长 { $low }-{ $high } 位的十进制数字
at-takes-so-many-digits = 长 { $high } 位的十进制数字
at-takes-hex-digits = 长 { $low }-{ $high } 位的十六进制数字，位数为偶数
at-takes-so-many-hex-digits = 长 { $high } 位的十六进制数字
at-takes-binary-digits = 长 { $high } 位的二进制数字
at-takes-quoted-binary-digits = 双引号内的 { $high } 位二进制数字
at-takes-address = IPv4 地址
at-takes-quoted-address = 双引号内的 IPv4 地址
at-takes-host = IPv4 地址或域名
at-takes-quoted-host = 双引号内的 IPv4 地址或域名
at-takes-word = 不带引号的单词，{ $low }-{ $high } 字节
at-takes-imei = IMEI（15 位），或 0
at-takes-rest = 命令行余下的全部内容

command-pin-not-asked = USIM 当前不需要 PIN
command-pin-incorrect = USIM 的 PIN 不正确
command-usim-not-read = 尚未读取 USIM 卡
command-usim-missing = 未插入 USIM
command-network-unknown = 实验室中没有此 USIM 可用的网络 { $text }
command-operator-out-of-place = 仅 <mode> 为 1 时需要指定运营商
command-switch-value = { $parameter } 的 <value> 为“{ $text }”，应为{ WORD($takes) }
command-act-values = <act> 为 { $text } 时{ $expected ->
    [0] 不带参数
   *[other] 需要 { $expected } 个参数
}，给出了 { $number } 个
command-band-count = <number> 声明 { $expected } 个频段，实际给出 { $number } 个
command-bands = 频段不可重复，且须为本模块支持的频段：{ WORD($takes) }
command-firmware-not-ont = 固件 { $text } 不以 _ONT 结尾（DOC-A 1）
command-server-unknown = 服务器列表中没有 { $text }
command-server-list-full = 服务器列表最多 { $expected } 项
command-psk-identity = 参数 <{ $parameter }> 的值为 { $text }，应为模块的 IMEI，{ WORD($takes) }
command-psk-not-set = 从未设置 PSK
command-function-not-full = AT+CFUN 当前为 { $number }
command-nothing-to-deregister = 没有可注销的注册
command-server-not-set = 未设置服务器（AT+QLASERVERIP）
command-not-attached = 模块未附着网络
command-socket-taken = 套接字 { $number } 已打开
command-nothing-sent = 尚未发送数据
command-context-inactive = PDP 上下文 { $number } 未激活
command-name-under-way = 另一个域名解析尚未结束
command-ping-under-way = 另一组 ping 尚未结束
command-time-under-way = 另一次时间查询尚未结束
command-client-missing = 模块上没有运行 Andlink 客户端
command-data-length = <length> 为 { $expected }，<data> 为 { $number } 字节（D25）
command-uplink-open = 上一条 CON 上行数据尚未收到应答（D24）
command-mqtt-values = <{ $parameter }>：须一同给出的值有缺失，或缺少引号
command-mqtt-without-tls = 不支持基于 TLS 的 MQTT，以免把明文连接误认为受保护的连接
command-mqtt-message-id = <msgID> { $number }：QoS 为 0 时取 0，否则不可取 0
command-mqtt-hex = 数据不是数据格式所要求的十六进制数字
command-mqtt-not-open = 该编号的 MQTT 连接未打开
command-mqtt-not-connected = 该 MQTT 客户端未连接服务器
command-mqtt-connected = 该 MQTT 客户端已连接或正在连接
command-mqtt-identifier-used = 标识符为 { $number } 的报文尚无应答
command-mqtt-blocked = 之前发布的内容仍在等待发送
command-not-registered = 尚未注册到平台（D23）
command-request-unknown = 没有等待应答的请求 { $number },{ $text }
command-step-out-of-turn = 当前状态不允许 <type> { $number }（D46）
command-update-not-stopped = 当前无法停止升级
command-update-running = 固件升级中（D47）
command-listens-nowhere = 监听套接字须指定本地端口
command-socket-listens = 套接字 { $number } 正在监听，不传输数据
command-socket-unknown = 没有可用于此命令的已打开套接字 { $number }
command-socket-not-connected = 套接字未能建立连接
command-protocol-of-other-type = <protocol> { $text } 与 <type> 不符
command-sequence-taken = 序号 { $number } 仍在发送中
socket-too-many = 没有空闲的套接字
socket-port-taken = 端口已被其他套接字或业务占用
socket-not-connected = 套接字未连接
socket-already-connected = 套接字已连接或正在连接
socket-full = 待发送的数据已经太多

## What a command line means: nbtwin explain

explain-no-command = 没有命令：应答 OK（DOC-E 2.2）
explain-command = AT{ $name }  { $form ->
    [test] 测试
    [read] 查询
    [write] 设置
   *[execute] 执行
}命令，{ $chapter }
explain-value-left-out = （省略）
explain-value-empty = （空）
explain-left-out = 省略{ $value ->
    [none] { "" }
   *[other] ，取默认值 { $value }
}
explain-left-empty = 留空
explain-answers = 应答 { $text }
explain-not-executed = 未执行：前面的命令失败（V.250 5.7）
explain-gate = 注意：{ WORD($meaning) }（{ $known }）
explain-elsewhere = { $model } 没有 AT{ $name }；有此命令的型号：{ LIST($models) }
explain-near = 相近的命令：{ LIST($names) }
explain-says = { $head }{ $says ->
    [none] { "" }
   *[other] ：{ WORD($says) }
}
explain-suggested = { $form ->
    [test] 测试
    [read] 查询
    [write] 设置
   *[execute] 执行
}命令：{ WORD($says) }

## 依据的来源与型号表：nbtwin models

known-source = { $title ->
    [none] { $basis ->
        [observed] 公开资料
        [assumed] 假定
       *[other] { $chapter }
    }{ $kind ->
        [none] { "" }
        [note] { " 注" }
        [example] { " 示例" }
        [table] { " 表" }
       *[remark] { " 说明" }
    }{ $number ->
        [none] { "" }
       *[other] { " " }{ $number }
    }{ $note ->
        [none] { "" }
       *[other] （{ WORD($note) }）
    }
   *[other] { $title }
}
known-note-when = 时机
known-note-bytes = 字节
known-note-the-name = 名称
known-note-how-soon = 多久
known-note-that-it-does = 是否如此
known-note-which = 哪些
known-note-the-format = 格式
known-note-the-rest = 其余
known-note-the-list = 列表
known-note-the-paths = 路径
known-note-the-order = 次序
known-note-wording = 写法
known-note-the-30-s = 30 s
known-note-at-any-instant = 任一时刻
known-note-doc-a-doc-d-doc-e = DOC-A、DOC-D、DOC-E
known-note-the-code = 代码
known-note-the-port = 端口
known-note-a-margin = 余量
known-note-its-size = 余量的大小
known-note-the-other = 另一个
known-note-spacing-and-quotes = 空格与引号
known-note-mqtt-note-of-the-bc26 = BC26 的 MQTT 应用指导
known-note-mqtt-note-of-the-bc660k-gl = BC660K-GL 的 MQTT 应用指导
known-note-a-driver-for-the-bc25 = BC25 的驱动
known-note-a-driver-for-the-bc28 = BC28 的驱动
known-note-commands = 命令
known-note-ranges-and-defaults = 取值范围与默认值
known-note-none = 没有
known-note-ont = _ONT
known-note-the-version-before-it = 其前一版本
known-note-serverip-is-an-address = serverIp 为 IP 地址
known-note-server-ip-is-an-address = server_IP 为 IP 地址
known-note-bc95-r2-0 = BC95 R2.0
known-note-three-lines = 三行
known-note-the-values = 具体取值
known-note-255-bytes = 255 字节
known-note-99-bytes = 99 字节
known-note-5-or-6-digits = 5 或 6 位数字
known-note-there-is-none = 没有此项
known-note-bc28-alone = 仅 BC28
known-note-bc26 = BC26
known-note-bc20 = BC20
known-note-reserved = 保留
known-note-no-such-note = 无此说明
known-note-codes-of-the-everyday-commands-alone = 仅限日常命令的错误码
known-note-error = ERROR
known-note-the-texts = 错误文本
known-note-no-updates = 不更新
known-note-0x = 0X
known-note-not-0 = 不为 0
profile-yes = 是
profile-no = 否
profile-none = 无
profile-absent = -
profile-write-only = 只有设置命令
profile-no-values = 无参数
profile-takes = { $takes }（{ $marks }）
profile-may-be-empty = 可留空
profile-may-be-left-out = 可省略
profile-default-value = 默认 { $value }
profile-schedule = 于 { $packets } s 发出报文，{ $verdict } s 时判定
profile-head-model = 型号
profile-head-documents = 文档
profile-head-firmware = 固件版本
profile-head-operators = 运营商
profile-head-commands = 命令数
profile-where-from = D 编号见 docs/decisions.zh-CN.md；依据见 docs/fidelity.zh-CN.md。
profile-no-difference = { $left } 与 { $right } 没有差异
profile-section-model = 型号
profile-section-errors = 错误码
profile-section-boot = 启动
profile-section-schedules = 注册时序
profile-section-cmdmp = CMDMP 接入
profile-section-everyday = 日常命令
profile-section-radio_urcs = 网络 URC
profile-section-mqtt = MQTT
profile-section-internet = 套接字
profile-section-qi = qi
profile-section-switch = 自注册开关
profile-section-extended = 扩展信息
profile-section-commands = 命令
profile-field-model = 型号
profile-field-documents = 文档
profile-field-firmware = 固件版本
profile-field-switch = 自注册开关
profile-field-extended = 扩展信息
profile-field-manufacturer = 厂商
profile-field-vendor_code = 厂商代码
profile-field-andlink = Andlink
profile-field-cmee_default = CMEE 默认值
profile-field-echo_default = 默认回显
profile-field-bands = 频段
profile-field-sleep_default = 默认休眠模式
profile-field-bad_parameter = 参数错误
profile-field-not_supported = 不支持
profile-field-aborted = 中止
profile-field-cmee_modes = CMEE 取值
profile-field-banner = 启动信息
profile-field-reports_cause = 上报重启原因
profile-field-urcs = URC
profile-field-usim_urc = USIM 卡 URC
profile-field-duration = 启动时长（s）
profile-field-causes = 重启原因
profile-field-silent_causes = 不上报的原因
profile-field-name = 命令名
profile-field-test_line = 测试命令应答
profile-field-answer_prefix = 应答前缀
profile-field-parameters = 参数名
profile-field-ports = 端口范围
profile-field-server_may_be_domain = 服务器可为域名
profile-field-blank_keeps = 留空保持原值
profile-field-period_needs_server = 设周期须先有服务器
profile-field-period_may_be_blank = 周期可留空
profile-field-default_period = 默认周期（s）
profile-field-plmns = 支持 PLMN 列表
profile-field-needs_ont_firmware = 须为 _ONT 固件
profile-field-read_needs_mode_1 = 模式 1 才显示全部
profile-field-unset_shows_as_space = 未设置显示空格
profile-field-domain = 域名
profile-field-default_server = 默认服务器
profile-field-default_port = 默认端口
profile-field-default_mode = 默认模式
profile-field-credentials = 认证信息
profile-field-source = 手册
profile-field-revision = 版本应答
profile-field-identity_revision = ATI 版本行
profile-field-colon = 冒号写法
profile-field-quoted = 带引号
profile-field-iccid_commands = ICCID 命令
profile-field-restarts_with_nrb = 用 AT+NRB 重启
profile-field-functions = CFUN 取值
profile-field-context = PDP 上下文
profile-field-access_technology = 接入技术
profile-field-bit_error_rate = 误码率
profile-field-bands_command = 频段命令
profile-field-bands_with_count = 频段须带个数
profile-field-counts_statistics = 有统计命令
profile-field-configuration = 协议栈开关
profile-field-ping_command = ping 命令
profile-field-baud = 波特率
profile-field-no_usim = 无 USIM 卡错误码
profile-field-no_network = 无网络错误码
profile-field-cereg = CEREG
profile-field-cereg_located = CEREG（带位置）
profile-field-cscon = CSCON
profile-field-address = 地址 URC
profile-field-contexts = 可用的 PDP 上下文
profile-field-default_context_command = 有 AT+QCGDEFCONT
profile-field-lists_commands = 有 AT+CLAC
profile-field-power_saving = PSM URC
profile-field-serial_number = 序列号
profile-field-sleep_lock = 有 AT+QRELLOCK
profile-field-software_version = 软件版本号 SVN
profile-field-time_zone = 时区 URC
profile-field-full_without_usim = 无 USIM 卡时 CFUN=1 的错误码
profile-field-usim_busy = 读卡时的错误码
profile-field-usim_delay = 读卡延时（s）
profile-field-wakes_by_serial = 串口可唤醒
profile-field-mqtt = MQTT
profile-field-last_client = 最大客户端编号
profile-field-versions = 协议版本
profile-field-version = 默认版本
profile-field-timeout = 超时
profile-field-retries = 重传次数
profile-field-length_before_payload = 载荷之前给出长度
profile-field-longest_topic = 主题最大长度
profile-field-longest_payload = 载荷最大长度
profile-field-filters = 一次的主题数
profile-field-longest_received = 接收报文最大长度
profile-field-sockets = 套接字数
profile-field-first_socket = 第一个套接字编号
profile-field-longest_data = 一次最多字节数
profile-field-receive_buffer = 接收缓冲区字节数
profile-field-send_buffer = 发送缓冲区字节数
profile-field-survive_deep_sleep = 深休眠后仍在
profile-field-values = 参数值
profile-field-operators = 运营商
profile-field-on_up_to = 默认打开的最高版本
profile-field-qi = RDY 系列的套接字
profile-field-quirk_from = 升级后读出 3 的版本
profile-field-access_modes = <access_mode>
profile-field-services = <service_type>
profile-field-default_access_mode = 省略时的 <access_mode>
profile-field-longest_hex = 十六进制时一条 AT+QISEND 的最大字节数
profile-field-longest_read = 一条 AT+QIRD 的最大字节数
profile-field-first_remote_port = 最小的远端端口
profile-field-test_open = AT+QIOPEN=?
profile-field-test_send = AT+QISEND=?
profile-field-test_state = AT+QISTATE=?
profile-field-test_dns = AT+QIDNSGIP=?
profile-field-test_time = AT+QNTP=?
profile-field-options = 除 dataformat 外 AT+QICFG 的选项
profile-field-keeps_options = AT+QICFG 保存到 NVRAM
profile-field-asks_protocol = <protocol_type>
profile-field-sends_hex = AT+QISENDEX
profile-field-releases_early = <rai_mode>
profile-field-quotes_data = 直吐的数据加引号
profile-field-push_shows_length = 直吐的数据总带长度
profile-field-taken_told_later = 已使用的 <connectID> 应答 OK，再报 URC
profile-field-stays_until_closed = 断开的套接字须由主机关闭
profile-field-nothing_sent_is_error = 未发送数据时 AT+QISEND=<connectID>,0 为错误
profile-field-tells_error = AT+QIGETERROR
profile-field-name_found = 域名解析成功
profile-field-name_unknown = 域名解析失败
profile-field-time_missing = AT+QNTP 没有应答时的 <err>
profile-field-sets_time = 省略时的 <autosettime>
profile-field-all_lost = ping 全部丢失时的最后一行
profile-part-mode = 开关
profile-part-server = 服务器
profile-part-port = 端口
profile-part-period = 周期
profile-part-appkey = appkey
profile-part-password = 密码
profile-part-terminal_type = 终端类型
profile-part-terminal_imei = 终端 IMEI
profile-part-query = 查询项
profile-part-erase = 清除项
profile-part-plmn = PLMN
profile-part-name = 名称
profile-part-default = 默认值
profile-part-span = 范围
profile-schedule-update_wakes_module = 更新时唤醒模块
profile-schedule-rounds = 轮数
profile-schedule-hold_off = 轮间间隔（s）
profile-schedule-update_every = 更新间隔（s）
profile-schedule-retry_wakes_module = 重试时唤醒模块
profile-schedule-sleep_ends_retries = 休眠后不再重试
profile-operator-mobile = 中国移动
profile-operator-telecom = 中国电信
profile-operator-unicom = 中国联通
profile-operator-andlink = Andlink

## 模块当前状态的原因

standing = { WORD($reason) }
standing-off = 已关机
standing-booting = 正在启动
standing-asleep = 深休眠中{ $at ->
    [none] ，需外部唤醒
   *[other] ，直到 { TIME($at) }
}
standing-no-card = 未插卡
standing-card-locked = 卡需要 { $pin }
standing-function = AT+CFUN 为 { $number }：射频已关闭
standing-not-wanted = AT+CGATT 为 0：不请求附着
standing-no-coverage = 无网络覆盖
standing-attaching = 网络尚未接受附着
standing-card-foreign = { $plmn ->
    [none] 该卡不属于模块会注册的运营商
   *[other] PLMN { $plmn } 的卡不属于模块会注册的运营商
}
standing-not-of-model = { $model } 不向该运营商注册，只向 { LIST($known) } 注册
standing-switched-off = 自注册已关闭：用 { $line } 打开
standing-on-after-boot = 已打开，下次启动后生效
standing-firmware = 固件 { $firmware } 没有 CMDMP 功能：只有以 _ONT 结尾的版本才有
standing-begins = 即将注册
standing-sending = 报文已发出，正在等待应答
standing-registered = 已注册{ $at ->
    [none] {""}
   *[other] ，下次更新时间 { TIME($at) }
}
standing-registered-once = 自 { TIME($since) } 起已注册；固件或卡变化之前不再发送
standing-next-round = 已失败 { $number } 轮，下一轮开始于 { TIME($at) }
standing-gave-up = { $number } 轮均失败，已放弃，直到下次启动
standing-refused = 平台已拒绝注册，直到下次启动
standing-unanswered = 所有报文均无应答{ $at ->
    [none] ，直到下次启动
   *[other] ，{ TIME($at) } 再次尝试
}
standing-unreached = 无法解析域名 { $server }，直到下次启动
standing-update-failed = 已注册，但上次更新失败{ $at ->
    [none] {""}
   *[other] ；有效期至 { TIME($at) }
}
standing-andlink-no-server = 未设置服务器
standing-andlink-config = 已设置加密，但缺少密钥
standing-andlink-manual = 手动注册（AT+QLAREGSWT 为 0）：由主机发起
standing-andlink-under-way = { $state }
standing-andlink-registered = 已注册到 { $server }
standing-andlink-stopped = { $state }：主机或下次启动发起之前不再尝试

## NVRAM：nbtwin nvram 与控制台页面

nvram-never-saved = 从未保存
nvram-default = { $value }（默认值，从未保存）
nvram-empty = 无
nvram-on = 开
nvram-off = 关
nvram-no-difference = { $left } 与 { $right } 没有差异
nvram-module-new = { $state } 中新建了 { $module }
nvram-nothing-changed = { $module } 无需更改
nvram-setting-firmware = 固件版本
nvram-setting-updated_from = 上次升级前的固件版本
nvram-setting-cmdmp-mode = CMDMP 接入关闭（0）或打开（1）
nvram-setting-cmdmp-server = CMDMP 服务器
nvram-setting-cmdmp-port = CMDMP 服务器端口
nvram-setting-cmdmp-period = 更新周期（s）
nvram-setting-cmdmp-appkey = appkey
nvram-setting-cmdmp-password = 密码
nvram-setting-cmdmp-terminal_type = 终端类型
nvram-setting-cmdmp-terminal_imei = 终端 IMEI
nvram-setting-cmdmp-plmns = 视为中国移动的 PLMN
nvram-setting-telecom_enabled = 中国电信自注册关闭（0）或打开（1）
nvram-setting-telecom_address = 中国电信平台地址
nvram-setting-self_register = 自注册关闭（0）或打开（1）
nvram-setting-andlink-servers = AT+QLASERVERIP 的服务器
nvram-setting-andlink-security = LwM2M 服务器的 DTLS 与重新协商
nvram-setting-andlink-bootstrap_security = 引导服务器的 DTLS 与重新协商
nvram-setting-andlink-psk = LwM2M 服务器的 PSK
nvram-setting-andlink-psk-identity = LwM2M 服务器的 PSK 标识
nvram-setting-andlink-psk-key = LwM2M 服务器的 PSK 密钥
nvram-setting-andlink-bootstrap_psk = 引导服务器的 PSK
nvram-setting-andlink-bootstrap_psk-identity = 引导服务器的 PSK 标识
nvram-setting-andlink-bootstrap_psk-key = 引导服务器的 PSK 密钥
nvram-setting-andlink-automatic = 手动（0）或自动（1）注册
nvram-setting-andlink-device_type = 设备类型 /3/0/17
nvram-setting-andlink-update_result = 上次固件升级结果 /5/0/5
nvram-setting-generic-sleep_mode = AT+QSCLK 休眠模式
nvram-setting-generic-psm = PSM 及其定时器（AT+CPSMS）
nvram-setting-generic-bands = 搜网频段
nvram-setting-generic-config = AT+NCONFIG 等命令的值
nvram-setting-generic-baud = 波特率
nvram-setting-generic-line = AT&W 保存的设置
nvram-setting-generic-line-echo = 回显
nvram-setting-generic-line-cmee = 错误模式（AT+CMEE）
nvram-setting-generic-line-quiet = 不输出结果码（ATQ1）
nvram-setting-generic-line-verbose = 结果码为文字（ATV1）
nvram-setting-generic-line-auto_answer = 自动应答前的振铃次数（ATS0）
nvram-setting-extended = AT+QDMPCFGEX 此 <type> 的值
nvram-setting-successes-firmware = 上次注册成功时的固件版本
nvram-setting-successes-imei = 上次注册成功时的 IMEI
nvram-setting-successes-imsi = 上次注册成功时的 IMSI
nvram-setting-successes-iccid = 上次注册成功时的 ICCID
nvram-setting-successes-at = 上次注册成功的时间
nvram-setting-successes-update_due_at = 下次更新的时间

## 设备标记

flag-firmware-changed = 固件已变
flag-pairing-changed = 机卡配对已变
flag-duplicate-imei = IMEI 重复
flag-usim-of-another-device = 其他设备的 USIM 卡
flag-appkey-changed = appkey 已变

## 各命令的用途：代码由命令名而来

command-says-dmpconfig = 接入中国移动终端管理平台（CMDMP）的设置，重启后生效。
command-says-e = 关闭（0）或打开（1）回显。
command-says-q = 结果码及 URC 输出（0）或不输出（1）。
command-says-v = 结果码用数字（0）或文字（1）表示。
command-says-s0 = 振铃几次后自动应答；NB-IoT 模块没有来电。
command-says-w = 保存回显、错误模式和结果码格式，供 ATZ 和每次启动时恢复。
command-says-z = 恢复 AT&W 保存的串口会话设置，关闭 URC；其他已保存的设置不变。
command-says-f = 恢复出厂的串口会话设置，关闭 URC；已保存的设置不变，包括 AT&W 所存。
command-says-cmee = 错误只报 ERROR（0）、报 +CME ERROR 及错误码（1）或及错误文本（2）。
command-says-i = 厂商、型号和固件版本。
command-says-cgmi = 厂商。
command-says-cgmm = 型号。
command-says-cgmr = 固件版本。
command-says-gmi = { command-says-cgmi }
command-says-gmm = { command-says-cgmm }
command-says-gmr = { command-says-cgmr }
command-says-gsn = IMEI。
command-says-cgsn = 序列号（0）、IMEI（1）、IMEISV（2）或软件版本号 SVN（3）。
command-says-cimi = USIM 卡的 IMSI。
command-says-nccid = USIM 卡的 ICCID。
command-says-cfun = 最小功能（0）、全功能（1）、飞行模式（4）；<rst> 为 1 时先重启。
command-says-cpin = USIM 卡是否要求输入 PIN。
command-says-cgatt = 去附着（0）或附着（1）网络。
command-says-cereg = 网络注册状态及其 URC。
command-says-cscon = 是否处于 RRC 连接态及其 URC。
command-says-csq = 信号强度：0-31，99 表示无信号。
command-says-cesq = 小区的信号质量和接收功率。
command-says-cgact = PDP 上下文是否激活；附着即激活，不能单独去激活。
command-says-cops = 选择运营商：自动（0）、按号码手动（1）、去注册（2）。
command-says-cgpaddr = 模块的 IP 地址。
command-says-nrb = 重启；应答 REBOOTING，不再有 OK（D21）。
command-says-qsclk = 禁止休眠（0）、允许浅休眠和深休眠（1）、只允许浅休眠（2）。
command-says-cpsms = PSM 及其两个定时器（T3412、T3324）。
command-says-cclk = 网络时间。
command-says-clac = 列出所有命令。
command-says-ceer = 网络上次拒绝或释放的原因；实验室网络从不拒绝。
command-says-ctzr = 附着时是否上报网络时区，以及上报格式。
command-says-npsmr = 是否上报省电模式的开始和结束。
command-says-qrellock = 不再为主机的下一条命令保持唤醒：可以立即进入休眠。
command-says-qcgdefcont = 默认承载的 APN，下次附着时生效。
command-says-qidnscfg = DNS 服务器地址；无论设为什么，都由实验室应答。
command-says-nconfig = 协议栈的各项开关，重启后生效。
command-says-nuestats = 射频测量值与统计计数。
command-says-nband = 搜网所用的频段。
command-says-nping = ping 一个地址，结果以 URC 上报。
command-says-cedrxs = eDRX（扩展非连续接收）。
command-says-cgdcont = PDP 上下文及其 APN；实验室网络接受任何 APN，未设置时给出自己的。
command-says-ncsearfcn = 清除已记录的频点；实验室只有一个频点。
command-says-qledmode = 关闭（0）或打开（1）网络指示灯。
command-says-natspeed = 波特率；<store> 为 1 时保存。
command-says-nsonmi = 套接字收到数据时的上报方式。
command-says-nsocr = 打开套接字，应答其编号。
command-says-nsost = 以十六进制发送一个报文。
command-says-nsostf = 以十六进制发送一个报文，带释放辅助指示。
command-says-nsorf = 读取套接字收到的数据。
command-says-nsoco = 连接 TCP 套接字，或指定 UDP 套接字的唯一对端；完成后应答 OK。
command-says-nsosd = 以十六进制通过已连接的 TCP 套接字发送数据。
command-says-nsocl = 关闭套接字。
command-says-nqsos = 套接字仍在发送中的序号。
command-says-nsmi = 发往华为平台的消息是否上报发送结果。
command-says-nnmi = 收到华为平台消息时的上报方式。
command-says-qregswt = 向华为 IoT 平台注册：手动（0）、自动（1）或关闭（2）；这里没有该平台。
command-says-qlaserverip = 引导服务器和 LwM2M 服务器：按类型添加，或用 DEL 删除。
command-says-qlasecswt = 与 LwM2M 服务器之间是否启用 DTLS，以及静默 30 s 后是否重新协商。
command-says-qlasetpsk = LwM2M 服务器的 PSK 标识和密钥，重启后生效。
command-says-qlasregind = 注册（0）或注销（1）。
command-says-qlasenddata = 向平台发送数据；不带 <data> 时进入数据模式。
command-says-qlasendata = { command-says-qlasenddata }
command-says-qlasendrsp = 应答平台的读或写请求，须在其 URC 上报后 10 s 内。
command-says-qladastatus = 最近一次 CON 上行数据的结果。
command-says-qladatastatus = { command-says-qladastatus }
command-says-qlauldatastatus = { command-says-qladastatus }
command-says-qlafotaind = 固件升级：自动（0）、受控（1）；下载（2）或不下载（3）、升级（4）或不升级（5）。
command-says-qlaregswt = 附着后手动（0）或自动（1）注册，重启后生效。
command-says-qlastatus = 注册状态。
command-says-qlaresetdtls = 下次发送数据时重新进行 DTLS 握手。
command-says-qladtlsstat = DTLS 状态。
command-says-qcfg-lwm2m-devicetype = 设备类型，即资源 /3/0/17。
command-says-qlafotareset = 中止固件升级，以便发送紧急数据（DOC-E 注明开发中）。
command-says-qlasetbspsk = 引导服务器的 PSK 标识和密钥，重启后生效（DOC-E 注明开发中）。
command-says-qsetbspsk = { command-says-qlasetbspsk }
command-says-qlabssecswt = 与引导服务器之间是否启用 DTLS，重启后生效（DOC-E 注明开发中）。
command-says-qbssecswt = { command-says-qlabssecswt }
command-says-qdmpcfg = { command-says-dmpconfig }
command-says-qdmpcfgex = 终端向 CMDMP 上报的自身信息，重启后生效。
command-says-qccid = { command-says-nccid }
command-says-qrst = 重启；先应答 OK，启动后上报 RDY（D21）。
command-says-qmtcfg = 列出 MQTT 客户端的设置及其取值。
command-says-qmtcfg-will = 设置或查询遗嘱消息，即客户端失联后由服务器发布的消息。自下一次 AT+QMTOPEN 起生效。
command-says-qmtcfg-timeout = 设置或查询等待应答的时间、重传次数，以及是否上报重传。
command-says-qmtcfg-session = 设置或查询客户端离开后服务器是否清除会话（1）。
command-says-qmtcfg-keepalive = 设置或查询保活时间，单位为秒；0 表示不保活。
command-says-qmtcfg-aliauth = 设置或查询阿里云的产品密钥、设备名称与设备密钥，由此生成用户名与密码。
command-says-qmtcfg-version = 设置或查询 MQTT 版本：3.1（0）或 3.1.1（1）。
command-says-qmtcfg-showrecvlen = 设置或查询 +QMTRECV 是否给出消息长度。
command-says-qmtcfg-echomode = 设置或查询数据模式是否回显；此处从不回显。
command-says-qmtcfg-dataformat = 设置或查询消息采用文本（0）还是十六进制（1）：先发送，后接收。
command-says-qmtcfg-ssl = MQTT 客户端的 TLS：只接受 0，即不使用。
command-says-qmtopen = 打开 MQTT 客户端的网络连接，结果由 +QMTOPEN 上报。
command-says-qmtclose = 关闭 MQTT 客户端的网络连接，不通知服务器。
command-says-qmtconn = 与服务器建立会话，结果由 +QMTCONN 上报。查询：各客户端的状态。
command-says-qmtdisc = 通知服务器断开，然后关闭连接。
command-says-qmtsub = 向服务器申请主题，+QMTSUB 给出其授予的 QoS。
command-says-qmtuns = 不再向服务器申请这些主题。
command-says-qmtpub = 发布消息：写在命令行中，或在 > 之后输入并以 Ctrl-Z 结束。
command-says-qband = { command-says-nband }
command-says-qping = ping 一个地址，每次结果以 URC 上报。
command-says-qiopen = 打开 UDP 或 TCP 套接字，结果以 URC 上报。
command-says-qiclose = 关闭套接字。
command-says-qistate = 查询套接字及其状态。
command-says-qisend = 通过套接字发送数据，写在命令行上或在提示符后输入；长度 0 查询已发送的数据。
command-says-qisendex = 通过套接字发送以十六进制写出的数据。
command-says-qird = 缓存模式下读取套接字收到的数据。
command-says-qiswtmd = 收到的数据等待读取，或立即上报。
command-says-qigeterror = 查询上一条套接字命令失败的原因。
command-says-qicfg = 套接字的选项及其范围。
command-says-qicfg-dataformat = 数据以文本还是十六进制写出和显示。
command-says-qicfg-viewmode = 数据头与数据之间的分隔。
command-says-qicfg-showlength = 是否显示可选的长度。
command-says-qicfg-open-time = TCP 连接的建立时限；仅保存并显示。
command-says-qidnsgip = 解析域名，地址以 URC 上报。
command-says-qdns = 解析域名，地址以 URC 上报。
command-says-qntp = 向服务器查询时间，结果以 URC 上报。
command-says-qcsearfcn = { command-says-ncsearfcn }
command-says-cgreg = 网络注册状态，供沿用 GPRS 查询方式的主机使用。
command-says-ipr = 波特率。
command-says-qsregenable = 关闭（0）或打开（1）向中国电信的自注册，重启后生效。
command-says-qselfregister = 关闭（0）或打开（1）向各运营商的自注册，重启后生效。
command-says-ccid = { command-says-nccid }

## 命令中各取值的含义，以及一概拒绝某命令的条件

command-cmdmp-mode = 关闭（0）或打开（1）CMDMP 接入。
command-cmdmp-server-whole = 服务器、端口与更新周期，均不可留空。
command-cmdmp-server-cleared = 服务器、端口与更新周期；留空的服务器或端口清除已存的值（D31）。
command-cmdmp-server-default = 服务器、端口与更新周期；留空者取默认值（D4）。
command-cmdmp-server-kept = 服务器、端口与更新周期；留空者保持已存的值（D4）。
command-cmdmp-keys = 认证信息：appkey、密码、终端类型和 IMEI。
command-cmdmp-plmns = 一至三个 PLMN；再次设置将替换整个列表（D32）。
command-cmdmp-show-default = 显示已存的值；从未保存的显示默认值（D34）。
command-cmdmp-show-space = 显示已存的值；从未保存的每个字段显示一个空格（D31、D34）。
command-with-act-0 = 仅当 <act> 为 0
command-with-mode-1 = 仅当 <mode> 为 1
command-as-listed = 按 AT+NCONFIG=? 对该 <function> 所列
command-as-many-as-number = 数量与 <number> 相同，不得重复
command-each-once = 不得重复
command-cmdmp-erase = 清除已存的设置；重启后默认值生效（D20）。
command-cmdmp-state = 当前的接入状态 <dmstate>。
command-part-mode = 接入开关
command-part-server = 服务器、端口和更新周期
command-part-keys = 认证信息
command-part-plmns = PLMN 列表
command-part-all = 全部
command-extended-application = 应用信息。
command-extended-mac = MAC 地址。
command-extended-hardware = ROM、RAM、CPU 和操作系统版本。
command-extended-software = 软件的版本和名称。
command-extended-subscription = VoLTE、网络类型、账号和电话号码。
command-extended-location = 位置信息。
command-act-save = 保存
command-act-read = 读取已存的值
command-act-erase = 清除
command-errors-plain = 只报 ERROR，不带错误码
command-access-buffer = 缓存模式，数据等待读取
command-access-push = 直吐模式，数据立即上报
command-data-text = 文本
command-data-hex = 十六进制
command-release-after-reply = 收到应答之后可释放连接
command-release-now = 发送之后即可释放连接
command-release-none = 无
command-view-line = 换行
command-view-comma = 逗号
command-length-hidden = 不显示
command-length-shown = 显示
command-name-asked = 解析
command-name-forgotten = 清除缓存
command-name-asked-anew = 解析，不缓存
command-time-shown = 只显示时间
command-time-set = 显示时间并校准模块时钟
command-errors-number = +CME ERROR 及错误码
command-errors-text = +CME ERROR 及错误文本
command-function-minimum = 最小功能
command-function-full = 全功能
command-function-flight = 飞行模式
command-operator-automatic = 自动选择
command-operator-by-number = 按号码手动选择
command-operator-none = 从网络去注册
command-operator-numeric = 数字格式
command-psm-off = 关闭 PSM
command-psm-on = 启用 PSM
command-psm-forgotten = 关闭 PSM 并清除定时器
command-nb-iot = E-UTRAN NB-S1 模式（NB-IoT）
command-huawei-manual = 手动
command-huawei-automatic = 自动
command-huawei-off = 关闭
command-protocol-udp = UDP
command-protocol-tcp = TCP
command-protocol-of-type = 与 <type> 一致
command-length-of-data = 与 <data> 的字节数相同
command-socket-deaf = 收到的数据丢弃
command-socket-hears = 收到的数据保留到读取为止
command-socket-silent = 不上报收到的数据
command-socket-tells-length = +NSONMI 只带长度，数据用 AT+NSORF 读取
command-socket-tells-all = +NSONMI 带地址、端口、长度和数据
command-socket-tells-data = +NSONMI 带长度和数据
command-send-non = NON，不带释放辅助指示
command-send-non-release = NON，发送后立即释放连接
command-send-non-release-after-reply = NON，收到应答后释放连接
command-send-con = CON，不带释放辅助指示
command-send-con-release-after-reply = CON，收到应答后释放连接
command-result-content = 2.05 Content，读取成功
command-result-changed = 2.04 Changed，写入成功
command-result-bad-request = 4.00 Bad Request，请求有误
command-result-unauthorized = 4.01 Unauthorized，未授权
command-result-not-found = 4.04 Not Found，资源不存在
command-result-method-not-allowed = 4.05 Method Not Allowed，不允许该操作
command-gate-ont-firmware = 固件版本号不以 _ONT 结尾时应答错误 4
command-gate-update = 固件升级期间，会改变模块状态的命令应答错误 529

## 用户输入

usage-foreign = { WORD($detail) }
usage-none-of = “{ $value }” 不在可选值之中：{ LIST($known) }
usage-given-twice = { $key }= 出现了两次
usage-empty = { $key }= 为空
usage-empty-path = 为空：此处应为文件或目录的路径
usage-imei = “{ $value }” 不是 15 位数字
usage-card-twice = { LIST($known) }：只能用其中之一说明是谁的卡
usage-digits = “{ $value }”的位数应为 { LIST($known) }
usage-vendor = “{ $value }” 不能用作厂商代码：只能由字母和数字组成，此型号之前最多 { $most } 个字符
usage-name = “{ $value }” 不能用作名称：只能由字母、数字和 . _ - 组成，且不能是 . 或 ..
usage-name-taken = 实验室中已有 “{ $name }”
usage-address = “{ $value }” 不是 HOST:PORT
usage-address-host = “{ $value }”：主机必须是 IP 地址或 localhost
usage-size = “{ $value }” 不是大小，例如 64M
lab-broker-away = NATS 没有应答（{ WORD($detail) }）：本节点照常为设备服务，待 NATS 可用后才能与其他节点通信
lab-broker-driver = 未安装 NATS 客户端：pip install 'nbtwin[cluster]'
lab-module-left-out = { $module } 无法恢复，仍保留在状态目录中：{ WORD($why) }
lab-imei-shared = { $module } 与 { LIST($others) } 的 IMEI 相同（{ $imei }）：平台会将它们视为同一设备
lab-not-restarted = { $platform } 无法重新启动：{ WORD($why) }
lab-not-reached = { SPAN($within) }内没有达到 { $condition }{ $found ->
    [none] { "" }
   *[other] ；现在是：{ $found }
}
lab-name-unknown = 没有名为“{ $value }”的{ $kind ->
    [model] 型号
    [sim] SIM 卡
    [module] 模块
    [platform] 平台
    [device] 设备
    [fault] 故障
    [kind] 条目类别
    [operation] 操作
    [source] 来源
    [power] 电源状态
    [language] 语言
   *[other] { $kind }
}{ $near ->
    [none] { "" }
   *[other] ；相近的有 { LIST($near) }
}{ $count ->
    [0] ；现在一个也没有
   *[other] ；现有 { LIST($known) }
}
lab-not-text = { $value } 不是文本
lab-not-several = “{ $value }” 是单个文本；这里需要列表
lab-not-a-line = “{ $value }” 不是一条命令行：至少要有一个字符，且不含换行等控制字符
lab-operation-failed = { $operation } { $path } 没有完成：{ $response_code } { WORD($why) }
lab-operation-unanswered = { $operation } { $path }：{ SPAN($within) }内没有应答
lab-reports-only = { $platform } 只接收上报，不发出请求
lab-module-off = { $name } 已关机
lab-closed = 实验室已关闭
lab-no-url = “{ $url }”不是实验室的网址，例如 http://127.0.0.1:8080
lab-unreachable = { $url } 没有实验室：{ WORD($detail) }
lab-none-there = 在 { $url } 应答的（{ $answer }）不是 nbtwin 实验室
lab-other-version = { $url } 的实验室是 nbtwin { $there }，nbtwin { $here } 不支持
lab-ended = 实验室已结束
lab-token-needed = { $url } 需要令牌
lab-token-refused = { $url } 不认识此令牌
lab-forbidden = { $url } 拒绝：{ WORD($why) }
lab-paused = 实验室已暂停：时间不流逝
lab-not-live = { $what } 只用于真实时钟的实验室；此实验室的时间在等待时才流逝
lab-live-only = { $option } 只用于真实实验室（live=True）
lab-simulated-only = { $option } 只用于仿真实验室
lab-loopback-only = { $value } 不限于本机；要让其他机器访问，请用 nbtwin up --http 并使用令牌
lab-refused = { WORD($detail) }
lab-scenario-unmet = { $title }：{ $count } 项中有 { $unmet } 项不符合期望
usage-zone = “{ $value }” 不是时区：应为 UTC、+08:00 这样的偏移，或 Asia/Shanghai 这样的名称
usage-lines = “{ $value }” 不是行数
usage-port-of-operator = “{ $value }” 不是 OPERATOR=PORT，例如 cmdmp=5683
usage-one-process = 平台运行在多个进程中（--processes）时不可用
usage-rate-simulated = 仿真实验室的时间只随 advance 推进
usage-toml = 不是 TOML：{ WORD($detail) }
usage-key-unknown = 没有此键；{ $near ->
    [none] 可用的有 { LIST($known) }
   *[other] 是否为 { $near }？
}
usage-key-missing = 缺少 { $key }
usage-kind = 应为{ WORD($expected) }，而非{ WORD($given) }
usage-port = { $value } 不是端口：0 到 65535，0 表示任一空闲端口
usage-port-of-two = 端口 { $port } 已归 { $platform }；andlink 从所写端口起占用三个
usage-file-missing = 没有文件 “{ $value }”
usage-twice = “{ $value }” 已经有了
usage-ways = { LIST($known) }：只能写其中一个
usage-variable-missing = 没有环境变量 { $variable }
usage-lab-unreadable = 不是实验室的描述：{ WORD($detail) }
usage-archive-unreadable = 不是实验室归档：{ WORD($detail) }
usage-archive-time = 其开始时间晚于其自身的时间
usage-archive-later = 归档的时间比此仿真实验室晚 { SPAN($seconds) }；最多推进 { SPAN($limit) }
usage-archive-flash = 不是固件镜像
snapshots-unreadable = 不是快照：{ WORD($detail) }
snapshots-format = 快照格式为 { $format }；此版本读取 { $known }
snapshots-numbers = 不是快照：编号不是递增的
nvram-unreadable = 不是 NVRAM 镜像：{ WORD($detail) }
nvram-format = NVRAM 镜像格式为 { $format }；此版本读取 { $known }
usage-archive-member = 归档中的 { $name } 不是文件，或过大
usage-archive-format = 归档格式为 { $format }，应为 { $known }
usage-archive-size = 解压后超过 { $limit } 字节
usage-archive-missing = 归档中没有 { $name }

## pytest 插件

testing-mark-keyword = 没有“{ $keyword }”{ $near ->
    [none] { "" }
   *[other] ；相近的有 { LIST($near) }
}；可用的有 { LIST($known) }
testing-mark-form = 写法是 { $described }
testing-scenario-unreadable = 无法读取 { $file }：{ WORD($detail) }
testing-scenario-mark-missing = 测试用到 nb_scenario，但没有 @pytest.mark.nb_scenario("FILE") 说明是哪个文件
testing-scenario-beside = { $mark } 不能与 nb_scenario 一起使用：实验室由场景文件决定
testing-port-workers = 一个端口不能同时供 { $count } 个工作进程使用：带 --nb-port 的测试请用 -n 0 运行
testing-port-live = --nb-port 与 --nb-live 互斥：要么是真实模块，要么是虚拟模块
testing-url-alone = --nb-url 指明 --nb-port 的模块所注册的实验室，但没有给出 --nb-port
testing-baud-alone = --nb-baud 是 --nb-port 的波特率，但没有给出 --nb-port
testing-scenario-simulated = 场景的实验室是仿真的，而测试以 { $option } 运行

## 命令

cli-command-unknown = 没有命令 “{ $command }”{ $near ->
    [none] { "" }
   *[other] ；是否想输入 { LIST($near) }？
}
cli-option-unknown = 没有选项 { $option }{ $near ->
    [none] { "" }
   *[other] ；是否想输入 { LIST($near) }？
}
cli-parameter-missing = 缺少 { $parameter }；用 -h 查看用法
cli-value-missing = 需要一个值
cli-value-unwanted = 不带值
cli-number = 必须是数字
cli-number-from = 必须是数字，不小于 { $least }
cli-number-between = 必须是 { $least } 到 { $most } 之间的数字
cli-too-many = 多余的参数：{ LIST($values) }；用 -h 查看用法
cli-output-unwritable = 无法写入标准输出：{ WORD($detail) }
cli-secret-needed = 没有可供输入的终端：请给出 { $option }，或设置 { $variable }
asking-password = { "密码：" }
cli-not-text = 不是文本：既非 UTF-8、UTF-16，也非 GB 18030，或者超过 32 MB
cli-none-of = “{ $value }” 不在可选值之中：{ LIST($known) }
cli-file-missing = 没有这个文件
cli-file-exists = 已存在：--force 可覆盖
cli-link-without-pty = 链接只能指向伪终端，而 --serial 是 { $value }
cli-model-needed = 没有说明型号：请用 --model 指定
cli-file-unreadable = 无法读取：{ WORD($detail) }
cli-file-unwritable = 无法写入：{ WORD($detail) }
cli-ending = 文件名须以下列之一结尾：{ LIST($known) }
cli-option-lost = { LIST($options) } 写在 { $command } 之前不起作用
cli-options-missing = 请说明要删除什么：{ LIST($known) }
cli-token-needed = 访问需要令牌，目前还没有令牌：nbtwin token create NAME --role admin { $options }
cli-port-unknown = 既不是端口，也不是正在运行的实验室中的模块{ $known ->
    [none] {""}
   *[other] ；现有模块：{ LIST($known) }
}；已查找：设备，以及 { LIST($places) } 中正在运行的实验室。其他位置的实验室用 --state 指定
cli-at-speed = { SPAN($seconds) } 内 { $line } 在 { $baud } 波特下无应答：模块的速率可能不同；不写 --baud 即自动查找
cli-at-other-speed = { SPAN($seconds) } 内 { $line } 在 { $baud } 波特下无应答，但 { $found } 波特下有应答：请用 --baud { $found }
cli-at-silent = { $line } 在 { SPAN($seconds) } 内没有应答
cli-at-restarted = 模块重新启动，{ $line } 没有应答
cli-at-taken = 端口被另一个程序占用：连接刚建立就被关闭，没有收到任何字节
cli-at-lost = 执行 { $line } 时端口断开
cli-at-data-wanted = { $line } 需要数据：请在该行之后以“>文本”给出
cli-script-and-commands = 脚本与命令行只能选一种
cli-script-line = “{ $text }”既不是 AT 命令，也不是 { LIST($known) }
cli-script-loop = 脚本调用了自身
cli-script-no-command = `{ $text }` 之前没有命令
cli-script-hex = “{ $text }”不是十六进制字节（例如 1b 0d）
cli-script-expression = { $text } 不是合法的正则表达式：{ WORD($detail) }
cli-script-silence = { $line } 在 { SPAN($seconds) } 内没有应答
cli-script-other = { $line } 应答应为 { $text }，实际为 { LIST($came) }
cli-script-error = { $line } 应答 { $final }
cli-script-never = { SPAN($seconds) } 内未收到 { $text }
cli-macro-without-script = 没有 script
cli-macro-key-twice = 两个宏都用了按键 { $key }
cli-platform-unknown = 没有平台 “{ $platform }”；现有平台：{ LIST($known) }
cli-appkey-unknown = 没有 appkey “{ $appkey }”
cli-keys-unknown = { $device } 没有密钥
cli-definition-unknown = 没有对象 { $object } 的定义
cli-package-unknown = 没有固件包 “{ $package }”
cli-token-unknown = 没有令牌 “{ $token }”
cli-delta-of-delta = 这本身就是差分包；差分包只能由完整镜像制作
cli-delta-of-others = 这是差分包，或不属于型号 { $model }
cli-nats-url = NATS 服务器的 URL 以 nats:// 或 tls:// 开头
cli-node-database = 各节点共用一个 PostgreSQL：--database postgresql://…
cli-node-lacks = 节点需要名称、PostgreSQL 和 NATS 服务器：缺少 { $option }
cli-node-name = “{ $value }” 不是节点的名称：1 至 32 个字母、数字、_ 或 -
cli-nvram-unknown = 没有 “{ $module }” 的 NVRAM（模块首次设置后才会产生）；现有：{ LIST($known) }
cli-nvram-unknown-all = 没有 “{ $module }” 的 NVRAM（模块首次设置后才会产生），也没有其他模块的
cli-state-unknown = 没有状态目录 { $state }；`nbtwin up --state { $state }` 会创建它
cli-state-in-use = 正被进程 { $process } 使用；只有已停止的实验室才能在此更改
cli-expectations = { $total } 项期望中有 { $wrong } 项未满足
cli-command-unstarted = 无法启动：{ WORD($detail) }
cli-command-killed = 被 { $signal } 终止
cli-one-file = 只能用于一个场景，不能用于多个
cli-run-lost = 运行它的进程意外结束（被杀死，或内存不足）：没有判定
cli-time = 不是时间：{ $value }（例如 2026-03-01T08:00:00+08:00，或秒数）
cli-appkey-form = appkey 的写法是 appkey=PASSWORD
cli-port-and-url = --port 与 --url 须同时给出：真实模块所注册的平台必须是我们自己的
cli-one-card = “{ $value }” 是一张卡，而设备群中每个模块各有一张：mobile、telecom 或 unicom
cli-spread-longer = { SPAN($seconds) } 比仿真的 { $days } 天还长
cli-artifacts-kept = 命令失败；所发生的一切保存在 { LIST($files) }
cli-lab-has-its-state = 实验室 { $lab } 有自己的状态目录：请去掉 --state 或 --lab
cli-lab-name = “{ $value }” 不是实验室的名字：只能有字母、数字和 . _ -
cli-lab-unknown = 没有实验室 “{ $name }”{ $known ->
    [none] { "" }
   *[other] ；现有 { LIST($known) }
}
config-default = 默认
config-right = { $file } 没有错误
config-written = 已写入 { $file }：其中全部为注释，尚未改变任何设置
cli-checkout-missing = 基准测试在项目源码中，不在安装包内：请在源码目录运行 `make bench`
demo-answer = { $line } 的应答是 { $answer }，而不是 { $expected }
demo-device = 平台上没有这台设备
demo-late = { $seconds } 秒内没有等到 { $what }
demo-learned = 平台得到的内容不同：{ $state }，{ $wrong }
demo-month = 三十天的运行没有正常结束
cost-psm = “{ $value }” 既不是 off，也不是 T3412,T3324（例如 30h,10s）
worlds-worker-lost = 仿真其中一些组的进程意外结束（被杀死，或内存不足）；共 { $total } 组，已完成 { $done } 组
cost-psm-span = { $timer } 不能是 { SPAN($seconds) }：须为其单位的 0 到 31 倍（TS 24.008）
cost-never-registers = { $model } 从不向 { $operator } 自注册；它会向 { LIST($known) } 注册
scenario-yaml = { WORD($detail) }
scenario-depth = 嵌套超过 { $levels } 层
scenario-size = 超过 { $values } 个值，或有值包含自身
scenario-given-twice = { $key } 给出了两次
scenario-kind = 此处应为{ WORD($expected) }，而不是{ WORD($given) }
scenario-foreign = { WORD($detail) }
scenario-field-missing = { $part ->
    [modules] 模块
    [platforms] 平台
    [network] 网络
    [steps] 步骤
    [expect] 期望
    [key] 密钥
    [psk] 模块的密钥
    [upgrade] 升级
    [text] 双语文本
   *[scenario] 场景
}缺少 { $missing }
scenario-field-unknown = 没有此字段；{ $part ->
    [modules] 模块
    [platforms] 平台
    [network] 网络
    [steps] 步骤
    [expect] 期望
    [key] 密钥
    [psk] 模块的密钥
    [upgrade] 升级
    [text] 双语文本
   *[scenario] 场景
}的字段有 { LIST($known) }
scenario-field-misspelt = 没有此字段；是否为 { $close }？
scenario-none-of = “{ $value }”不在可选值之内：{ LIST($known) }
scenario-no-text = “{ $value }”不是文本
scenario-no-number = “{ $value }”不是数字
scenario-no-range = “{ $value }”既不是数字，也不是 3..5 这样的范围
scenario-range-ends = “{ $value }”的终点在起点之前
scenario-imei = “{ $value }”不是 15 位数字
scenario-nvram = NVRAM：{ WORD($detail) }
scenario-nvram-unknown = NVRAM 没有 { $setting }
scenario-empty = 为空
scenario-no-modules = 至少要有一个
scenario-name-taken = 名称 { $name } 已被占用
scenario-platform-twice = { $operator } 已经有了
scenario-no-appkeys = { $operator } 不使用 appkey
scenario-no-psk = { $operator } 不使用预共享密钥
scenario-module-unknown = 没有模块 { $name }；现有 { LIST($known) }
scenario-platform-unknown = 没有平台 { $name }；现有 { LIST($known) }
scenario-module-unclear = 哪个模块？现有 { LIST($known) }
scenario-platform-unclear = 哪个平台？现有 { LIST($known) }
scenario-inventory-unclear = 哪个平台的设备清单？
scenario-no-action = 没有动作；一个步骤是下列之一：{ LIST($known) }
scenario-actions = 一个步骤有多个动作（{ LIST($actions) }）；一个步骤是下列之一：{ LIST($known) }
scenario-at-and-after = at 与 after 不能同时使用
scenario-answer-to-nothing = 应答须有所发送的命令行，或平台的请求
scenario-one-value = 须为一个路径及其值
scenario-signal = rssi { $rssi } 不是 0-31 或 99
scenario-no-claim = 没有期望；可以是 { LIST($known) }
scenario-not-counted = 只有 { LIST($known) } 可从某一时刻起计数
scenario-since-after-at = 它晚于 at
scenario-no-upgrades = 只有 andlink 升级固件
scenario-no-operations = { $operator } 不向模块发起请求
scenario-device-field = 没有此字段；设备的字段有 { LIST($known) }
kind-object = 字段映射
kind-array = 列表
kind-str = 文本
kind-int = 整数
kind-float = 数字
kind-bool = true 或 false
kind-null = 空
kind-bytes = 字节串
kind-either = { WORD($first) }或{ WORD($rest) }
setting-answered = { $model } 对 { $line } 的应答是 { $answer }
setting-unanswered = { $model } 没有应答 { $line }

## 系统与第三方库给出的原因

unfit-at = { $path }：{ WORD($why) }
unfit-kind = 应为{ WORD($expected) }，而不是{ WORD($given) }
unfit-missing = 缺少 { $name }
unfit-unknown = 没有字段 { $name }
unfit-choice = “{ $value }”不在可选值之内
unfit-bound = 应为{ $relation ->
    [ge] 不小于
    [gt] 大于
    [le] 不大于
   *[lt] 小于
} { $bound } 的数字
unfit-length = { WORD($kind) }的长度应{ $form ->
    [exact] 为 { $length }
    [least] 不小于 { $length }
    [most] 不超过 { $length }
   *[between] 在 { $length } 到 { $most } 之间
}
unfit-pattern = 文本应符合格式 { $pattern }
unfit-base64 = 不是 base64
unfit-range = 数字超出范围
unfit-syntax = 第 { $byte } 字节处 { $format } 格式错误：{ $problem ->
    [character] 字符无效
    [colon] 缺少冒号
    [comma] 缺少逗号或右括号
    [last-comma] 右括号前有多余的逗号
    [key] 键不是文本
    [rest] 末尾之后还有内容
    [number] 数字无效
   *[other] 此处不允许
}
unfit-truncated = 内容不完整，提前结束
unfit-utf8 = 第 { $byte } 字节不是 UTF-8
unfit-surrogate = 第 { $at } 个字符不完整（不成对的代理码元）
unfit-nested = 嵌套过深
unfit-xml = { $problem ->
    [syntax] 此处内容不合语法
    [ended] 提前结束
    [open] 有内容未结束
    [encoding] 字节与编码不符，或编码未知
    [tag] 结束标签与开始标签不一致
    [twice] 属性重复
    [rest] 末尾之后还有内容
    [entity] 实体未定义
    [character] 字符编号不存在
    [declaration] XML 声明有误，或不在文件开头
   *[other] 格式不正确
}
unfit-csv = { $problem ->
    [long] 字段过长
    [open] 带引号的字段未结束
    [line-end] 未加引号的字段中出现换行
    [quote] 带引号的字段之后缺少逗号或换行
   *[other] 无法划分字段
}
unfit-expression = { $at ->
    [none] { "" }
   *[other] 第 { $at } 个字符处：
}{ $problem ->
    [group-open] 括号未闭合
    [group-closed] 右括号没有对应的左括号
    [set-open] 方括号未闭合
    [range] 字符范围的起止颠倒
    [repeat] 没有可重复的内容
    [bounds] 重复次数的下限大于上限
    [escape] 反斜杠后的字符无效
    [name] 没有这个名称或编号的组，或名称无效
    [behind] 后行断言的长度必须固定
    [extension] “(?” 之后的形式无效
    [end] 提前结束
   *[other] 此处不允许
}
unfit-archive = 不是 gzip 或 tar 格式，或已损坏
unfit-cbor = 不是 CBOR，或已损坏
unfit-cipher-blocks = 长度不是 AES 分组的整数倍
unfit-cipher-padding = 解密结果的末尾不是 PKCS #7 填充
unfit-other = 不符合要求
system-eperm = 操作不被允许
system-enoent = 文件或目录不存在
system-eintr = 系统调用被中断
system-eio = 输入输出错误
system-enxio = 设备或地址不存在
system-enoexec = 可执行文件格式错误
system-ebadf = 文件描述符无效
system-eagain = 资源暂时不可用
system-enomem = 内存不足
system-eacces = 权限不足
system-ebusy = 设备或资源忙
system-eexist = 文件已存在
system-enodev = 没有此设备
system-enotdir = 不是目录
system-eisdir = 是一个目录
system-einval = 参数无效
system-enfile = 系统打开的文件过多
system-emfile = 打开的文件过多
system-enotty = 设备不支持此操作
system-efbig = 文件过大
system-enospc = 磁盘空间不足
system-erofs = 文件系统只读
system-epipe = 管道已断开
system-enametoolong = 文件名过长
system-enotempty = 目录非空
system-eloop = 符号链接层数过多
system-eaddrinuse = 地址已被占用
system-eaddrnotavail = 地址不可用
system-enetunreach = 网络不可达
system-econnaborted = 连接已中止
system-econnreset = 连接被对端重置
system-etimedout = 连接超时
system-econnrefused = 连接被拒绝
system-ehostdown = 主机已关机
system-ehostunreach = 主机不可达
system-edquot = 磁盘配额已用尽
system-name-unknown = 域名无法解析
system-name-later = 域名服务器暂时没有应答
sqlite-readonly = 数据库只读
sqlite-ioerr = 磁盘读写错误
sqlite-corrupt = 数据库文件已损坏
sqlite-full = 数据库或磁盘已满
sqlite-cantopen = 无法打开数据库文件
sqlite-notadb = 文件不是数据库
postgres-password = PostgreSQL 不接受该密码
postgres-no-password = PostgreSQL 要求密码，但未提供
postgres-not-admitted = PostgreSQL 不允许该用户从此主机连接（pg_hba.conf）
postgres-role-unknown = PostgreSQL 没有该用户
postgres-database-unknown = PostgreSQL 没有该数据库
postgres-full = PostgreSQL 的连接数已满
postgres-starting = PostgreSQL 正在启动
postgres-ending = PostgreSQL 正在关闭
postgres-closed = PostgreSQL 关闭了连接
postgres-readonly = PostgreSQL 目前只读
postgres-privilege = PostgreSQL 未授予该用户相应权限
postgres-cancelled = PostgreSQL 取消了该语句
postgres-other = PostgreSQL 返回：“{ $said }”
syntax-mapping-here = 此处不允许出现键值对（多余的冒号，或缩进有误）
syntax-keys-here = 此处不允许出现键
syntax-entry-here = 此处不允许出现列表项
syntax-colon = 缺少冒号
syntax-ended = 内容提前结束，引号或括号没有闭合
syntax-key-unfit = 列表或映射不能作为键
syntax-one-document = 一个文件中只能有一个文档
syntax-block-end = 缩进有误：块应在此结束，却出现了 { $found }
syntax-node = 此处应为值，而不是 { $found }
syntax-flow = 应为逗号或“{ $bracket }”，而不是 { $found }
syntax-start = 此处不能出现字符 { $character }
syntax-escape = 未知的转义字符 { $character }
syntax-alias = 没有定义锚点 { $name }
syntax-anchor = 锚点 { $name } 重复定义
syntax-tag = 未知的标签 { $name }
syntax-statement = 语句无效
syntax-equals = 键之后缺少等号
syntax-value = 值无效
syntax-overwritten = 重复赋值
syntax-array-open = 数组没有闭合
syntax-table-open = 内联表没有闭合
syntax-string-open = 字符串没有闭合
syntax-newline = 语句之后应换行
syntax-header-open = 表名之后缺少“{ $bracket }”
syntax-key = 键的首字符无效
syntax-twice = { $name } 重复声明
syntax-inline-twice = 内联表中的键 { $name } 重复
syntax-fixed = { $name } 已经定义完毕，不能再添加
syntax-character = 非法字符 { $character }
syntax-backslash = 字符串中的反斜杠没有转义
syntax-date = 日期或时间无效
syntax-hex = 十六进制转义无效
syntax-expected = 此处应为 { $text }
syntax-other = 语法有误（{ $said }）

## 型号、时长、故障、路由

profile-model-unknown = 未知型号 “{ $model }”；现有型号：{ LIST($known) }
profile-cause-unknown = “{ $cause }” 不是重启原因；可选：{ LIST($known) }
span-malformed = “{ $value }” 不是时长，例如 90、30min、24h 或 1d4h
lint-left-out = 非文本文件，已略过：{ LIST($files) }
lint-reboot = 重启后生效：{ LIST($settings) }
lint-differs = <{ $parameter }>：{ $left } 取值为{ $takes }，{ $right } 取值为{ $other }
lint-summary = { $files } 个文件中有 { $commands } 条命令{ $untold ->
    [0] { "" }
   *[other] ，其中 { $untold } 条的名称在运行时才确定
}
lint-model = { $model }：{ $unknown } 条未知，{ $wrong } 条有误，{ $reboot } 条重启后生效
lint-differences = 取值不同：{ $count } 条
fault-described = { FAULT($fault) }
fault-separator = { "；" }
fault-member-separator = { "，" }
fault-says = { $kind ->
    [loss] 报文丢失；TCP 会重传
    [delay] 报文迟到
    [duplication] 报文重复到达；TCP 丢弃重复的部分
    [reordering] 报文等待被后一个超越；TCP 等待它到达
    [silence] 目的端的收发全部丢失：服务器宕机
    [rebinding] NAT 在报文之前为模块分配新的外部地址
    [dns_failure] 域名无法解析
    [error] 服务器以错误码应答请求；不是 CoAP 请求的报文丢失
    [reset] 服务器以 RST 应答请求；TCP 连接被复位
    [serial_urc] 串口：在命令、应答与最终结果之间插入主动上报
    [serial_interleaved] 串口：主动上报插入另一行的中间
    [serial_doubled] 串口：模块的主动上报重复出现
    [serial_late] 串口：模块的主动上报迟到，落在其后内容的后面
    [serial_split] 串口：字节之间出现停顿
    [serial_slow] 串口：应答用去其时限的若干百分比
    [serial_swallowed] 串口：静默之后，主机发来的前若干字节丢失
    [serial_noise] 串口：启动信息之前出现无意义的字节
    [serial_baud] 串口：主机与模块的波特率不同，双方收到的都是乱码
    [serial_pins] 串口：控制线未连接，唤醒、振铃或载波对端察觉不到
   *[truncation] 报文只有前若干字节到达；TCP 会重传
}
fault-with-kind = { $kind ->
    [loss] 丢包
    [delay] 延迟
    [duplication] 重复
    [reordering] 乱序
    [silence] 静默
    [rebinding] NAT 重绑定
    [dns_failure] 域名解析失败
    [error] 错误应答
    [reset] RST 应答
    [serial_urc] 插入主动上报
    [serial_interleaved] 行内插入
    [serial_doubled] 主动上报重复
    [serial_late] 主动上报迟到
    [serial_split] 字节拆分
    [serial_slow] 应答缓慢
    [serial_swallowed] 唤醒时丢字节
    [serial_noise] 启动杂波
    [serial_baud] 波特率错误
    [serial_pins] 控制线未连接
   *[truncation] 截断
}
fault-with-direction = { $direction ->
    [up] 上行
   *[down] 下行
}
fault-with-source = 来自 { $source }
fault-with-destination = 发往 { $destination }
fault-with-name = 域名 { $name }
fault-with-packets = 仅第 { LIST($packets) } 个
fault-with-probability = 概率 { $probability }
fault-with-start = 自 { SPAN($start) } 起
fault-with-end = 至 { SPAN($end) } 止
fault-with-seconds = { $kind ->
    [delay] { SPAN($seconds) }
    [reordering] 至多 { SPAN($seconds) }
    [serial_late] { SPAN($seconds) }
   *[dns_failure] { SPAN($seconds) } 后得知
}
fault-with-spread = 随机再加至多 { SPAN($spread) }
fault-with-copies = 多 { $copies } 份
fault-with-code = { $code }
fault-with-octets = { $kind ->
    [serial_swallowed] 前 { $octets } 字节
    [serial_noise] 至多 { $octets } 字节
   *[truncation] 截至 { $octets } 字节
}
fault-with-places = 位置：{ LIST($places) }
fault-with-percent = 时限的 { $percent } %
fault-with-silence = 静默 { SPAN($silence) } 之后
fault-with-baud = 主机波特率 { $baud }
fault-with-pins = { LIST($pins) }
fault-with-text = “{ $text }”
fault-baud = “{ $value }” 不在 50 到 4000000 bit/s 之间
fault-code = “{ $value }” 不是错误码，例如 4.04 或 5.03
fault-direction = “{ $value }” 不是 up 或 down
fault-field-unknown = 故障没有 { LIST($unknown) }；可用：{ LIST($known) }
fault-given-twice = { $key } 出现了两次
fault-key-value = “{ $value }” 不是 key=value
fault-kind-missing = 故障必须有类型：{ LIST($known) }
fault-kind-unknown = “{ $value }” 不是故障类型：{ LIST($known) }
fault-nobody = 这里没有“{ $value }”{ $near ->
    [none] { "" }
   *[other] ；相近的有 { LIST($near) }
}；现有 { LIST($known) }
fault-number = “{ $value }” 不是合适的数
fault-octets = “{ $value }” 不在 0 到 65535 之间
fault-packets = “{ $value }” 不是从 1 开始的编号列表，例如 1+2
fault-percent = “{ $value }” 不在 0 到 1000 之间
fault-pins = “{ $value }” 不是控制线列表，例如 dtr+ri；可用 dtr、ri、dcd
fault-places = “{ $value }” 不是位置列表，例如 echo+lines；可用 echo、lines、final、after
fault-probability = “{ $value }” 不是 0 到 1 之间的数
fault-spans = seconds 和 spread 须有限且不为负，copies 为 1 到 100
fault-text = “{ $value }” 不是一行 1 到 200 个可打印字符
fault-window = 时间窗的结束（{ SPAN($end) }）早于开始（{ SPAN($start) }）
route-malformed = “{ $value }” 不是 REAL=TARGET，例如 117.161.2.41:5683=127.0.0.1:5683
route-port-missing = “{ $value }”：目标带端口时，左侧也必须带端口
route-address = “{ $value }” 不是 HOST 或 HOST:PORT

## 串口上的真实模块

real-silent = 在 { LIST($bauds) } 波特下对 AT 没有应答：模块已关机或在休眠、那里不是模块，或应以 --nb-baud 指定别的波特率
real-garbled = 在 { LIST($bauds) } 波特下收到的不是对 AT 的应答：应以 --nb-baud 指定别的波特率
real-model-unread = AT+CGMM 应答“{ $said }”，不是 { LIST($known) } 中的任何一个：请用 --nb-model 说明型号
real-model-other = AT+CGMM 应答“{ $said }”：该模块是 { $found }，不是 --nb-model 所说的 { $wanted }
real-not-ready = 模块不再应答 { $step }
real-clock = { $what }：真实模块的时间只会自行流逝
real-network = { $what }：真实模块所在的网络不归测试控制
real-hands = { $what }：没有人去按真实模块的开关或换卡
real-platform = { $what }：没有指明真实模块所注册的实验室（--nb-url）
real-untold = { $what }：{ $model } 没有任何命令能给出答案
real-one-module = { $what }：端口上只有一个真实模块
real-delivered = { $what }：真实模块不是由测试出厂的，也不会向其中保存任何内容
real-not-this = { $what }：测试要求“{ $wanted }”，真实模块是“{ $found }”
real-datagrams = { $what }：真实模块在空口发出的内容在其串口上看不到

## 端口、文件、状态目录

edge-port-in-use = { $host } 上的 { $protocol } 端口 { $port } 已被占用
edge-port-forbidden = 当前用户不能使用 { $host } 上的 { $protocol } 端口 { $port }
edge-port-failed = 无法打开 { $host } 上的 { $protocol } 端口 { $port }：{ WORD($detail) }
edge-address-foreign = 本机没有地址 { $host }
edge-name-unresolved = 无法解析 { $name }：{ WORD($detail) }
edge-file-unreadable = 无法读取：{ WORD($detail) }
edge-file-header = 已损坏：文件头不是状态文件的文件头
edge-file-length = 已损坏：内容为 { $length } 字节，应为 { $expected } 字节
edge-file-checksum = 已损坏：校验和不对
edge-file-content = 已损坏：{ WORD($cause) }
edge-file-no-number = 不是数字
edge-file-set-aside = { WORD($why) }；原文件保留为 { $aside }，内容重新开始
edge-file-stays = { WORD($why) }；无法另存：{ WORD($error) }
edge-state-unusable = 状态目录 { $path } 无法使用：{ WORD($detail) }
edge-state-in-use = 状态目录 { $path } 正在使用中
edge-state-in-use-by = 状态目录 { $path } 正被进程 { $process } 使用
edge-state-waits = 状态目录 { $path }：进程 { $process } 已被强行终止，正在等待它启动的进程退出
edge-state-left = 状态目录 { $path } 正在使用中：进程 { $process } 已被强行终止，但它启动的进程仍在运行
edge-state-newer = 由更新的 nbtwin 创建（格式 { $version }，本程序支持到 { $known }）；状态目录中的内容均未改动
edge-time-unkept = 无法保存实验室时间：{ WORD($detail) }
edge-timeline-unusable = { $path } 中的时间线无法使用：{ WORD($detail) }
edge-timeline-unwritten = 时间线无法写入 { $path }：{ WORD($detail) }
edge-pty-none = 本机没有可用的伪终端：{ WORD($detail) }
edge-pty-link = 无法将 { $link } 链接到 { $path }：{ WORD($detail) }
edge-pty-link-taken = 无法将 { $link } 链接到 { $path }：该处已有非链接文件
host-silent = 在 { LIST($bauds) } 波特下对 AT 没有应答：模块已关机或在休眠，或那里不是模块
host-garbled = 在 { LIST($bauds) } 波特下收到的不是对 AT 的应答（{ $data } …）：波特率不对，或那里不是模块
host-garbled-answer = 收到的不是对 { $command } 的应答（{ $data } …）：模块的波特率已不是 { $baud }，或线路受到干扰
host-unanswered = { SPAN($seconds) }内没有收到对 { $command } 的应答
host-unsent = { $command } 没有发出：模块已有 { SPAN($seconds) }不应答 AT，可能已关机或在休眠
host-other-host = 另有主机在同时与模块通信：等待 { $command } 的应答时收到了 { $heard }
host-restarted = 模块在应答 { $command } 之前重启了（{ $banner }）
host-lost = 端口已断开{ $command ->
    [none] {""}
   *[other] （正在等待 { $command } 的应答）
  }：{ WORD($detail) }
host-taken = 端口被另一个程序占用：连接刚建立就被关闭，没有收到任何字节
host-closed = 端口已关闭
host-model-other = AT+CGMM 应答“{ $said }”：该模块是 { $found }，不是 { $wanted }
host-model-unnamed = { $command }：型号未知，其命令也就未知，请说明型号
host-no-command = { $model } 没有命令 { $command }
host-value = { $command } 没有发出：{ WORD($why) }（{ $model }，{ $source }）
host-unreadable = 无法理解对 { $command } 的应答：{ LIST($said) }
host-transport-unknown = 没有名为“{ $transport }”的传输方式，可用的有 { LIST($known) }
host-transport-missing = 未安装 { $transport }
host-refused = { $command } 的应答是 { $final }
host-refused-coded = { $command } 的应答是 +CME ERROR: { $number }，{ $text }（{ $model }，{ $source }）
host-refused-plain = { $command } 的应答是 ERROR（{ $model }，{ $source }）
edge-serial-missing = 没有这个端口
edge-serial-busy = 端口正被占用
edge-serial-failed = 无法打开端口：{ WORD($detail) }
edge-serial-taken = 端口被另一个程序占用：连接刚建立就被关闭，没有收到任何字节
edge-serial-lost = 端口已断开：{ WORD($detail) }

## 密钥、数据库

key-appkey = appkey “{ $appkey }” 不能用于端点名
key-device-missing = 密钥需要设备名
key-digits = { $device } 的密钥不是成对的十六进制数字
key-file-columns = 首行列名须取自 { LIST($known) }，且包含 device
key-file-csv = 第 { $line } 行：{ WORD($detail) }
key-file-json = 不是密钥列表：{ WORD($detail) }
key-file-row = 第 { $line } 行的字段数与首行不同
key-identity-taken = 标识 “{ $identity }” 属于 { $device }
key-missing = { $device } 没有任何密钥
key-length = { $device } 的密钥为 { $length } 字节，应为 { $shortest } 到 { $longest } 字节
key-name = “{ $name }” 不是设备名或标识
store-failed = { WORD($detail) }
store-conflict = { WORD($detail) }；是否有另一个 nbtwin 在写入？
store-locked = 被另一进程锁定；是否有另一个 nbtwin 在使用？
store-busy = 忙碌超过 { $seconds } 秒
store-reads-wait = { $reads } 个读取等待超过 { $seconds } 秒
store-commit-slow = 一次提交已超过 { $seconds } 秒
store-commit-hangs = 提交没有结束，不再等待
store-in-use = 正被另一个 nbtwin 使用
store-node-in-use = 名为 { $node } 的节点已在运行
store-journal-damaged = 日志文件在第 { $offset } 字节处损坏；未使用其中任何内容，移走该文件即可在没有它的情况下继续
store-journal-failed = 日志文件无法写入：{ WORD($detail) }
store-journal-full = 数据库跟不上：日志文件中有 { $limit } 字节在等待它
store-journal-left = 数据库没有收下全部内容；日志文件中有 { $batches } 批等待下次启动
store-journal-missing = 其中可能缺少最后应答的内容：它的一个日志文件 { $journal }-… 不在此处；请将其放回，或使用原来的状态目录打开
store-journal-newer = 更新的 nbtwin 的日志文件（版本 { $version }，本程序支持到 { $known }）
store-journal-other = 日志文件不属于此数据库，或属于它较新的副本；已保留，其中内容没有进入数据库
store-journal-waits = 未计入最后应答的内容：日志文件中有 { $bytes } 字节，等待下一个打开它的命令或实验室
store-journal-torn = 日志文件末尾只写了一半，已截去：从第 { $offset } 字节起 { $bytes } 字节；尚未有人因此得到应答
store-newer = 由更新的 nbtwin 创建（版本 { $version }，本程序支持到 { $known }）
store-foreign = 是数据库，但不是 nbtwin 的；未作改动
store-foreign-schema = 模式 { $schema } 不是 nbtwin 的；未作改动
store-schema-name = { $schema } 不是模式名：只能含 a-z、0-9 和 _
store-scheme = nbtwin 不支持 { $scheme }:// 数据库；可用 { LIST($known) } 或文件路径
store-unusable = 不是可用的数据库（{ WORD($detail) }）；未作改动
store-unanswered = 服务器没有应答；{ $seconds } s 后放弃
store-connection-lost = 事务进行中连接断开
store-driver-missing = 未安装 PostgreSQL 驱动：pip install 'nbtwin[postgres]'
store-device-gone = 其中一台设备被另一进程删除；本批次重新开始
store-record-damaged = 其中有损坏的记录（{ WORD($detail) }）；未作改动
store-device-damaged = 其中 { $device }（{ $number }）的记录已损坏：{ LIST($wrong) }；未作改动
store-keys-damaged = 某设备的密钥已损坏（{ WORD($detail) }）
store-keys-wrong = 某设备的密钥已损坏：{ WORD($cause) }
store-keys-names = 有密钥记录在别的名称之下
store-definition-damaged = 对象定义无法读取：{ WORD($detail) }
store-audit-damaged = 审计日志有一行已损坏（{ WORD($detail) }）
store-columns-wrong = { LIST($columns) } 不符
store-command-damaged = { $platform } 编号 { $ticket } 的命令记录已损坏（{ WORD($detail) }）
store-campaign-damaged = 某升级任务的记录已损坏（{ WORD($detail) }）
store-campaign-wrong = { $platform } 的升级任务 { $campaign } 的记录已损坏
store-progress-wrong = 升级任务 { $campaign } 中 { $device } 的记录已损坏
store-backup-missing = 没有这个文件
store-backup-foreign = 不是 nbtwin 的备份
store-backup-broken = 不是完整的 nbtwin 备份（{ WORD($detail) }）
store-backup-head = 不是完整的 nbtwin 备份：表 { $table } 的表头有误
store-backup-width = 表“{ $table }”的第 { $row } 行有 { $values } 个值，列数为 { $columns }
store-backup-value = 表 { $table } 第 { $row } 行的 { $column } 无效：{ $value }
store-backup-size = 解压后超过 { $limit } 字节
store-backup-changed = 备份不完整或被改动过；未恢复任何内容
store-backup-format = 备份格式不同（{ $format }）
store-backup-newer = 由更新的 nbtwin 创建（版本 { $version }，本程序支持到 { $known }）
store-backup-sqlite = 版本为 { $version }；请先恢复到 SQLite，再重新备份
store-backup-table = 含有版本 { $version } 没有的表 { $table }
store-backup-version = 数据库没有版本 { $version }
store-backup-column = 表 { $table } 含有版本 { $version } 没有的列（{ $columns }）
store-backup-row = 表 { $table } 的第 { $row } 行无效（{ WORD($detail) }）
store-package-damaged = 其中的固件包 { $package } 已损坏（{ WORD($why) }）
store-package-other = 其中的固件包 { $package } 与其记录不符
store-token-damaged = 其中有损坏的令牌（{ $token }：{ $role }）
store-not-empty = 其中已有设备；只有 --replace 会删除它们
store-package-name = “{ $name }” 含有字母、数字和 . _ - 以外的字符
store-package-taken = 已有固件包 “{ $name }”
store-token-taken = 已有令牌 “{ $name }”

## API

api-foreign = { WORD($detail) }
api-defect = { $error }：nbtwin 的缺陷；详情见其日志条目 { $entry }
api-path-unknown = 没有 { $path }
api-method = { $path } 不接受 { $method }
api-body-unreadable = 无法读取请求体
api-key-twice = 同一个对象中键“{ $name }”出现了两次
api-body-not-json = 请求体不是 JSON：{ WORD($detail) }
api-too-large = 最多 { $limit } 字节
api-media-type = 请求体须为 { $wanted }{ $found ->
    [none] ；请求未说明类型（Content-Type）
   *[other] ，不能是 { $found }（Content-Type）
}
api-range = 文件共 { $size } 字节
api-field-unknown = 没有这个字段
api-value-missing = 缺少必填项
api-value-wrong = { WORD($detail) }
api-value-too-long = 最多 { $limit } 个字符
api-value-too-short = 至少 { $limit } 个字符
api-value-too-large = 不大于 { $limit }
api-value-too-small = 不小于 { $limit }
api-value-not-above = 须大于 { $limit }
api-value-not-below = 须小于 { $limit }
api-list-too-long = 最多 { $limit } 项
api-list-too-short = 至少 { $limit } 项
api-value-pattern = { $form ->
    [name] 只能使用英文字母、数字、点、下划线和连字符
    [token] 只能使用字母、数字、点、下划线、连字符和 @，最多 64 个字符
    [fifteen] 必须是 15 位数字
    [iccid] 必须是 19 或 20 位数字
    [cause] 只能使用字母、数字和下划线
    [octets] 必须是十六进制数字，每个字节两位
    [line] 只能是一行，不含控制字符
    [code] 必须是 CoAP 错误码，例如 5.03
    [ranges] 必须是编号或编号范围，以逗号分隔，例如 1-40,57
    [serial] 必须是 pty，或 tcp、rfc2217 加本机地址和端口，例如 tcp:127.0.0.1:7000
   *[other] 格式不符合要求
}
api-value-none-of = 只能是：{ LIST($known) }
api-no-text = 不是文本
api-no-number = 不是有限的数
api-no-whole-number = 不是整数
api-no-boolean = 既不是 true 也不是 false
api-no-list = 不是列表
api-no-object = 不是对象
api-text-unstorable = 该文本无法存储
api-text-surrogate = 单独的代理码点不是字符
api-one-of-two = 请在 { $first } 与 { $second } 中给出且只给出一个
api-token-needed = 需要令牌：Authorization: Bearer …，或通过登录页；`nbtwin token` 可创建令牌
api-role = { $method } { $path } 需要角色 { $role }；{ $caller } 的角色是 { $caller_role }
api-reveal = 查看密钥与密码需要角色 { $role }；{ $caller } 的角色是 { $caller_role }
api-host = 本实验室只响应 { LIST($known) }，不响应 { $host }
api-origin = { $origin } 的页面不能使用本实验室
api-site = 其他站点的页面不能使用本实验室
api-cookie = 凭 cookie 的更改必须来自本实验室自己的页面
api-audit = 未执行，因为无法写入审计日志：{ WORD($detail) }
at-opened = 已打开 { $port }，{ $baud } 波特
at-hint = 回车发送，Tab 补全，F1 帮助，Ctrl-D 退出
at-lost = { $port } 已断开：{ WORD($detail) }。恢复后会自动重新打开。
at-back = { $port } 已恢复，中断 { $gone }
at-unsent = { $line } 未发送：端口不在
at-no-answer = { $line } 在 { SPAN($seconds) } 内没有应答
at-late = { $line } 用时 { SPAN($took) }，文档规定不超过 { SPAN($limit) }
at-restarted = 模块重新启动，{ $line } 没有应答
at-model = 模块为 { $model }：按它的命令表补全和解释
at-model-unknown = AT+CGMM 未给出 nbtwin 认识的型号：按全部型号的命令补全；可用 --model 或 :model 指定
at-prompt = 模块在等数据：输入内容原样发送，不加行尾；Ctrl-C 退出数据模式
at-queued = { $total ->
    [0] 还有 { $count } 行待发
   *[other] 共 { $total } 行，还剩 { $count } 行，Ctrl-C 停止
}
at-pasted = 粘贴了 { $count } 行：收到上一行的应答后才发下一行；Ctrl-C 停止
at-paste-ended = 已发送 { $count } 行：{ $ok } 行 OK，{ $errors } 行出错
at-stopped = { $left ->
    [0] 已停止
   *[other] 已停止，{ $left } 行未发送
}
at-script-passed = { $name } 通过，共 { $count } 步
at-script-busy = 正在执行脚本，Ctrl-C 可停止
at-logging = 收发内容追加到 { $file }
at-no-log = 日志已关闭
at-baud = 波特率改为 { $baud }
at-macro = { $name }{ $key ->
    [none] {""}
   *[other] （{ $key }）
}：{ $count } 步
at-macros-none = 没有宏：宏写在 { $file }
at-commands =
    :explain 命令  解释一行命令（F2：解释正在输入的行）
    :run 文件  执行脚本；:macro 名称、:macros  执行、列出宏
    :log 文件|off  把收发内容追加到文件
    :hex on|off  显示字节（F4）；:time time|delta|off  时间戳（F3）
    :send 文本  原样发送字节：\r \n \xHH，或 hex 1b 0d
    :baud 波特率、:model 型号
    :stop  停止发送和等待（Ctrl-C）；:quit  退出（Ctrl-D）
    上下键  历史命令；以空格开头的行不记入历史。粘贴多行时逐行发送。
at-ports-none = 没有串口，{ LIST($places) } 中也没有正在运行的实验室（其他位置的用 --state 指定）：接上模块，或执行 nbtwin up --module BC260Y-CN
at-ports-how = nbtwin at PORT 打开端口；实验室中的端口也可写模块名
at-port-of-lab = 实验室 { $lab } 的模块 { $name }
at-gone = 已断开
at-all-models = 全部型号
firmware-packed = { $file }：{ $model } { $version }，{ $count } 字节
firmware-compared = { $file }：{ $model } 从 { $base } 到 { $version }，{ $count } 字节（完整镜像 { $of } 字节）
firmware-model-name = 型号
firmware-version-name = 版本
firmware-kind-name = 类型
firmware-whole = 完整镜像
firmware-delta = 相对 { $version } 的差分包
firmware-size-name = 大小
firmware-bytes = { $count } 字节
firmware-image-name = 镜像
firmware-base-name = 基准
firmware-checksum-name = 校验和
firmware-checksum-right = 正确
psk-imported = { $count } 台设备
audit-began = 已开始，结果未知
api-token-name = “{ $name }” 不是令牌名：须为 1 到 64 个字母、数字及 . _ - @
api-appkey-unknown = 没有 appkey “{ $name }”
api-campaign-unknown = 没有升级任务 “{ $name }”
api-device-unknown = 没有设备 “{ $name }”
api-entry-unknown = 没有条目 “{ $name }”
api-fault-unknown = 没有故障 “{ $name }”
api-key-unknown = “{ $name }” 没有密钥
api-module-unknown = 没有模块 “{ $name }”
api-operation-unknown = 没有操作 “{ $name }”
api-definition-unknown = 没有对象 { $name } 的定义
api-note-unknown = 没有备注 { $name }
api-notes-full = 已保存 { $limit } 条备注，请先删除一些
api-package-unknown = 没有固件包 “{ $name }”
api-platform-unknown = 没有平台 “{ $name }”
api-run-unknown = 没有运行 “{ $name }”
api-run-stopped = 已停止
api-run-long = 计算超过 { SPAN($seconds) }，已中止
api-run-endless = 在 { SPAN($at) } 有事件反复到期，时间无法推进
api-scenario-unknown = 没有场景 “{ $name }”
api-snapshot-unknown = 没有快照 “{ $name }”
api-token-unknown = 没有令牌 “{ $name }”
api-module-deaf = { $module } 的状态为 { $state }：没有人读取它的串口
api-module-removed = { $module } 已被移除
api-module-refused = { $module }：{ WORD($reason) }
api-cause-without-reset = 只有复位才有原因
api-card-of-nobody = 卡须属于某运营商，或给出 imsi
api-card-of-two = imsi 已表明运营商
api-rssi = rssi { $rssi } 不是 0-31 或 99
api-until-nothing = 等到什么时候？请给出 at、kind、source 或 containing
api-time-passed = 该时刻已经过去
api-time-too-far = 该时刻在 { $seconds } 秒之后，超出 within
api-advance-span = 推进的时长须大于零且不超过 366d
api-patience = patience 须在 0 至 { $limit } 秒之间
api-reports-only = { $platform } 只接收上报：不能向其设备发起操作
api-no-firmware = { $platform } 不向设备下发固件
api-no-device-fits = 没有符合条件的设备
api-campaign-over = 升级任务 { $campaign } 没有在运行
api-batch-unknown = 本次运行中没有批量操作“{ $name }”
api-batch-number = 现在符合条件的设备有 { $found } 台，不是 { $expected } 台：未执行任何操作
api-batch-over = 批量操作 { $batch } 已经结束
api-csv-text = 从这里起不是 UTF-8 编码：请另存为 CSV UTF-8
api-csv-damaged = 不是有效的 CSV 行：引号没有配对、右引号后还有文字，或单元格过长
api-csv-empty = 其中没有设备：应有一行表头，之后每台设备一行
api-csv-no-device = 没有指明设备的列：应为 { LIST($known) } 之一
api-csv-column = 没有这个列；可用的列为 { LIST($known) }
api-csv-column-twice = 该列出现了两次
api-csv-cells = 有 { $found } 个单元格，而表头有 { $wanted } 个
api-csv-device = 不是有效的设备名称：1 到 { $limit } 个字符
api-csv-device-twice = 该设备已在第 { $first } 行出现
api-csv-password = appkey 需要一个密码，且各行必须相同
api-csv-rows = 超过 { $limit } 台设备
label-tag = “{ $tag }”不能作为标签：1 到 { $limit } 个字符，不含空格、逗号和分号
label-text = { $name ->
    [group] 分组名
   *[name] 名称
    }“{ $value }”过长或含不可打印字符：最多 { $limit } 个字符
label-too-many = { $device } 的标签将超过 { $limit } 个
api-operation-path = { $operation } 需要一个路径
api-operation-extra = { $operation } 不接受这一项
api-operation-attributes = 缺少属性
api-runs-wait = 已有 { $limit } 个场景在等待
api-client-unknown = 没有 id 为 '{ $endpoint }' 的已注册客户端
api-object-missing = 缺少对象
api-answer-outstanding = 设备尚未应答
api-answer-none = 没有应答{ $reason ->
    [none] { "" }
   *[other] ：{ WORD($reason) }
}
api-attribute-no-number = “{ $value }” 不是数
api-psk-only = 这里只支持 PSK：不支持{ $mode ->
    [rpk] 裸公钥
    [x509] 证书
    [oscore]{ " " }OSCORE
   *[other] 证书、裸公钥和 OSCORE
}
api-node-none = 请求体不是节点：须为含 value、values、resources 或 instances 的对象
api-node-path = { $path } 不能整体写入
api-node-value-missing = 请求体中既没有 value 也没有 values
api-node-rows-missing = 请求体中没有 { $name }
api-node-id-missing = 新实例或资源需要 id

## 场景：结论

run-title = { $title }（种子 { $seed }）
expectation-met = { $claim }：{ $found }
expectation-not-met = { $claim }：{ $found }，期望 { $expected }
run-files = { $count } 个文件
scenario-ended = { $total } 个期望中满足 { $met } 个
claim-state = 状态
claim-registration = 注册状态
claim-power = 电源
claim-attached = 已附着
claim-requests = 请求
claim-sent = 发出的报文
claim-received = 收到的报文
claim-bytes = 字节数
claim-awake = 唤醒时间
claim-connected = 无线连接时间
claim-said = 串口输出
claim-device = { $platform } 中的{ $subject ->
    [state] 状态
    [registrations] 注册次数
    [updates] 更新次数
    [flags] 标记
    [values] 资源值
    [firmware] 固件版本
    [lifetime] 生命周期
   *[other] { "" } { $subject }
}
claim-answer = { $subject } 的应答
claim-operation = { $resource ->
    [none] { $subject } 的应答
   *[other] { $subject }（{ $resource }）的应答
}
value-answer = 一个应答
value-none = 无
value-nothing = 没有
value-unknown = 未知
value-yes = 是
value-no = 否
value-at = 在 { $instants }{ $more ->
    [0] { "" }
   *[other] { "" } 及另外 { $more } 次
}
value-at-least = 至少 { $low }
value-at-most = 至多 { $high }
value-between = { $low } 至 { $high }
value-power = { $state ->
    [on] 开机
    [off] 关机
    [booting] 启动中
   *[asleep] 休眠
}
value-reports-only = 平台只接收上报

## 自注册的开销

cost-conditions = { $model }，{ $operator ->
    [mobile] 中国移动
    [telecom] 中国电信
   *[unicom] 中国联通
}卡，{ $days } 天，{ $psm ->
    [none] 无深休眠
   *[other] PSM { $psm }
}，主机不发命令；字节数{ $headers ->
    [0] 只计 UDP 载荷
   *[other] 含 IP 和 UDP 头
}
cost-fault = 故障：{ FAULT($fault) }
cost-fleet = { $modules } 个模块，在 { SPAN($spread) } 内先后开机，分成 { $worlds } 组分别仿真（每组至多 200 个模块，各有自己的平台）；以下为全部模块之和
cost-worlds = { $count } 组
cost-state-reached = 状态 { $new ->
    [INITIAL_STATE] 0 INITIAL_STATE
    [CONNECT_SUCCESS] 4 CONNECT_SUCCESS
    [CONNECT_FAILED] 5 CONNECT_FAILED
    [REG_SUCCESS] 6 REG_SUCCESS
    [REG_FAILED] 7 REG_FAILED
    [REG_TIMEOUT] 8 REG_TIMEOUT
    [LIFETIME_TIMEOUT] 9 LIFETIME_TIMEOUT
    [UPDATE_SUCCESS] 11 UPDATE_SUCCESS
    [UPDATE_FAILED] 12 UPDATE_FAILED
   *[UPDATE_TIMEOUT] 13 UPDATE_TIMEOUT
}：{ WORD($reason) }
cost-again = { $what }（{ $times } 次，直到 { $last }）
cost-nothing = 没有任何动作。
cost-more = … 另有 { $count } 行：--json 列出全部
cost-answer = 自注册的开销是 { $datagrams } 个报文、{ $bytes }；模块唤醒时间{ $less_awake ->
    [true] 减少
   *[false] 增加
} { $awake }，无线连接时间{ $less_connected ->
    [true] 减少
   *[false] 增加
} { $connected }。
cost-column = { $name ->
    [self-registration] 自注册
    [on] 开启
    [off] 关闭
    [a-day] 每天
    [difference] 差值
    [day] 天
    [days] 天
    [datagrams] 报文
    [bytes] 字节
    [awake] 唤醒
   *[radio] 无线
}
cost-row = { $name ->
    [sent] 发送的报文
    [received] 接收的报文
    [bytes] 字节
    [awake] 唤醒时间
    [connected] 无线连接时间
    [registrations] 注册
   *[updates] 更新
}

chart-title = { $model }，{ $operator ->
    [mobile] 中国移动
    [telecom] 中国电信
   *[unicom] 中国联通
}卡，{ $days } 天
chart-conditions = { $psm ->
    [none] 无深休眠
   *[other] PSM { $psm }
}{ $faults ->
    [none] { "" }
   *[other] ；故障：{ FAULT($faults) }
}
chart-total = 自注册{ $on ->
    [true] 开启
   *[false] 关闭
}：{ $datagrams } 个报文，唤醒 { SPAN($awake) }
chart-panel = { $name ->
    [bytes] 每天字节数，{ $headers ->
        [0] 只计 UDP 载荷
       *[other] 含 IP 和 UDP 头
    }
    [awake] 每天唤醒时间
   *[connected] 每天无线连接时间
}
chart-bar = 第 { $day } 天，{ $on ->
    [true] 开启
   *[false] 关闭
}：{ $value }
chart-first-day = 第 1 天

## 演示

demo-module = 一个 BC260Y-CN，插有中国移动 USIM
demo-places = ，串口 { $port }；CMDMP 平台在 UDP { PEER($peer) }。
demo-known = 平台现在掌握的信息
demo-field = { $name ->
    [imei] IMEI
    [imsi] IMSI
    [appkey] appkey
    [state] 状态
    [location] 注册位置
   *[lifetime] 生命周期
}
demo-resource = { $number ->
    [6601] 设备信息
    [6602] 应用信息
    [6603] MAC
    [6604] ROM
    [6605] RAM
    [6606] CPU
    [6607] 操作系统版本
    [6608] 软件版本
    [6609] 软件名称
    [6610] VoLTE
    [6611] 网络类型
    [6612] 账号
    [6613] 电话号码
   *[6614] 位置
}，已解密
demo-days = 同一模块的三十天（仿真）
demo-ended = 全程用时 { $seconds } s。下一步：
month-registrations-name = 注册、更新
month-registrations = { $registrations } 次、{ $updates } 次，每 { $period } s 一次
month-silence-name = 第 { $day } 天
month-silence = 平台按计划静默一小时
month-states-name = 到达的状态
month-datagrams-name = 报文
month-datagrams = { $packets } 个，双向 CoAP 共 { $kibibytes } KiB
month-connected-name = 无线连接
month-connected = { $total } h 中的 { $hours } h
month-took-name = 用时
month-took = { $seconds } s：每秒 { $rate } 个模块日

## 实验室报告和笔记本页面

report-title = 实验室报告
report-span = { $begins } 至 { $ends }，共 { $span }
report-heading = { $name ->
    [modules] 模块
    [devices] 平台上的设备
    [faults] 生效中的故障
    [traffic] 报文和字节数（按时间）
    [operations] 报文（按操作）
    [costs] 每个模块的开销
    [states] 模块状态
    [sequence] 时序图
    [timeline] 时间线
   *[other] { $name }
}
report-column = { $name ->
    [module] 模块
    [model] 型号
    [imei] IMEI
    [imsi] IMSI
    [firmware] 固件包分块
    [report] 固件上报
    [power] 电源
    [attached] 已附着
    [cmdmp] CMDMP 状态
    [next] 等待至
    [platform] 平台
    [device] 设备
    [state] 状态
    [registrations] 注册次数
    [updates] 更新次数
    [lifetime] 生命周期
    [last-seen] 最近一次通信
    [number] 编号
    [fault] 故障
    [sent] 已发送
    [received] 已接收
    [bytes-sent] 发送字节
    [bytes-received] 接收字节
    [with-headers] 含包头
    [awake] 唤醒
    [connected] 无线连接
    [time] 时间
    [source] 来源
    [kind] 类别
    [what] 内容
    [path] 路径
    [value] 值
   *[other] { $name }
}
report-series = { $name ->
    [datagrams] 报文
    [bytes] UDP 载荷字节
    [up] 模块发出
    [down] 发往模块
   *[lost] 丢失
}
report-kind = { $name ->
    [at] AT 行
    [at-in] AT，主机
    [at-out] AT，模块
    [state] 状态
    [datagram] 报文
    [lookup] 域名解析
    [platform] 平台
    [fault] 故障
    [lab] 实验室
   *[other] { $name }
}
report-power = { $state ->
    [off] 关机
    [booting] 启动中
    [asleep] 深休眠
    [on] 工作
    [radio] 无线连接
   *[other] { $state }
}
report-device-state = { $state ->
    [registered] 已注册
    [de-registered] 已注销
    [expired] 已过期
    [bootstrapped] 已引导
   *[other] { $state }
}
report-fact = { $name ->
    [modules] 模块
    [platforms] 有设备的平台
    [registered] 已注册设备
    [datagrams] 报文
    [bytes] UDP 载荷字节
    [lost] 丢失的报文
    [faults] 生效中的故障
    [model] 型号
    [imei] IMEI
    [imsi] IMSI
    [firmware] 固件
    [power] 电源
    [attached] 已附着
    [signal] 信号
    [next] 等待至
    [time] 时间
    [took] 用时
    [strict] 严格模式
    [device] 设备
    [state] 状态
    [lifetime] 生命周期
    [updates] 更新次数
    [last-seen] 最近一次通信
    [path] 路径
    [value] 值
   *[other] { $name }
}
report-nothing = { $name ->
    [modules] 没有模块。
    [devices] 没有平台见过设备。
   *[faults] 无。
}
report-silent = 没有收发任何数据。
report-headers = 只计模块自身的收发。字节数为 UDP 载荷；“含包头”为每个报文另加 { $headers } 字节的 IPv4 和 UDP 包头。唤醒时间为关机和深休眠以外的全部时间。
report-bucket = { $begins } 至 { $ends }：模块发出 { $up }，发往模块 { $down }，丢失 { $lost }；{ $octets } B
report-operation = { $datagrams } 个报文，{ $octets }{ $again ->
    [0] { "" }
   *[other] ，重传 { $again } 次
}{ $lost ->
    [0] { "" }
   *[other] ，丢失 { $lost } 个
}
report-strip = { $state ->
    [off] 关机
    [booting] 启动中
    [asleep] 深休眠
    [on] 工作
    [radio] 无线连接
   *[other] { $state }
}：自 { $begins } 起 { $span }
report-sending = 第 { $number } 次发送
report-lost = 丢失
report-later = { SPAN($span) } 之后
report-more-arrows = 此处省略 { $count } 行
report-more-entries = 此处省略 { $count } 条
report-host = { $module } 的主机

## 抓包的判定

capture-empty = 文件是空的
capture-foreign = 这不是抓包文件（pcapng 或 pcap）：开头是 { $begins }
capture-no-packets = 抓包文件里没有报文
judge-no-column = { $model } 不向 { $operator } 注册；它注册的是 { $known }
judge-registration = 注册
judge-update = 更新
judge-bootstrap = 引导
judge-deregistration = 注销
judge-data = 数据
judge-missing = { $what }：缺第 { $number } 个报文，应在 { TIME($due) } 发出
judge-stopped = { $what }：{ $packets } 个报文只发了 { $sent } 个，而此前并无应答
judge-late = { $what }：第 { $number } 个报文晚了 { SPAN($span) }
judge-early = { $what }：第 { $number } 个报文早了 { SPAN($span) }
judge-spacing = { $what }：各包距首包 { $found } s；文档规定 { $expected } s
judge-too-many = { $what }：发了 { $sent } 个报文；文档规定 { $packets } 个
judge-not-due = 文档未要求的{ $what }
judge-new-message = { $what }：第 { $number } 个报文应重传首包，却是新报文
judge-changed = { $what }：第 { $number } 个报文与首包不同：{ $part }
judge-type = { $what }：报文类型是 { $found }，不是 CON
judge-checksum = UDP 校验和错误
judge-length = UDP 长度错误
judge-not-coap = 不是 CoAP 报文：{ WORD($why) }
judge-port = 发往端口 { $found }，应为 { $expected }
judge-part = { $what }：{ $part } { $found ->
    [none] 缺失
   *[other] 是“{ $found }”
}，{ $expected ->
    [none] 不应出现
   *[other] 应为“{ $expected }”
}
judge-remark = 严格的平台会拒绝：{ WORD($remark) }
judge-refused = 平台会拒绝：{ WORD($refusal) }
judge-not-taken = { $what }：平台不受理该报文
judge-unanswered = 模块始终没有应答 { $method } { $path }
judge-nothing = 抓包中没有任何设备向 { $operator } 注册
judge-note-file-cut = 文件在一个报文中间结束；只判定其之前的部分
judge-note-snapped = { $count } 个报文被抓包长度限制截断；只判定它们的时间
judge-note-ignored = 未计入：{ VALUES($values) }（报文数）
judge-note-other-coap = 另有 { $count } 条其他设备的 CoAP 报文，未计入
judge-note-no-keys = { $count } 条 DTLS 记录无法读出：没有密钥（--keys）
judge-note-clock-back = 第 { $number } 个报文之前时钟被拨回 { SPAN($span) }；跨越此处的等待不判定
judge-note-clock-ahead = 第 { $number } 个报文之前时钟被拨快 { SPAN($span) }；跨越此处的等待不判定
judge-note-anchored = 不知道模块何时启动：以它的首包作为起点
judge-note-boot-assumed = 这次注册没有对应的等待：认为之前重启过（可用 --booted-at 指明）
judge-note-several = 抓包中有 { $count } 个模块
judge-note-rebound = 模块的地址由 { PEER($source) } 变为 { PEER($destination) }
judge-note-duplicate = 同一报文立即又出现一次：被抓取或传送了两次，不计
judge-note-answer-lost = 应答已经过此处仍然重传：应答没有到达模块
judge-note-key-unknown = 不知道 appkey { $appkey } 的密码：其密文不判定（--appkey）
judge-note-period = 由生命周期 { $lifetime } s 推知每 { SPAN($period) } 更新一次（可用 --period 指明）
judge-note-next = 下一次{ $what }应在 { TIME($due) }，抓包在此之前结束
judge-note-changed = 固件、模块或卡已更换：应当注册
judge-note-slept = 应在 { TIME($due) } 的{ $what }没有发出；文档允许模块在深休眠中错过
judge-note-unjudged = 抓包从注册之后开始：此前的情况不得而知
judge-note-outside = 第 { $number } 次启动不在抓包的时间范围内
judge-title = 抓包判定：{ $model }，{ $operator ->
    [telecom] 中国电信
    [unicom] 中国联通
    [mobile] 中国移动（CMDMP）
   *[andlink] 中国移动（Andlink）
}
judge-module = { $imei ->
    [none] { $address }
   *[other] IMEI { $imei }，{ $address }
}
judge-column = { $name ->
    [packet] 报文
    [due] 应发
    [sent] 实发
    [off] 相差
    [number] 序号
    [verdict] 判定
    [file] 文件
    [model] 型号
    [operator] 运营商
    [begins] 开始
    [ends] 结束
    [span] 时长
    [packets] 报文数
    [time] 时间
    [what] 内容
    [version] 判定工具 nbtwin
   *[other] { $name }
}
judge-state = { $state ->
    [sent] 准时
    [late] 晚
    [early] 早
    [missing] 缺失
    [malformed] 格式错误
   *[unexpected] 不该发
}
judge-fine = 未发现问题：{ $modules } 个模块的 { $packets } 个报文均符合文档
judge-found = { $modules } 个模块中发现 { $findings } 处问题
judge-row = { $what } { $number }
judge-section = { $name ->
    [axis] 应发、实发、晚发、缺失
    [whole] 整个抓包
    [capture] 抓包
    [nothing] 未发现问题。
    [finding] 问题
    [note] 说明
   *[other] { $name }
}
judge-axis = { $what }，第 { $number } 个报文：{ $state ->
    [sent] 准时
    [late] 晚
    [early] 早
    [missing] 缺失
    [malformed] 格式错误
   *[unexpected] 不该发
}{ $due ->
    [none] { "" }
   *[other] ；应发 { $due }
}{ $sent ->
    [none] { "" }
   *[other] ；实发 { $sent }
}

recording-none = 不是录制文件：第一行没有相应标识
recording-version = 是该格式的第 { $version } 版；此 nbtwin 只能读第 { $known } 版
recording-line = 第 { $line } 行不是录制文件的内容
recording-order = 第 { $line } 行的时间早于上一行
recording-empty = 没有主机或模块的任何字节
recording-log-without-commands = 没有任何一行是 AT 命令
recording-cut-off = { $file } 没有结尾：在 { SPAN($seconds) } 处中断，只使用到此为止的内容
recording-edited = { $file } 在录制之后被改动过：摘要与内容不符
replay-saying = 录制文件中接下来的字节
record-open = host { $port } module { $module }
record-lost = { $module } 已断开；等待它恢复
record-taken = { $module } 被另一个程序占用；等待其释放
record-back = { $module } 已恢复
record-done = { $file }：{ SPAN($seconds) }，发往模块 { $sent } 字节，来自模块 { $came } 字节
replay-open = replay { $port } { $file }
replay-deviated = 主机的第 { $number } 行与录制不同：收到 '{ $sent }'，录制的是 '{ $expected }'；模块从此不再应答
replay-beyond = 录制已结束，而主机又发送了 '{ $sent }'
replay-unknown = 录制中没有 '{ $sent }'：回答 ERROR
replay-ended = 录制已结束
transcript-written = { $file }：{ $count } 条命令

# `nbtwin check` 的用例：关于模块的一句话
case-line = { $line } 的应答与文档一致
case-framed = { $line } 的应答按文档的格式置于 <CR><LF> 之间
case-in-time = 每条应答都在 { SPAN($limit) } 内到达
case-unknown-command = { $line }：不存在的命令只应答 ERROR
case-error-mode = AT+CMEE={ $mode } 时错误为 { $expected }
case-prints = { $line } 输出 { $expected }
case-only-ok = { $line } 只应答 OK，之前没有其他内容
case-no-form = { $line } 这种形式不存在，应答 { $expected }
case-takes = { $line } 被接受，并能查询到
case-refuses = { $line } 应答 { $expected }：不是 <{ $name }> 的取值
case-refuses-many = { $line } 应答 { $expected }：多了一个值
case-shows = { $line } 之后模块显示 { $expected }
case-default = 出厂状态的模块，{ $line } 显示 { $expected }
case-not-before = 写入的设置在重启之前不生效：{ $line }
case-survives-restart = 重启后设置仍在：{ $line } 显示 { $expected }
case-survives-cut = 断电后设置仍在：{ $line } 显示 { $expected }
case-start = 用命令重启时输出 { $expected }
case-start-cut = 上电时输出 { $expected }
case-start-urc = 启动后模块上报 { $expected }
case-echo-after-start = 启动后模块{ $echo ->
    [0] 不回显
   *[other] 回显
}
case-urc = { $line } 之后模块上报 { $expected }
case-schedule = { $operator }：无人应答时，各包在首包之后 { $expected } 秒发出
case-rounds = { $operator }：无人应答时共发 { $expected } 个报文
case-state = 此时 { $line } 显示 { $expected }
case-update = { $operator }：成功之后 { $expected } 秒发出更新
case-once = { $operator }：成功之后不再发送，重启后也不发送
case-asleep = { $operator }：深休眠中到期的更新{ $expected ->
    [wakes] 会唤醒模块
   *[other] 不会发出
}
case-switched-off = { $operator }：关闭后什么也不发送
case-example = { $document } 的示例，逐行对照

check-answer = { $line } 应答 { $said }，应为 { $expected }
check-not-refused = { $line } 应答 { $said }，应为 { $expected }
check-refused = { $line } 被拒绝：{ $said }
check-slow = { $line } 在 { SPAN($took) } 之后才应答，允许 { SPAN($limit) }
check-framing = { $line }：收到的字节是 { $said }
check-too-early = 重启之前已经生效：{ $line } 显示 { $said }
check-lost = { $line } 显示 { $said }，应为 { $expected }
check-urc-missing = { SPAN($span) } 内没有收到 { $expected }
check-start = 启动时输出 { $said }，应为 { $expected }
check-packets = { $said }，应为 { $expected }
check-silent = { SPAN($span) } 内没有收到 { $line } 的应答
check-port-lost = 串口断开：{ WORD($detail) }
check-garbled = 等待 { $line } 的应答时收到乱码：有干扰，或波特率不对
check-other-host = 另有程序在同一串口上写入：{ $said }
check-mixed = 等待 { $line } 的应答时，收到了我们另一条命令的字节：另有程序在同一串口上写入，或应答迟到
check-restarted = { $line } 尚未应答，模块就重启了
check-other-module = 端口恢复后接的是另一个模块：AT+CGSN=1 应答 { $said }，应为 { $imei }
check-not-prepared = 无法准备：{ $line } 应答 { $said }
check-not-reached = 检查在此之前已结束
check-stopped = 被中断（Ctrl-C 或终止信号）
check-not-agreed = 未获同意：{ LIST($needs) }（用 --yes 表示同意）
check-not-here = 此处无法进行：{ LIST($needs) }
check-not-factory = 需要出厂状态的模块
check-verdict = { $name ->
    [pass] 通过
    [fail] 不通过
    [inconclusive] 无法判定
   *[not-applicable] 不适用
}
check-need = { $name ->
    [writes] 写入设置并在之后恢复
    [restarts] 用命令重启模块
    [loses] 覆盖无法读出、因而无法恢复的密钥
    [radio] 关闭并重新打开射频
    [power] 可以断电的电源（--power）
    [platform] 仿真实验室里的运营商平台
   *[factory] 出厂状态的模块
}
check-otherwise = { $model } 的表现与 { LIST($decisions) } 不同
check-summary = { $model }：通过 { $passed }，不通过 { $failed }，无法判定 { $inconclusive }，不适用 { $left }
check-left = 第 { $done } 条，共 { $total } 条，大约还需 { SPAN($span) }
check-unrestored = 无法恢复：{ $name } 原为 { $expected }，现为 { $said }
check-restored = 已恢复 { $number } 项设置
check-title = { $model } { $firmware } 检查报告
check-heading = { $name ->
    [otherwise] 该模块的表现不同
    [fail] 不通过
    [inconclusive] 无法判定
    [not-applicable] 不适用
    [unrestored] 未能恢复
    [case] 用例
    [verdict] 结论
    [why] 原因
    [known] 依据
    [evidence] 证据
    [model] 型号
    [firmware] 固件
    [imei] IMEI
    [host] 主机
   *[pass] 通过
}
check-ask = 有 { $cases } 条用例需要以下操作，它们无法撤销或会干扰模块：{ LIST($needs) }。继续吗？[y/N]{ " " }
check-ask-cut = 请断开模块电源，然后按回车
check-ask-give = 请恢复模块电源，然后按回车
check-changed = { $name }：之前 { $before }，现在 { $after }
check-same = 两次的结论相同
check-to-fidelity = 写入保真度页面的一行：{ $line }
check-sent = 向平台发送 { $number } B
check-port-awaited = 串口断开：正在等它恢复，最多 { SPAN($span) }（按 Ctrl-C 结束检查）
check-go-on = 用 --resume { $file } 从此处继续，并恢复尚未恢复的设置
check-ended = 检查提前结束：{ WORD($why) }
check-port-silent = 以 { LIST($bauds) } 波特发送 AT 没有应答：模块关机或休眠、不是模块，或波特率（--baud）不对
check-port-garbled = 以 { LIST($bauds) } 波特收到的不是 AT 的应答：波特率（--baud）不对
check-port-unread = AT+CGMM 应答“{ $said }”，不是 { LIST($known) } 中的任何一个：请用 --model 指明型号
check-port-other = AT+CGMM 应答“{ $said }”：模块是 { $found }，不是 --model 给出的 { $wanted }
check-port-lost-early = 模块不再应答 { $step }
check-no-run = 不是 nbtwin check 保存的结果：{ WORD($detail) }
check-run-format = 格式为 { $format }，此版本能读 { $known }
check-other-run = 是 { $found } 的结果，不是 { $wanted } 的
check-no-case = 没有与 { $value } 匹配的用例
check-no-module = 实验室里没有 IMEI 为 { $imei } 的模块
check-failed = { $total } 条用例中有 { $wrong } 条不通过
## 运营商入库测试

accept-no-column = { $model } 不向 { $operator } 注册；它注册的是 { $known }
accept-other-card = { $imsi } 不是 { $operator } 的卡：要测试的是该运营商自己的卡
accept-clause-unknown = 没有条款 { $clause }；有 { $known }
accept-needs-hands = 真实模块需要人工操作：换卡、换固件、开关电源
accept-needs-fault = 不能让真实网络发生故障
accept-needs-time = 需要 { SPAN($span) }，真实模块无法加快
accept-needs-settings = 需要写入真实模块的设置
accept-needs-change = 该注册只在换卡、换固件或改开关之后发生，而真实模块只会被重启
accept-no-restart = 模块没有重启
accept-switched-off = 模块的自注册功能已关闭（AT{ $command }? 返回 { $said }），而不向模块写入任何内容
accept-stopped = 被中断（Ctrl-C 或终止信号）
accept-fault-took = 未能验证，原因是 { LIST($faults) }：影响了 { $count } 个报文。没有该故障时模块满足此条款。
accept-title = 入库测试报告：{ $operator ->
    [telecom] 中国电信
    [unicom] 中国联通
    [mobile] 中国移动（CMDMP）
   *[andlink] 中国移动（Andlink）
}
accept-subtitle = { $model }，{ $date }
accept-section = { $name ->
    [cover] 模块与卡
    [clauses] 条款
    [left-out] 未验证的条款及原因
    [virtual] 虚拟
    [real] 真实
   *[other] { $name }
}
accept-column = { $name ->
    [clause] 条款
    [title] 验证内容
    [source] 出处
    [verdict] 结论
    [took] 仿真时长
    [evidence] 证据
    [why] 原因
    [model] 型号
    [firmware] 固件
    [imei] IMEI
    [imsi] IMSI
    [iccid] ICCID
    [vendor] 厂商代码
    [operator] 运营商
    [documents] 文档
    [module] 模块
    [date] 日期
    [version] 验证工具 nbtwin
   *[other] { $name }
}
accept-outcome = { $outcome ->
    [passed] 通过
    [failed] 不通过
    [inconclusive] 无法判定
    [not-run] 未执行
   *[other] 不适用
}
accept-ending = { $passed } 项通过，{ $failed } 项不通过，{ $rest } 项未验证
accept-source = { $document ->
    [none] { "" }
   *[other] { $document }{ " " }
}{ $chapter }{ $decision ->
    [none] { "" }
   *[other] ，{ $decision }
}
accept-not-applicable = { $model } 的文档没有这条规定（{ $document } 有）
accept-nothing-left-out = 所有条款均已验证。
accept-nothing-shown = 没有验证任何条款：没有一项通过。
accept-messages = 发往平台的请求：应为 { $wanted } 个，实为 { $found } 个
accept-sent = 发往平台的报文：应为 { $wanted } 个，实为 { $found } 个
accept-packets = 各包距首包的秒数：应为 { $wanted }，{ $found ->
    [none] 没有报文
   *[other] 实为 { $found }
}
accept-rest = 一轮的末包到下一轮首包：应为 { SPAN($wanted) }，{ $found ->
    [none] 没有下一轮
   *[other] 实为 { $found } s
}
accept-apart = 相邻两个请求的间隔：应为 { SPAN($wanted) }，{ $found ->
    [none] 没有下一个请求
   *[other] 实为 { $found } s
}
accept-accepted = 严格平台接受注册{ $remarks ->
    [none] { "" }
   *[other] ；意见：{ $remarks }
}
accept-form = 请求的格式：{ $wrong ->
    [none] { $sent ->
        [0] 没有请求
       *[other] 符合文档
    }
   *[other] { $wrong }
}
accept-events = 平台事件“{ $event }”：应至少 { $wanted } 次，实为 { $found } 次

# 设备群

fleet-target = “{ $value }”不是目标：应为 coap://HOST:PORT 或 coaps://HOST:PORT
fleet-target-operator = { $host } 属于运营商：任何时候都不会向它发送设备群的流量
fleet-target-not-mine = { $host } 不在回环地址上；如果是您自己的，请加上 --target-is-mine { $host }
fleet-target-unresolved = { $host } 解析不到地址：{ WORD($detail) }
fleet-yaml = { WORD($detail) }
fleet-plan-empty = 计划是空的：须有 phases，例如 - { "{" }do: register, rate: 100{ "}" }
fleet-no-fields = 此处应为字段：{ LIST($known) }
fleet-field-unknown = 没有这个字段；{ $near ->
    [none] 可用的有 { LIST($known) }
   *[other] 是否指 { $near }？
}
fleet-field-missing = 缺少 { $key }
fleet-value = 此处不能是“{ $value }”：{ $known }
fleet-column-unknown = 没有“{ $value }”这一列；可用的有 { LIST($known) }
fleet-column-missing = 缺少 { $key } 列；第一行写列名
fleet-cells = 有 { $count } 个单元格，应为 { $expected } 个
fleet-name-twice = { $name } 已在第 { $line } 行出现
fleet-name = “{ $value }”不是名称：须为 1 到 200 字节的可打印字符，不含 & 和 #
fleet-key = “{ $value }”不是密钥：须为 1 到 64 字节的十六进制数字
fleet-key-needed = coaps 要求每台设备有预共享密钥：--psk 或 key 列
fleet-empty = 没有设备
fleet-requirement = “{ $value }”不是要求（例如 p99<200ms 或 errors<0.1%）；可用的有 { LIST($known) }
fleet-no-files = 计划需要打开 { $needed } 个文件，一个进程至多 { $limit } 个（ulimit -n）
fleet-no-memory = 计划约需 { $needed } MiB，空闲 { $limit } MiB
fleet-no-ports = 计划需要 { $needed } 个 UDP 端口，系统可分配 { $limit } 个（net.ipv4.ip_local_port_range）
fleet-not-tracked = 计划需要 { $needed } 条连接，内核连接跟踪表还能容纳 { $limit } 条，超出的会被丢弃（net.netfilter.nf_conntrack_max；容器或防火墙使内核跟踪所有报文）
fleet-no-alias = 本机没有地址 { $address }：回环以外的网段必须是本机自己的（ip address add）
fleet-no-addresses = 计划需要 { $needed } 个地址，该网段有 { $limit } 个
fleet-numbers-used-up = { $sockets } 个套接字、每秒 { $rate } 条消息时，消息 ID 会过早重复（RFC 7252 4.8.2）：需要 { $needed } 个套接字
fleet-sockets = “{ $value }”既不是 addresses、each，也不是 1 到 60000
fleet-own-place = { $key } 要求每台设备有自己的地址或端口：服务器向共用端口发来的请求不指明设备
fleet-keys-unused = 密钥用不上：模块的 AT 命令行中没有 { "{" }key{ "}" }
fleet-not-plain = { $key } 只用于 coaps：明文服务器不要求密钥
fleet-secure-shared = 使用 DTLS 时每台设备须有自己的地址或端口：addresses 或 each
fleet-name-same = “{ $value }”使所有设备同名：须包含序号，例如 meter-{"{"}n{"}"}
fleet-modules-shared = 完整模块须各有自己的地址或端口：addresses 或 each
fleet-modules-needed = { $key } 只用于完整模块：请写明 modules
fleet-not-with-modules = { $key } 不适用于完整模块：由模块自行决定
fleet-shard = “{ $value }”不是分片（例如 0/4）
fleet-missed = 未达到：{ LIST($requirements) }
fleet-shards-lost = 设备群有 { $lost } 个部分丢失
fleet-linux = 每台设备一个地址需要 Linux：请用 each 或一个数
fleet-cluster-missing = 未安装多台机器所需的组件：pip install 'nbtwin[cluster]'
fleet-scheduler = “{ $value }”不是调度器地址：应为 tcp://HOST:PORT
fleet-scheduler-away = 没有调度器应答；可用 `nbtwin fleet scheduler` 启动一个
fleet-no-workers = 调度器下没有工作进程；可用 `nbtwin fleet worker` 启动
fleet-listens-here = 调度器在另一台机器上，它到达不了 127.0.0.1：请用 --listen 给出本机地址
fleet-no-part = 不是 `nbtwin fleet --save` 写出的文件
fleet-other-fleet = 属于另一个设备群
fleet-part-twice = 第 { $number } 部分出现了两次
fleet-title = 设备群：{ $devices } 台设备，目标 { $target }
fleet-begun = { $devices } 台设备，目标 { $target }，随机种子 { $seed }；按 Ctrl-C 结束
fleet-progress = { $seconds } 秒：已注册 { $registered }/{ $devices }，每秒应答 { $rate }，错误 { $errors }，p50 { $p50 }，p99 { $p99 }{ $paused ->
    [true] ，已暂停
   *[other] { "" }
}
fleet-row = { $name ->
    [devices] 设备数
    [registered-most] 同时注册最多
    [registered] 结束时已注册
    [ran] 用时
    [rate] 每秒应答
    [errors] 错误
    [cpu-exchange] 每次交互自身 CPU
    [cpu-device] 每台设备每秒自身 CPU
    [memory] 自身内存
    [kind] 交互
    [answered] 已应答
    [begun] 已开始
    [codes] 拒绝的代码
    [asked] 服务器的请求
    [failing] 错误最多的设备
    [counts] 报文
    [worst] 等待最久
    [registered-second] 已注册设备数
    [good-second] 每秒应答
    [failed-second] 每秒错误
    [picture] 已注册设备、应答和错误随时间的变化
    [pause] 暂停
    [resume] 继续
    [stop] 停止
    [paused] 已暂停
   *[other] { $name }
}
fleet-kind = { $name ->
    [register] 注册
    [update] 更新
    [uplink] 上报数据
    [deregister] 注销
    [bootstrap] 引导
    [notify] 通知
    [handshake] DTLS 握手
    [wrong-key] 密钥错误
    [at] AT 命令
    [firmware] 固件
    [report] 固件状态通知
   *[other] { $name }
}
fleet-outcome = { $name ->
    [ok] 正常
    [slow] 过慢
    [refused] 被拒绝
    [wrong] 应答不符
    [rubbish] 无法解析
    [reset] 复位
    [silent] 无应答
    [away] 对端不存在
    [handshake] 握手失败
    [unregistered] 未注册
    [open] 结束时仍未应答
    [cut] 因设备重启而中断
   *[other] { $name }
}
fleet-count = { $name ->
    [sent] 已发送
    [received] 已接收
    [bytes-sent] 发送字节
    [bytes-received] 接收字节
    [retransmitted] 重传
    [duplicated] 有意重复发送
    [malformed] 有意发送畸形报文
    [lost] 有意丢弃
    [late] 对已结束请求的应答
    [stray] 不属于任何设备的应答
    [asleep] 发给休眠设备
    [unreachable] 网络退回
    [rubbish] 不是消息
    [rebound] 地址变化
    [rebooted] 重启
    [reset-received] 复位报文
    [unobserved] 无人观察的通知
    [unsendable] 被内核拒绝
    [booted] 启动
    [not-switched-on] 尚未开机
    [packages] 取回的固件包
    [bytes-packages] 固件包字节数
    [repeated] 重复收到的请求
    [accounts] 引导服务器写入的账户
    [accounts-refused] 无法使用的账户
   *[other] { $name }
}
fleet-holds = 满足：{ $requirement }（实际 { $value }）
fleet-broken = 不满足：{ $requirement }（实际 { $value }）
fleet-left = 服务器上仍有 { $count } 台设备处于注册状态
fleet-shard-state = 设备群第 { $number } 部分：{ $state ->
    [silent] 运行它的一方没有任何动静
    [restarted] 运行它的一方已结束，正在从头重新运行
    [again] 运行它的进程曾意外结束，已从头重新运行
   *[other] 已丢失：运行它的进程意外结束，或缺少它的文件
}
fleet-ended = 计划尚未执行完便已结束：{ $by ->
    [page] 页面上的“停止”
   *[other] { $by }
}
fleet-leaving = 不再开始新的请求；已注册的设备正在注销（再按一次 Ctrl-C 立即结束）
fleet-page = 进度页面：{ $url }
