// The one translator of this backend. All Windows backends have the same.
#pragma once

#include "platform/common/error_win32.hpp"

namespace drydock::apc {

using platform::code_of_status;
using platform::failure;
using platform::may_mean_canceled;
using platform::translate;

}  // namespace drydock::apc
