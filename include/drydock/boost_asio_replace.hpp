// The face of drydock in the place of Boost.Asio, for programs that stay as they are. It is given
// to the compiler as a forced include (-include drydock/boost_asio_replace.hpp), so that it comes
// before every other header. Then boost::asio::io_context, boost::asio::ip::tcp, its sockets, the
// timers and signal_set are drydock's, under Asio's own names; the rest of Asio is Asio's own.
//
// All files of a program are to be compiled so, and no file of it with the real Asio: both define
// the same names. The program may run in the simulator (drydock_simulated_program() of the CMake
// package does all that is needed) or on a real queue, which DRYDOCK_BACKEND names. Sockets other
// than TCP's cannot be opened. docs/ASIO.md says what differs.
//
// Switches of Asio (BOOST_ASIO_NO_DEPRECATED, ...) must be given to the compiler: a `#define` in a
// file comes too late.
#pragma once

#if defined(BOOST_ASIO_IO_CONTEXT_HPP)
#error "<drydock/boost_asio_replace.hpp> must come before Boost.Asio's headers: give it by -include"
#endif

// Threads of a simulated program are fibers; this makes Asio keep what belongs to a thread with
// pthread_setspecific(), which knows fibers.
#define BOOST_ASIO_DISABLE_THREAD_KEYWORD_EXTENSION
#if defined(_WIN32)
#define BOOST_ASIO_DISABLE_IOCP
#endif

#include <boost/asio/detail/config.hpp>

#include <boost/asio/async_result.hpp>
#include <boost/asio/detail/cstdint.hpp>
#include <boost/asio/detail/socket_ops.hpp>
#include <boost/asio/detail/wrapped_handler.hpp>
#include <boost/asio/execution.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/version.hpp>
#include <boost/system/error_code.hpp>

#include <drydock/asio/detail/prepare.hpp>

#include <drydock/asio/detail/boosted.hpp>

#if defined(BOOST_ASIO_IO_CONTEXT_HPP)
#error "this version of Boost.Asio is not known to <drydock/boost_asio_replace.hpp>"
#endif

// What stands in their place is included here and below.
#define BOOST_ASIO_IO_CONTEXT_HPP
#define BOOST_ASIO_IO_CONTEXT_STRAND_HPP
#define BOOST_ASIO_IMPL_IO_CONTEXT_HPP
#define BOOST_ASIO_IMPL_IO_CONTEXT_IPP
#define BOOST_ASIO_DETAIL_REACTIVE_SOCKET_SERVICE_HPP
#define BOOST_ASIO_DETAIL_DEADLINE_TIMER_SERVICE_HPP
#define BOOST_ASIO_DETAIL_REACTIVE_DESCRIPTOR_SERVICE_HPP
#define BOOST_ASIO_DETAIL_IMPL_REACTIVE_DESCRIPTOR_SERVICE_IPP
#define BOOST_ASIO_DETAIL_SIGNAL_SET_SERVICE_HPP
#define BOOST_ASIO_DETAIL_IMPL_SIGNAL_SET_SERVICE_IPP

#include <drydock/asio/detail/replace_before.ipp>

#include <boost/asio.hpp>

#include <drydock/asio/detail/replace_after.ipp>

#include <drydock/asio/detail/undefine.hpp>
