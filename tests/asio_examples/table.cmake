# The table of the examples: see CMakeLists.txt.

# ---- echo ------------------------------------------------------------------------------------------
foreach(standard IN ITEMS cpp03 cpp11 cpp14)
    if(standard STREQUAL cpp03)
        # Its sessions are raw pointers, which nothing deletes when the program is ended from outside.
        asio_example(${standard}/echo/async_tcp_echo_server SCENARIO echo-unfreed USES sockets)
    else()
        asio_example(${standard}/echo/async_tcp_echo_server SCENARIO echo USES sockets QUICK)
    endif()
    asio_example(${standard}/echo/blocking_tcp_echo_server SCENARIO echo USES synchronous sockets, threads)
    asio_example(${standard}/echo/blocking_tcp_echo_client SCENARIO echo-client USES synchronous sockets, resolver)
endforeach()
foreach(standard IN ITEMS cpp03 cpp11)
    asio_example(${standard}/allocation/server SCENARIO echo USES sockets, allocators of handlers)
    asio_example(${standard}/nonblocking/third_party_lib SCENARIO echo USES non-blocking sockets, async_wait)
    asio_example(${standard}/spawn/echo_server SCENARIO echo-idle LIBRARIES ${coroutine}
                 USES stackful coroutines, strands, timers)
endforeach()
asio_example(cpp11/handler_tracking/async_tcp_echo_server SCENARIO echo USES sockets, handler tracking
             OPTIONS "-DASIO_ENABLE_HANDLER_TRACKING=1" "-DASIO_CUSTOM_HANDLER_TRACKING=\"custom_tracking.hpp\""
                     "-I${DRYDOCK_ASIO_EXAMPLES}/cpp11/handler_tracking")
foreach(name IN ITEMS echo_server echo_server_with_as_single_default echo_server_with_as_tuple_default
                      echo_server_with_default refactored_echo_server)
    asio_example(cpp17/coroutines_ts/${name} SCENARIO echo-fixed USES coroutines, sockets, signals)
endforeach()

# ---- chat --------------------------------------------------------------------------------------------
foreach(standard IN ITEMS cpp03 cpp11)
    asio_example(${standard}/chat/chat_server SCENARIO chat USES sockets QUICK FINDS stuck)
    asio_example(${standard}/chat/chat_client SCENARIO chat-client USES sockets, threads, standard input)
endforeach()
asio_example(cpp03/chat/posix_chat_client SCENARIO leaving-chat-client USES sockets, a stream descriptor)
asio_example(cpp17/coroutines_ts/chat_server SCENARIO chat-lines USES coroutines, sockets, timers, signals)

# ---- HTTP --------------------------------------------------------------------------------------------
set(http_files connection.cpp main.cpp mime_types.cpp reply.cpp request_handler.cpp request_parser.cpp server.cpp)
asio_example(cpp03/http/server/main SCENARIO http USES sockets, signals FILES ${http_files} connection_manager.cpp)
asio_example(cpp03/http/server2/main SCENARIO http-threads USES sockets, signals, threads, a context for each thread
             FILES ${http_files} io_context_pool.cpp)
asio_example(cpp03/http/server3/main SCENARIO http-threads USES sockets, signals, threads, strands FILES ${http_files})
asio_example(cpp03/http/server4/main SCENARIO http USES stackless coroutines, sockets, signals
             FILES file_handler.cpp main.cpp mime_types.cpp reply.cpp request_parser.cpp server.cpp)
asio_example(cpp11/http/server/main SCENARIO http USES sockets, signals FILES ${http_files} connection_manager.cpp)
asio_example(cpp03/http/client/async_client SCENARIO http-client USES sockets, resolver, streambuf)
asio_example(cpp03/http/client/sync_client SCENARIO http-client USES synchronous sockets, resolver, streambuf)
foreach(standard IN ITEMS cpp03 cpp11 cpp14)
    asio_example(${standard}/iostreams/http_client SCENARIO http-client USES tcp::iostream with a timeout QUICK)
endforeach()
foreach(standard IN ITEMS cpp03 cpp11)
    asio_example(${standard}/socks4/sync_client SCENARIO socks-client USES synchronous sockets, resolver)
endforeach()

# ---- time of day -------------------------------------------------------------------------------------
asio_example(cpp03/tutorial/daytime1/client SCENARIO daytime-client USES synchronous sockets, resolver)
asio_example(cpp03/tutorial/daytime2/server SCENARIO daytime USES synchronous sockets)
asio_example(cpp03/tutorial/daytime3/server SCENARIO daytime USES sockets)
asio_example(cpp03/iostreams/daytime_client SCENARIO daytime-client USES tcp::iostream)
asio_example(cpp03/iostreams/daytime_server SCENARIO daytime USES tcp::iostream, synchronous sockets)
asio_example(cpp03/services/daytime_client SCENARIO daytime-client USES sockets, a service of its own, threads
             FILES daytime_client.cpp logger_service.cpp LIBRARIES boost_date_time)
