// The face of drydock for programs that are written with Boost.Asio: drydock::boost_asio, as
// <drydock/asio.hpp> has drydock::asio for standalone Asio. Needs Boost 1.74 or later. Both can be
// used in one program.
//
//     namespace asio = drydock::boost_asio;   // the only change to a program
//
// Link drydock::boost_asio.
#pragma once

#include <utility>  // which Boost 1.74 needs and does not include

#include <boost/asio.hpp>

#include <drydock/asio/detail/prepare.hpp>

#include <drydock/asio/detail/boosted.hpp>

#include <drydock/asio/detail/face.ipp>

#include <drydock/asio/detail/undefine.hpp>
