// Includes the Windows headers in the one order that works: winsock2.h before windows.h.
//
// No other file includes them, so no other file can get the order wrong.
#pragma once

// clang-format off
#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include <windows.h>
// clang-format on
