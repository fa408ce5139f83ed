// Reading the executable's file. See symbols.hpp.
#include "sim/program/symbols.hpp"

#include <algorithm>
#include <vector>

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace drydock::sim {
namespace {

/// The file, mapped for as long as the object exists.
class ExecutableFile {
public:
    ExecutableFile() {
        const int file = ::open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
        if (file < 0) return;
        struct stat about {};
        if (::fstat(file, &about) == 0) {
            size_ = static_cast<std::size_t>(about.st_size);
            void* const mapped = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file, 0);
            if (mapped != MAP_FAILED) bytes_ = static_cast<const std::byte*>(mapped);
        }
        ::close(file);
    }
    ExecutableFile(const ExecutableFile&) = delete;
    ExecutableFile& operator=(const ExecutableFile&) = delete;
    ~ExecutableFile() {
        if (bytes_ != nullptr) ::munmap(const_cast<std::byte*>(bytes_), size_);
    }

    /// Calls `use` for each symbol of this type that the executable defines. False: it has no
    /// symbol table.
    template <typename Use>
    bool for_each(unsigned type, Use use) const {
        if (bytes_ == nullptr) return false;
        const auto* const header = at<ElfW(Ehdr)>(0);
        const auto* const sections = at<ElfW(Shdr)>(header->e_shoff);
        for (std::size_t i = 0; i < header->e_shnum; ++i) {
            if (sections[i].sh_type != SHT_SYMTAB) continue;
            const char* const names = at<char>(sections[sections[i].sh_link].sh_offset);
            const auto* const symbols = at<ElfW(Sym)>(sections[i].sh_offset);
            for (std::size_t k = 0; k < sections[i].sh_size / sizeof *symbols; ++k) {
                const ElfW(Sym)& symbol = symbols[k];
                if (ELF64_ST_TYPE(symbol.st_info) != type || symbol.st_shndx == SHN_UNDEF) continue;
                const bool writable = symbol.st_shndx < header->e_shnum &&
                                      (sections[symbol.st_shndx].sh_flags & SHF_WRITE) != 0;
                use(Symbol{names + symbol.st_name, symbol.st_value, symbol.st_size, writable});
            }
            return true;
        }
        return false;
    }

private:
    template <typename Type>
    const Type* at(std::size_t offset) const noexcept {
        return reinterpret_cast<const Type*>(bytes_ + offset);
    }
    const std::byte* bytes_ = nullptr;
    std::size_t size_ = 0;
};

/// All functions, by their addresses.
struct Functions {
    Functions() {
        file.for_each(STT_FUNC, [&](const Symbol& symbol) { sorted.push_back(symbol); });
        std::sort(sorted.begin(), sorted.end(),
                  [](const Symbol& a, const Symbol& b) { return a.at < b.at; });
    }
    ExecutableFile file;
    std::vector<Symbol> sorted;
};

std::size_t begin_of_executable() {
    std::size_t begin = 0;
    ::dl_iterate_phdr(
        [](dl_phdr_info* info, std::size_t, void* to) {
            *static_cast<std::size_t*>(to) = info->dlpi_addr;
            return 1;  // the executable comes first
        },
        &begin);
    return begin;
}

}  // namespace

bool for_each_thread_local(const std::function<void(const Symbol&)>& use) {
    return ExecutableFile().for_each(STT_TLS, use);
}

bool for_each_static(const std::function<void(const Symbol&)>& use) {
    const std::size_t begin = begin_of_executable();
    return ExecutableFile().for_each(STT_OBJECT, [&](Symbol symbol) {
        symbol.at += begin;
        use(symbol);
    });
}

bool is_of_drydock(std::string_view name) noexcept {
    // At the beginning, behind "_ZGVZN" at most: what is a template's of another has it later.
    constexpr std::string_view owners[] = {"7drydock", "__asan",   "__sanitizer", "__lsan",
                                           "__ubsan",  "__sancov", "__intercept", "7testing"};
    const std::string_view beginning = name.substr(0, 20);
    return std::any_of(std::begin(owners), std::end(owners), [&](std::string_view owner) {
        return beginning.find(owner) != std::string_view::npos;
    });
}

std::string_view function_at(const void* code) {
    static const Functions functions;
    const std::size_t at = reinterpret_cast<std::size_t>(code) - begin_of_executable();
    auto found =
        std::upper_bound(functions.sorted.begin(), functions.sorted.end(), at,
                         [](std::size_t wanted, const Symbol& s) { return wanted < s.at; });
    if (found == functions.sorted.begin()) return {};
    --found;
    return at < found->at + found->size ? found->name : std::string_view();
}

}  // namespace drydock::sim
