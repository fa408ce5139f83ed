// A program of the same project that does not use drydock: it compiles as if drydock were not
// there.
static_assert(__cplusplus == 201703L,
              "drydock changed the language of a target that does not use it");
#if defined(DRYDOCK_VERSION) || defined(DRYDOCK_HAS_EPOLL)
#error "a definition of drydock's is seen by a target that does not use it"
#endif
#if __has_include(<drydock/queue.hpp>)
#error "an include folder of drydock's is seen by a target that does not use it"
#endif

int main() { return 0; }
