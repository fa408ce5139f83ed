// A source of the same project that uses drydock. Drydock's own sources have folders of these
// names; `#include "src/server/server.hpp"` must mean the project's own file.
#if __has_include("src/server/server.hpp") || __has_include("sim/world.hpp")
#error "the root of drydock's sources is an include folder of this project"
#endif
#if !__has_include(<drydock/queue.hpp>)
#error "the headers of drydock are not found"
#endif
