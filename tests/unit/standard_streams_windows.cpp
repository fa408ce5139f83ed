// Standard handles that are missing, as a service's are, or closed: the null device takes their
// place. Each test gives the process its streams back before it says anything.
#include <io.h>

#include <cstdio>

#include <gtest/gtest.h>

#include "platform/common/winsock_win32.hpp"
#include "platform/host/streams.hpp"

namespace drydock::host {
namespace {

struct Standard {
    const char* name;
    DWORD handle;
    std::FILE* stream;
};

const Standard all[] = {{"input", STD_INPUT_HANDLE, stdin},
                        {"output", STD_OUTPUT_HANDLE, stdout},
                        {"error", STD_ERROR_HANDLE, stderr}};

/// What became of one stream.
struct Outcome {
    DWORD type;
    WriteResult written;
};

/// Puts another handle in place of the stream's for a while, which may be closed there.
Outcome secured(const Standard& standard, HANDLE in_place, bool closes = false) {
    std::fflush(standard.stream);
    const int kept = ::_dup(::_fileno(standard.stream));
    ::SetStdHandle(standard.handle, in_place);
    if (closes) ::CloseHandle(in_place);
    secure_standard_streams();
    Outcome outcome{::GetFileType(::GetStdHandle(standard.handle)), {}};
    if (standard.handle == STD_OUTPUT_HANDLE) outcome.written = write(Stream::output, "lost");
    if (standard.handle == STD_ERROR_HANDLE) outcome.written = write(Stream::error, "lost");
    ::_dup2(kept, ::_fileno(standard.stream));
    ::_close(kept);
    ::SetStdHandle(standard.handle,
                   reinterpret_cast<HANDLE>(::_get_osfhandle(::_fileno(standard.stream))));
    return outcome;
}

void expect_null_device(const Standard& standard, HANDLE in_place, bool closes = false) {
    SCOPED_TRACE(standard.name);
    const Outcome outcome = secured(standard, in_place, closes);
    EXPECT_EQ(outcome.type, DWORD{FILE_TYPE_CHAR});
    EXPECT_EQ(outcome.written.failure, "");
}

TEST(StandardStreams, that_are_missing_are_the_null_device) {
    for (const Standard& standard : all) expect_null_device(standard, nullptr);
    for (const Standard& standard : all) expect_null_device(standard, INVALID_HANDLE_VALUE);
}

TEST(StandardStreams, that_are_closed_are_the_null_device) {
    for (const Standard& standard : all) {
        expect_null_device(standard, ::CreateEventW(nullptr, TRUE, FALSE, nullptr), true);
    }
}

TEST(StandardStreams, that_are_there_are_left_alone) {
    HANDLE ends[2];
    ASSERT_TRUE(::CreatePipe(&ends[0], &ends[1], nullptr, 0));
    const Outcome outcome = secured(all[1], ends[1]);
    EXPECT_EQ(outcome.type, DWORD{FILE_TYPE_PIPE});
    char text[8];
    DWORD count = 0;
    EXPECT_TRUE(::ReadFile(ends[0], text, sizeof text, &count, nullptr));
    EXPECT_EQ(count, 4U);
    for (const HANDLE end : ends) ::CloseHandle(end);
}

TEST(StandardStreams, a_pipe_that_nobody_reads_is_a_failure_with_a_reason) {
    HANDLE ends[2];
    ASSERT_TRUE(::CreatePipe(&ends[0], &ends[1], nullptr, 0));
    ::CloseHandle(ends[0]);
    const Outcome outcome = secured(all[1], ends[1]);
    EXPECT_EQ(outcome.written.failure, "nobody reads the pipe");
    EXPECT_EQ(outcome.written.written, 0U);
    ::CloseHandle(ends[1]);
}

}  // namespace
}  // namespace drydock::host
