// Transcripts: commands and the replies of Redis 7.0.15, as text files.
//
//     # a comment
//     = password secret          the server has this password
//     = user                     and the user `member`: see transcript_test.cpp
//     ! out-of-memory            from here on it refuses (read-only, disk-error, none)
//     > XADD s 1-0 f "a b\r\n"   a command; $script and $sha are the publish script and its SHA-1,
//                                $SHA is that in capitals
//     < $3\r\n1-0\r\n            the reply to it
//     B> PING                    on another connection
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace drydock::broker {

struct TranscriptLine {
    enum class Kind : unsigned char { text, option, condition, command };
    Kind kind = Kind::text;
    std::string line;                // as it is in the file
    std::string connection;          // of a command: "" or a letter
    std::vector<std::string> words;  // of a command, an option or a condition
    std::string reply;               // to a command
};

/// Reads a transcript. Throws std::runtime_error if it is not one.
std::vector<TranscriptLine> read_transcript(const std::string& path);
/// Writes it with the replies that it has now.
void write_transcript(const std::string& path, const std::vector<TranscriptLine>& lines);

/// Bytes that are not printable are written as in C.
std::string escaped(std::string_view text);

}  // namespace drydock::broker
