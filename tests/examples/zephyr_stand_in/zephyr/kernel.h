#pragma once
#include <zephyr/device.h>
int64_t k_uptime_get(void);
int32_t k_msleep(int32_t ms);
