// Buffers and FILEs that belong to the run whose program uses them.
#include "sim/program/capture.hpp"

#include <stdio_ext.h>

#include <array>
#include <cstdio>
#include <iostream>

#include "sim/program/run.hpp"

namespace drydock::sim::program_detail {
namespace {

/// What is written to std::cout and its like.
class OutputBuffer final : public std::streambuf {
public:
    explicit OutputBuffer(ProgramStream stream) noexcept : stream_(stream) {}
    /// Where text goes that no program writes.
    void set_real(std::streambuf* real) noexcept { real_ = real; }

protected:
    std::streamsize xsputn(const char* text, std::streamsize size) override {
        ProgramRun* const run = ProgramRun::current();
        if (run == nullptr) return real_->sputn(text, size);
        run->wrote(stream_, {text, static_cast<std::size_t>(size)});
        return size;
    }
    int_type overflow(int_type byte) override {
        if (traits_type::eq_int_type(byte, traits_type::eof())) return traits_type::not_eof(byte);
        const char one = traits_type::to_char_type(byte);
        return xsputn(&one, 1) == 1 ? byte : traits_type::eof();
    }
    int sync() override { return ProgramRun::current() == nullptr ? real_->pubsync() : 0; }

private:
    ProgramStream stream_;
    std::streambuf* real_ = nullptr;
};

/// What std::cin reads.
class InputBuffer final : public std::streambuf {
public:
    void forget() { setg(nullptr, nullptr, nullptr); }

protected:
    int_type underflow() override {
        ProgramRun* const run = ProgramRun::current();
        if (run == nullptr) return traits_type::eof();
        const std::size_t size = run->read(bytes_.data(), bytes_.size());
        if (size == 0) return traits_type::eof();
        setg(bytes_.data(), bytes_.data(), bytes_.data() + size);
        return traits_type::to_int_type(bytes_.front());
    }

private:
    std::array<char, 512> bytes_{};
};

/// The FILEs that stand for the standard ones. They live as long as the process.
class Files {
public:
    static Files& get() {
        static Files files;
        return files;
    }

    void put_in_place() {
        __fpurge(in_);
        clearerr(in_);
        real_ = {stdin, stdout, stderr};
        stdin = in_;
        stdout = out_;
        stderr = error_;
    }
    void take_away() {
        stdin = real_[0];
        stdout = real_[1];
        stderr = real_[2];
    }
    int descriptor_of(const void* file) const noexcept {
        return file == in_ ? 0 : file == out_ ? 1 : file == error_ ? 2 : -1;
    }

    OutputBuffer out_buffer{ProgramStream::output};
    OutputBuffer error_buffer{ProgramStream::error};
    InputBuffer in_buffer;

private:
    Files() {
        for (FILE* file : {out_, error_}) setvbuf(file, nullptr, _IONBF, 0);
        // Otherwise the program's first read would allocate it, in the program's memory.
        setvbuf(in_, bytes_read_.data(), _IOFBF, bytes_read_.size());
    }

    static ssize_t write_to(void* cookie, const char* text, std::size_t size) {
        const auto stream = static_cast<ProgramStream>(*static_cast<const unsigned char*>(cookie));
        if (ProgramRun* const run = ProgramRun::current()) {
            run->wrote(stream, {text, size});
            return static_cast<ssize_t>(size);
        }
        FILE* const real = get().real_[stream == ProgramStream::output ? 1 : 2];
        const std::size_t written = std::fwrite(text, 1, size, real);
        std::fflush(real);
        return static_cast<ssize_t>(written);
    }
    static ssize_t read_from(void*, char* bytes, std::size_t size) {
        ProgramRun* const run = ProgramRun::current();
        return run == nullptr ? 0 : static_cast<ssize_t>(run->read(bytes, size));
    }

    static constexpr unsigned char names_[] = {0, 1};  // of the streams
    static FILE* opened(unsigned char stream) {
        return fopencookie(const_cast<unsigned char*>(&names_[stream]), "w",
                           {nullptr, &write_to, nullptr, nullptr});
    }

    std::array<char, 4096> bytes_read_{};
    FILE* in_ = fopencookie(nullptr, "r", {&read_from, nullptr, nullptr, nullptr});
    FILE* out_ = opened(0);
    FILE* error_ = opened(1);
    std::array<FILE*, 3> real_{};
};

}  // namespace

Redirected::Redirected(std::ios& stream, std::streambuf& buffer)
    : stream_(stream), before_(stream.rdbuf()) {
    format_.copyfmt(stream);
    stream_.rdbuf(&buffer);
}

Redirected::~Redirected() {
    stream_.exceptions(std::ios::goodbit);
    stream_.rdbuf(before_);
    stream_.clear();
    stream_.copyfmt(format_);
}

Capture::Capture()
    : out_(std::cout, Files::get().out_buffer),
      error_(std::cerr, Files::get().error_buffer),
      log_(std::clog, Files::get().error_buffer),
      in_(std::cin, Files::get().in_buffer) {
    Files& files = Files::get();
    files.out_buffer.set_real(out_.before());
    files.error_buffer.set_real(error_.before());
    files.in_buffer.forget();
    files.put_in_place();
}

Capture::~Capture() { Files::get().take_away(); }

int Capture::descriptor_of(const void* file) noexcept { return Files::get().descriptor_of(file); }

}  // namespace drydock::sim::program_detail