foreach(standard IN ITEMS cpp03 cpp11)
    asio_example(${standard}/buffers/reference_counted SCENARIO daytime-free USES sockets, buffers of its own)
endforeach()

# ---- serialization -----------------------------------------------------------------------------------
asio_example(cpp03/serialization/server SCENARIO stocks USES sockets, Boost.Serialization
             OPTIONS -DASIO_USE_TS_EXECUTOR_AS_DEFAULT LIBRARIES ${DRYDOCK_BOOST_SERIALIZATION})
asio_example(cpp03/serialization/client SCENARIO stocks-client USES sockets, Boost.Serialization
             OPTIONS -DASIO_USE_TS_EXECUTOR_AS_DEFAULT LIBRARIES ${DRYDOCK_BOOST_SERIALIZATION})

# ---- timeouts ----------------------------------------------------------------------------------------
foreach(standard IN ITEMS cpp03 cpp11)
    asio_example(${standard}/timeouts/async_tcp_client SCENARIO lines-client USES sockets, timers QUICK)
    asio_example(${standard}/timeouts/blocking_tcp_client SCENARIO timeout-client USES sockets, run_for)
    asio_example(${standard}/timeouts/blocking_token_tcp_client SCENARIO timeout-client
                 USES sockets, run_for, a completion token of its own)
endforeach()

# ---- timers, threads, executors ------------------------------------------------------------------------
foreach(number RANGE 1 5)
    asio_example(cpp03/tutorial/timer${number}/timer SCENARIO plain USES timers)
endforeach()
foreach(standard IN ITEMS cpp03 cpp11)
    asio_example(${standard}/timers/time_t_timer SCENARIO plain USES a timer with a clock of its own)
    asio_example(${standard}/invocation/prioritised_handlers SCENARIO plain USES sockets, timers, an executor of its own
                 WITHOUT connect_refused connect_timed_out accept_reset network_reset)
    asio_example(${standard}/spawn/parallel_grep SCENARIO grep USES stackful coroutines, thread_pool, strands
                 LIBRARIES ${coroutine})
endforeach()
foreach(standard IN ITEMS cpp11 cpp14)
    asio_example_left_out(${standard}/executors/actor
                          it passes 50 million messages between threads: a run does not end within 30 seconds of real time)
    asio_example(${standard}/executors/fork_join SCENARIO fork-join USES threads, executors)
    foreach(name IN ITEMS bank_account_1 bank_account_2 pipeline priority_scheduler)
        asio_example(${standard}/executors/${name} SCENARIO plain USES threads, executors)
    endforeach()
    foreach(number RANGE 1 8)
        asio_example(${standard}/operations/composed_${number} SCENARIO composed USES composed operations, futures
                     WITHOUT accept_shortage)
    endforeach()
endforeach()
asio_example(cpp14/executors/async_1 SCENARIO plain USES threads, executors, standard input)
asio_example(cpp14/executors/async_2 SCENARIO plain USES threads, executors, standard input)
asio_example(cpp14/operations/callback_wrapper SCENARIO plain USES threads, futures, standard input)
asio_example(cpp14/operations/c_callback_wrapper SCENARIO plain USES threads, futures, standard input)
foreach(number RANGE 1 7)
    asio_example(cpp14/deferred/deferred_${number} SCENARIO plain USES timers, deferred)
endforeach()
foreach(number IN ITEMS all one one_error one_success)
    asio_example(cpp14/parallel_group/wait_for_${number} SCENARIO plain USES timers, a stream descriptor)
endforeach()
# ---- TLS ---------------------------------------------------------------------------------------------
foreach(standard IN ITEMS cpp03 cpp11)
    if(TARGET asio_example_tls)
        asio_example(${standard}/ssl/server TLS SCENARIO tls USES TLS, sockets)
        asio_example(${standard}/ssl/client TLS SCENARIO tls-client USES TLS, sockets)
    endif()
endforeach()

# ---- not run -----------------------------------------------------------------------------------------
asio_example_left_out(cpp17/coroutines_ts/range_based_for
                      "it uses `for co_await` of the Coroutines TS, which C++20 and GCC do not have")
asio_example_left_out(cpp14/parallel_group/parallel_sort
                      it sorts 100 million numbers in each run)
