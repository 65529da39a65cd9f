# nbtwin 里发生的事，中文。消息 id 即代码；两种语言的 id 相同（有测试比对）。

## 引擎在等什么：接在“等待：”之后

waiting-for-nothing = 没有等待的事
coap-packet-unanswered = 第 { $number } 个包尚无应答
coap-notification-unacknowledged = 通知尚未确认，第 { $number } 个包
coap-response-unacknowledged = 独立响应尚未确认，第 { $number } 个包
coap-ping-unanswered = ping 尚无应答，第 { $number } 个包
coap-response-outstanding = 已确认，响应未到
coap-acknowledgement-delay = 响应未备好，到时先发空 ACK
coap-refusal-due = 对端的队列已满，消息无法排队
dtls-flight-unanswered = 第 { $number } 轮握手消息尚无应答，第 { $count } 次发送
dtls-peer-silent = { $subject } 无数据
self-registration-next-round = 下一轮
self-registration-next-update = 下一次更新
cmdmp-update-period = 更新周期
cmdmp-lifetime-end = 生存期结束
andlink-next-attempt = 下一次尝试
andlink-update-due = 生存期结束前的更新
andlink-next-block = 升级包的下一块
andlink-observe-after-update = 更新后平台订阅数据
andlink-bootstrap-server = 引导服务器的下一步
andlink-next-notification = 下一次通知
andlink-host-answer = 主机应答平台
lwm2m-server-lifetime-end = { $subject } 的注册到期
module-boot = 模组启动完成
module-attach = 网络接受附着
module-release = 网络释放连接
module-active-time = 进入深度睡眠前的活动时间
module-tracking-area-update = 周期性跟踪区更新
module-wake-up-pin = 唤醒引脚
module-host-wrote = 主机写串口
at-data-mode = 数据模式已收 { $count }/{ $number } 字节
host-answer = { $subject } 的应答
host-pause = 暂停结束
host-boot-banner = 启动信息
hold-commit-retry = 下一次提交尝试
campaign-restart = 重启后继续升级任务
campaign-next-device = 升级任务 { $number } 的下一台设备
campaign-progress = { $subject } 在升级任务 { $number } 中的进展
campaign-end = 升级任务 { $number } 结束
