// What a terminal shows after some bytes: just enough of one for the line editor's tests.
//
// Rows of columns without an end downwards. A character that would not fit begins the next row, as
// terminals have it. What the editor is not supposed to send is a failure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace drydock::test {

class Screen {
public:
    using Width = std::size_t (*)(char32_t);

    explicit Screen(
        std::size_t columns, Width width = [](char32_t) -> std::size_t { return 1; })
        : columns_(columns), width_(width) {}

    /// Whole characters and sequences, as an editor draws them.
    void show(std::string_view bytes) {
        while (!bytes.empty()) bytes.remove_prefix(show_one(bytes));
    }

    /// A row as text, without the blanks at its end.
    std::string row(std::size_t index) const {
        std::string text;
        for (std::size_t i = 0; index < rows_.size() && i < rows_[index].size(); ++i) {
            text += rows_[index][i];
        }
        return text.erase(text.find_last_not_of(' ') + 1);
    }
    std::size_t rows() const { return rows_.size(); }
    std::size_t cursor_row() const { return row_; }
    std::size_t cursor_column() const { return column_; }
    std::string last_row() const { return row(rows_.size() - 1); }

private:
    std::size_t show_one(std::string_view bytes) {
        const auto lead = static_cast<unsigned char>(bytes[0]);
        if (lead == '\r') column_ = 0;
        if (lead == '\n') to_row(row_ + 1);  // and no column: a newline alone goes straight down
        if (lead == '\r' || lead == '\n') return 1;
        if (lead == 0x1b) return obey(bytes);
        EXPECT_GE(lead, 0x20) << "the editor should send no such control character";
        const std::size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        char32_t code = size == 1 ? lead : lead & (0xffU >> (size + 1));
        for (std::size_t i = 1; i < size; ++i) {
            code = (code << 6) | (static_cast<unsigned char>(bytes[i]) & 0x3fU);
        }
        put(std::string(bytes.substr(0, size)), width_(code));
        return size;
    }

    std::size_t obey(std::string_view bytes) {
        EXPECT_EQ(bytes.substr(0, 2), "\x1b[");
        const std::size_t end = bytes.find_first_of("KC");
        if (end == std::string_view::npos) {
            ADD_FAILURE() << "an unknown sequence: " << bytes.substr(1);
            return bytes.size();
        }
        if (bytes[end] == 'K') {
            rows_[row_].resize(std::min(column_, rows_[row_].size()));
        } else {
            const auto count = std::stoul(std::string(bytes.substr(2, end - 2)));
            column_ = std::min(column_ + count, columns_ - 1);
        }
        return end + 1;
    }

    void put(const std::string& character, std::size_t width) {
        std::vector<std::string>& cells = rows_[row_];
        if (width == 0) {
            ASSERT_GT(column_, 0U) << "a combining character with nothing to combine with";
            std::size_t base = column_ - 1;
            while (cells[base].empty()) --base;  // the second half of a wide one
            cells[base] += character;
            return;
        }
        if (column_ + width > columns_) {
            to_row(row_ + 1);
            column_ = 0;
            return put(character, width);
        }
        cells.resize(std::max(cells.size(), column_ + width), " ");
        cells[column_] = character;
        if (width == 2) cells[column_ + 1].clear();
        column_ += width;
    }

    void to_row(std::size_t row) {
        row_ = row;
        if (rows_.size() <= row_) rows_.resize(row_ + 1);
    }

    std::size_t columns_;
    Width width_;
    std::vector<std::vector<std::string>> rows_{1};
    std::size_t row_ = 0;
    std::size_t column_ = 0;
};

}  // namespace drydock::test
