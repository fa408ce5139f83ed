// Environment variables for the length of a scope, and a folder of a test's own.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace drydock::test {

/// Sets a variable, or unsets it, and undoes that in its destructor. No other thread may read the
/// environment at the same time.
class ScopedVariable {
public:
    ScopedVariable(const char* name, const std::optional<std::string>& value) : name_(name) {
        if (const char* const before = std::getenv(name)) before_ = before;
        set(value);
    }
    ScopedVariable(const ScopedVariable&) = delete;
    ScopedVariable& operator=(const ScopedVariable&) = delete;
    ~ScopedVariable() { set(before_); }

private:
    void set(const std::optional<std::string>& value) const {
#ifdef _WIN32
        ::_putenv_s(name_, value.value_or("").c_str());  // an empty value unsets it
#else
        if (value) {
            ::setenv(name_, value->c_str(), 1);
        } else {
            ::unsetenv(name_);
        }
#endif
    }

    const char* name_;
    std::optional<std::string> before_;
};

/// A new folder, which goes with the object.
class ScopedFolder {
public:
    ScopedFolder() {
        std::random_device device;
        path_ = std::filesystem::path(::testing::TempDir()) /
                ("drydock_test_" + std::to_string(device()) + std::to_string(device()));
        std::filesystem::create_directories(path_);
        path_ = std::filesystem::canonical(path_);
    }
    ScopedFolder(const ScopedFolder&) = delete;
    ScopedFolder& operator=(const ScopedFolder&) = delete;
    ~ScopedFolder() {
        std::error_code error;
        std::filesystem::remove_all(path_, error);
    }

    std::string path() const { return path_.generic_string(); }

private:
    std::filesystem::path path_;
};

}  // namespace drydock::test
