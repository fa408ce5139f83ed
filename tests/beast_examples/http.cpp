// HTTP: heads, the requests that a client chooses and what their answers must be, and a server's
// answers in each framing of the body.
#include "tests/beast_examples/http.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

namespace drydock::beast_examples {

namespace {

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return result;
}

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string contents(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

std::string_view Head::field(std::string_view name) const {
    for (const auto& [known, value] : fields) {
        if (known == name) return value;
    }
    return {};
}

std::optional<Head> take_head(std::string& bytes) {
    const std::size_t end = bytes.find("\r\n\r\n");
    if (end == std::string::npos) return std::nullopt;
    Head head;
    std::string_view rest = std::string_view(bytes).substr(0, end + 2);
    while (!rest.empty()) {
        const std::size_t line_end = rest.find("\r\n");
        const std::string_view line = rest.substr(0, line_end);
        rest.remove_prefix(line_end + 2);
        if (head.first_line.empty()) {
            head.first_line = line;
            continue;
        }
        const std::size_t colon = std::min(line.find(':'), line.size());
        head.fields.emplace_back(lower(line.substr(0, colon)),
                                 trimmed(line.substr(std::min(colon + 1, line.size()))));
    }
    bytes.erase(0, end + 4);
    return head;
}

std::optional<std::uint64_t> to_count(std::string_view text) {
    std::uint64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc() || end != text.data() + text.size() || text.empty()) {
        return std::nullopt;
    }
    return count;
}

// --- the client ----------------------------------------------------------------------------------

HttpConversation::HttpConversation(sim::World& world, const Example& example) {
    const std::uint32_t count = example.traits.one_answer ? 1 : 1 + world.choose(3, "requests");
    for (std::uint32_t i = 1; i <= count; ++i) {
        requests_.push_back(choose_request(world, example, i == count));
    }
}

HttpConversation::Request HttpConversation::choose_request(sim::World& world,
                                                           const Example& example, bool last) {
    const sim::Spanned span(world, "request");
    const Traits& traits = example.traits;
    enum { page, head, small, missing, illegal, post, folder, kinds };
    std::uint32_t kind = world.choose(kinds, "request: kind");
    const bool rude = kind == head && world.flip(10, "request: HEAD of what is missing");
    if (traits.bare_files && kind == folder) kind = page;
    if ((traits.bare_files || traits.no_files) && kind == head) kind = small;
    static constexpr std::string_view targets[kinds] = {
        "/index.html", "/index.html", "/short.txt", "/missing", "/../index.html", "/", "/"};
    static constexpr std::string_view counters[kinds] = {
        "/count", "/count", "/time", "/missing", "/../index.html", "/count", "/time"};
    Request request;
    std::string target((traits.no_files ? counters : targets)[kind]);
    if (rude) target = "/missing";
    const std::string_view method = kind == head ? "HEAD" : kind == post ? "POST" : "GET";
    request.name = std::string(method) + " " + target;
    request.head = kind == head;
    request.rude = rude;
    request.status = kind == missing || rude ? 404 : kind == illegal || kind == post ? 400 : 200;
    if (kind == illegal && (traits.bare_files || traits.no_files)) request.status = 404;
    if (!traits.no_files) {
        request.body = contents(example.doc_root + (target == "/" ? "/index.html" : target));
    }
    request.text = request.name + " HTTP/1.1\r\nHost: www.example.com\r\n";
    if (kind == post) request.text += "Content-Length: 5\r\n";
    if (last && world.flip(2, "request: connection: close"))
        request.text += "Connection: close\r\n";
    request.text += kind == post ? "\r\nhello" : "\r\n";
    return request;
}

std::string HttpConversation::next() {
    return sent_ < requests_.size() ? requests_[sent_++].text : std::string();
}

Wrong HttpConversation::received(std::string_view bytes) {
    bytes_ += bytes;
    for (;;) {
        if (!head_ && !may_begin_head()) {
            const std::string after = judged_ > 0 ? " to " + requests_[judged_ - 1].name : "";
            if (judged_ > 0 && requests_[judged_ - 1].rude) {
                return {"http-head", "the answer" + after + " has a body (RFC 9110, 9.3.2)"};
            }
            return {"http-answer", "after the answer" + after + " comes '" + bytes_ + "'"};
        }
        if (!head_) head_ = take_head(bytes_);
        if (!head_) return {};
        if (judged_ == sent_) {
            return {"http-answer",
                    "there is an answer without a request: '" + head_->first_line + "'"};
        }
        const Request& request = requests_[judged_];
        const std::string status = "HTTP/1.1 " + std::to_string(request.status) + " ";
        if (!head_->first_line.starts_with(status)) {
            return {"http-answer", "the answer to " + request.name + " is '" + head_->first_line +
                                       "', not one of " + std::to_string(request.status)};
        }
        const auto length = to_count(head_->field("content-length"));
        if (!length) {
            return {"http-answer", "the answer to " + request.name + " has no Content-Length"};
        }
        if (!request.head) {
            if (bytes_.size() < *length) return {};
            if (const Wrong wrong = take_body(request, *length)) return wrong;
        }
        head_.reset();
        ++judged_;
    }
}

bool HttpConversation::may_begin_head() const {
    constexpr std::string_view begin = "HTTP/1.1 ";
    const std::size_t size = std::min(begin.size(), bytes_.size());
    return bytes_.compare(0, size, begin, 0, size) == 0;
}

Wrong HttpConversation::take_body(const Request& request, std::uint64_t length) {
    const std::string body = bytes_.substr(0, length);
    bytes_.erase(0, length);
    if (request.status != 200 || !request.body || body == *request.body) return {};
    return {"http-answer", "the body of the answer to " + request.name + " is '" + body + "'"};
}

// --- the server ----------------------------------------------------------------------------------

HttpService::HttpService(sim::World& world, std::string body)
    : body_(std::move(body)),
      framing_(static_cast<Framing>(world.choose(3, "service: framing of the body"))) {}

std::string HttpService::received(std::string_view bytes) {
    bytes_ += bytes;
    std::string answers;
    while (!done_) {
        if (!head_) head_ = take_head(bytes_);
        if (!head_) break;
        const std::uint64_t length = to_count(head_->field("content-length")).value_or(0);
        if (bytes_.size() < length) break;
        bytes_.erase(0, length);
        answers += answer(*head_);
        done_ = framing_ == Framing::close;
        head_.reset();
    }
    return answers;
}

std::string HttpService::answer(const Head& request) const {
    if (request.field("host").empty())
        return "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    const std::string head =
        "HTTP/1.1 200 OK\r\nServer: a scenario\r\nContent-Type: application/json\r\n";
    switch (framing_) {
        case Framing::length:
            return head + "Content-Length: " + std::to_string(body_.size()) + "\r\n\r\n" + body_;
        case Framing::close:
            return head + "Connection: close\r\n\r\n" + body_;
        case Framing::chunked:
            break;
    }
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text = head + "Transfer-Encoding: chunked\r\n\r\n";
    for (std::size_t done = 0; done < body_.size(); done += 15) {
        const std::string chunk = body_.substr(done, 15);
        text += std::string(1, digits[chunk.size()]) + "\r\n" + chunk + "\r\n";
    }
    return text + "0\r\n\r\n";
}

}  // namespace drydock::beast_examples
