// Output that is kept, written and accounted for.
#include "src/cli/output.hpp"

#include <exception>

#include "platform/host/streams.hpp"
#include "platform/host/terminal.hpp"

namespace drydock::app {
namespace {

constexpr std::size_t most_kept = 64 * 1024;

/// Of the program that runs: one for the process, as its standard streams are.
std::string& program_name() noexcept {
    static std::string name;
    return name;
}

}  // namespace

void complain(std::string_view program, std::string_view sentence) noexcept {
    // If this cannot be written, the exit status alone says that something is wrong.
    host::write(host::Stream::error, fmt::format("{}: {}\n", program, sentence));
}

void complain(std::string_view sentence) noexcept { complain(program_name(), sentence); }

void Output::write(std::string_view text) noexcept {
    if (!works()) return;
    kept_ += text;
    if (kept_.size() >= most_kept || host::output_is_terminal()) flush();
}

bool Output::flush() noexcept {
    const std::string text = std::exchange(kept_, {});
    if (!text.empty()) {
        failure_ =
            lost_.empty() ? host::write(host::Stream::output, text, patience_).failure : lost_;
    }
    return works();
}

Output& standard_output() noexcept {
    static Output output;
    return output;
}

int finish_output(std::string_view program, int status) noexcept {
    static bool told = false;
    Output& output = standard_output();
    if (output.flush()) return status;
    if (!std::exchange(told, true)) {
        complain(program, "cannot write to standard output: " + output.failure());
    }
    return exit_wrong_usage;
}

int run_program(std::string_view name, const std::function<int()>& run,
                ClosedOutput closed) noexcept {
    const bool output_was_closed = host::secure_standard_streams();
    int status = exit_wrong_usage;
    try {
        if (output_was_closed && closed == ClosedOutput::is_lost) {
            standard_output().lose("it is closed");
        }
        program_name() = name;
        status = run();
    } catch (const std::exception& error) {
        complain(name, fmt::format("this cannot be done: {}", error.what()));
    }
    return finish_output(name, status);
}

}  // namespace drydock::app
