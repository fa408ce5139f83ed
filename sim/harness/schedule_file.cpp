// Writes by way of a temporary name, as tests run at the same time.
#include "sim/harness/schedule_file.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <system_error>
#include <thread>

#include "sim/digest.hpp"

namespace drydock::sim::harness {
namespace {

/// Letters, digits, '.', '_' and '-': a file name everywhere.
std::string as_file_name(std::string_view text) {
    std::string name(text);
    for (char& c : name) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
        if (!plain) c = '-';
    }
    return name;
}

std::string hash_text(std::string_view text) {
    Digest digest;
    for (const char c : text) digest.mix(static_cast<unsigned char>(c));
    constexpr char digits[] = "0123456789abcdef";
    std::string hash;
    for (int shift = 28; shift >= 0; shift -= 4) hash += digits[(digest.value() >> shift) & 0xf];
    return hash;
}

/// The part of a schedule file that says how its run was set up.
std::string setup_text(const RunSetup& setup) {
    Report nothing;
    nothing.passed = true;
    return write_schedule(setup, nothing);
}

/// No other process and no other thread has it.
std::string unique_suffix() {
    std::random_device device;
    return "." + std::to_string(device()) + std::to_string(device()) + ".tmp";
}

/// On Windows the rename fails while another process has the file open. So it is tried again, for
/// half a second at most.
bool put_in_place(const std::filesystem::path& part, const std::filesystem::path& path) {
    constexpr int most_attempts = 100;
    std::error_code error;
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        if (attempt > 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
        std::filesystem::rename(part, path, error);
        if (!error) return true;
    }
    return false;
}

}  // namespace

std::string schedule_name(const RunSetup& setup, std::string_view property,
                          std::string_view origin) {
    std::string name =
        as_file_name(setup.scenario) + "-" + as_file_name(property) + "-" + as_file_name(origin);
    const std::string text = setup_text(setup);
    if (text != setup_text({setup.scenario, {}, {}})) name += "-" + hash_text(text);
    return name + ".schedule";
}

WrittenFile write_file(const std::string& folder, const std::string& name, std::string_view text) {
    namespace fs = std::filesystem;
    std::error_code error;
    const fs::path path = fs::absolute(fs::path(folder) / name, error).lexically_normal();
    WrittenFile written{path.generic_string(), {}};
    fs::create_directories(path.parent_path(), error);
    fs::path part = path;
    part += unique_suffix();
    std::ofstream file(part, std::ios::binary);
    file << text;
    file.close();
    if (file && put_in_place(part, path)) return written;
    written.complaint = "the schedule cannot be written to '" + written.path + "'";
    fs::remove(part, error);
    return written;
}

std::optional<std::string> read_file(const std::string& path) {
    constexpr std::uintmax_t most = 256 * 1024 * 1024;
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    if (error || size > most) return std::nullopt;
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    std::string text{std::istreambuf_iterator<char>(file), {}};
    if (file.bad()) return std::nullopt;
    return text;
}

}  // namespace drydock::sim::harness
