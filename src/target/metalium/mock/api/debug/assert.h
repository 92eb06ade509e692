#pragma once
#include "machine.h"
#define ASSERT(condition, ...) ((condition) ? (void)0 : mock::fault("ASSERT(%s)", #condition))
