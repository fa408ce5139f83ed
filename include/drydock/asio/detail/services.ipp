// All services of the face for one flavour, in its namespace in drydock::asio_detail.

#include <drydock/asio/detail/io_context_items.ipp>

#include <drydock/asio/detail/core.ipp>

#include <drydock/asio/detail/socket_service.ipp>

#include <drydock/asio/detail/timer_service.ipp>

#include <drydock/asio/detail/resolver_service.ipp>

#include <drydock/asio/detail/signal_service.ipp>

#include <drydock/asio/detail/streambuf.ipp>
