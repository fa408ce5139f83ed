// The face of drydock for programs that are written with Asio: the namespace drydock::asio has what
// the namespace asio has, and its I/O objects run on a completion queue of drydock.
//
//     namespace asio = drydock::asio;   // in a namespace of the program: its only change
//
// asio::io_context takes a CompletionQueue, a real one or a simulated world; a default-constructed
// one opens the best queue of the system, or takes the world's in a simulated program. Ours are
// io_context and its executor, ip::tcp (sockets, acceptors, resolvers, streams), all waitable
// timers, signal_set, and async_read, async_write and async_read_until, which note the place in the
// program's source for reports. All else is Asio's own, and generic code (strands, co_spawn, TLS,
// Beast) takes both. The real Asio can be used beside it.
//
// Needs standalone Asio 1.22.1 or later. For Boost: <drydock/boost_asio.hpp>. For programs that
// cannot be changed at all: <drydock/asio_replace.hpp>. docs/ASIO.md says what differs.
//
// Link drydock::asio.
#pragma once

#include <asio.hpp>

#include <drydock/asio/detail/prepare.hpp>

#include <drydock/asio/detail/standalone.hpp>

#include <drydock/asio/detail/face.ipp>

#include <drydock/asio/detail/undefine.hpp>
