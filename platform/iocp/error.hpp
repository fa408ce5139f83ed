// This backend's translator from system codes to errors. All Windows backends share one.
#pragma once

#include "platform/common/error_win32.hpp"

namespace drydock::iocp {

using platform::code_of_status;
using platform::failure;
using platform::may_mean_canceled;
using platform::translate;

}  // namespace drydock::iocp
