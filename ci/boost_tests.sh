#!/usr/bin/env bash
# The tests with Boost.Asio and Boost.Beast: the cases of the face in both flavours and on the real Asio, TLS over the
# face, and two of Beast's examples; examples/asio-chat against the installed package, with the walk through its page;
# and the cases of the face with AddressSanitizer. They take some ten minutes to compile, so CI's main run leaves them
# out.
#
#     ci/boost_tests.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

preset=dev
cmake --preset "$preset" -DDRYDOCK_BOOST_TESTS=ON >/dev/null
cmake --build --preset "$preset" -j "$(nproc)"
ctest --preset "$preset" -R '^(boost_asio|asio_face|asio_real|unit\..*Tls|sim\.(beast|asio_example)|e2e\.(package\.)?asio_chat)' --no-tests=error

cmake --preset asan -DDRYDOCK_BOOST_TESTS=ON -DDRYDOCK_E2E=OFF >/dev/null
cmake --build --preset asan -j "$(nproc)" --target asio_face
ctest --preset asan -R '^asio_face' --no-tests=error
