// What the face needs before it is included for a flavour of Asio.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <source_location>
#include <span>
#include <streambuf>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <drydock/asio/background.hpp>
#include <drydock/asio/loop.hpp>
#include <drydock/asio/names.hpp>
#include <drydock/asio/operation.hpp>
#include <drydock/asio/signals.hpp>
#include <drydock/asio/socket.hpp>
#include <drydock/asio/streams.hpp>
#include <drydock/asio/timer.hpp>
#include <drydock/asio/trouble.hpp>
